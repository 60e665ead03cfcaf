"""Questions on their way into a batch: collected for a while, never more than the gateway takes at once (pure)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from gpu_worker.analysis_worker.desk import Sent

MOST_QUESTIONS = 400
MOST_BYTES = 20 * 1024**2
"""The gateway takes 30 MB. One document's parts, pictures and all, come to 10 MB at most and are never torn apart."""


class Outbox:
    """Keeps the questions of a document together. Used by several threads under their owner's lock."""

    def __init__(self, collect_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._collect_seconds = collect_seconds
        self._now = now
        self._questions: dict[str, list[Sent]] = {}
        self._bytes: dict[str, int] = {}
        self._since = 0.0

    def put(self, questions: Sequence[Sent]) -> None:
        """Add a document's questions."""
        if not questions:
            return
        job_id = questions[0].job.job_id
        if not self._questions:
            self._since = self._now()
        self._questions[job_id] = list(questions)
        self._bytes[job_id] = sum(len(json.dumps(each.body)) for each in questions)

    def drop(self, job_id: str) -> None:
        """Forget the questions of a document that is no longer ours."""
        self._questions.pop(job_id, None)
        self._bytes.pop(job_id, None)

    @property
    def is_full(self) -> bool:
        """Whether a batch should go at once."""
        return sum(map(len, self._questions.values())) >= MOST_QUESTIONS or sum(self._bytes.values()) >= MOST_BYTES

    @property
    def is_due(self) -> bool:
        """Whether it was collected for long enough."""
        return bool(self._questions) and (self.is_full or self._now() - self._since >= self._collect_seconds)

    def take(self) -> list[Sent]:
        """As many questions as go into one request, whole documents only; the others stay."""
        taken: list[Sent] = []
        room = MOST_BYTES
        for job_id in list(self._questions):
            if taken and (self._bytes[job_id] > room or len(taken) >= MOST_QUESTIONS):
                break
            room -= self._bytes[job_id]
            taken += self._questions[job_id]
            self.drop(job_id)
        return taken
