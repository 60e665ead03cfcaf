"""Events: day by day what happened, who says it in which words, who took part, where sources differ, and the gaps."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard import words
from dashboard.answers import CaseEvent, NamedPerson
from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("events", __name__)
PATH = f"{links.ROOT}/events"
FILTERS = ("date_from", "date_to", "person_id", "document_id", "state", "differing")
MOST_LANES = 5
"""Columns of people beside the events: those who take part in most of what the page shows."""
GAP_DAYS = 14
"""A time without any event that is named: two weekends of most parenting plans."""
STATES = {"open": "not looked at", "true": "true", "wrong": "wrong", "later": "for later"}
KNOWN = {
    "header": "by the file's own header", "printed": "printed there", "stated": "as stated", "inferred": "inferred",
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """The events that begin on a day; `gap` are the days without any before it, where they are many."""

    day: dt.date
    events: Sequence[CaseEvent]
    gap: int | None


@blueprint.get("/events")
def show() -> str:
    """The events that the address means, in order of time."""
    api, trail = frame.api(), Trail.of(request.args)
    chosen = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
    page = api.events(**chosen, limit=PAGE_ROWS, cursor=trail.cursor)
    return frame.show(
        "events.html", "Events", days=list(_days(page.events)), lanes=_lanes(page.events), chosen=chosen,
        events=by_cursor(page.events, page.total, page.next, PATH, chosen, trail), states=STATES, known=KNOWN,
        here=request.full_path.rstrip("?"), when=when, person_name=_name_of(page.events, chosen.get("person_id")),
    )  # fmt: skip


@blueprint.post("/events/<event_id>/decide")
def decide(event_id: str) -> Response:
    """Say of an event that it is true, wrong, or for later."""
    state, why = request.form.get("state", ""), request.form.get("why", "").strip()
    said = f"Marked as {STATES.get(state, state)}."
    return frame.attempt(lambda: frame.api().decide_event(event_id, state, why), said, frame.back())


def when(event: CaseEvent) -> str:
    """The time of an event as its sources give it, no finer: "6:00 p.m.", "May 2023", "from 5 to 9 p.m."."""
    start, end = event.starts, event.ends
    if event.precision in ("minute", "hour"):
        until = "" if end - start <= dt.timedelta(hours=1) else f" – {_clock(end, start)}"
        return f"{_clock(start)}{until}"
    if event.precision == "day":
        last = (end - dt.timedelta(days=1)).date()
        return "that day" if last <= start.date() else f"until {words.day(last)}"
    return f"{start:%B %Y}" if event.precision == "month" else f"{start:%Y}"


def _clock(moment: dt.datetime, beside: dt.datetime | None = None) -> str:
    is_other = beside is not None and moment.date() != beside.date()
    day = f"{words.day(moment.date())}, " if is_other else ""
    return f"{day}{moment.hour % 12 or 12}:{moment:%M} {'a.m.' if moment.hour < 12 else 'p.m.'}"


def _days(events: Sequence[CaseEvent]) -> Iterator[Day]:
    before: dt.date | None = None
    by_day: dict[dt.date, list[CaseEvent]] = {}
    for event in events:
        by_day.setdefault(event.starts.date(), []).append(event)
    for day, told in by_day.items():
        empty = 0 if before is None else (day - before).days - 1
        yield Day(day, told, empty if empty >= GAP_DAYS else None)
        before = max(before or day, *(each.ends.date() for each in told))


def _lanes(events: Sequence[CaseEvent]) -> list[NamedPerson]:
    """Who gets a column: the people of most events on this page."""
    known = {person.id: person for event in events for person in event.people}
    shares = Counter(person.id for event in events for person in event.people)
    return [known[each] for each, _ in shares.most_common(MOST_LANES)]


def _name_of(events: Sequence[CaseEvent], person_id: str | None) -> str:
    people = (person for event in events for person in event.people)
    return next((person.name for person in people if person.id == person_id), "somebody")
