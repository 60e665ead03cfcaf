"""Conversations as `conversation.json` has them: people, messages, times with their doubt. Pure."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class SaidTime:
    """A time: `local` is the clock that the source shows, None where it cannot be known; `shown` is for people."""

    written: str
    local: str | None
    offset: str | None
    precision: Literal["day", "minute", "second"]
    doubt: str | None
    shown: str

    @property
    def day(self) -> str | None:
        return self.local[:10] if self.local else None


@dataclass(frozen=True, kw_only=True)
class Said:
    """One message: its number in the document, the page that shows it, and what was said of it beside its words."""

    number: int
    page: int
    box: list[float] | None
    sender: str | None
    direction: Literal["sent", "received", "system", "unknown"]
    time: SaidTime | None
    text: str
    media: list[str]
    service: str | None
    notes: list[str]
    doubts: list[str]

    @property
    def all_doubts(self) -> list[str]:
        """Of the message and of its time."""
        return [*self.doubts, *([self.time.doubt] if self.time and self.time.doubt else [])]


@dataclass(frozen=True, kw_only=True)
class Talker:
    """Somebody in a conversation."""

    name: str
    address: str | None
    is_owner: bool


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A conversation; `doubts` and `unread` are sentences about all of it."""

    title: str
    service: str
    people: list[Talker]
    doubts: list[str]
    unread: list[str]
    messages: list[Said]

    @property
    def days(self) -> tuple[str, str] | None:
        """The first and the last day that is known."""
        known = sorted(said.time.day for said in self.messages if said.time and said.time.day)
        return (known[0], known[-1]) if known else None


@dataclass(frozen=True, kw_only=True)
class Talks:
    """All conversations of a document."""

    version: int
    conversations: list[Talk]

    @property
    def count(self) -> int:
        return sum(len(talk.messages) for talk in self.conversations)
