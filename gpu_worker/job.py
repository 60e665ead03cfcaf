"""A job, and the worker's right to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from gpu_worker.enums import Priority
from gpu_worker.errors import LeaseLost


@dataclass(frozen=True)
class Job:
    """One run of one document through this worker, as `claim_jobs` gave it; `sha256` is of the file as it came in."""

    job_id: str
    document_id: str
    lease_token: str
    attempt: int
    original_filename: str
    sha256: str
    allow_claude: bool
    priority: Priority = Priority.NORMAL


class Lease:
    """The right to one job while it is in work: its progress, and whether it is still ours. Shared by threads."""

    def __init__(self, job: Job, on_read: Callable[[], object] = lambda: None) -> None:
        self.job = job
        self.pages_done = 0
        self.pages_total = 0
        self.is_reading = True
        self._on_read = on_read
        self._lost = threading.Event()

    def finish_reading(self) -> None:
        """Its pages are read: what is left (analysis, upload) waits for others and needs no room in the workshop."""
        self.is_reading = False
        self._on_read()

    def lose(self) -> None:
        """Mark it as another's; the thread at work notices at its next `check`."""
        self._lost.set()

    def check(self) -> None:
        """Raise `LeaseLost` if the lease is no longer ours."""
        if self._lost.is_set():
            raise LeaseLost("The lease of this job is no longer held.")
