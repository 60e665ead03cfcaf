"""Orders: what courts ordered, term by term on its words; proposed by rules, so until a person says that it is."""

from collections.abc import Iterator

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard import words
from dashboard.answers import OrderTerm
from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("terms", __name__)
PATH = f"{links.ROOT}/orders"
STATES = {"proposed": "To check", "accepted": "So ordered", "rejected": "Not so ordered"}
DUTY = {"shall": "shall", "shall_not": "shall not", "may": "may"}
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
WEEKS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
EXCEPTION = {"emergency": "but for emergencies", "agreement": "unless agreed", "other": "with an exception"}


@blueprint.get("/orders")
def show() -> str:
    """Terms that wait for a person, or that were decided about."""
    api, trail, state = frame.api(), Trail.of(request.args), request.args.get("state", "proposed")
    state = state if state in STATES else "proposed"
    page = api.terms(state=state, limit=PAGE_ROWS, cursor=trail.cursor)
    terms = by_cursor(page.terms, page.total, page.next, PATH, {"state": state}, trail)
    return frame.show(
        "terms.html", "Orders", terms=terms, state=state, states=STATES, rule=lambda term: ", ".join(rule(term)),
        here=request.full_path.rstrip("?"),
    )  # fmt: skip


@blueprint.post("/orders/<term_id>/decide")
def decide(term_id: str) -> Response:
    """Say that an order says so, or not, or take that back."""
    state, why = request.form.get("state", ""), request.form.get("why", "").strip()
    said = f"{STATES.get(state, state)}."
    return frame.attempt(lambda: frame.api().decide_term(term_id, state, why), said, frame.back())


def rule(term: OrderTerm) -> Iterator[str]:
    """What a term means to the rules, piece by piece: who, what, how much, when, where, and what is excepted."""
    who = " and ".join(person.name for person in term.bound) or " and ".join(term.bound_words) or "nobody named"
    yield f"{who} {DUTY[term.duty]}: {term.act}"
    if term.amount_usd is not None:
        yield words.dollars(term.amount_usd) + (f" a {term.per}" if term.per else "")
    if term.due_day:
        yield f"by day {term.due_day} of the month"
    if term.weekdays:
        weeks = " and ".join(WEEKS.get(week, str(week)) for week in term.weeks)
        yield f"{weeks} {', '.join(DAYS[day - 1] for day in term.weekdays)}".strip()
    if term.hour_from or term.hour_until:
        yield f"{_hour(term.hour_from)} to {_hour(term.hour_until)}"
    if term.hours_before is not None:
        yield f"{term.hours_before:g} hours before, too"
    if term.starts or term.ends:
        yield f"from {words.day(term.starts)} to {words.day(term.ends)}"
    for said, places in (("in", term.allowed_places), ("not in", term.forbidden_places)):
        if places:
            yield f"{said} {', '.join(places)}"
    yield from (f"{EXCEPTION[each.kind]} (“{each.quote}”)" for each in term.exceptions)


def _hour(at: object) -> str:
    return f"{at:%H:%M}" if at else "–"
