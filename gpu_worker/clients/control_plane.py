"""The worker's routes of the control plane: presigned URLs, token renewal, goodbye (wire)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from pydantic import TypeAdapter

from gpu_worker.clients.retry import call_with_retry, error_code, read_answer, send
from gpu_worker.clients.storage import StoredFile, UploadTarget
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.enums import Fault
from gpu_worker.errors import DocumentError, LeaseLost, TokenDead, TransientError
from gpu_worker.job import Job


@dataclass(frozen=True)
class _Urls:
    get: str
    put: dict[str, UploadTarget]


@dataclass(frozen=True)
class _FreshToken:
    token: str


@dataclass(frozen=True)
class _Passwords:
    passwords: tuple[str, ...] = field(repr=False)


T = TypeVar("T")
LEASED = ("/api/worker/urls", "/api/worker/passwords")
PASSWORDS = TypeAdapter(_Passwords)
URLS = TypeAdapter(_Urls)
FRESH_TOKEN = TypeAdapter(_FreshToken)


class ControlPlaneClient:
    """Asks the control plane for what a worker may not hold itself."""

    def __init__(self, client: httpx.Client, control_plane_url: str, token: WorkerToken, retry_seconds: float) -> None:
        self._client = client
        self._url = control_plane_url
        self._token = token
        self._retry_seconds = retry_seconds

    def get_download_url(self, job: Job) -> str:
        """A presigned URL of the job's original file. Raises `LeaseLost`, `TokenDead`, `TransientError`."""
        return self._get_urls(job, {}).get

    def get_upload_targets(self, job: Job, files: Mapping[str, StoredFile]) -> Mapping[str, UploadTarget]:
        """Where each artifact goes, by name; each target takes the bytes of its file and no others.

        Raises `LeaseLost`, `TokenDead`, `TransientError`, `DocumentError` (`artifact_too_large`).
        """
        return self._get_urls(job, files).put

    def get_passwords(self, job: Job) -> tuple[str, ...]:
        """What may open the job's locked file, to be tried in this order. Raises `TokenDead`, `TransientError`."""
        body = {"job_id": job.job_id, "lease_token": job.lease_token}
        return self._ask("/api/worker/passwords", body, PASSWORDS, self._retry_seconds).passwords

    def renew_token(self) -> None:
        """Replace the worker's token by a fresh one.

        One attempt only. Raises `TokenDead` when the machine left the ledger.
        """
        self._token.replace(self._ask("/api/worker/token", {}, FRESH_TOKEN, retry_seconds=0).token)

    def say_goodbye(self, fault: Fault | None = None) -> None:
        """Ask to be destroyed, for this fault of the machine or for none.

        One attempt only. Raises `TokenDead` or `TransientError`.
        """
        body = {} if fault is None else {"fault": fault}
        call_with_retry(lambda: self._post("/api/worker/goodbye", body), "control_plane", 0)

    def _get_urls(self, job: Job, files: Mapping[str, StoredFile]) -> _Urls:
        put = [{"name": name, "bytes": file.bytes, "md5": base64_digest(file.md5)} for name, file in files.items()]
        body = {"job_id": job.job_id, "lease_token": job.lease_token, "put": put}
        return self._ask("/api/worker/urls", body, URLS, self._retry_seconds)

    def _ask(self, path: str, body: Mapping[str, object], answer: TypeAdapter[T], retry_seconds: float) -> T:
        return call_with_retry(lambda: read_answer(self._post(path, body), answer), "control_plane", retry_seconds)

    def _post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token.value}"}
        response = send(lambda: self._client.post(self._url + path, json=body, headers=headers))
        if response.is_success:
            return response
        code = error_code(response)
        if response.status_code == 401:
            raise TokenDead("The control plane no longer honours this worker's token.")
        if code == "artifact_too_large":
            raise DocumentError(code)
        if response.status_code in (403, 404, 409) and path in LEASED:
            raise LeaseLost(f"The control plane gives nothing for this lease ({code}).")
        raise TransientError("control_plane_refused", f"{path} was refused (HTTP {response.status_code}, {code}).")


def base64_digest(digest: str) -> str:
    """A hash in hex as storage wants it."""
    return base64.b64encode(bytes.fromhex(digest)).decode()
