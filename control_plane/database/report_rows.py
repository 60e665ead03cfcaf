"""What the database answers when it is asked over everything (pure). Money is in US dollars, days are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from control_plane.database.enums import Judged
from control_plane.database.rows import Day


@dataclass(frozen=True)
class Spent:
    """Dollars of machines and of Claude."""

    machine_usd: float
    claude_usd: float
    total_usd: float


@dataclass(frozen=True)
class DaySpent:
    """Dollars of one day (UTC)."""

    date: date
    machine_usd: float
    claude_usd: float
    total_usd: float


@dataclass(frozen=True)
class UnreadFile:
    """A file that could not be read, and why."""

    name: str
    why: str | None


@dataclass(frozen=True)
class WeekFinding:
    """What stood out, with words that stand on the page."""

    kind: str
    quote: str | None
    page: int | None
    original_filename: str | None


@dataclass(frozen=True)
class Week:
    """Seven days (UTC, from Monday): files that came, those known before, what was read and what not, what it cost."""

    came: int
    known: int
    read: int
    waiting: int
    unread: list[UnreadFile]
    findings: int
    gravest: list[WeekFinding]
    machine_usd: float
    claude_usd: float


@dataclass(frozen=True)
class Costs:
    """Dollars of today, this month and each of the last days, and per document and page since the beginning.

    `today_at_most` is what the day's caps count: what is over by its bill, what is open by its worst case.
    """

    today: Spent
    today_at_most: Spent
    month: Spent
    days: list[DaySpent]
    documents: int
    pages: int
    usd_per_document: float | None
    usd_per_page: float | None


@dataclass(frozen=True)
class Bar:
    """One step of a scale with the documents in it."""

    low: float
    high: float
    documents: int


@dataclass(frozen=True)
class DatedDocument:
    """A document on its own date; `place` is its order in time."""

    place: int
    date: Day
    document_id: str
    original_filename: str
    document_type: str | None
    summary: str | None


@dataclass(frozen=True)
class PartyCount:
    """A name and in how many documents it stands."""

    name: str
    role: str | None
    documents: int


@dataclass(frozen=True)
class Analytics:
    """Counts and score distributions over all documents, and the names that stand in most of them.

    Findings are those within one document whose words stand and that nobody marked as wrong; what is between two is
    GET /api/case/pairs/counts. `finding_strengths` has per kind how many are weak, notable (40 up) and strong (70 up).
    """

    documents: int
    analysed: int
    judged: Mapping[Judged, int]
    by_type: Mapping[str, int]
    by_source: Mapping[str, int]
    by_analyst: Mapping[str, int]
    findings_by_kind: Mapping[str, int]
    finding_strengths: Mapping[str, list[int]]
    unproven_findings: int
    scores: Mapping[str, list[Bar]]
    pages: int
    dated: int
    named: int
    parties: list[PartyCount]


@dataclass(frozen=True)
class Case:
    """One case number and what there is of it; findings are those within one document whose words stand."""

    case_number: str
    court: str | None
    documents: int
    pages: int
    findings: int
    unproven_findings: int
    judged_all: int
    judged_part: int
    judged_none: int
