"""Choices that no original's metadata tells lie in the bucket beside the originals: written and read back (story).

The database is what is asked; the bucket is what is left when the database is gone, or an older one was brought back.
Before the importer takes anything in, and before the storage's door opens after a restore, all of it has been read.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from control_plane.database import Database
from control_plane.database.enums import Placement, Priority, find_word
from control_plane.database.original_rows import HeardChoices, KeptChoices
from control_plane.errors import NotFound
from control_plane.intake.origin import STRICTEST
from control_plane.storage.bucket import Storage, StoredObject

log = logging.getLogger(__name__)
PREFIX = "processed/choices/"
NAMES = re.compile(r"[0-9a-f]{64}|batch-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WRITTEN_A_TICK = 100
HEARD_AT_ONCE = 100
LONGEST = 8192  # a prefix has 1,024 bytes at most
LOOK_SECONDS = 86_400.0


@dataclass
class ChoicesLook:
    """When the bucket was read; it is at the program's start, once a day, and whenever the storage's door is tried."""

    due: float = 0.0

    @property
    def is_heard(self) -> bool:
        """Whether it was read since the program began."""
        return self.due > 0.0

    def tick(self, database: Database, storage: Storage) -> None:
        """Write what is new, and read all of it once a day. Raises what database and storage raise."""
        for each in database.list_unwritten_choices(WRITTEN_A_TICK):
            database.note_choices_written(each.name, each.said_at, write(storage, each))
        if time.monotonic() >= self.due:
            self.hear(database, storage)

    def hear(self, database: Database, storage: Storage) -> None:
        """Obey all that the bucket says. Raises what database and storage raise."""
        heard = hear_all(database, storage)
        self.due = time.monotonic() + LOOK_SECONDS
        if heard.heard:
            log.warning("the bucket knew choices that the database did not", extra=vars(heard))


def write(storage: Storage, choices: KeptChoices) -> str:
    """Put them into the bucket; the object's ETag."""
    writer = storage.open_writer(f"{PREFIX}{choices.name}.json", "application/json", {})
    writer.write(json.dumps(as_object(choices), indent=1).encode())
    return writer.finish().etag


def hear_all(database: Database, storage: Storage) -> HeardChoices:
    """Hear what this database has not, and have written again what the bucket has not."""
    heard, after, written = HeardChoices(0, 0), "", list[str]()
    while page := storage.list_page(PREFIX, after):
        after = page[-1].key
        named = {name: each for each in page if (name := _name(each.key))}
        written += named
        unheard = sorted(database.find_unheard_choices({name: each.etag for name, each in named.items()}))
        for start in range(0, len(unheard), HEARD_AT_ONCE):
            some = [_read(storage, name, named[name]) for name in unheard[start : start + HEARD_AT_ONCE]]
            told = database.hear_choices([each for each in some if each])
            heard = HeardChoices(heard.heard + told.heard, heard.tightened + told.tightened)
    database.miss_choices(written)
    return heard


def as_object(choices: KeptChoices) -> dict[str, Any]:
    """What lies in the bucket: no name and no word of a document."""
    return {
        "prefix": choices.prefix, "priority": choices.priority, "placement": choices.placement,
        "allow_claude": choices.allow_claude, "said_at": choices.said_at.isoformat(),
    }  # fmt: skip


def read_object(name: str, content: bytes, written_at: datetime) -> dict[str, Any] | None:
    """What an object says, as `hear_choices` takes it; the strictest where it cannot be read. None: of no document."""
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    said = said if isinstance(said, dict) else {}
    prefix = said.get("prefix")
    if name.startswith("batch-") != isinstance(prefix, str):
        return None
    placement, priority = find_word(Placement, said.get("placement")), find_word(Priority, said.get("priority"))
    return {
        "name": name, "prefix": prefix if name.startswith("batch-") else None,
        "priority": priority or STRICTEST.priority, "placement": placement or STRICTEST.placement,
        "allow_claude": said.get("allow_claude") is True, "said_at": _moment(said.get("said_at"), written_at),
    }  # fmt: skip


def _moment(said: object, written_at: datetime) -> str:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        moment = written_at
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _name(key: str) -> str | None:
    name = key.removeprefix(PREFIX).removesuffix(".json")
    return name if NAMES.fullmatch(name) else None


def _read(storage: Storage, name: str, each: StoredObject) -> dict[str, Any] | None:
    try:
        content = storage.read_range(each.key, 0, LONGEST)
    except NotFound:
        return None
    said = read_object(name, content, each.modified_at)
    return said and said | {"object_etag": each.etag}
