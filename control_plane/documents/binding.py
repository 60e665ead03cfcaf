"""A binder's file: a ZIP of ours with the originals as they came and a list of their pages, written as it is read."""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from control_plane.database.enums import Source
from control_plane.database.rows import Document, NewFile
from control_plane.errors import ControlPlaneError
from control_plane.intake.names import clean_filename
from control_plane.storage.bucket import Storage
from control_plane.storage.zipping import Outbox
from inspector.kinds import BINDER

PREFIX = "processed/binders/"
"""Housekeeping queues what lies under raw/ without a row; a binder that no row knows must not be read."""


@dataclass(frozen=True)
class Member:
    """A document and which of its pages are bound; None: all."""

    document: Document
    pages: Sequence[int] | None


def store_binder(storage: Storage, name: str, members: Sequence[Member]) -> NewFile:
    """Write a binder into the bucket. Raises NotFound (`object_missing`) or StorageUnavailable, leaving no object."""
    document_id = str(uuid.uuid4())
    key = f"{PREFIX}{document_id}.{BINDER.extension}"
    writer = storage.open_writer(key, BINDER.mime_type, {"source": Source.UPLOAD})
    sha256, md5, count = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    try:
        for chunk in _pack(storage, document_id, members):
            sha256.update(chunk)
            md5.update(chunk)
            count += len(chunk)
            writer.write(chunk)
        written = writer.finish()
    except ControlPlaneError:
        writer.abort()
        raise
    return NewFile(
        key, document_id, clean_filename(name), Source.UPLOAD, BINDER.mime_type, count, sha256.hexdigest(),
        md5.hexdigest(), object_etag=written.etag, version_id=written.version_id,
    )  # fmt: skip


def _pack(storage: Storage, document_id: str, members: Sequence[Member]) -> Iterator[bytes]:
    """The ZIP in pieces. Its own id is in it: the same pages bound again are another binder."""
    outbox = Outbox()
    entries = [
        {"file": f"members/{place:04}", "name": each.document.original_filename, "pages": each.pages}
        for place, each in enumerate(members, 1)
    ]
    with outbox.open_zip(zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), BINDER.mime_type)
        manifest = json.dumps({"id": document_id, "members": entries}, ensure_ascii=False)
        archive.writestr(zipfile.ZipInfo("binder.json"), manifest)
        for entry, each in zip(entries, members, strict=True):
            with archive.open(zipfile.ZipInfo(str(entry["file"])), "w", force_zip64=True) as file:
                for chunk in storage.read_chunks(each.document.object_key, each.document.version_id):
                    file.write(chunk)
                    yield outbox.take()
    yield outbox.take()
