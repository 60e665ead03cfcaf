"""The worker's routes of the control plane: presigned URLs, token renewal, goodbye (wire)."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import httpx

from gpu_worker.clients.retry import call_with_retry, send
from gpu_worker.clients.storage import StoredFile, UploadTarget
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import DocumentError, LeaseLost, TokenDead, TransientError
from gpu_worker.job import Job


class ControlPlaneClient:
    """Asks the control plane for what a worker may not hold itself."""

    def __init__(self, client: httpx.Client, control_plane_url: str, token: WorkerToken, retry_seconds: float) -> None:
        self._client = client
        self._url = control_plane_url
        self._token = token
        self._retry_seconds = retry_seconds

    def get_download_url(self, job: Job) -> str:
        """A presigned URL of the job's original file. Raises `LeaseLost`, `TokenDead`, `TransientError`."""
        return self._get_urls(job, {})["get"]

    def get_upload_targets(self, job: Job, files: Mapping[str, StoredFile]) -> dict[str, UploadTarget]:
        """Where each artifact goes, by name; each target takes the bytes of its file and no others.

        Raises `LeaseLost`, `TokenDead`, `TransientError`, `DocumentError` (`artifact_too_large`).
        """
        targets = self._get_urls(job, files)["put"]
        return {name: UploadTarget(target["url"], target["headers"], target["key"]) for name, target in targets.items()}

    def renew_token(self) -> None:
        """Replace the worker's token by a fresh one.

        One attempt only. Raises `TokenDead` when the instance left the ledger.
        """
        answer = call_with_retry(lambda: self._post("/api/worker/token", {}), "control_plane", 0)
        self._token.replace(answer["token"])

    def say_goodbye(self, fault: str | None = None) -> None:
        """Ask to be destroyed, for this `fault` of the machine (`gpu_unusable`, `broken`) or for none.

        One attempt only. Raises `TokenDead` or `TransientError`.
        """
        body = {} if fault is None else {"fault": fault}
        call_with_retry(lambda: self._post("/api/worker/goodbye", body), "control_plane", 0)

    def _get_urls(self, job: Job, files: Mapping[str, StoredFile]) -> dict:
        put = [{"name": name, "bytes": file.bytes, "md5": _base64(file.md5)} for name, file in files.items()]
        body = {"job_id": job.job_id, "lease_token": job.lease_token, "put": put}
        return call_with_retry(lambda: self._post("/api/worker/urls", body), "control_plane", self._retry_seconds)

    def _post(self, path: str, body: dict) -> dict:
        headers = {"Authorization": f"Bearer {self._token.value}"}
        response = send(lambda: self._client.post(self._url + path, json=body, headers=headers))
        if response.is_success:
            return response.json() if response.content else {}
        code = _code(response)
        if response.status_code == 401:
            raise TokenDead("The control plane no longer honours this worker's token.")
        if code == "artifact_too_large":
            raise DocumentError(code)
        if response.status_code in (403, 404, 409) and path == "/api/worker/urls":
            raise LeaseLost(f"The control plane gives no URLs for this lease ({code}).")
        raise TransientError("control_plane_refused", f"{path} was refused (HTTP {response.status_code}, {code}).")


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _code(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "no code"
    return str(body.get("code")) if isinstance(body, dict) else "no code"
