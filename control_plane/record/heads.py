"""Appends to the log, signs its head once a day, sends it outside, and says when it is not what was sent (story)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from control_plane.database import Database
from control_plane.database.record_rows import Head, Record
from control_plane.errors import NotFound
from control_plane.record.signing import load_key, sign_head
from control_plane.record.timestamps import stamp
from control_plane.settings import Settings
from control_plane.storage.bucket import Storage

HEADS = "processed/record/"
SIGN_EVERY = timedelta(days=1)


def append_all(database: Database) -> Record:
    """Put everything that was committed into the log; where it ends."""
    while database.append_record():
        pass
    return database.get_record()


def sign_when_due(settings: Settings, database: Database, storage: Storage, now: datetime | None = None) -> Head | None:
    """A head for today, where the log grew since the last one and there is a key."""
    now, record = now or datetime.now(UTC), append_all(database)
    if record.signed_at is not None and now - record.signed_at < SIGN_EVERY:
        return None
    return sign_now(settings, database, storage, record, now)


def sign_now(
    settings: Settings, database: Database, storage: Storage, record: Record, now: datetime
) -> Head | None:  # fmt: skip
    """Sign the head, have it time-stamped, keep it in the bucket and in the database, which tells the channels."""
    if settings.record_signing_key is None or record.seq in (0, record.signed_seq):
        return None
    head = stamp(sign_head(record, settings.deployment, now, load_key(settings.record_signing_key)), settings)
    writer = storage.open_writer(f"{HEADS}{head.seq:012d}.json", "application/json", {})
    writer.write(json.dumps(asdict(head), indent=1).encode())
    writer.finish()
    database.keep_head(head)
    return head


def find_newer_outside(database: Database, storage: Storage) -> str | None:
    """Why the log is older than, or another than, the newest head in the bucket: after a restore, or a forgery."""
    last = None
    while page := storage.list_page(HEADS, after=last or ""):
        last = page[-1].key
    if last is None:
        return None
    try:
        outside = json.loads(b"".join(storage.read_chunks(last)))
        record = database.get_record(int(outside["seq"]))
    except (NotFound, ValueError, KeyError):
        return f"The head {last} cannot be read."
    if record.seq < outside["seq"]:
        return (
            f"The record ends at entry {record.seq}, but a head over {outside['seq']} entries was sent outside: the "
            "database is an older one, restored from a backup. What happened between is in no record."
        )
    if record.hash_at != outside["hash"]:
        return (
            f"Entry {outside['seq']} of the record is not the one whose head was sent outside: the database was "
            "restored from an older backup and went on from there, or its record was written anew."
        )
    return None
