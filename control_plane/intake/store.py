"""A stream of bytes becomes a stored file: its kind told by the inspector, hashed on its way, never whole in memory."""

from __future__ import annotations

import hashlib
import itertools
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from control_plane.database import Database
from control_plane.database.enums import Source
from control_plane.database.rows import NewFile
from control_plane.errors import BadRequest, ControlPlaneError, FileTooLarge, UnsupportedType
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import Origin
from control_plane.storage.bucket import Storage
from control_plane.storage.writer import ObjectWriter
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import Kind, Verdict

log = logging.getLogger(__name__)
LONGEST_PATH = 500
KEPT = "raw/kept/"
"""Before the SHA-256 of an original that lay, or lies, under a name that was not ours."""


@dataclass(frozen=True)
class Digest:
    """Size and hashes (hex) of bytes that went through our own hands."""

    bytes: int
    sha256: str
    md5: str


def digest_of(chunks: Iterable[bytes]) -> Digest:
    """Read them all, keeping none."""
    sha256, md5, count = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    for chunk in chunks:
        sha256.update(chunk)
        md5.update(chunk)
        count += len(chunk)
    return Digest(count, sha256.hexdigest(), md5.hexdigest())


@dataclass(frozen=True)
class StoredFile:
    """A file that is in the bucket and not yet in the queue."""

    document_id: str
    object_key: str
    original_filename: str
    mime_type: str
    bytes: int
    sha256: str
    md5: str
    object_etag: str
    version_id: str | None
    arrival: Mapping[str, str] | None = None

    def from_door(self, source: Source) -> NewFile:
        """The file as the queue takes it."""
        return NewFile(**vars(self), source=source)


def store_file(
    storage: Storage, chunks: Iterable[bytes], filename: str | None, most_bytes: int, now: datetime, origin: Origin
) -> StoredFile:
    """Stream a file to `raw/YYYY/MM/DD/<document_id>.<ext>`, with what was said about it as metadata.

    Raises BadRequest (`empty_file`), UnsupportedType, FileTooLarge, StorageUnavailable, or whatever reading `chunks`
    raises; in each case no object is left.
    """
    chunks = iter(chunks)
    head = _read_head(chunks)
    kind = require_kind(head)
    document_id = str(uuid.uuid4())
    key = f"raw/{now:%Y/%m/%d}/{document_id}.{kind.extension}"
    writer = storage.open_writer(key, kind.mime_type, origin.as_metadata(filename or "", now))
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    count = 0
    try:
        for chunk in itertools.chain([head], chunks):
            count += len(chunk)
            if count > most_bytes:
                raise FileTooLarge(f"The file is larger than {most_bytes:,} bytes; split it or raise MAX_UPLOAD_BYTES.")
            sha256.update(chunk)
            md5.update(chunk)
            writer.write(chunk)
        written = writer.finish()
    except BaseException:
        _abort(writer)
        raise
    return StoredFile(
        document_id, key, clean_filename(filename), kind.mime_type, count, sha256.hexdigest(), md5.hexdigest(),
        written.etag, written.version_id, {"path": filename[-LONGEST_PATH:]} if filename and "/" in filename else None,
    )  # fmt: skip


def with_hashes(storage: Storage, file: NewFile, keeps_versions: bool) -> NewFile:
    """The file with its object's size and hashes, read in pieces; and what the store said of it at that moment.

    Where the bucket keeps no versions, an object that others named is copied under a name of ours, which nobody gives
    to other bytes. Raises NotFound (`object_missing`), Conflict (`object_changed`), StorageUnavailable.
    """
    with storage.open_reader(file.object_key) as reader:
        digest = digest_of(reader.chunks)
    about = reader.about
    file = replace(
        file, bytes=digest.bytes, sha256=digest.sha256, md5=digest.md5, source_version=about.version,
        object_etag=about.etag, version_id=about.version_id,
    )  # fmt: skip
    if keeps_versions or file.object_key.startswith("raw/"):
        return file
    kept_key = KEPT + digest.sha256
    written = storage.copy(about, kept_key)
    return replace(file, kept_key=kept_key, object_etag=written.etag, version_id=written.version_id)


def discard(storage: Storage, key: str) -> None:
    """Delete an object nobody will refer to; if the store is away, housekeeping finds it later."""
    try:
        storage.delete(key)
    except ControlPlaneError:
        log.warning("object not deleted", extra={"object_key": key})


def record_refusal(database: Database, filename: str, source: Source, error: ControlPlaneError) -> None:
    """Remember a file that was not taken in. Its refusal is the answer; without the queue its trace is missing."""
    about = {"source": source, "code": error.code, "message": error.message}
    try:
        database.record_refused_file({"original_filename": clean_filename(filename), **about})
    except ControlPlaneError as problem:
        log.warning("a refused file left no trace", extra={"code": problem.code})


def _read_head(chunks: Iterator[bytes]) -> bytes:
    head = bytearray()
    while len(head) < HEAD_BYTES and (chunk := next(chunks, b"")):
        head += chunk
    if not head:
        raise BadRequest("The file is empty.", "empty_file")
    return bytes(head)


def require_kind(head: bytes) -> Kind:
    """The kind that a file's first HEAD_BYTES bytes show. Raises UnsupportedType with what to do instead."""
    kind = inspect(head[:HEAD_BYTES])
    if kind is None or kind.verdict is Verdict.REFUSED:
        raise UnsupportedType(kind)
    return kind


def _abort(writer: ObjectWriter) -> None:
    try:
        writer.abort()
    except ControlPlaneError:
        log.warning("parts of an upload not dropped")
