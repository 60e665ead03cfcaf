"""The verbs of documents that wait to be judged: SQL functions called through PostgREST (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.analysis.comparing import ComparedPair, GivenVerdict
from gpu_worker.clients.rpc import ROWS, Rpc
from gpu_worker.job import Job


@dataclass(frozen=True)
class StoredAnalysis:
    """`analysis.json` as it was stored: its object key, its size in bytes and its hash (hex)."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Claimed:
    """A document to judge (`analyse`), or whose pairs are (`compare`), under a lease.

    `is_probe`: Claude is paused, and this one finds out whether it still is.
    """

    job_id: str
    document_id: str
    kind: str
    lease_token: str
    attempt: int
    priority: str
    is_probe: bool
    original_filename: str
    mime_type: str
    sha256: str

    @property
    def job(self) -> Job:
        """The job, as the analysis knows it."""
        return Job(
            self.job_id, self.document_id, self.lease_token, self.attempt, self.original_filename, self.sha256, True
        )

    @property
    def is_urgent(self) -> bool:
        """Asked directly, at the full price: somebody waits for it."""
        return self.kind == "analyse" and (self.is_probe or self.priority == "high")


@dataclass(frozen=True)
class _Extended:
    job_id: str
    held: bool
    cancelled: bool


CLAIMED, EXTENDED = TypeAdapter(list[Claimed]), TypeAdapter(list[_Extended])
COMPARED = TypeAdapter(list[ComparedPair])


class AnalysisQueue:
    """Claims documents to judge and says what became of them. Raises `TransientError`, `LeaseLost`, `TokenDead`."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def claim(self, max_jobs: int, lease_seconds: int, prompt_version: str) -> list[Claimed]:
        """Up to so many documents. One attempt only: the caller's loop is the retry."""
        arguments = {"max_jobs": max_jobs, "lease_seconds": lease_seconds, "prompt_version": prompt_version}
        return self._rpc.call("claim_analyses", arguments, CLAIMED, retry_seconds=0)

    def heartbeat(self, jobs: Sequence[Job], lease_seconds: int) -> set[str]:
        """Extend the leases; the ids of jobs that are no longer ours. One attempt only."""
        arguments = {"leases": [_lease(job) for job in jobs], "lease_seconds": lease_seconds}
        extended = self._rpc.call("heartbeat_analyses", arguments, EXTENDED, retry_seconds=0)
        return {each.job_id for each in extended if not each.held or each.cancelled}

    def complete(self, job: Job, analysis: Analysis, file: StoredAnalysis, seconds: float) -> None:
        """Publish the analysis."""
        artifacts = {"analysis.json": asdict(file)}
        result = {"analysis": asdict(analysis), "artifacts": artifacts, "seconds": seconds}
        self._rpc.call("complete_analysis", {**_lease(job), "result": result}, ROWS)

    def get_comparison(self, job: Job) -> list[ComparedPair]:
        """The pairs that a job to compare asks about."""
        return self._rpc.call("get_comparison", _lease(job), COMPARED)

    def complete_comparison(self, job: Job, verdicts: Sequence[GivenVerdict]) -> None:
        """Keep Claude's verdicts on them; the job is done."""
        given = [asdict(verdict) for verdict in verdicts]
        self._rpc.call("complete_comparison", {**_lease(job), "verdicts": given}, ROWS)

    def postpone(self, job: Job, reason: str, seconds: int) -> None:
        """Back in the line: a cap, a busy or paused Claude. Nothing is booked on the document."""
        self._rpc.call("postpone_analysis", {**_lease(job), "reason": reason, "seconds": seconds}, ROWS)

    def fail(self, job: Job, code: str, message: str, retry: bool) -> None:
        """Say that the judging failed, and whether another attempt may help."""
        self._rpc.call("fail_analysis", {**_lease(job), "code": code, "message": message, "retry": retry}, ROWS)

    def release(self, jobs: Sequence[Job]) -> None:
        """Hand documents back unharmed. One attempt only: an expired lease does the rest."""
        if jobs:
            self._rpc.call("release_analyses", {"leases": [_lease(job) for job in jobs]}, ROWS, retry_seconds=0)


def _lease(job: Job) -> Mapping[str, object]:
    return {"job_id": job.job_id, "lease_token": job.lease_token}
