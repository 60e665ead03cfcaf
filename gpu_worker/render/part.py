"""What a reader gives of a file besides its pages: its structure, and the files inside it (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

BODY, ATTACHMENT, INLINE, MESSAGE, MEMBER = "body", "attachment", "inline", "message", "member"
"""What a part is in its parent."""
STRUCTURES = ("mail.json", "conversation.json", "tables.json", "facts.json")
"""Names that a structure may have."""


@dataclass(frozen=True)
class Structure:
    """What a file is made of, as a JSON artifact named as one of `STRUCTURES`."""

    name: str
    value: object


@dataclass(frozen=True)
class Part:
    """A file inside a file: what it is there, its name as written (never a path of ours), and its bytes.

    `content` None: it is not taken, `code` says why. `dated` is the ISO time that the container claims for it.
    """

    role: str
    name: str
    content: Callable[[], Iterable[bytes]] | None
    code: str | None = None
    dated: str | None = None


@dataclass(frozen=True)
class FoundPart:
    """A part as the child has written it to `path`, or the code why it is not taken. Positions count from 1."""

    position: int
    role: str
    name: str
    dated: str | None
    code: str | None
    path: Path | None
