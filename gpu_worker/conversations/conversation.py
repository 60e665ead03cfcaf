"""What a conversation is, whoever exported it: people, messages, times with their zone and their doubt (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NO_ZONE = "The times are those of the phone or account that made the export; it names no time zone."


class Precision(StrEnum):
    """How much of a time the source says."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class Direction(StrEnum):
    """Who a message went to, seen from the owner of the phone or account."""

    SENT = "sent"
    RECEIVED = "received"
    SYSTEM = "system"  # written by the service, not by a person
    UNKNOWN = "unknown"  # the source does not say whose phone it was


@dataclass(frozen=True)
class Moment:
    """A time as its source has it.

    `written` is what stands there; `local` the clock it shows (`2024-03-05T21:42:10`, as far as `precision` goes, no
    more), None where it cannot be known for sure; `offset` its distance from UTC (`-07:00`) where the source says it;
    `doubt` a sentence where another reading is possible.
    """

    written: str
    local: str | None
    precision: Precision = Precision.SECOND
    offset: str | None = None
    doubt: str | None = None

    @property
    def day(self) -> str | None:
        return self.local[:10] if self.local else None

    @property
    def shown(self) -> str:
        """As a transcript says it: `2024-03-05 21:42:10 UTC-07:00`, or the words of the source."""
        if self.local is None:
            return self.written
        zone = f" UTC{self.offset if self.offset != '+00:00' else ''}" if self.offset else ""
        return self.local.replace("T", " ") + zone


@dataclass(frozen=True)
class Place:
    """Where a message stands in the document it was read from: page (first is 1), and its box there
    (left, top, right, bottom)."""

    page: int
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Message:
    """One message, or one line the service wrote.

    `media` are names of files sent with it; `notes` what the source says of it beside its words (edited, deleted, read
    at); `doubts` what could not be told for sure.
    """

    sender: str | None
    when: Moment | None
    text: str
    direction: Direction = Direction.UNKNOWN
    media: tuple[str, ...] = ()
    service: str | None = None
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Person:
    """Somebody in a conversation: their name as the source has it, a number or address, and whether it is their phone
    or account."""

    name: str
    address: str | None = None
    is_owner: bool = False


@dataclass(frozen=True)
class Conversation:
    """Messages in order; `doubts` and `unread` say in sentences what is unsure of all, and what could not be read."""

    title: str
    service: str
    people: tuple[Person, ...]
    messages: tuple[Message, ...]
    doubts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def people_of(messages: Iterable[Message], owner: str | None = None) -> tuple[Person, ...]:
    """Everybody who wrote, who wrote most first."""
    counts = Counter(message.sender for message in messages if message.sender)
    return tuple(Person(name, is_owner=name == owner) for name, _ in counts.most_common())


def title_of(service: str, people: Iterable[Person]) -> str:
    """A conversation's name where its source gives none."""
    names = [person.name for person in people]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{service}: {shown}" if names else service


def from_epoch(milliseconds: float, written: str, offset_minutes: int | None = None) -> Moment | None:
    """The moment so many milliseconds after 1970; on the clock of the offset where one is known, else of UTC. None for
    what no calendar holds."""
    try:
        at = datetime.fromtimestamp(milliseconds / 1000 + 60 * (offset_minutes or 0), UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return Moment(written, at.strftime("%Y-%m-%dT%H:%M:%S"), offset=write_offset(offset_minutes or 0))


def write_offset(minutes: int) -> str:
    """`-07:00` for -420."""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def from_iso(written: str) -> Moment | None:
    """A moment from ISO 8601; None if it is none."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    shift = at.utcoffset()
    offset = write_offset(round(shift.total_seconds() / 60)) if shift is not None else None
    return Moment(written, at.strftime("%Y-%m-%dT%H:%M:%S"), offset=offset)
