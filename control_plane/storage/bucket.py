"""Object storage on the wire: S3 through boto3, in bounded pieces."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from control_plane.errors import KeyRefused, NotFound, StorageUnavailable
from control_plane.odd_rows import read_sound
from control_plane.storage.answers import AWAY, BUCKET_MISSING, etag_of, status_of, translated
from control_plane.storage.artifacts import Artifact
from control_plane.storage.writer import ObjectWriter, Written

CHUNK_BYTES = 1024 * 1024
LIST_PAGE = 1000
TRIED = "cache/tried"
"""Lies in a folder of ours, which no scan looks into."""
# One request up to what S3 copies with one (5 GiB), beyond it part by part.
COPYING = TransferConfig(multipart_threshold=5 * 1024**3 - 1, multipart_chunksize=1024**3, use_threads=False)


@dataclass(frozen=True)
class StoredObject:
    """One object as the store reports it; its ETag is a hash of the bytes only where the store means it so.

    `metadata` is what its writer said of it, `version_id` its version in a bucket that keeps versions; listings tell
    neither.
    """

    key: str
    bytes: int
    etag: str
    modified_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    version_id: str | None = None

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

    def head(self, key: str, version_id: str | None = None) -> StoredObject:
        """Size, hash and metadata of one object. Raises NotFound (`object_missing`)."""
        with translated():
            return _told(key, self._client.head_object(**self._named(key, version_id)))

    def read_head(self, key: str, count: int) -> bytes:
        """The first `count` bytes of an object. Raises NotFound (`object_missing`)."""
        return self.read_range(key, 0, count)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, as many as there are. Raises NotFound (`object_missing`)."""
        with translated():
            try:
                reply = self._client.get_object(**self._named(key), Range=f"bytes={start}-{end - 1}")
            except ClientError as error:
                if status_of(error) == 416:  # no byte of an empty object, or behind its end, can be asked for
                    return b""
                raise
            return bytes(reply["Body"].read()[: end - start])

    def read_chunks(self, key: str, version_id: str | None = None) -> Iterator[bytes]:
        """The whole object in pieces. Raises NotFound (`object_missing`)."""
        with self.open_reader(key, version_id) as reader:
            yield from reader.chunks

    @contextmanager
    def open_reader(self, key: str, version_id: str | None = None) -> Iterator[ObjectReader]:
        """The whole object to be read, and what it is at this moment. Raises NotFound (`object_missing`)."""
        with translated():
            reply = self._client.get_object(**self._named(key, version_id))
            with contextlib.closing(reply["Body"]) as body:
                yield ObjectReader(_told(key, reply), body.iter_chunks(CHUNK_BYTES))

    def stream_range(
        self, key: str, start: int, end: int, version_id: str | None = None, chunk_bytes: int = 128 * 1024
    ) -> Iterator[bytes]:
        """The bytes from `start` to before `end` in pieces; there must be some. Raises NotFound (`object_missing`)."""
        with translated():
            reply = self._client.get_object(**self._named(key, version_id), Range=f"bytes={start}-{end - 1}")
            yield from reply["Body"].iter_chunks(chunk_bytes)

    def list_page(self, prefix: str, after: str = "", count: int = LIST_PAGE) -> list[StoredObject]:
        """Up to `count` (1,000) objects under a prefix, in key order, those after `after`; an empty list is the end.

        A Ceph gateway may answer nothing and that there is more: it is asked on until it says which.
        """
        asked: dict[str, Any] = {"StartAfter": after}
        while True:
            with translated():
                reply = self._client.list_objects_v2(
                    Bucket=self._bucket, Prefix=prefix, MaxKeys=min(count, LIST_PAGE), **asked
                )
            listed = read_listing(reply)
            if listed or not reply.get("IsTruncated"):
                return listed
            asked = {"ContinuationToken": reply["NextContinuationToken"]}

    def keeps_versions(self) -> bool:
        """Whether bytes stay when their name is given to others or deleted; not, where the store knows no versions."""
        try:
            reply = self._client.get_bucket_versioning(Bucket=self._bucket)
        except ClientError:
            return False
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(AWAY) from error
        return bool(reply.get("Status") == "Enabled")

    def list_rules(self) -> list[str] | None:
        """The names of the lifecycle rules that hold; None where this key may not know them."""
        try:
            reply = self._client.get_bucket_lifecycle_configuration(Bucket=self._bucket)
        except ClientError as error:
            return [] if status_of(error) == 404 else None
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(AWAY) from error
        return [str(rule.get("ID")) for rule in reply.get("Rules", ()) if rule.get("Status") == "Enabled"]

    def list_origins(self) -> list[str]:
        """Whose pages may read the bucket by script; none where the store does not say."""
        try:
            reply = self._client.get_bucket_cors(Bucket=self._bucket)
        except ClientError:
            return []
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(AWAY) from error
        return [origin for rule in reply.get("CORSRules", ()) for origin in rule.get("AllowedOrigins", ())]

    def list_versions(self, key: str) -> list[StoredObject]:
        """Up to 1,000 versions of one object, the newest first; none where the store knows no versions."""
        try:
            reply = self._client.list_object_versions(Bucket=self._bucket, Prefix=key)
        except ClientError:
            return []
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(AWAY) from error
        return read_sound(
            (item for item in reply.get("Versions", ()) if item.get("Key") == key),
            lambda item: _listed(item, version_id=item["VersionId"]),
            "object versions",
        )

    def copy(self, about: StoredObject, key: str) -> Written:
        """Copy an object, in this very version and state, within the store: no byte of it comes here.

        Raises NotFound (`object_missing`), Conflict (`object_changed`).
        """
        source = self._named(about.key, about.version_id)
        with translated():
            self._client.copy(
                source, self._bucket, key, ExtraArgs={"CopySourceIfMatch": about.etag},
                Config=COPYING,
            )  # fmt: skip
            reply = self._client.head_object(Bucket=self._bucket, Key=key)
        return Written(etag_of(reply), reply.get("VersionId"))

    def presign_get(
        self, key: str, seconds: int, download_name: str | None = None, version_id: str | None = None
    ) -> str:
        """A URL that reads one object for `seconds`; with a name, browsers save instead of show."""
        params = self._named(key, version_id)
        if download_name is not None:
            params["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(download_name)}"
        return self._presign("get_object", params, seconds)

    def presign_view(self, key: str, seconds: int, mime_type: str, version_id: str | None = None) -> str:
        """A URL that browsers show in place for `seconds`, as a file of this type whatever the store believes it is."""
        shown = {"ResponseContentDisposition": "inline", "ResponseContentType": mime_type}
        params = self._named(key, version_id) | shown
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

    def try_out(self) -> None:
        """Write, read and delete an object of a few bytes, as everything here does. Raises what those raise.

        Whoever was refused with one object learns whether it is that object's fault or the house's.
        """
        with translated():
            self._client.put_object(Bucket=self._bucket, Key=TRIED, Body=b"sound")
            self._client.get_object(Bucket=self._bucket, Key=TRIED)["Body"].read()
            self._client.delete_object(Bucket=self._bucket, Key=TRIED)

    def ping(self) -> None:
        """Raise unless the bucket answers. KeyRefused (`storage_bucket_missing`) where there is none."""
        try:
            with translated():
                self._client.head_bucket(Bucket=self._bucket)
        except NotFound as error:  # a HEAD has no body to say of what
            raise KeyRefused(BUCKET_MISSING, "storage_bucket_missing") from error

    def _named(self, key: str, version_id: str | None = None) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": key} | ({"VersionId": version_id} if version_id else {})

    def _presign(self, action: str, params: Mapping[str, Any], seconds: int) -> str:
        return str(self._client.generate_presigned_url(action, Params=params, ExpiresIn=seconds))


def read_listing(reply: Mapping[str, Any]) -> list[StoredObject]:
    """The objects of a listing's page; the odd ones of them are left out, and their absence is logged."""
    return read_sound(reply.get("Contents", ()), _listed, "objects")


def _listed(item: Mapping[str, Any], version_id: str | None = None) -> StoredObject:
    return StoredObject(item["Key"], int(item["Size"]), etag_of(item), item["LastModified"], version_id=version_id)


def _told(key: str, reply: Mapping[str, Any]) -> StoredObject:
    """What a HEAD or GET says of an object."""
    return StoredObject(
        key, reply["ContentLength"], etag_of(reply), reply["LastModified"], reply.get("Metadata", {}),
        reply.get("VersionId"),
    )  # fmt: skip
