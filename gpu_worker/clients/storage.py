"""Files in and out of object storage by presigned URL, streamed, checked and tried again (wire)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from gpu_worker.clients.retry import Unavailable, call_with_retry, send
from gpu_worker.errors import DocumentError

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class StoredFile:
    """A file on this machine with the hashes of its content (hex), and the ETag under which the store gave it out."""

    path: Path
    bytes: int
    sha256: str
    md5: str
    etag: str | None = None


@dataclass(frozen=True)
class UploadTarget:
    """Where one artifact goes: the presigned URL, the headers it was signed with, and the key the result names."""

    url: str
    headers: dict[str, str]
    key: str


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

    def upload(self, path: Path, get_target: Callable[[], UploadTarget]) -> None:
        """Stream a file into storage, which takes these bytes only; each try asks `get_target` anew, as URLs expire.

        Raises `TransientError` when storage stays away.
        """
        call_with_retry(lambda: self._upload_once(path, get_target()), "storage", self._retry_seconds)

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
        etag = response.headers.get("ETag", "").removeprefix("W/").strip('"').lower() or None
        return StoredFile(destination, count, sha256.hexdigest(), md5.hexdigest(), etag)

    def _upload_once(self, path: Path, target: UploadTarget) -> None:
        with path.open("rb") as file:
            response = send(lambda: self._client.put(target.url, content=file, headers=target.headers))
        if response.status_code == 412:  # it is there: an earlier try arrived, and only its answer got lost
            return
        if not response.is_success:  # 403: the URL expired on the way; the next try has a new one
            raise Unavailable(f"HTTP {response.status_code}")


def _check_download(response: httpx.Response) -> None:
    if response.status_code == 404:
        if b"NoSuchBucket" in response.read():  # the house's fault: every document would be missing
            raise Unavailable("no such bucket")
        raise DocumentError("object_missing")
    if not response.is_success:
        raise Unavailable(f"HTTP {response.status_code}")


def describe_file(path: Path) -> StoredFile:
    """Size and hashes of a file on this machine."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            sha256.update(chunk)
            md5.update(chunk)
    return StoredFile(path, path.stat().st_size, sha256.hexdigest(), md5.hexdigest())
