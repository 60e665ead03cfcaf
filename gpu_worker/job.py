"""A job, and the worker's right to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gpu_worker.errors import LeaseLost


@dataclass(frozen=True)
class Job:
    """One run of one document through this worker, as `claim_jobs` gave it.

    `sha256` is None where nobody hashed the file yet.
    """

    job_id: str
    document_id: str
    lease_token: str
    attempt: int
    object_key: str
    original_filename: str
    bytes: int | None
    sha256: str | None
    allow_claude: bool

    @classmethod
    def from_row(cls, row: Mapping) -> Job:
        """Build it from one row of `claim_jobs`."""
        return cls(
            job_id=row["job_id"],
            document_id=row["document_id"],
            lease_token=row["lease_token"],
            attempt=row["attempt"],
            object_key=row["object_key"],
            original_filename=row["original_filename"] or "",
            bytes=row["bytes"],
            sha256=row["sha256"],
            allow_claude=bool(row.get("allow_claude")),
        )


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

    def report(self) -> dict:
        """The lease as `heartbeat_jobs` takes it."""
        return {
            "job_id": self.job.job_id,
            "lease_token": self.job.lease_token,
            "pages_done": self.pages_done,
            "pages_total": self.pages_total,
        }
