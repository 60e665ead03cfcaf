"""Files in and out of object storage by presigned URL, streamed, checked and tried again (wire)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from gpu_worker.errors import DocumentError
from gpu_worker.retry import RETRIED_STATUSES, Unavailable, call_with_retry, send

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class StoredFile:
    """A file on this machine with the hashes of its content (hex)."""

    path: Path
    bytes: int
    sha256: str
    md5: str


class Storage:
    """Object storage as a worker sees it: it holds no key, only URLs that were made for one lease."""

    def __init__(self, client: httpx.Client, retry_seconds: float) -> None:
        self._client = client
        self._retry_seconds = retry_seconds

    def download(self, get_url: Callable[[], str], destination: Path) -> StoredFile:
        """Stream an object to `destination`; each try asks `get_url` anew, as URLs expire.

        Raises `DocumentError` (`object_missing`) when it is gone, `TransientError` when storage stays away.
        """
        return call_with_retry(lambda: self._download_once(get_url(), destination), "storage", self._retry_seconds)

    def upload(self, path: Path, get_url: Callable[[], str], content_type: str) -> None:
        """Stream a file into storage, which checks its MD5. Raises `TransientError` when storage stays away."""
        headers = {
            "Content-Length": str(path.stat().st_size),
            "Content-MD5": base64.b64encode(_md5(path)).decode(),
            "Content-Type": content_type,
        }
        call_with_retry(lambda: self._upload_once(path, get_url(), headers), "storage", self._retry_seconds)

    def _download_once(self, url: str, destination: Path) -> StoredFile:
        sha256, md5, count = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        try:
            with self._client.stream("GET", url) as response, destination.open("wb") as file:
                _check_download(response)
                for chunk in response.iter_bytes(CHUNK_BYTES):
                    file.write(chunk)
                    sha256.update(chunk)
                    md5.update(chunk)
                    count += len(chunk)
        except httpx.TransportError as error:  # includes a body shorter than its Content-Length
            raise Unavailable(type(error).__name__) from error
        return StoredFile(destination, count, sha256.hexdigest(), md5.hexdigest())

    def _upload_once(self, path: Path, url: str, headers: dict) -> None:
        with path.open("rb") as file:
            response = send(lambda: self._client.put(url, content=file, headers=headers))
        if not response.is_success:  # 403: the URL expired on the way; the next try has a new one
            raise Unavailable(f"HTTP {response.status_code}")


def _check_download(response: httpx.Response) -> None:
    if response.status_code == 404:
        raise DocumentError("object_missing")
    if response.status_code in RETRIED_STATUSES or not response.is_success:
        raise Unavailable(f"HTTP {response.status_code}")


def _md5(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
