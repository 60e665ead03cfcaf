"""The queue on the wire: the verbs that `service_role` may call, through PostgREST."""

from __future__ import annotations

import logging
from typing import Any

import httpx
from postgrest import APIError
from supabase import Client

from control_plane.errors import SQLSTATES, ControlPlaneError, KeyRefused, QueueUnavailable

log = logging.getLogger(__name__)

Row = dict[str, Any]
REFUSED = "The database refuses our key: check SUPABASE_SERVICE_KEY (and, for a new one, this machine's clock)."
AWAY = "The queue does not answer; nothing was lost, try again in a minute."


def raise_if_refused(response: httpx.Response) -> None:
    """For every answer of PostgREST and what stands before it: our only caller is the service, so 401 is its key's."""
    if response.status_code in (401, 403):
        log.error("the database refuses our key", extra={"status": response.status_code})
        raise KeyRefused(REFUSED, "database_key_refused")


class JobQueue:
    """Rows in, rows out. Raises the error of errors.SQLSTATES, or QueueUnavailable when there is no sound answer."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def call(self, function: str, **arguments: Any) -> list[Row]:
        """Call one SQL function and return its rows."""
        rows = self._execute(self._client.rpc(function, arguments))
        return rows if isinstance(rows, list) else [rows]

    def table(self, name: str) -> Any:
        """A PostgREST query on a table or view; give it to `rows` when it is built."""
        return self._client.table(name)

    def rows(self, query: Any) -> list[Row]:
        """Run a query built from `table`."""
        return self._execute(query)

    def enqueue_jobs(self, files: list[Row]) -> list[Row]:
        """Record files and queue their documents, all or none; one row per file, in order.

        The same call again changes nothing, so one that got no answer is made once more.
        """
        try:
            return self.call("enqueue_jobs", files=files)
        except QueueUnavailable:
            return self.call("enqueue_jobs", files=files)

    def enqueue_objects(self, batch_id: str, after: str, files: list[Row], step: Row) -> list[Row]:
        """Queue one step of a scan and move its checkpoint from `after`. Raises Conflict when that cannot be."""
        return self.call("enqueue_objects", batch_id=batch_id, after=after, files=files, step=step)

    def cancel_job(self, job_id: str) -> None:
        """End a job that has not ended. Raises NotFound, Conflict."""
        self.call("cancel_job", job_id=job_id)

    def retry_job(self, job_id: str) -> str:
        """Queue a failed or cancelled job again; the id of the job that waits. Raises NotFound, Conflict."""
        return str(self.call("retry_job", job_id=job_id)[0]["id"])

    def check_lease(self, instance: str, job_id: str, lease_token: str) -> Row | None:
        """The keys of a job while this machine holds it, else None."""
        rows = self.call("check_lease", instance=instance, job_id=job_id, lease_token=lease_token)
        return rows[0] if rows else None

    def ping(self) -> None:
        """Raise QueueUnavailable unless Postgres answers through PostgREST."""
        self.rows(self.table("processing_jobs").select("id").limit(1))

    def _execute(self, query: Any) -> Any:
        try:
            return query.execute().data
        except APIError as error:
            raise _translate(error) from error
        except httpx.HTTPError as error:
            raise QueueUnavailable(AWAY) from error


def _translate(error: APIError) -> ControlPlaneError:
    code = str(error.code or "")
    if code in SQLSTATES:
        kind, our_code = SQLSTATES[code]
        return kind(_sentence(error.message), our_code)
    if code == "22P02":  # text that is no uuid or number, where one is needed: the caller's
        kind, our_code = SQLSTATES["AS006"]
        return kind("An id or number in the request is malformed.", our_code)
    # PGRST00x: no database connection; 08, 53, 57: connection lost, out of resources, shutting down; 5xx: the proxy's
    # 40, 55P03: another transaction holds the row, and the same call works a moment later
    if code.startswith(("PGRST00", "08", "40", "53", "55P03", "57", "5", "429")) or not code:
        log.warning("queue unavailable", extra={"sqlstate": code})
        return QueueUnavailable(AWAY)
    log.error("queue refused a call", extra={"sqlstate": code})
    return ControlPlaneError("The queue refused the request; give the request_id to whoever runs the service.")


def _sentence(message: str | None) -> str:
    words = (message or "The queue refused this").strip().rstrip(".")
    return words[:1].upper() + words[1:] + "."
