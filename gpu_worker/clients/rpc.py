"""SQL functions called through PostgREST with the worker's own token (wire)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import httpx
from pydantic import TypeAdapter

from gpu_worker.clients.retry import Unavailable, call_with_retry, error_code, read_answer, send
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead, TransientError, WorkerError

T = TypeVar("T")
SQLSTATE_ERRORS: Mapping[str, type[WorkerError]] = {"AS001": LeaseLost, "AS004": TokenDead}
NO_ROLE = "22023"
"""With 401, as PostgREST from 13 on says it: the database is younger than this token, whose renewal would not help."""
ROWS = TypeAdapter(list[object])
"""An answer that nobody needs, but that only the queue gives."""


class Rpc:
    """Calls functions by name, and again while there is no answer."""

    def __init__(
        self, client: httpx.Client, supabase_url: str, supabase_key: str, token: WorkerToken, retry_seconds: float
    ) -> None:
        self._client = client
        self._url = f"{supabase_url}/rest/v1/rpc"
        self._supabase_key = supabase_key
        self._token = token
        self._retry_seconds = retry_seconds

    def call(
        self, function: str, arguments: Mapping[str, object], answer: TypeAdapter[T], retry_seconds: float | None = None
    ) -> T:
        """The function's rows. Raises `LeaseLost`, `TokenDead` or `TransientError`."""
        budget = self._retry_seconds if retry_seconds is None else retry_seconds
        return call_with_retry(lambda: read_answer(self._post(function, arguments), answer), "queue", budget)

    def _post(self, function: str, arguments: Mapping[str, object]) -> httpx.Response:
        token = self._token.value
        headers = {"apikey": self._supabase_key, "Authorization": f"Bearer {token}", "Prefer": "count=exact"}
        response = send(lambda: self._client.post(f"{self._url}/{function}", json=arguments, headers=headers))
        if response.status_code == 206:  # PostgREST's max-rows: the rest was done, too, but is not told
            raise Unavailable("an answer that is cut")
        if response.is_success:
            return response
        sqlstate = error_code(response)
        if response.status_code == 401:
            if sqlstate == NO_ROLE:
                raise Unavailable("a database that lacks our role")
            if token != self._token.value:  # renewed while the call was under way
                raise Unavailable("HTTP 401")
            raise TokenDead("The queue no longer honours this worker's token.")
        if sqlstate in SQLSTATE_ERRORS:
            raise SQLSTATE_ERRORS[sqlstate](f"{function} answered {sqlstate}.")
        if sqlstate == "AS007":
            raise TransientError("not_asked", f"{function} names no call to Claude that is this job's own.")
        raise TransientError("queue_refused", f"{function} was refused (HTTP {response.status_code}, {sqlstate}).")
