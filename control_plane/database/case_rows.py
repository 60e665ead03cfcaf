"""What the database answers of the case: people, events, terms of orders, copies, matters (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Voice = Literal["sworn", "message", "order", "record", "letter", "note"]
Precision = Literal["minute", "hour", "day", "month", "year"]
Known = Literal["header", "printed", "stated", "inferred"]
Sex = Literal["female", "male"]
EventState = Literal["open", "true", "wrong", "later"]
TermState = Literal["proposed", "accepted", "rejected"]
CopyState = Literal["joined", "apart"]


@dataclass(frozen=True)
class ListedPerson:
    """A person, in how many documents and under how many names; `rank` is the cursor."""

    id: str
    rank: int
    name: str
    sex: Sex | None
    roles: list[str]
    aliases: int
    documents: int
    total: int


@dataclass(frozen=True)
class PersonName:
    """One way of writing a person; decisions name it by its `key`."""

    key: str
    words: str
    form: Literal["full", "initial", "titled", "first", "kin", "role"]
    documents: int


@dataclass(frozen=True)
class PeopleDecision:
    """Two persons were made one (same), or one two (apart); `names` are the keys that moved."""

    id: str
    kind: Literal["same", "apart"]
    names: list[str]
    decided_by: str
    decided_at: datetime
    why: str | None
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True)
class KnownPerson:
    """A person with all names and what was decided."""

    id: str
    rank: int
    name: str
    sex: Sex | None
    roles: list[str]
    documents: int
    names: list[PersonName]
    decisions: list[PeopleDecision]


@dataclass(frozen=True)
class Statement:
    """A statement where it stands: `start` is the characters before it on its page, `place` the cursor."""

    id: int
    document_id: str
    original_filename: str
    document_type: str | None
    document_date: date | None
    page: int
    start: int
    quote: str
    voice: Voice
    speaker_id: str | None
    speaker: str | None
    said_at: datetime | None
    starts: datetime | None
    ends: datetime | None
    precision: Precision | None
    known: Known | None
    place: int
    total: int


@dataclass(frozen=True)
class NamedPerson:
    """Who somebody is."""

    id: str
    name: str


@dataclass(frozen=True)
class Teller:
    """What one paper says of an event, at its words."""

    claim_id: int
    document_id: str
    original_filename: str
    page: int
    start: int
    quote: str
    speaker_id: str | None
    speaker: str | None
    starts: datetime
    ends: datetime
    precision: Precision
    known: Known


@dataclass(frozen=True)
class CaseEvent:
    """What happened, from `starts` to before `ends` on the clock of the papers; `versions` that exclude each other."""

    id: str
    seq: int
    starts: datetime
    ends: datetime
    precision: Precision
    zone: str | None
    known: Known
    title: str
    people: list[NamedPerson]
    documents: int
    versions: int
    state: EventState
    decided_by: str | None
    decided_at: datetime | None
    why: str | None
    tellers: list[Teller]
    total: int


@dataclass(frozen=True)
class TermException:
    """Words that except something from a term."""

    quote: str
    kind: Literal["emergency", "agreement", "other"]


@dataclass(frozen=True)
class OrderTerm:
    """One thing that a court ordered; `weekdays` from Monday, 1; `hour_until` before `hour_from` is over midnight."""

    id: str
    seq: int
    document_id: str
    original_filename: str
    document_date: date | None
    page: int
    start: int
    quote: str
    bound: list[NamedPerson]
    bound_words: list[str]
    duty: Literal["shall", "shall_not", "may"]
    act: str
    amount_usd: float | None
    per: str | None
    due_day: int | None
    weekdays: list[int]
    weeks: list[int]
    hour_from: time | None
    hour_until: time | None
    hours_before: float | None
    starts: date | None
    ends: date | None
    allowed_places: list[str]
    forbidden_places: list[str]
    exceptions: list[TermException]
    state: TermState
    standing: bool
    proposed_by: Literal["rules", "claude"]
    decided_by: str | None
    decided_at: datetime | None
    why: str | None
    total: int


@dataclass(frozen=True)
class Duplicate:
    """A copy and its original: one witness."""

    copy_id: str
    copy_filename: str
    original_id: str
    original_filename: str
    kind: Literal["rescan", "near_copy"]
    likeness: float
    found_by: Literal["rules", "person"]
    state: CopyState
    decided_by: str | None
    decided_at: datetime | None
    why: str | None
    found_at: datetime
    total: int


@dataclass(frozen=True)
class Matter:
    """A case that documents belong to."""

    id: str
    seq: int
    name: str
    is_default: bool
    created_by: str | None
    created_at: datetime


@dataclass(frozen=True)
class CaseProgress:
    """How many documents the case layer has drawn, and what it holds of them."""

    documents: int
    drawn: int
    statements: int
    people: int
    events: int
    differing: int
    terms_to_check: int
    terms_accepted: int
    copies: int
    matters: int


@dataclass(frozen=True)
class Merged:
    """A decision that two were one, and who they are now."""

    decision_id: str
    kept_id: str


@dataclass(frozen=True)
class Split:
    """A decision that one was two, and the new person."""

    decision_id: str
    new_id: str
