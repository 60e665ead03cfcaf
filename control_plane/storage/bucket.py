"""Object storage on the wire: S3 through boto3, in bounded pieces."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from control_plane.errors import KeyRefused, NotFound, StorageUnavailable
from control_plane.storage.artifacts import Artifact

PART_BYTES = 8 * 1024 * 1024  # S3's smallest part is 5 MiB; 10,000 parts of 8 MiB are 78 GiB
CHUNK_BYTES = 1024 * 1024
LIST_PAGE = 1000
REFUSED = (
    "The object storage refuses our key: check SPACES_KEY, SPACES_SECRET, the key's rights to SPACES_BUCKET, and this "
    "machine's clock."
)


@dataclass(frozen=True)
class StoredObject:
    """One object as the store reports it; its ETag is a hash of the bytes only where the store means it so.

    `metadata` is what its writer said of it; listings do not tell it.
    """

    key: str
    bytes: int
    etag: str
    modified_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """All that the store says of its state: the bytes are taken for unchanged only where all of it is the same."""
        return f"{self.etag} {self.bytes} {self.modified_at:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class ObjectReader:
    """An object, and its bytes in pieces, to be read once."""

    about: StoredObject
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class PutTarget:
    """Where one object goes, and the headers that its URL was signed with."""

    url: str
    key: str
    headers: dict[str, str]


class Storage:
    """One bucket. Every method raises StorageUnavailable when the store does not answer, KeyRefused when it won't."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def open_writer(self, key: str, mime_type: str, metadata: dict[str, str]) -> ObjectWriter:
        """A new object that appears only when `finish` is called; `metadata` goes before its first byte."""
        return ObjectWriter(self._client, self._bucket, key, mime_type, metadata)

    def head(self, key: str) -> StoredObject:
        """Size, hash and metadata of one object. Raises NotFound (`object_missing`)."""
        with translated():
            reply = self._client.head_object(Bucket=self._bucket, Key=key)
        about = reply.get("Metadata", {})
        return StoredObject(key, reply["ContentLength"], _etag(reply), reply["LastModified"], about)

    def read_head(self, key: str, count: int) -> bytes:
        """The first `count` bytes of an object. Raises NotFound (`object_missing`)."""
        return self.read_range(key, 0, count)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, as many as there are. Raises NotFound (`object_missing`)."""
        with translated():
            try:
                reply = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}")
            except ClientError as error:
                if _status(error) == 416:  # no byte of an empty object, or behind its end, can be asked for
                    return b""
                raise
            return bytes(reply["Body"].read()[: end - start])

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """The whole object in pieces. Raises NotFound (`object_missing`)."""
        with self.open_reader(key) as reader:
            yield from reader.chunks

    @contextmanager
    def open_reader(self, key: str) -> Iterator[ObjectReader]:
        """The whole object to be read, and what it is at this moment. Raises NotFound (`object_missing`)."""
        with translated():
            reply = self._client.get_object(Bucket=self._bucket, Key=key)
            with contextlib.closing(reply["Body"]) as body:
                about = StoredObject(key, reply["ContentLength"], _etag(reply), reply["LastModified"])
                yield ObjectReader(about, body.iter_chunks(CHUNK_BYTES))

    def stream_range(self, key: str, start: int, end: int, chunk_bytes: int = 128 * 1024) -> Iterator[bytes]:
        """The bytes from `start` to before `end` in pieces; there must be some. Raises NotFound (`object_missing`)."""
        with translated():
            body = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}")["Body"]
            yield from body.iter_chunks(chunk_bytes)

    def list_page(self, prefix: str, after: str = "", count: int = LIST_PAGE) -> list[StoredObject]:
        """Up to `count` (1,000) objects under a prefix, in key order, those after `after`; an empty list is the end."""
        with translated():
            reply = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, StartAfter=after, MaxKeys=min(count, LIST_PAGE)
            )
        return [
            StoredObject(item["Key"], item["Size"], _etag(item), item["LastModified"])
            for item in reply.get("Contents", ())
        ]

    def presign_get(self, key: str, seconds: int, download_name: str | None = None) -> str:
        """A URL that reads one object for `seconds`; with a name, browsers save instead of show."""
        params = {"Bucket": self._bucket, "Key": key}
        if download_name is not None:
            params["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(download_name)}"
        return self._presign("get_object", params, seconds)

    def presign_view(self, key: str, seconds: int, mime_type: str) -> str:
        """A URL that browsers show in place for `seconds`, as a file of this type whatever the store believes it is."""
        params = {
            "Bucket": self._bucket, "Key": key, "ResponseContentDisposition": "inline", "ResponseContentType": mime_type
        }  # fmt: skip
        return self._presign("get_object", params, seconds)

    def presign_put(self, key: str, artifact: Artifact, seconds: int) -> PutTarget:
        """A URL that writes one object for `seconds`: these bytes only, and only while there is no such object.

        Without If-None-Match, a host could make two files of the same MD5 and swap them after the fact.
        """
        params = {
            "Bucket": self._bucket, "Key": key, "ContentType": artifact.content_type,
            "ContentLength": artifact.bytes, "ContentMD5": artifact.md5, "IfNoneMatch": "*",
        }  # fmt: skip
        headers = {
            "Content-Type": artifact.content_type, "Content-Length": str(artifact.bytes),
            "Content-MD5": artifact.md5, "If-None-Match": "*",
        }  # fmt: skip
        return PutTarget(self._presign("put_object", params, seconds), key, headers)

    def delete(self, key: str) -> None:
        """Remove one object; one that is not there is fine."""
        with translated():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def abort_stale_uploads(self, before: datetime) -> int:
        """Drop the parts of uploads begun before a moment and never finished; they cost money and show nowhere."""
        with translated():
            reply = self._client.list_multipart_uploads(Bucket=self._bucket)
            stale = [item for item in reply.get("Uploads", ()) if item["Initiated"] < before]
            for item in stale:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=item["Key"], UploadId=item["UploadId"])
        return len(stale)

    def ping(self) -> None:
        """Raise StorageUnavailable unless the bucket answers."""
        with translated():
            self._client.head_bucket(Bucket=self._bucket)

    def _presign(self, action: str, params: Mapping[str, Any], seconds: int) -> str:
        return str(self._client.generate_presigned_url(action, Params=params, ExpiresIn=seconds))


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

    def finish(self) -> None:
        """Make the object appear. A small one is a single put, so that its ETag is its MD5."""
        if self._upload_id is None:
            with translated():
                self._client.put_object(**self._target, **self._about, Body=bytes(self._buffer))
            return
        if self._buffer:
            self._send_part(bytes(self._buffer))
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)]
        with translated():
            self._client.complete_multipart_upload(
                **self._target, UploadId=self._upload_id, MultipartUpload={"Parts": parts}
            )

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
                **self._target, UploadId=self._upload_id, PartNumber=len(self._etags) + 1, Body=part
            )
        self._etags.append(reply["ETag"])


@contextmanager
def translated() -> Iterator[None]:
    """Turn botocore's errors into ours."""
    try:
        yield
    except ClientError as error:
        status = _status(error)
        if error.response.get("Error", {}).get("Code") == "NoSuchBucket":
            raise KeyRefused("The storage has no bucket named as SPACES_BUCKET.", "storage_bucket_missing") from error
        if status == 404:
            raise NotFound("There is no such object in the bucket.", "object_missing") from error
        if status in (401, 403):
            raise KeyRefused(REFUSED, "storage_key_refused") from error
        raise StorageUnavailable("The object storage refused the request; try again in a minute.") from error
    except (BotoCoreError, OSError) as error:
        raise StorageUnavailable("The object storage does not answer; try again in a minute.") from error


def _status(error: ClientError) -> int | None:
    status: int | None = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status


def _etag(reply: Mapping[str, Any]) -> str:
    return str(reply["ETag"]).strip('"')
