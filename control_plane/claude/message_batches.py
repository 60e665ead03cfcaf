"""Many calls in one Message Batch: sent once, found again after a crash, settled as their results come (story).

A batch is recorded before it is sent and named after. What died in between is looked for among Anthropic's batches: a
result carries our call's id, so that none is ever taken for another, and nothing is paid twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal

from control_plane.claude.client import Answer, ClaudeClient, NeverSent, NoAnswer
from control_plane.claude.errors import ClaudeAway
from control_plane.claude.ledger import Ledger, settlement_of
from control_plane.claude.request import build_request, find_form
from control_plane.claude.standing import OVERLOADED, STORM, Weather, account_refusal
from control_plane.database.claude_rows import BatchedCall, CallRequest, MessageBatch, Reservation, Settlement
from control_plane.database.enums import CallOutcome, MessageBatchStatus
from control_plane.errors import BadRequest
from control_plane.settings.claude_prices import Model, worst_case_usd

log = logging.getLogger(__name__)
HOLD_SECONDS = 30 * 3600
"""A batch ends within 24 hours; its results are fetched within a few more."""
DOUBT_SECONDS = 300
"""Who sends a batch waits 240 s for the answer: a record without one is then nobody's any more."""
CLOCKS_APART = timedelta(minutes=5)
SETTLED_AT_ONCE = 100
REFUSED = "claude_request"
Status = Literal["in_progress", "ended", "lost"]


