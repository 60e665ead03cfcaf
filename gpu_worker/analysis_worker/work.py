"""A document on its way to an analysis: what was asked and answered so far, and what to do next (pure)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from gpu_worker.analysis.comparing import ComparedPair
from gpu_worker.analysis.replies import WAITED_FOR, Reply, failure_of
from gpu_worker.analysis_worker.desk import Asked, Result
from gpu_worker.analysis_worker.queue import Claimed
from gpu_worker.job import Job

PAUSED, OFF, CAPPED, BUSY, AWAY = "claude_paused", "claude_off", "claude_cap_reached", "claude_busy", "claude_away"
TWICE = "asked_twice"
BUSY_SECONDS = 120
"""Calls in flight hold all that a cap leaves: they end within minutes."""
AWAY_SECONDS = 300


@dataclass(frozen=True)
class Waiting:
    """Back in the line, for this reason (`postpone_analysis` knows it) and at least so many seconds."""

    reason: str
    seconds: int = 60


@dataclass
class Work:
    """One document that is held. `pending` are the calls whose results are awaited: key and batch, by call."""

    claimed: Claimed
    replies: list[Reply] = field(default_factory=list)
    pending: dict[str, tuple[str, str]] = field(default_factory=dict)
    shown: dict[str, tuple[int, ...]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    compared: list[ComparedPair] | None = None

    @property
    def job(self) -> Job:
        """Its job."""
        return self.claimed.job

    def await_calls(self, asked: Iterable[Asked]) -> None:
        """These were sent, now or earlier."""
        self.pending |= {str(each.call_id): (each.key, str(each.batch_id)) for each in asked}

    def take(self, result: Result) -> Waiting | None:
        """Take the result of a pending call; what passes by is asked again, and what concerns the account waits."""
        key, _ = self.pending.pop(result.custom_id)
        if result.code is not None:
            return Waiting(result.code)
        reply = read_result(key, result, self.shown.get(key, ()))
        self.replies += [reply] if reply else []
        return None

    def give_up_on(self, batch_id: str) -> bool:
        """Nothing more comes of this batch; True if something was still awaited from it."""
        missing = [call_id for call_id, (_, batch) in self.pending.items() if batch == batch_id]
        for call_id in missing:
            del self.pending[call_id]
        return bool(missing)


def read_result(key: str, result: Result, pictures: tuple[int, ...]) -> Reply | None:
    """The reply in a result; None when the question may be asked again: expired, cancelled, or a fault that passes."""
    ended = result.result
    if ended.get("type") == "succeeded":
        return Reply(key, ended.get("message"), pictures=pictures, call=result.custom_id)
    if ended.get("type") != "errored":
        return None
    error = (ended.get("error") or {}).get("error") or {}
    failure = failure_of(str(error.get("type") or ""), str(error.get("message") or ""))
    return None if failure in WAITED_FOR else Reply(key, failure=failure, pictures=pictures)


def wait_for(asked: Iterable[Asked]) -> Waiting | None:
    """What a document waits for whose questions were not all taken; None when they were, or when it must not wait."""
    for each in asked:
        if each.code == CAPPED:
            return Waiting(f"{each.scope or 'day'}_cap")
        if each.code == BUSY:
            return Waiting(BUSY, BUSY_SECONDS)
        if each.code == PAUSED:
            return Waiting(PAUSED)
        if each.code == AWAY:
            return Waiting(AWAY, AWAY_SECONDS)
    return None
