"""What was said about a file, written beside its bytes before the first of them: the object tells it when no row does.

Pure. A stored original carries its name, source, batch, time and the person's choices as object metadata, so that an
upload whose row never came, or a database restored from last week, cannot send a private document to strangers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

PRIORITIES = ("high", "normal", "low")
PLACEMENTS = ("any_host", "datacenter_only", "local_only")
SOURCES = ("upload", "telegram", "bucket", "drive")
YES_OR_NO = ("yes", "no")
NAME = "original-filename"
# S3 keeps 2 KB of metadata an object and refuses the object beyond: the other values are 300 bytes at most.
LONGEST_QUOTED_NAME = 1500


@dataclass(frozen=True)
class Choices:
    """How soon a document is read, on whose computers, and whether Claude may see it."""

    priority: str
    placement: str
    allow_claude: bool

    @classmethod
    def of(cls, priority: str | None, placement: str | None, allow_claude: bool | None) -> Choices:
        """With the defaults for what was not said: a document that stays in the house does not go to Claude either."""
        placement = placement or "any_host"
        return cls(priority or "normal", placement, placement != "local_only" if allow_claude is None else allow_claude)


STRICTEST = Choices("low", "local_only", False)


@dataclass(frozen=True)
class Origin:
    """Where a file comes from and what was said about it; `choices` is None while nobody has said any."""

    source: str
    choices: Choices | None
    batch_id: str | None = None

    def as_metadata(self, filename: str, now: datetime) -> dict[str, str]:
        """The metadata of the object: ASCII, at most 2 KB."""
        said: dict[str, str] = {}
        if self.choices:
            claude = "yes" if self.choices.allow_claude else "no"
            said = {"priority": self.choices.priority, "placement": self.choices.placement, "allow-claude": claude}
        batch = {"batch-id": self.batch_id} if self.batch_id else {}
        about = {NAME: _quote(filename), "source": self.source, "received-at": now.isoformat(timespec="seconds")}
        return about | said | batch


def read_origin(metadata: Mapping[str, str]) -> Origin:
    """What an object's metadata says; of choices that are not all there and sound, none."""
    source = metadata.get("source", "")
    priority, placement = metadata.get("priority"), metadata.get("placement")
    claude = metadata.get("allow-claude")
    is_said = priority in PRIORITIES and placement in PLACEMENTS and claude in YES_OR_NO
    choices = Choices(str(priority), str(placement), claude == "yes") if is_said else None
    return Origin(source if source in SOURCES else "upload", choices, metadata.get("batch-id"))


def read_name(metadata: Mapping[str, str]) -> str | None:
    """The name that the file came with."""
    name = metadata.get(NAME)
    return unquote(name) if name else None


def choices_row(choices: Choices | None) -> dict[str, Any]:
    """Choices as `enqueue_jobs` takes them; the strictest, and marked, where nobody has said any."""
    if choices is None:
        return vars(STRICTEST) | {"choices_unsaid": True}
    return dict(vars(choices))


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