@dataclass(frozen=True)
class Question:
    """What the analysis worker wants to ask about a document that it holds."""

    job_id: str
    lease_token: str
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class AskedQuestion:
    """What became of it: a call in a batch, or a code."""

    job_id: str
    key: str
    call_id: str | None
    batch_id: str | None
    code: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A question as it would go to Anthropic."""

    question: Question
    model: Model
    body: dict[str, Any]
    request: CallRequest


@dataclass(frozen=True)
class MessageBatches:
    """Sends, finds and settles batches."""

    client: ClaudeClient
    ledger: Ledger

    def submit(self, questions: Sequence[Question]) -> list[AskedQuestion]:
        """Ask all of these at once, but for what was asked before or may not be; one answer each, in order."""
        prepared = [self._prepare(question) for question in questions]
        sound = [each for each in prepared if each is not None]
        reserved = self.ledger.reserve(None, [each.request for each in sound], HOLD_SECONDS, True) if sound else []
        rows = dict(zip(map(id, sound), reserved, strict=True))
        new = [(each, rows[id(each)]) for each in sound if rows[id(each)].is_new]
        code = self._send(new) if new else None
        return [
            _asked_for(question, None if each is None else rows[id(each)], code)
            for question, each in zip(questions, prepared, strict=True)
        ]

    def look(self, batch: MessageBatch) -> Status:
        """How a batch stands. Raises ClaudeAway."""
        if batch.status is MessageBatchStatus.LOST:
            return "lost"
        if batch.status is MessageBatchStatus.ENDED:
            return "ended"
        if batch.status is MessageBatchStatus.SENDING:
            return self._find(batch)
        answer = _asked(lambda: self.client.get_batch(str(batch.vendor_id)))
        return "ended" if (answer.body or {}).get("processing_status") == "ended" else "in_progress"

    def results(self, batch: MessageBatch) -> Iterator[dict[str, Any]]:
        """The results by call, settled before they are given out; `code` where the account was refused.

        Fetching them again changes nothing. Raises ClaudeAway.
        """
        calls = {call.id: call for call in self.ledger.database.list_batched_calls(batch.id)}
        lines = self.client.get_results(str(batch.vendor_id))
        weather = Weather(min(STORM, len(calls)))
        while chunk := _asked(lambda: list(islice(lines, SETTLED_AT_ONCE))):
            ours = [line for line in chunk if line.get("custom_id") in calls]
            self.ledger.settle([self._settlement(calls[line["custom_id"]], line["result"]) for line in ours])
            for line in ours:
                yield {**line, "code": self._account_code(calls[line["custom_id"]], line["result"], weather)}
        self.ledger.database.note_message_batch(batch.id, MessageBatchStatus.ENDED)

    def _prepare(self, question: Question) -> Prepared | None:
        """None for a question that may not be asked: the others go without it."""
        try:
            form, model = find_form(question.body, self.ledger.settings.claude)
            content = question.body["content"]
            said = json.dumps(build_request(form, content, model, None), sort_keys=True, ensure_ascii=False)
            body = build_request(form, content, model, "1h")
        except BadRequest:
            return None
        worst_usd = worst_case_usd(self.ledger.price(model, in_batch=True), body)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        kind = str(question.body["kind"])
        request = CallRequest(question.job_id, question.lease_token, kind, model.name, round(worst_usd, 6), digest)
        return Prepared(question, model, body, request)

    def _send(self, new: Sequence[tuple[Prepared, Reservation]]) -> str | None:
        """Send what was reserved; a code when Anthropic did not take it, and nothing is charged."""
        batch_id = str(new[0][1].message_batch_id)
        try:
            answer = self.client.create_batch([{"custom_id": row.call_id, "params": each.body} for each, row in new])
        except NeverSent:
            return self._lose(batch_id, "claude_away")
        except NoAnswer:
            return None  # it may be there: `look` finds out
        if answer.status == 200 and answer.body is not None:
            self.ledger.database.note_message_batch(batch_id, MessageBatchStatus.SENT, answer.body["id"])
            log.info("message batch sent", extra={"message_batch_id": batch_id, "requests": len(new)})
            return None
        if answer.status >= 500:
            return None
        if refusal := account_refusal(answer.status, answer.body, new[0][0].model.name):
            self.ledger.pause(refusal)
            return self._lose(batch_id, "claude_paused")
        return self._lose(batch_id, "claude_busy" if answer.status == 429 else REFUSED)

    def _lose(self, batch_id: str, code: str) -> str:
        self.ledger.database.note_message_batch(batch_id, MessageBatchStatus.LOST)
        return code

    def _find(self, batch: MessageBatch) -> Status:
        """A batch whose sender died before Anthropic's name for it was written."""
        if datetime.now(UTC) - batch.created_at < timedelta(seconds=DOUBT_SECONDS):
            return "in_progress"
        calls = {call.id for call in self.ledger.database.list_batched_calls(batch.id)}
        in_doubt = False
        for found in self._unknown_since(batch.created_at - CLOCKS_APART):
            if sum(found["request_counts"].values()) != len(calls):
                continue
            if found["processing_status"] != "ended":
                in_doubt = True  # whose it is, only its results say
            elif self._first_id(found["id"]) in calls:
                self.ledger.database.note_message_batch(batch.id, MessageBatchStatus.SENT, found["id"])
                return "ended"
        if in_doubt:
            return "in_progress"
        self._lose(batch.id, "lost")
        return "lost"

    def _unknown_since(self, since: datetime) -> list[dict[str, Any]]:
        """Anthropic's batches that were made since then, and that nobody here knows."""
        recent: list[dict[str, Any]] = []
        for found in _asked(lambda: self.client.list_batches()):
            if datetime.fromisoformat(found["created_at"]) < since:
                break
            recent.append(found)
        known = self.ledger.database.find_message_batches([found["id"] for found in recent]) if recent else set()
        return [found for found in recent if found["id"] not in known]

    def _first_id(self, vendor_id: str) -> str | None:
        line = _asked(lambda: next(self.client.get_results(vendor_id), None))
        return None if line is None else str(line.get("custom_id"))

    def _settlement(self, call: BatchedCall, result: Mapping[str, Any]) -> Settlement:
        model = self.ledger.settings.claude.prices.models.get(call.model)
        if result.get("type") != "succeeded":
            return Settlement(call.id, CallOutcome.FAILED, 0.0)
        if model is None:  # it left the price list while the batch was under way
            return Settlement(call.id, CallOutcome.UNKNOWN, None)
        return settlement_of(call.id, self.ledger.price(model, in_batch=True), result.get("message"))

    def _account_code(self, call: BatchedCall, result: Mapping[str, Any], weather: Weather) -> str | None:
        error = result.get("error") if result.get("type") == "errored" else None
        is_storm = weather.is_storm(0, error)
        if error is None:
            return None
        refusal = OVERLOADED if is_storm else account_refusal(0, error, call.model)
        if refusal is None:
            return None
        self.ledger.pause(refusal)
        return "claude_paused"


def _asked_for(question: Question, row: Reservation | None, code: str | None) -> AskedQuestion:
    if row is None:
        return AskedQuestion(question.job_id, question.key, None, None, REFUSED)
    if row.is_new and code:
        return AskedQuestion(question.job_id, question.key, None, None, code)
    return AskedQuestion(question.job_id, question.key, row.call_id, row.message_batch_id, row.code, row.scope)


def _asked(ask: Any) -> Any:
    """What Anthropic says. Raises ClaudeAway when it says nothing sound."""
    try:
        answer = ask()
    except (NeverSent, NoAnswer) as error:
        raise ClaudeAway("Anthropic does not answer; try again later.") from error
    if isinstance(answer, Answer) and answer.status != 200:
        raise ClaudeAway(f"Anthropic answered {answer.status}; try again later.")
    return answer
