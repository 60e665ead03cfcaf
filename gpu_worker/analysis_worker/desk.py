"""The control plane as the analysis worker sees it: its token, URLs of what was read, and Claude in batches (wire)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx
from pydantic import TypeAdapter

from gpu_worker.clients.control_plane import base64_digest
from gpu_worker.clients.retry import call_with_retry, error_code, read_answer, send
from gpu_worker.clients.storage import StoredFile, UploadTarget
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import LeaseLost, TokenDead, TransientError
from gpu_worker.job import Job

RETRY_SECONDS = 60.0
SUBMIT_TIMEOUT = httpx.Timeout(600, connect=10)
"""Up to 25 MB go on to Anthropic before the answer comes."""


@dataclass(frozen=True)
class Urls:
    """Where each artifact of a document is read, and where `analysis.json` goes."""

    get: dict[str, str]
    put: dict[str, UploadTarget]


@dataclass(frozen=True)
class Asked:
    """What became of a question: a call in a batch, this one or an earlier, or a code for why it was not sent.

    `scope` says whose cap is reached: `day`, `batch` or `document`.
    """

    job_id: str
    key: str
    call_id: str | None = None
    batch_id: str | None = None
    code: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class _Submitted:
    calls: list[Asked]


@dataclass(frozen=True)
class _Batch:
    status: Literal["in_progress", "ended", "lost"]


@dataclass(frozen=True)
class Result:
    """The result of one call, as Anthropic gave it; `code` where it was the account that was refused."""

    custom_id: str
    result: dict[str, Any]
    code: str | None = None


@dataclass(frozen=True)
class Sent:
    """A question ready to go: whose, which, and the parameters of its one message."""

    job: Job
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class _Token:
    token: str


T = TypeVar("T")
URLS, SUBMITTED, BATCH = TypeAdapter(Urls), TypeAdapter(_Submitted), TypeAdapter(_Batch)
RESULT, TOKEN = TypeAdapter(Result), TypeAdapter(_Token)


class Desk:
    """Asks the control plane, patiently. Every method raises `TransientError`, and `TokenDead` for a dead token."""

    def __init__(self, client: httpx.Client, url: str, secret: str, token: WorkerToken) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._token = token

    def renew_token(self) -> None:
        """Replace the token by a fresh one. One attempt only."""
        headers = {"Authorization": f"Bearer {self._secret}"}
        response = send(lambda: self._client.post(f"{self._url}/api/analysis/token", headers=headers))
        if not response.is_success:
            raise TransientError("no_token", f"No token was given (HTTP {response.status_code}).")
        self._token.replace(read_answer(response, TOKEN).token)

    def get_urls(self, job: Job, file: StoredFile | None = None) -> Urls:
        """URLs to read what there is, and to write `analysis.json`. Raises `LeaseLost`."""
        put = [{"name": "analysis.json", "bytes": file.bytes, "md5": base64_digest(file.md5)}] if file else []
        return self._ask("POST", "/api/analysis/urls", URLS, {**_lease(job), "put": put})

    def submit(self, questions: Sequence[Sent]) -> list[Asked]:
        """Ask all of these in one batch. One attempt only: what was sent is found again when it is asked again."""
        requests = [{**_lease(each.job), "key": each.key, "body": each.body} for each in questions]
        return self._ask("POST", "/claude/v1/batches", SUBMITTED, {"requests": requests}, retry_seconds=0).calls

    def get_status(self, batch_id: str) -> Literal["in_progress", "ended", "lost"]:
        """`in_progress`, `ended`, or `lost`: Anthropic never had it. One attempt only: it is looked at again."""
        return self._ask("GET", f"/claude/v1/batches/{batch_id}", BATCH, retry_seconds=0).status

    def get_results(self, batch_id: str) -> Iterator[Result]:
        """The results of an ended batch, in Anthropic's order. Fetching them again changes nothing."""
        headers = {"Authorization": f"Bearer {self._token.value}"}
        url = f"{self._url}/claude/v1/batches/{batch_id}/results"
        try:
            with self._client.stream("GET", url, headers=headers, timeout=SUBMIT_TIMEOUT) as response:
                if not response.is_success:
                    response.read()
                    self._refuse(response, url)
                for line in response.iter_lines():
                    if line.strip():
                        yield RESULT.validate_python(json.loads(line))
        except (httpx.HTTPError, ValueError) as error:
            raise TransientError("no_results", f"The results broke off ({type(error).__name__}).") from error

    def _ask(
        self, method: str, path: str, answer: TypeAdapter[T], body: Mapping[str, object] | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> T:  # fmt: skip
        return call_with_retry(lambda: read_answer(self._send(method, path, body), answer), "desk", retry_seconds)

    def _send(self, method: str, path: str, body: Mapping[str, object] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token.value}"}
        response = send(
            lambda: self._client.request(method, self._url + path, json=body, headers=headers, timeout=SUBMIT_TIMEOUT)
        )
        if not response.is_success:
            self._refuse(response, path)
        return response

    def _refuse(self, response: httpx.Response, what: str) -> None:
        code = error_code(response)
        if response.status_code == 401:
            raise TokenDead("The control plane does not honour this token.")
        if code == "lease_lost":
            raise LeaseLost("The control plane says that this lease is no longer held.")
        raise TransientError(code, f"{what} was refused (HTTP {response.status_code}, {code}).")


def _lease(job: Job) -> dict[str, object]:
    return {"job_id": job.job_id, "lease_token": job.lease_token}
