"""Objects under raw/ that no row knows: stored just before the queue went away, or after the backup was made.

They get queued here, as their metadata says; one that says nothing waits at the strictest until a person does.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from control_plane.database import Database
from control_plane.database.rows import Enqueued, NewFile
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import read_name, read_origin, with_choices
from control_plane.intake.store import discard, with_hashes
from control_plane.storage.bucket import Storage, StoredObject
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import TAKEN

log = logging.getLogger(__name__)
DAYS_BACK = 30  # an importer that was away for weeks still finds what was stored meanwhile
# An upload's row follows its object within a second, a batch's rows within the request: an hour is no race.
GRACE = timedelta(hours=1)
STALE_UPLOAD = timedelta(days=1)


def queue_strays(database: Database, storage: Storage, now: datetime, grace: timedelta = GRACE) -> int:
    """Queue what was uploaded in the last days and is in no row; returns how many. Also drops stale upload parts.

    Raises StorageUnavailable, QueueUnavailable; calling it again is fine.
    """
    count = 0
    for page in _recent_pages(storage, now):
        old = [each for each in page if each.modified_at < now - grace]
        known = database.find_entered_objects([NewFile(each.key) for each in old])
        for each in old:
            if each.key not in known:
                count += _queue_stray(database, storage, each)
    storage.abort_stale_uploads(now - STALE_UPLOAD)
    return count


def _recent_pages(storage: Storage, now: datetime) -> Iterator[list[StoredObject]]:
    for days in range(DAYS_BACK + 1):
        prefix, after = f"raw/{now - timedelta(days=days):%Y/%m/%d}/", ""
        while page := storage.list_page(prefix, after):
            yield page
            after = page[-1].key


def _queue_stray(database: Database, storage: Storage, each: StoredObject) -> bool:
    """Queue one object under its own document id; a duplicate of known bytes is deleted."""
    try:
        about = storage.head(each.key).metadata
        kind = inspect(storage.read_head(each.key, HEAD_BYTES))
        file = with_hashes(storage, NewFile(each.key), keeps_versions=True)
    except NotFound:
        return False
    document_id = _document_id(each.key)
    if kind not in TAKEN or kind is None or document_id is None:
        log.warning("stray object is no document", extra={"object_key": each.key})
        return False
    origin = read_origin(about)
    file = replace(
        file, document_id=document_id, original_filename=clean_filename(read_name(about)), source=origin.source,
        mime_type=kind.mime_type, bytes=each.bytes,
    )  # fmt: skip
    row = _enqueue(database, with_choices(file, origin.choices), origin.batch_id)
    if row.object_key != each.key:
        discard(storage, each.key)
    log.info("stray object queued", extra={"document_id": row.document_id, "duplicate": row.duplicate})
    return True


def _enqueue(database: Database, file: NewFile, batch_id: str | None) -> Enqueued:
    """In its batch, or by itself where that batch has ended or is not in this database."""
    if batch_id:
        try:
            return database.enqueue_jobs([replace(file, batch_id=batch_id)])[0]
        except (NotFound, Conflict, BadRequest) as error:
            log.info("stray object queued without its batch", extra={"batch_id": batch_id, "code": error.code})
    return database.enqueue_jobs([file])[0]


def _document_id(key: str) -> str | None:
    try:
        return str(uuid.UUID(key.rpartition("/")[2].partition(".")[0]))
    except ValueError:
        return None
