"""What happened and what was ordered over HTTP: events with all that tell of them, terms of orders, decisions."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint
from pydantic import Field

from control_plane.database.case_rows import CaseEvent, EventState, OrderTerm, TermState
from control_plane.errors import BadRequest, NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import MOST_ROWS, Id, PageQuery, path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("case_events", __name__)


class EventQuery(Query):
    """Which events."""

    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")
    cursor: str | None = Field(None, max_length=100, description="`next` of the page before.")
    date_from: date | None = Field(None, description="Only what lasted until this day (YYYY-MM-DD) or later.")
    date_to: date | None = Field(None, description="Only what began on this day or before.")
    person_id: Id | None = Field(None, description="Only with this person.")
    document_id: Id | None = Field(None, description="Only what this document tells of.")
    matter_id: Id | None = Field(None, description="Only what this matter's documents tell of.")
    state: EventState | None = Field(None, description="open, true, wrong or later.")
    differing: bool = Field(False, description="Only where papers give times that exclude each other.")

    def filter(self) -> dict[str, Any]:
        """As `list_case_events` takes it."""
        given = self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)
        return {{"date_from": "from", "date_to": "to"}.get(name, name): value for name, value in given.items()}


@dataclass(frozen=True)
class CaseEvents:
    """Events in the order of time, and how many there are."""

    events: list[CaseEvent]
    next: str | None
    total: int


class EventDecisionBody(Body):
    """Whether it happened so; open takes a decision back."""

    state: EventState
    why: str | None = Field(None, max_length=500)


class TermQuery(PageQuery):
    """Which terms."""

    state: TermState | None = Field(None, description="proposed, accepted or rejected.")
    document_id: Id | None = Field(None, description="Only of this order.")
    matter_id: Id | None = Field(None, description="Only of this matter's orders.")


@dataclass(frozen=True)
class Terms:
    """Terms of orders in the order they came, and how many there are."""

    terms: list[OrderTerm]
    next: int | None
    total: int


class TermDecisionBody(Body):
    """Whether the order says so; proposed takes a decision back."""

    state: TermState
    why: str | None = Field(None, max_length=500)


@dataclass(frozen=True)
class TermDecided:
    """What was decided about a term."""

    id: str
    state: TermState


@blueprint.get("/api/case/events")
@describe("What happened", "Case", query=EventQuery, answer=CaseEvents, errors=(400, 503))
def list_case_events(query: EventQuery) -> CaseEvents:
    """A page of events, each once for all papers that tell of it, with the words of each."""
    start, seq = _read_cursor(query.cursor)
    rows = clients().database.list_case_events(query.filter(), start, seq, query.limit)
    return CaseEvents(rows, _cursor(rows[-1]) if len(rows) == query.limit else None, rows[0].total if rows else 0)


@blueprint.get("/api/case/events/<event_id>")
@describe("One event", "Case", answer=CaseEvent, errors=(404, 503))
def get_case_event(event_id: str) -> CaseEvent:
    """An event with the words of each paper."""
    return _event(path_id(event_id, "event"))


@blueprint.post("/api/case/events/<event_id>/decision")
@describe(
    "Say whether it happened so",
    "Case",
    body=EventDecisionBody,
    answer=CaseEvent,
    errors=(400, 404, 503),
    needs="decide",
)
def decide_event(event_id: str, body: EventDecisionBody) -> CaseEvent:
    """A person's word stays, whatever is read or drawn later."""
    known = path_id(event_id, "event")
    clients().database.decide_event(known, body.state, acting_name(), body.why)
    return _event(known)


@blueprint.get("/api/case/terms")
@describe("What was ordered", "Case", query=TermQuery, answer=Terms, errors=(400, 503))
def list_terms(query: TermQuery) -> Terms:
    """A page of terms, each with its words; those of copies are left out."""
    rows = clients().database.list_terms(query.state, query.document_id, query.matter_id, query.cursor, query.limit)
    return Terms(rows, rows[-1].seq if len(rows) == query.limit else None, rows[0].total if rows else 0)


@blueprint.post("/api/case/terms/<term_id>/decision")
@describe(
    "Say whether the order says so",
    "Case",
    body=TermDecisionBody,
    answer=TermDecided,
    errors=(400, 404, 503),
    needs="decide",
)
def decide_term(term_id: str, body: TermDecisionBody) -> TermDecided:
    """A term is proposed by rules; it binds in lists once a person accepted it."""
    known = path_id(term_id, "term")
    clients().database.decide_term(known, body.state, acting_name(), body.why)
    return TermDecided(known, body.state)


def _event(event_id: str) -> CaseEvent:
    rows = clients().database.list_case_events({"event_id": event_id}, most=1)
    if not rows:
        raise NotFound("There is no such event.")
    return rows[0]


def _cursor(event: CaseEvent) -> str:
    return base64.urlsafe_b64encode(f"{event.starts.isoformat()} {event.seq}".encode()).decode()


def _read_cursor(words: str | None) -> tuple[str | None, int | None]:
    if words is None:
        return None, None
    try:
        start, _, seq = base64.urlsafe_b64decode(words.encode()).decode().partition(" ")
        return datetime.fromisoformat(start).isoformat(), int(seq)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("cursor must be the next of the page before.", "bad_argument") from error
