"""What is drawn of a document: statements with their words, and all that they speak of (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

FACTS_VERSION = 6
"""Raised with every change of the rules: documents that an earlier version drew are drawn anew."""


@dataclass(frozen=True)
class Source:
    """A document as the rules are given it; `text` has a form feed and a line end between pages."""

    text: str
    name: str = ""
    document_type: str | None = None
    dated: date | None = None
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    sent: str | None = None
    thread_key: str | None = None


@dataclass(frozen=True)
class Name:
    """A way of writing somebody.

    `key` is the same for the same words; `form` is full (Ann Lee), initial (A. Lee), titled (Ms. Lee), first (Ann), kin
    (Aunt Ann) or role (the father). `signs` is what the document says of them: see `case_name_signs`.
    """

    key: str
    words: str
    form: str
    first: str = ""
    last: str = ""
    suffix: str = ""
    title: str = ""
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Time:
    """A time that a statement speaks of, from `starts` until before `ends` on the clock of the paper."""

    page: int
    start: int
    quote: str
    starts: datetime
    ends: datetime
    precision: str
    known: str
    is_event: bool
    zone: str | None = None


@dataclass(frozen=True)
class Measure:
    """What a statement counts: money, a count of things, a clock time (minutes of the day) or a duration (days)."""

    page: int
    start: int
    quote: str
    kind: str
    value: float
    unit: str | None = None
    subject: str | None = None
    per: str | None = None


@dataclass(frozen=True)
class Place:
    """A place or a court that a statement names."""

    kind: str
    key: str
    name: str


@dataclass(frozen=True)
class Statement:
    """A sentence, a row, a message or a labelled line, where it stands: `start` counts from its page's beginning.

    `speaker` and `names` are keys of names. `words` are stems of what its paragraph speaks of.
    """

    key: str
    place: int
    page: int
    start: int
    quote: str
    voice: str
    speaker: str | None = None
    said_at: datetime | None = None
    said_precision: str | None = None
    cues: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    precision: str | None = None
    known: str | None = None
    times: tuple[Time, ...] = ()
    measures: tuple[Measure, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class TermException:
    """Words that except something from a term: emergency, agreement or other."""

    quote: str
    kind: str


@dataclass(frozen=True)
class Term:
    """One thing that a court ordered; `weekdays` from Monday, 1; `hour_until` before `hour_from` is over midnight."""

    key: str
    place: int
    page: int
    start: int
    quote: str
    bound: tuple[str, ...]
    duty: str
    act: str
    amount_usd: float | None = None
    per: str | None = None
    due_day: int | None = None
    weekdays: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    hour_from: str | None = None
    hour_until: str | None = None
    hours_before: float | None = None
    starts: date | None = None
    ends: date | None = None
    allowed_places: tuple[str, ...] = ()
    forbidden_places: tuple[str, ...] = ()
    exceptions: tuple[TermException, ...] = ()


@dataclass(frozen=True)
class Copy:
    """Another document that says the same: rescan (but for letters) or near_copy (with a few more words)."""

    document_id: str
    kind: str
    likeness: float


@dataclass(frozen=True)
class Facts:
    """Everything drawn of a document."""

    voice: str
    speaker: str | None = None
    said_at: datetime | None = None
    said_precision: str | None = None
    thread_key: str | None = None
    names: tuple[Name, ...] = ()
    claims: tuple[Statement, ...] = ()
    terms: tuple[Term, ...] = ()
    bands: tuple[int, ...] = ()
    copies: tuple[Copy, ...] = ()
    problem: str | None = None

    def with_copies(self, copies: tuple[Copy, ...]) -> Facts:
        """These facts, and what the document is a copy of."""
        return replace(self, copies=copies)
