"""Message Batches as Anthropic documents them: in_progress → (canceling) → ended, by the account's clock."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .account import Account, errored
from .refusals import Refused, check_requests, invalid

EXPIRES_AFTER = timedelta(hours=24)
RESULTS_LAST = timedelta(days=29)
CANCELING_TAKES = timedelta(seconds=2)
LARGEST_PAGE = 1000
NOT_FOUND = Refused(404, "not_found_error", "Message batch not found")


@dataclass
class Batch:
    """One batch; `results` has what was processed, by custom_id, and is shown only once it has ended."""

    id: str
    requests: list[dict[str, Any]]
    created_at: datetime
    done_at: datetime | None
    cancel_initiated_at: datetime | None = None
    ended_at: datetime | None = None
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self, url: str, now: datetime) -> dict[str, Any]:
        """The batch as the API shows it."""
        is_archived = now > self.created_at + RESULTS_LAST
        has_results = self.ended_at is not None and not is_archived
        canceling = "canceling" if self.cancel_initiated_at else "in_progress"
        return {
            "id": self.id, "type": "message_batch", "processing_status": "ended" if self.ended_at else canceling,
            "request_counts": self._counts(), "created_at": _iso(self.created_at),
            "expires_at": _iso(self.created_at + EXPIRES_AFTER), "ended_at": _iso(self.ended_at),
            "cancel_initiated_at": _iso(self.cancel_initiated_at),
            "archived_at": _iso(self.created_at + RESULTS_LAST) if is_archived else None,
            "results_url": f"{url}/v1/messages/batches/{self.id}/results" if has_results else None,
        }  # fmt: skip

    def _counts(self) -> dict[str, int]:
        """All are `processing` until the whole batch has ended."""
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        if self.ended_at is None:
            return counts | {"processing": len(self.requests)}
        for result in self.results.values():
            counts[result["type"]] += 1
        return counts


class Batches:
    """The account's batches. They end `seconds` after their creation; with None, when `finish` says so."""

    def __init__(self, account: Account, seconds: float | None = 0.0) -> None:
        self.seconds = seconds
        self._account = account
        self._batches: dict[str, Batch] = {}
        self._lock = threading.RLock()

    def create(self, requests: Any, size: int) -> Batch:
        """Raises Refused."""
        self._account.require_good_standing()
        check_requests(requests, size)
        now = self._account.clock.now()
        with self._lock:
            batch_id = f"msgbatch_{len(self._batches) + 1:024}"
            done_at = None if self.seconds is None else now + timedelta(seconds=self.seconds)
            batch = self._batches[batch_id] = Batch(batch_id, requests, now, done_at)
        return batch

    def get(self, batch_id: str) -> Batch:
        """The batch as it is now. Raises Refused."""
        with self._lock:
            if batch_id not in self._batches:
                raise NOT_FOUND
            return self._look(self._batches[batch_id])

    def page(self, limit: int, after_id: str | None, before_id: str | None) -> tuple[list[Batch], bool]:
        """The newest first, and whether there are more in that direction."""
        if not 1 <= limit <= LARGEST_PAGE:
            raise invalid("limit: Input should be between 1 and 1000")
        with self._lock:
            found = [self._look(batch) for batch in reversed(self._batches.values())]
        ids = [batch.id for batch in found]
        if after_id is not None:
            found = found[ids.index(after_id) + 1 :] if after_id in ids else []
        if before_id is not None:
            found = found[: ids.index(before_id)] if before_id in ids else []
            return found[-limit:], len(found) > limit
        return found[:limit], len(found) > limit

    def cancel(self, batch_id: str) -> Batch:
        """What was processed stays; the rest is canceled, a little later. Raises Refused."""
        with self._lock:
            batch = self.get(batch_id)
            if batch.ended_at is None and batch.cancel_initiated_at is None:
                batch.cancel_initiated_at = self._account.clock.now()
            return batch

    def finish(self) -> None:
        """Everything in progress is done now."""
        with self._lock:
            for batch in self._batches.values():
                batch.done_at = batch.done_at or self._account.clock.now()

    def process_some(self, count: int) -> None:
        """Process so many more requests of what is in progress, without ending it."""
        with self._lock:
            open_ones = [each for each in self._batches.values() if each.ended_at is None]
            left = [(batch, request) for batch in open_ones for request in _unprocessed(batch)]
            for batch, request in left[:count]:
                self._process(batch, request)

    def results(self, batch_id: str) -> Iterator[dict[str, Any]]:
        """Lines of the results, in an order of their own. Raises Refused while there are none."""
        batch = self.get(batch_id)
        if batch.ended_at is None or self._account.clock.now() > batch.created_at + RESULTS_LAST:
            raise Refused(404, "not_found_error", "The results of this batch are not available")
        lines = [{"custom_id": custom_id, "result": result} for custom_id, result in batch.results.items()]
        random.Random(batch_id).shuffle(lines)
        return iter(lines)

    def _look(self, batch: Batch) -> Batch:
        """Let the time that has passed do its work."""
        now = self._account.clock.now()
        if batch.ended_at is None:
            expires_at = batch.created_at + EXPIRES_AFTER
            if batch.cancel_initiated_at and now >= batch.cancel_initiated_at + CANCELING_TAKES:
                self._end(batch, "canceled", now)
            elif batch.done_at and batch.done_at <= min(now, expires_at):
                for request in _unprocessed(batch):
                    self._process(batch, request)
                if not _unprocessed(batch):
                    batch.ended_at = now
                batch.done_at = None
            if batch.ended_at is None and now >= expires_at:
                self._end(batch, "expired", expires_at)
        return batch

    def _end(self, batch: Batch, kind: str, at: datetime) -> None:
        for request in _unprocessed(batch):
            batch.results[request["custom_id"]] = {"type": kind}
        batch.ended_at = at

    def _process(self, batch: Batch, request: dict[str, Any]) -> None:
        body = request.get("params") or {}
        ending = self._account.take_ending(body)
        if ending == "never":
            return
        try:
            message = self._account.process(body, ending, in_batch=True)
        except Refused as refused:
            batch.results[request["custom_id"]] = errored(refused)
        else:
            batch.results[request["custom_id"]] = {"type": "succeeded", "message": message}


def _unprocessed(batch: Batch) -> list[dict[str, Any]]:
    return [request for request in batch.requests if request["custom_id"] not in batch.results]


def _iso(at: datetime | None) -> str | None:
    return at and at.isoformat()
