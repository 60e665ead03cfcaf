"""The worker's routes of the control plane: presigned URLs, token renewal, goodbye (wire)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeVar

import httpx
from pydantic import TypeAdapter

from gpu_worker.clients.retry import call_with_retry, error_code, read_answer, send
from gpu_worker.clients.storage import StoredFile, UploadTarget
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.enums import Fault
from gpu_worker.errors import DocumentError, LeaseLost, TokenDead, TransientError
from gpu_worker.job import Job
from gpu_worker.result import Result, ToldPart


@dataclass(frozen=True)
class _Urls:
    get: str
    put: dict[str, UploadTarget]


@dataclass(frozen=True)
class _Taken:
    status: str


@dataclass(frozen=True)
class _FreshToken:
    token: str


@dataclass(frozen=True)
class _Passwords:
    passwords: tuple[str, ...] = field(repr=False)


T = TypeVar("T")
COMPLETE, PARTS = "/api/worker/complete", "/api/worker/parts"
LEASED = ("/api/worker/urls", "/api/worker/passwords", COMPLETE, PARTS)
HAND_IN_TIMEOUT = httpx.Timeout(600, connect=10)
"""Every file of the result is read back before the answer comes: a whole book of scans takes a minute or two."""
TAKEN = TypeAdapter(_Taken)
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

    def add_parts(self, job: Job, parts: Sequence[ToldPart]) -> None:
        """Enter files found inside the job's document, whose bytes are stored; telling a part again changes nothing.

        Raises `LeaseLost`, `TokenDead`, `TransientError`.
        """
        self._hand_in(PARTS, job, {"parts": [_clean_part(part) for part in parts]})

    def complete_job(self, job: Job, result: Result) -> None:
        """Hand the result in. Raises `LeaseLost`: then nothing was changed, or an earlier try already arrived."""
        self._hand_in(COMPLETE, job, _result(result))

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

    def _hand_in(self, path: str, job: Job, body: Mapping[str, object]) -> None:
        lease = {"x-aseagi-job-id": job.job_id, "x-aseagi-lease-token": job.lease_token}
        call_with_retry(
            lambda: read_answer(self._post(path, body, lease, HAND_IN_TIMEOUT), TAKEN), "control_plane",
            self._retry_seconds,
        )  # fmt: skip

    def _post(
        self, path: str, body: Mapping[str, object], lease: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:  # fmt: skip
        headers = {"Authorization": f"Bearer {self._token.value}", **(lease or {})}
        patience = timeout or self._client.timeout
        response = send(lambda: self._client.post(self._url + path, json=body, headers=headers, timeout=patience))
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


def _clean_part(part: ToldPart) -> dict[str, object]:
    """The part with its name as PostgreSQL takes it: no NUL, no lone surrogates, at most 1,000 characters."""
    name = part.name.encode("utf-8", errors="replace").decode().replace("\0", "")[:1000]
    return {**asdict(part), "name": name}


def _result(result: Result) -> dict[str, object]:
    """What is told of a document; its text is in `ocr.txt`."""
    return {
        "sha256": result.sha256,
        "mime_type": result.mime_type,
        "pages": [asdict(page) for page in result.pages],
        "chunks": [asdict(passage) for passage in result.passages],
        "artifacts": {name: asdict(artifact) for name, artifact in result.artifacts.items()},
        "analysis": asdict(result.analysis),
        "seconds": result.seconds,
        "parts_total": result.parts,
        "mail": asdict(result.mail) if result.mail else None,
        "live_mark": result.live_mark,
    }
