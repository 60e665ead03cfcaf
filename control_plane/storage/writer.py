"""One object written in parts, so that it is never whole in memory (wire)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from control_plane.storage.answers import etag_of, translated

PART_BYTES = 8 * 1024 * 1024  # S3's smallest part is 5 MiB; 10,000 parts of 8 MiB are 78 GiB


@dataclass(frozen=True)
class Written:
    """What the store calls an object that was just written: its ETag, and its version where it keeps versions."""

    etag: str
    version_id: str | None


class ObjectWriter:
    """Writes one object in parts of 8 MiB, one part in memory. Not finished means: never there."""

    def __init__(self, client: Any, bucket: str, key: str, mime_type: str, metadata: dict[str, str]) -> None:
        self._client = client
        self._target = {"Bucket": bucket, "Key": key}
        self._about = {"ContentType": mime_type, "Metadata": metadata}
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._etags: list[str] = []

    def write(self, chunk: bytes) -> None:
        """Take more bytes; every 8 MiB they go to the store."""
        self._buffer += chunk
        while len(self._buffer) >= PART_BYTES:
            self._send_part(bytes(self._buffer[:PART_BYTES]))
            del self._buffer[:PART_BYTES]

    def finish(self) -> Written:
        """Make the object appear. A small one is a single put, so that its ETag is its MD5."""
        if self._upload_id is None:
            with translated():
                reply = self._client.put_object(**self._target, **self._about, **_body(bytes(self._buffer)))
            return Written(etag_of(reply), reply.get("VersionId"))
        if self._buffer:
            self._send_part(bytes(self._buffer))
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)]
        with translated():
            reply = self._client.complete_multipart_upload(
                **self._target, UploadId=self._upload_id, MultipartUpload={"Parts": parts}
            )
        return Written(etag_of(reply), reply.get("VersionId"))

    def abort(self) -> None:
        """Forget the object and its parts. Parts that cannot be dropped now are dropped by housekeeping."""
        if self._upload_id is not None:
            with translated():
                self._client.abort_multipart_upload(**self._target, UploadId=self._upload_id)

    def _send_part(self, part: bytes) -> None:
        with translated():
            if self._upload_id is None:
                self._upload_id = self._client.create_multipart_upload(**self._target, **self._about)["UploadId"]
            reply = self._client.upload_part(
                **self._target, UploadId=self._upload_id, PartNumber=len(self._etags) + 1, **_body(part)
            )
        self._etags.append(reply["ETag"])


def _body(data: bytes) -> dict[str, Any]:
    """The bytes and their MD5: the store refuses them where they were changed on the way; a locked bucket wants it."""
    return {"Body": data, "ContentMD5": base64.b64encode(md5(data, usedforsecurity=False).digest()).decode()}
