"""Analysis by Claude, through the control plane's gateway and within its caps (story).

What Claude cannot or will not judge ends as a recorded reason and the next best analysis: without pictures, then rules.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from anthropic import (
    Anthropic,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    transform_schema,
)
from anthropic.types import Message
from pydantic import ValidationError

from gpu_worker.analysis.analyst import Analysis, Analyst, ReadDocument
from gpu_worker.analysis.claude_answer import ClaudeAnswer, as_analysis
from gpu_worker.analysis.claude_merge import merge_parts
from gpu_worker.analysis.claude_prompt import (
    IMAGE_PIXELS,
    SYSTEM,
    Block,
    Part,
    build_content,
    choose_pictures,
    split_parts,
)
from gpu_worker.analysis.reader_talk import find_talk, leave_out_talk
from gpu_worker.clients.retry import backoff_seconds
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead
from gpu_worker.render.errors import RenderError

log = logging.getLogger(__name__)
MODEL = "auto"
"""The control plane chooses the model and knows its price."""
MOST_OUTPUT_TOKENS = 12_000
MOST_PARTS = 6
"""Of a long document: some 360 pages. What is beyond is read and searchable, but judged by nobody, and says so."""
TIMEOUT_SECONDS = 260.0
QUICK_RETRIES = 2
PATIENCE_SECONDS = 900.0
"""How long a document waits for a busy Claude. It holds up no other: its pages are read, its lease is kept."""
LONGEST_PAUSE_SECONDS = 30.0
CALLS_AT_ONCE = 8
"""Per worker. More would only be told to wait by the gateway, pictures and all."""
OFF_SECONDS = 120.0
"""How long a worker believes that Claude is off, before it asks again."""
OFF_CODES = ("claude_off", "claude_cap_reached")
BUSY_REASONS = ("claude_busy", "claude_away")
FILTER_WORDS = "content filtering policy"


class NotJudged(Exception):
    """Claude gave no usable answer; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ClaudeAnalyst:
    """Asks Claude; falls back to `rules` with the reason recorded. Used by many threads at once."""

    def __init__(
        self, client: Anthropic, token: WorkerToken, rules: Analyst, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._client = client
        self._token = token
        self._rules = rules
        self._patience_seconds = patience_seconds
        self._slots = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._off: tuple[float, str] = (0.0, "")

    def analyse(self, document: ReadDocument) -> Analysis:
        """Raises LeaseLost or TokenDead, never because of what a document says."""
        plain = self._rules.analyse(document)
        try:
            self._require_claude(document)
            talking = find_talk(document.texts)
            named = find_talk([document.job.original_filename])
            if not talking and not named:
                return self._analyse_parts(document, plain)
            return _mark(self._analyse_parts(_without_talk(document), plain), plain, talking)
        except NotJudged as error:
            log.info("not judged by Claude: %s", error.reason, extra={"job_id": document.job.job_id})
            return replace(plain, fallback_reason=error.reason)

    def _require_claude(self, document: ReadDocument) -> None:
        if not document.job.allow_claude:
            raise NotJudged("claude_off")
        if not any(text.strip() for text in document.texts) and not document.mime_type.startswith("image/"):
            raise NotJudged("nothing_to_judge")
        until, reason = self._off
        if time.monotonic() < until:
            raise NotJudged(reason)

    def _analyse_parts(self, document: ReadDocument, plain: Analysis) -> Analysis:
        parts = split_parts(document.texts)
        judged, reasons = [], []
        for part in parts[:MOST_PARTS]:
            try:
                analysis, reason = self._analyse_part(document, part, plain)
                judged.append(analysis)
            except NotJudged as error:
                if len(parts) == 1 or error.reason in OFF_CODES:
                    raise
                reason = f"{error.reason} on pages {part.first_page} to {part.last_page}"
            reasons += [reason] if reason else []
        if len(parts) > MOST_PARTS:
            reasons.append(f"only_first_pages: 1 to {parts[MOST_PARTS - 1].last_page} of {len(document.texts)}")
        if not judged:
            raise NotJudged(reasons[0])
        return replace(merge_parts(judged), fallback_reason="; ".join(reasons) or None)

    def _analyse_part(self, document: ReadDocument, part: Part, plain: Analysis) -> tuple[Analysis, str | None]:
        """The analysis of one part, and why it was made without pictures, if it was."""
        pictures = _draw(document, choose_pictures(part, document.mime_type))
        try:
            return self._ask(document, part, pictures, plain), None
        except NotJudged as error:
            if (
                not pictures
                or error.reason in (*OFF_CODES, *BUSY_REASONS)
                or not any(text.strip() for text in part.texts)
            ):
                raise
            reason = f"{error.reason}_with_pictures"
        return self._ask(document, part, {}, plain), reason

    def _ask(self, document: ReadDocument, part: Part, pictures: Mapping[int, bytes], plain: Analysis) -> Analysis:
        content = build_content(part, len(document.texts), pictures, document.job.original_filename)
        with self._slots:
            message = self._send_patiently(document, content)
        if message.stop_reason == "refusal":
            raise NotJudged("refused")
        if message.stop_reason in ("max_tokens", "model_context_window_exceeded"):
            raise NotJudged("cut_off")
        text = "".join(block.text for block in message.content if block.type == "text")
        try:
            answer = ClaudeAnswer.model_validate_json(text)
        except ValidationError as error:
            raise NotJudged("malformed_answer") from error
        return as_analysis(answer, document.texts, message.model, plain, pictures)

    def _send_patiently(self, document: ReadDocument, content: Sequence[Block]) -> Message:
        """Ask again while Claude, or the gateway, is busy; give up when patience is over or asking is no use."""
        deadline = time.monotonic() + self._patience_seconds
        pauses = backoff_seconds(first=2.0, factor=2.0, most=LONGEST_PAUSE_SECONDS)
        while True:
            try:
                return self._send(document, content)
            except NotJudged as error:
                pause = next(pauses)
                if error.reason not in BUSY_REASONS or time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)

    def _send(self, document: ReadDocument, content: Sequence[Block]) -> Message:
        job = document.job
        client = self._client.with_options(
            api_key=self._token.value, timeout=TIMEOUT_SECONDS, max_retries=QUICK_RETRIES
        )
        try:
            return client.messages.create(
                model=MODEL,
                max_tokens=MOST_OUTPUT_TOKENS,
                system=SYSTEM,
                messages=[{"role": "user", "content": content}],
                output_config={"effort": "low", "format": {"type": "json_schema", "schema": ANSWER_SCHEMA}},
                extra_headers={"x-aseagi-job-id": job.job_id, "x-aseagi-lease-token": job.lease_token},
            )
        except APIStatusError as error:
            raise self._translate(error) from error
        except APITimeoutError as error:
            raise NotJudged("timeout") from error
        except APIConnectionError as error:
            raise NotJudged("claude_away") from error
        except APIError as error:
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
        if FILTER_WORDS in message.lower():
            return NotJudged("blocked_by_filter")
        if error.status_code == 413 or "too long" in message.lower():
            return NotJudged("too_long")
        busy = error.status_code == 429 or error.status_code >= 500
        return NotJudged("claude_busy" if busy else "request_rejected")


