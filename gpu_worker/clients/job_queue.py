"""The worker's verbs of the queue: SQL functions called through PostgREST with the worker's own token (wire)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from gpu_worker.clients.rpc import ROWS, Rpc
from gpu_worker.job import Job, Lease
from gpu_worker.result import MachineReport, PageOutcome


@dataclass(frozen=True)
class _Extended:
    job_id: str
    held: bool
    cancelled: bool


JOBS = TypeAdapter(list[Job])
EXTENDED = TypeAdapter(list[_Extended])


class JobQueue:
    """Claims jobs and says what became of them. Every method raises `TokenDead` once the machine left the ledger."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def claim_jobs(self, max_jobs: int, lease_seconds: int) -> list[Job]:
        """Up to `max_jobs` jobs, leased for `lease_seconds`.

        One attempt only: the caller's loop is the retry. Raises `TransientError`.
        """
        return self._rpc.call(
            "claim_jobs", {"max_jobs": max_jobs, "lease_seconds": lease_seconds}, JOBS, retry_seconds=0
        )

    def heartbeat_jobs(self, leases: Sequence[Lease], lease_seconds: int, report: MachineReport) -> set[str]:
        """Extend the leases and report.

        Returns the ids of jobs that are no longer ours. One attempt only. Raises `TransientError`.
        """
        rows = [_progress(lease) for lease in leases]
        arguments = {"leases": rows, "lease_seconds": lease_seconds, "report": asdict(report)}
        extended = self._rpc.call("heartbeat_jobs", arguments, EXTENDED, retry_seconds=0)
        return {job.job_id for job in extended if not job.held or job.cancelled}

    def fail_job(self, job: Job, code: str, message: str, retry: bool, pages: Sequence[PageOutcome] = ()) -> None:
        """Say that the job failed, and whether another attempt may help. Raises `LeaseLost`."""
        rows = [asdict(page) for page in pages]
        arguments = {"code": code, "message": message, "retry": retry, "pages": rows}
        self._rpc.call("fail_job", {**_lease(job), **arguments}, ROWS)

    def release_jobs(self, leases: Sequence[Lease], broken: bool) -> None:
        """Hand jobs back, their attempts with them; those that a broken machine held are suspects from then on.

        One attempt only: an expired lease does the rest.
        """
        if leases:
            arguments = {"leases": [_lease(lease.job) for lease in leases], "broken": broken}
            self._rpc.call("release_jobs", arguments, ROWS, retry_seconds=0)


def _lease(job: Job) -> dict[str, object]:
    return {"job_id": job.job_id, "lease_token": job.lease_token}


def _progress(lease: Lease) -> dict[str, object]:
    return {**_lease(lease.job), "pages_done": lease.pages_done, "pages_total": lease.pages_total}
