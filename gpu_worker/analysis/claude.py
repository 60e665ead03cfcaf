"""Analysis by Claude while the document is in work, through the control plane's gateway and within its caps (story)."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anthropic import Anthropic, APIConnectionError, APIError, APIStatusError, APITimeoutError
from pydantic import TypeAdapter, ValidationError

from gpu_worker.analysis.analyst import Analysis, ReadDocument
from gpu_worker.analysis.asks import Ask
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.pages import PICTURE_PIXELS
from gpu_worker.analysis.replies import AWAY, WAITED_FOR, NotJudged, Reply, failure_of
from gpu_worker.clients.retry import backoff_seconds
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead
from gpu_worker.render.errors import RenderError

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 260.0
QUICK_RETRIES = 2
PATIENCE_SECONDS = 900.0
"""How long a document waits for a busy Claude. It holds up no other: its pages are read, its lease is kept."""
LONGEST_PAUSE_SECONDS = 30.0
CALLS_AT_ONCE = 8
"""Per worker. More would only be told to wait by the gateway, pictures and all."""
OFF_SECONDS = 120.0
"""How long a worker believes that Claude is off, before it asks again."""
OFF_CODES = ("claude_off", "claude_cap_reached", "claude_paused")


@dataclass(frozen=True)
class Answered:
    """Anthropic's message, and the gateway's id of the call."""

    call_id: str
    message: dict[str, Any]


ANSWERED = TypeAdapter(Answered)


class ClaudeAnalyst:
    """Asks what `Judging` wants to know; where Claude is off, the rules judge. Used by many threads at once."""

    def __init__(self, client: Anthropic, token: WorkerToken, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._client = client
        self._token = token
        self._patience_seconds = patience_seconds
        self._slots = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._off: tuple[float, str] = (0.0, "")

    def analyse(self, document: ReadDocument) -> Analysis:
        """Raises LeaseLost or TokenDead, never because of what a document says."""
        judging = Judging(document.material)
        replies: list[Reply] = []
        try:
            while asks := judging.asks(replies):
                replies += [self._ask(document, ask) for ask in asks]
        except NotJudged as error:
            log.info("not judged by Claude: %s", error.reason, extra={"job_id": document.job.job_id})
            return judging.conclude(replies, error.reason)
        return judging.conclude(replies)

    def _ask(self, document: ReadDocument, ask: Ask) -> Reply:
        """The reply, or why there is none. Raises NotJudged where asking anything is no use now."""
        self._require_claude(document)
        jpegs = _draw(document, [chosen.page for chosen in ask.pictures])
        try:
            with self._slots:
                answered = self._send_patiently(document, ask.build_body(jpegs))
        except NotJudged as error:
            if error.reason in OFF_CODES:
                raise
            return Reply(ask.key, failure=error.reason, pictures=tuple(jpegs))
        return Reply(ask.key, answered.message, pictures=tuple(jpegs), call=answered.call_id)

    def _require_claude(self, document: ReadDocument) -> None:
        if not document.job.allow_claude:
            raise NotJudged("claude_off")
        until, reason = self._off
        if time.monotonic() < until:
            raise NotJudged(reason)

    def _send_patiently(self, document: ReadDocument, body: dict[str, Any]) -> Answered:
        """Ask again while Claude, or the gateway, is busy; give up when patience is over or asking is no use."""
        deadline = time.monotonic() + self._patience_seconds
        pauses = backoff_seconds(first=2.0, factor=2.0, most=LONGEST_PAUSE_SECONDS)
        while True:
            try:
                return self._send(document, body)
            except NotJudged as error:
                pause = next(pauses)
                if error.reason not in WAITED_FOR or time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)

    def _send(self, document: ReadDocument, body: dict[str, Any]) -> Answered:
        job = document.job
        client = self._client.with_options(
            api_key=self._token.value, timeout=TIMEOUT_SECONDS, max_retries=QUICK_RETRIES
        )
        try:
            headers = {"x-aseagi-job-id": job.job_id, "x-aseagi-lease-token": job.lease_token}
            answered = client.post("/v1/messages", cast_to=dict[str, Any], body=body, options={"headers": headers})
            return ANSWERED.validate_python(answered)
        except APIStatusError as error:
            raise self._translate(error) from error
        except APITimeoutError as error:
            raise NotJudged("timeout") from error
        except APIConnectionError as error:
            raise NotJudged(AWAY) from error
        except (APIError, ValidationError) as error:
            raise NotJudged("malformed_answer") from error

    def _translate(self, error: APIStatusError) -> Exception:
        code, message = _code_and_message(error)
        if error.status_code == 401:
            return TokenDead("The gateway no longer honours this worker's token.")
        if code == "lease_lost":
            return LeaseLost("The gateway says that this lease is no longer held.")
        if code in OFF_CODES:
            self._off = (time.monotonic() + OFF_SECONDS, code)
            return NotJudged(code)
        return NotJudged(failure_of(code, message, error.status_code))


def build_client(control_plane_url: str, token: WorkerToken) -> Anthropic:
    """The official client, at the gateway, with the worker's own token where the key would be."""
    return Anthropic(api_key=token.value, base_url=f"{control_plane_url}/claude")


def _draw(document: ReadDocument, pages: Sequence[int]) -> Mapping[int, bytes]:
    """The pages' pictures; one that cannot be drawn is left out, since its text is there."""
    pictures = {}
    for page in pages:
        with contextlib.suppress(RenderError):
            pictures[page] = document.draw_jpeg(page, PICTURE_PIXELS)
    return pictures


def _code_and_message(error: APIStatusError) -> tuple[str, str]:
    """Our own error's code, or Anthropic's error type; never shown, only compared."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    inner = inner if isinstance(inner, dict) else {}
    return str(body.get("code") or inner.get("type") or ""), str(inner.get("message") or body.get("message") or "")
