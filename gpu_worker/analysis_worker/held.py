"""The documents that are held, for the rounds, the urgent threads and the heartbeat at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from gpu_worker.analysis_worker.desk import Sent
from gpu_worker.analysis_worker.outbox import Outbox
from gpu_worker.analysis_worker.queue import Claimed
from gpu_worker.analysis_worker.work import Work
from gpu_worker.job import Job


class Held:
    """Works by their job, and their questions on the way out: a document that is let go takes its questions along."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}

    def __len__(self) -> int:
        return len(self._works)

    def add(self, claimed: Iterable[Claimed]) -> list[Work]:
        """Hold these."""
        works = [Work(each) for each in claimed]
        with self._lock:
            self._works |= {work.job.job_id: work for work in works}
        return works

    def get(self, job_id: str) -> Work | None:
        """The work of a job, while it is held."""
        with self._lock:
            return self._works.get(job_id)

    def let_go(self, job_id: str) -> None:
        """It is done, waits elsewhere, or is another's."""
        with self._lock:
            self._works.pop(job_id, None)
            self._outbox.drop(job_id)

    def jobs(self) -> list[Job]:
        """Every job that is held."""
        with self._lock:
            return [work.job for work in self._works.values()]

    def waiting_for(self, batch_id: str) -> list[Work]:
        """Those that await a result from this batch."""
        with self._lock:
            held = list(self._works.values())
        return [work for work in held if any(batch == batch_id for _, batch in work.pending.values())]

    def put(self, questions: Sequence[Sent]) -> None:
        """A document's questions are ready to go."""
        with self._lock:
            self._outbox.put(questions)

    @property
    def is_full(self) -> bool:
        """Whether a batch should go at once."""
        with self._lock:
            return self._outbox.is_full

    def take(self) -> list[Sent]:
        """The questions that should go now."""
        with self._lock:
            return self._outbox.take() if self._outbox.is_due else []
