"""Objects under raw/ that no row knows: stored just before the queue went away, or after the backup was made.

They get queued here, as their metadata says; one that says nothing waits at the strictest until a person does.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from control_plane.database import Database
from control_plane.database.rows import Enqueued, NewFile
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.intake.names import clean_filename
from control_plane.intake.origin import read_arrival, read_name, read_origin, with_choices
from control_plane.intake.store import KEPT, discard, with_hashes
from control_plane.storage.bucket import Storage, StoredObject
from inspector.heads import HEAD_BYTES, inspect
from inspector.kinds import TAKEN

log = logging.getLogger(__name__)
DAYS_BACK = 3  # looked through every ten minutes; the whole of it once a day
LOOK_SECONDS = 86_400.0
OURS = "raw/"
# An upload's row follows its object within a second, a batch's rows within the request: an hour is no race.
GRACE = timedelta(hours=1)
STALE_UPLOAD = timedelta(days=1)


@dataclass
class StraysSweep:
    """Where the look through all originals is; it begins anew with the program, and again a day after it ended."""

    due: float = 0.0
    after: str = ""

    def tick(self, database: Database, storage: Storage, now: datetime) -> None:
        """A thousand objects of it. Raises what database and storage raise: the next tick goes on here."""
        if time.monotonic() < self.due:
            return
        page = storage.list_page(OURS, self.after)
        queue_page(database, storage, page, now - GRACE)
        self.after = page[-1].key if page else ""
        if not page:
            self.due = time.monotonic() + LOOK_SECONDS


def queue_strays(database: Database, storage: Storage, now: datetime, grace: timedelta = GRACE) -> int:
    """Queue what was uploaded in the last days and is in no row; returns how many. Also drops stale upload parts.

    Raises StorageUnavailable, QueueUnavailable; calling it again is fine.
    """
    count = sum(queue_page(database, storage, page, now - grace) for page in _recent_pages(storage, now))
    storage.abort_stale_uploads(now - STALE_UPLOAD)
    return count


def queue_page(database: Database, storage: Storage, page: Sequence[StoredObject], before: datetime) -> int:
    """Queue those of these objects that are older than `before` and in no row; returns how many."""
    old = [each for each in page if each.modified_at < before]
    kept = {each.key.removeprefix(KEPT): each for each in old if each.key.startswith(KEPT)}
    named = [each for each in old if not each.key.startswith(KEPT)]
    known = database.find_entered_objects([NewFile(each.key) for each in named])
    strays = [each for each in named if each.key not in known]
    strays += [kept[sha256] for sha256 in sorted(database.find_unknown_hashes(sorted(kept)))]
    return sum(_queue_stray(database, storage, each) for each in strays)


def _recent_pages(storage: Storage, now: datetime) -> Iterator[list[StoredObject]]:
    for days in range(DAYS_BACK + 1):
        prefix, after = f"{OURS}{now - timedelta(days=days):%Y/%m/%d}/", ""
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
    document_id = str(uuid.uuid4()) if each.key.startswith(KEPT) else _document_id(each.key)
    if kind not in TAKEN or kind is None or document_id is None:
        log.warning("stray object is no document", extra={"object_key": each.key})
        return False
    origin = read_origin(about)
    file = replace(
        file, document_id=document_id, original_filename=clean_filename(read_name(about)), source=origin.source,
        mime_type=kind.mime_type, bytes=each.bytes, arrival=read_arrival(about),
    )  # fmt: skip
    row = _enqueue(database, with_choices(file, origin.choices), origin.batch_id)
    if row.object_key != each.key and not each.key.startswith(KEPT):
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
