"""What was said about a file, written beside its bytes before the first of them: the object tells it when no row does.

Pure. A stored original carries its name, source, batch, time and the person's choices as object metadata, so that an
upload whose row never came, or a database restored from last week, cannot send a private document to strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, unquote

from control_plane.database.enums import Placement, Priority, Source, find_word
from control_plane.database.rows import NewFile

NAME = "original-filename"
RECEIVED = "received-at"
# S3 keeps 2 KB of metadata an object and refuses the object beyond: the other values are 300 bytes at most.
LONGEST_QUOTED_NAME = 1500


@dataclass(frozen=True)
class Choices:
    """How soon a document is read, on whose computers, and whether Claude may see it."""

    priority: Priority
    placement: Placement
    allow_claude: bool

    @classmethod
    def of(cls, priority: Priority | None, placement: Placement | None, allow_claude: bool | None) -> Choices:
        """With the defaults for what was not said: a document that stays in the house does not go to Claude either."""
        placement = placement or Placement.ANY_HOST
        is_open = placement is not Placement.LOCAL_ONLY if allow_claude is None else allow_claude
        return cls(priority or Priority.NORMAL, placement, is_open)


STRICTEST = Choices(Priority.LOW, Placement.LOCAL_ONLY, False)


@dataclass(frozen=True)
class Origin:
    """Where a file comes from and what was said about it; `choices` is None while nobody has said any."""

    source: Source
    choices: Choices | None
    batch_id: str | None = None

    def as_metadata(self, filename: str, now: datetime) -> dict[str, str]:
        """The metadata of the object: ASCII, at most 2 KB."""
        said: dict[str, str] = {}
        if self.choices:
            claude = "yes" if self.choices.allow_claude else "no"
            said = {"priority": self.choices.priority, "placement": self.choices.placement, "allow-claude": claude}
        batch = {"batch-id": self.batch_id} if self.batch_id else {}
        about = {NAME: _quote(filename), "source": self.source, RECEIVED: now.isoformat(timespec="seconds")}
        return about | said | batch


def read_origin(metadata: Mapping[str, str]) -> Origin:
    """What an object's metadata says; of choices that are not all there and sound, none."""
    source = find_word(Source, metadata.get("source")) or Source.UPLOAD
    return Origin(source, _read_choices(metadata), metadata.get("batch-id"))


def read_name(metadata: Mapping[str, str]) -> str | None:
    """The name that the file came with."""
    name = metadata.get(NAME)
    return unquote(name) if name else None


def read_arrival(metadata: Mapping[str, str]) -> dict[str, str] | None:
    """When the file came, for the journal of a row that is made later."""
    received = metadata.get(RECEIVED)
    return {"received_at": received} if received else None


def with_choices(file: NewFile, choices: Choices | None) -> NewFile:
    """The file with what was said about it; the strictest, and marked, where nobody has said anything."""
    said, unsaid = choices or STRICTEST, True if choices is None else None
    return replace(
        file, priority=said.priority, placement=said.placement, allow_claude=said.allow_claude, choices_unsaid=unsaid
    )


def _read_choices(metadata: Mapping[str, str]) -> Choices | None:
    priority = find_word(Priority, metadata.get("priority"))
    placement = find_word(Placement, metadata.get("placement"))
    claude = metadata.get("allow-claude")
    if priority is None or placement is None or claude not in ("yes", "no"):
        return None
    return Choices(priority, placement, claude == "yes")


def _quote(name: str) -> str:
    """Percent-encoded; letters at the end that would not fit are left out (the name in the row is cut as well)."""
    pieces, length = [], 0
    for letter in name[:LONGEST_QUOTED_NAME]:
        piece = quote(letter, errors="replace")  # half of a surrogate pair has no UTF-8
        length += len(piece)
        if length > LONGEST_QUOTED_NAME:
            break
        pieces.append(piece)
    return "".join(pieces)
