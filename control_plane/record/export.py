"""The folder with which a stranger checks the record, as a ZIP that is written while it is sent (story)."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from control_plane.database import Database
from control_plane.database.original_rows import Original
from control_plane.database.record_rows import Head, LogEntry
from control_plane.errors import NotFound
from control_plane.record.signing import public_hex
from control_plane.settings import Settings
from control_plane.storage.bucket import Storage
from control_plane.storage.zipping import Outbox

log = logging.getLogger(__name__)
ORIGINALS_A_PAGE = 1000

README = """The record of a house of documents, to be checked without it.

python verify_custody.py THIS_FOLDER            names each thing that is not what it was; exit status 0 means clean
python verify_custody.py THIS_FOLDER --key KEY  and signed with this key: it stands in every head you were sent
... --head FILE                                 and that the log leads to a head you kept (a file of processed/record/)
It needs Python 3.11 and the package `cryptography`. Originals are in originals/, named by their SHA-256, where that was
asked for; else put there what you have of them.
"""


def export(
    settings: Settings, database: Database, key: Ed25519PrivateKey, documents: list[str] | None, heads: list[Head],
    now: datetime, storage: Storage | None = None,
) -> Iterator[bytes]:  # fmt: skip
    """The ZIP in pieces: of these documents, or of all (None); with a storage, with the bytes of their originals.

    Raises QueueUnavailable, StorageUnavailable midway: it is then cut off.
    """
    outbox, hashes = Outbox(), {}
    with outbox.open_zip(zipfile.ZIP_DEFLATED) as folder:
        everything = _everything(database, documents, heads, settings)
        for name, lines in everything:
            digest = sha256()
            with folder.open(name, "w", force_zip64=True) as file:
                for line in lines:
                    digest.update(line)
                    file.write(line)
                    yield outbox.take()
            hashes[name] = digest.hexdigest()
        for name, chunks in _originals(database, storage, documents) if storage else ():
            with folder.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
                for chunk in chunks:
                    file.write(chunk)
                    yield outbox.take()
        manifest = _manifest(settings, documents, hashes, key, now, with_originals=storage is not None)
        folder.writestr("manifest.json", manifest)
        folder.writestr("manifest.sig", key.sign(manifest).hex())
        yield outbox.take()
    yield outbox.take()


def _originals(
    database: Database, storage: Storage, documents: list[str] | None
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The originals under their hashes. One that the bucket has lost is left out, which whoever checks is told."""
    wanted = None if documents is None else set(documents)
    after: Original | None = None
    while page := database.list_originals(after, ORIGINALS_A_PAGE):
        after = page[-1]
        for each in page:
            if wanted is not None and each.document_id not in wanted:
                continue
            try:
                with storage.open_reader(each.object_key, each.version_id) as reader:
                    yield f"originals/{each.sha256}", reader.chunks
            except NotFound:
                log.warning("original not exported", extra={"document_id": each.document_id})


def _manifest(
    settings: Settings, documents: list[str] | None, hashes: dict[str, str], key: Ed25519PrivateKey, now: datetime,
    with_originals: bool,
) -> bytes:  # fmt: skip
    told = {
        "format": 1, "deployment": settings.deployment, "made_at": now.isoformat(timespec="seconds"),
        "documents": documents, "public_key": public_hex(key), "files": hashes,
        "originals": with_originals,
    }  # fmt: skip
    return json.dumps(told, indent=1).encode()


def _everything(
    database: Database, documents: list[str] | None, heads: list[Head], settings: Settings
) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "README.txt", [README.encode()]
    yield "heads.jsonl", [_line(vars(head)) for head in heads]
    if settings.record_timestamp_ca_file is not None:
        yield "authority.pem", [settings.record_timestamp_ca_file.read_bytes()]
    yield "log.jsonl", _log(database)
    yield "events.jsonl", _events(database, documents)
    yield "rows.jsonl", export_rows(database, documents)


def _entries(database: Database) -> Iterator[LogEntry]:
    after = 0
    while page := database.export_log(after):
        yield from page
        after = page[-1].seq


def _log(database: Database) -> Iterator[bytes]:
    for entry in _entries(database):
        yield _line({"seq": entry.seq, "event": entry.event_id, "event_hash": entry.event_hash, "hash": entry.hash})


def _events(database: Database, documents: list[str] | None) -> Iterator[bytes]:
    wanted = None if documents is None else set(documents)
    for entry in _entries(database):
        if entry.event is not None and (wanted is None or entry.document_id in wanted):
            yield entry.event.encode() + b"\n"


def export_rows(database: Database, documents: list[str] | None) -> Iterator[bytes]:
    """Every sealed set of rows; those that belong to no document only where all is exported."""
    for document_id in _all_documents(database) if documents is None else documents:
        yield from _sealed(database, document_id)
    if documents is None:
        yield from _sealed(database, None)


def _sealed(database: Database, document_id: str | None) -> Iterator[bytes]:
    after = ""
    while page := database.export_sealed(document_id, after):
        yield from (_line(vars(each)) for each in page)
        after = page[-1].sealed


def _all_documents(database: Database) -> Iterator[str]:
    after = 0
    while page := database.list_recorded(after, 500):
        yield from (each.id for each in page)
        after = page[-1].seq


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