def build_client(control_plane_url: str, token: WorkerToken) -> Anthropic:
    """The official client, at the gateway, with the worker's own token where the key would be."""
    return Anthropic(api_key=token.value, base_url=f"{control_plane_url}/claude")


ANSWER_SCHEMA = transform_schema(ClaudeAnswer)


def _without_talk(document: ReadDocument) -> ReadDocument:
    """The document as Claude may see it: without the words that talk to it, and without the pictures that show them."""

    def draw_nothing(page: int, pixels: int) -> bytes:
        raise RenderError("talks_to_reader")

    job = replace(document.job, original_filename=leave_out_talk(document.job.original_filename))
    return replace(document, job=job, texts=[leave_out_talk(text) for text in document.texts], draw_jpeg=draw_nothing)


def _mark(analysis: Analysis, plain: Analysis, pages: Sequence[int]) -> Analysis:
    """The analysis of a document that talks to its reader: it says so, and is never less relevant than by the rules."""
    reason = f"talks_to_reader on page {', '.join(map(str, pages[:20]))}" if pages else "talks_to_reader in its name"
    reasons = "; ".join(filter(None, (reason, analysis.fallback_reason)))
    relevancy = max(analysis.relevancy_score, plain.relevancy_score)
    return replace(analysis, relevancy_score=relevancy, fallback_reason=reasons)


def _draw(document: ReadDocument, pages: Sequence[int]) -> Mapping[int, bytes]:
    """The pages' pictures; one that cannot be drawn is left out, since its text is there."""
    pictures = {}
    for page in pages:
        with contextlib.suppress(RenderError):
            pictures[page] = document.draw_jpeg(page, IMAGE_PIXELS)
    return pictures


def _code_and_message(error: APIStatusError) -> tuple[str, str]:
    """Our own error's code, or Anthropic's error type; never shown, only compared."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    inner = inner if isinstance(inner, dict) else {}
    return str(body.get("code") or inner.get("type") or ""), str(inner.get("message") or body.get("message") or "")
