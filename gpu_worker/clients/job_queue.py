"""The worker's verbs of the queue: SQL functions called through PostgREST with the worker's own token (wire)."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from gpu_worker.clients.retry import Unavailable, call_with_retry, send
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead, TransientError, WorkerError
from gpu_worker.job import Job, Lease
from gpu_worker.result import PageOutcome, Result

SQLSTATE_ERRORS: dict[str, type[WorkerError]] = {"AS001": LeaseLost, "AS004": TokenDead}


class JobQueue:
    """Claims jobs and says what became of them. Every method raises `TokenDead` once the instance left the ledger."""

    def __init__(
        self, client: httpx.Client, supabase_url: str, supabase_key: str, token: WorkerToken, retry_seconds: float
    ):
        self._client = client
        self._rpc_url = f"{supabase_url}/rest/v1/rpc"
        self._supabase_key = supabase_key
        self._token = token
        self._retry_seconds = retry_seconds

    def claim_jobs(self, max_jobs: int, lease_seconds: int) -> list[Job]:
        """Up to `max_jobs` jobs, leased for `lease_seconds`.

        One attempt only: the caller's loop is the retry. Raises `TransientError`.
        """
        rows = self._call("claim_jobs", {"max_jobs": max_jobs, "lease_seconds": lease_seconds}, retry_seconds=0)
        return [Job.from_row(row) for row in rows]

    def heartbeat_jobs(self, leases: Sequence[Lease], lease_seconds: int, report: dict) -> set[str]:
        """Extend the leases and report.

        Returns the ids of jobs that are no longer ours. One attempt only. Raises `TransientError`.
        """
        arguments = {"leases": [lease.report() for lease in leases], "lease_seconds": lease_seconds, "report": report}
        rows = self._call("heartbeat_jobs", arguments, retry_seconds=0)
        return {row["job_id"] for row in rows if not row["held"] or row["cancelled"]}

    def link_duplicate_job(self, job: Job, sha256: str) -> bool:
        """Tell the content hash; True if another document has it and this job thereby ended. Raises `LeaseLost`."""
        rows = self._call("link_duplicate_job", {**_lease(job), "sha256": sha256})
        return bool(rows and rows[0]["duplicate"])

    def complete_job(self, job: Job, result: Result) -> None:
        """Publish the result. Raises `LeaseLost`: then nothing was changed, or an earlier try already arrived."""
        self._call("complete_job", {**_lease(job), "result": result.as_row()})

    def fail_job(self, job: Job, code: str, message: str, retry: bool, pages: Sequence[PageOutcome] = ()) -> None:
        """Say that the job failed, and whether another attempt may help. Raises `LeaseLost`."""
        rows = [page.as_row() for page in pages]
        arguments = {"code": code, "message": message, "retry": retry, "pages": rows}
        self._call("fail_job", {**_lease(job), **arguments})

    def release_jobs(self, leases: Sequence[Lease]) -> None:
        """Hand jobs back unharmed; their attempts are given back. One attempt only: an expired lease does the rest."""
        if leases:
            self._call("release_jobs", {"leases": [_lease(lease.job) for lease in leases]}, retry_seconds=0)

    def _call(self, function: str, arguments: dict, retry_seconds: float | None = None) -> list[dict]:
        budget = self._retry_seconds if retry_seconds is None else retry_seconds
        return call_with_retry(lambda: self._post(function, arguments), "queue", budget)

    def _post(self, function: str, arguments: dict) -> list[dict]:
        token = self._token.value
        headers = {"apikey": self._supabase_key, "Authorization": f"Bearer {token}"}
        response = send(lambda: self._client.post(f"{self._rpc_url}/{function}", json=arguments, headers=headers))
        if response.is_success:
            return response.json() if response.content else []
        if response.status_code == 401:
            if token != self._token.value:  # renewed while the call was under way
                raise Unavailable("HTTP 401")
            raise TokenDead("The queue no longer honours this worker's token.")
        sqlstate = _sqlstate(response)
        if sqlstate in SQLSTATE_ERRORS:
            raise SQLSTATE_ERRORS[sqlstate](f"{function} answered {sqlstate}.")
        raise TransientError("queue_refused", f"{function} was refused (HTTP {response.status_code}, {sqlstate}).")


def _lease(job: Job) -> dict:
    return {"job_id": job.job_id, "lease_token": job.lease_token}


def _sqlstate(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "no code"
    return str(body.get("code")) if isinstance(body, dict) else "no code"
