"""What was found over all documents, what it cost, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint
from pydantic import Field

from control_plane.database.enums import EventKind, FindingKind
from control_plane.database.report_rows import Analytics, Case, Costs, DatedDocument
from control_plane.database.rows import ListedFinding
from control_plane.http.contract import Query, describe
from control_plane.http.models import MOST_ROWS, OF_CASE, RECEIVED_SINCE, Id, PageQuery, Total
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("reports", __name__)


@dataclass(frozen=True)
class FindingPage:
    """A page of findings within one document, whose words stand and that nobody marked as wrong, gravest first."""

    findings: list[ListedFinding]
    next: int | None
    total: Total


@dataclass(frozen=True)
class Timeline:
    """A page of dated documents, the oldest first."""

    timeline: list[DatedDocument]
    next: int | None


@dataclass(frozen=True)
class Cases:
    """Every case number, in order."""

    cases: list[Case]


@dataclass(frozen=True)
class SpendingCaps:
    """What may never be passed."""

    max_machines: int
    max_dollars_per_hour: float
    max_dollars_per_day: float
    max_dollars_per_batch: float | None
    min_credit_dollars: float
    max_claude_dollars_per_day: float


@dataclass(frozen=True)
class PriceCheck:
    """When somebody last compared Claude's price list with Anthropic's pages, and whether that is too long ago."""

    checked: date
    is_old: bool


@dataclass(frozen=True)
class CostReport(Costs):
    """What it costs, the caps that hold, and how old Claude's prices are."""

    caps: SpendingCaps
    claude_prices: PriceCheck


@dataclass(frozen=True)
class ToldEvent:
    """Something that happened; what `detail` holds depends on the kind."""

    id: int
    kind: EventKind
    job_id: str | None
    document_id: str | None
    batch_id: str | None
    machine: str | None
    created_at: datetime
    detail: dict[str, Any]


@dataclass(frozen=True)
class EventPage:
    """Events, oldest first; ask again with `next`, which is null only before the first event."""

    events: list[ToldEvent]
    next: int | None


class FindingQuery(PageQuery):
    """Which findings."""

    kind: FindingKind | None = Field(None, description="One of " + ", ".join(FindingKind) + ".")
    min_score: int = Field(0, ge=0, le=100, description="Only findings at least this grave, 0 to 100.")
    case_number: str | None = Field(None, description=OF_CASE)
    since: date | None = Field(None, description=RECEIVED_SINCE)
    matter_id: Id | None = Field(None, description="Only findings in this matter's documents.")


class EventQuery(Query):
    """Which events."""

    after: int | None = Field(None, ge=0, le=2**53, description="Events after this id; without it the newest.")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")


@blueprint.get("/api/findings")
@describe(
    "Findings of all documents: those whose words stand first, the gravest first", "Reports", query=FindingQuery,
    answer=FindingPage, errors=(400, 503), trace="saw",
)  # fmt: skip
def findings(query: FindingQuery) -> FindingPage:
    """A page of findings."""
    page = clients().database.list_findings(
        query.limit, query.cursor, query.kind, query.min_score, query.case_number, query.since, query.matter_id
    )
    return FindingPage(page.rows, page.next, page.total)


@blueprint.get("/api/timeline")
@describe(
    "Dated documents, the oldest first", "Reports", query=PageQuery, answer=Timeline,
    errors=(400, 503), trace="saw",
)  # fmt: skip
def timeline(query: PageQuery) -> Timeline:
    """A page of the timeline; /api/analytics says how many there are."""
    page = clients().database.list_timeline(query.limit, query.cursor)
    return Timeline(page.rows, page.next)


@blueprint.get("/api/cases")
@describe("Every case number, and what there is of it", "Reports", answer=Cases, errors=(503,))
def cases() -> Cases:
    """All of them, in order."""
    return Cases(clients().database.list_cases())


@blueprint.get("/api/analytics")
@describe("Counts, score distributions and parties", "Reports", answer=Analytics, errors=(503,))
def analytics() -> Analytics:
    """Over all documents that are no duplicates; a score nobody judged, or without words that stand, is in no bar."""
    return clients().database.get_analytics()


@blueprint.get("/api/costs")
@describe("What it costs", "Reports", answer=CostReport, errors=(503,))
def costs() -> CostReport:
    """Dollars of machines and of Claude by day (UTC), per document and page, and the caps that hold."""
    now = settings()
    caps = SpendingCaps(
        now.max_machines,
        now.max_dollars_per_hour,
        now.max_dollars_per_day,
        now.max_dollars_per_batch,
        now.min_credit_dollars,
        now.max_claude_dollars_per_day,
    )
    prices = now.claude.prices
    check = PriceCheck(prices.checked, prices.is_old(datetime.now(UTC).date()))
    return CostReport(**vars(clients().database.get_costs()), caps=caps, claude_prices=check)


@blueprint.get("/api/events")
@describe("What happened, in order", "Reports", query=EventQuery, answer=EventPage, errors=(400, 503))
def events(query: EventQuery) -> EventPage:
    """Events after an id, oldest first; ask again with `next`."""
    rows = clients().database.list_events(query.limit, query.after)
    told = [
        ToldEvent(
            row.id, row.kind, row.job_id, row.document_id, row.batch_id, row.machine, row.created_at,
            row.payload if isinstance(row.payload, dict) else {},
        )
        for row in rows
    ]  # fmt: skip
    return EventPage(told, rows[-1].id if rows else query.after or None)
