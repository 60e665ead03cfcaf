"""People: one card per person with all spellings, what each said and when it changed; merged and split by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.wrappers import Response

from dashboard.answers import Statement
from dashboard.case_room import frame, links
from dashboard.case_room.paging import PAGE_ROWS, Trail, by_cursor

blueprint = Blueprint("people", __name__)
PATH = f"{links.ROOT}/people"
OTHERS = 100
"""People that a merge offers by name: more are found by typing more of it."""


@dataclass(frozen=True)
class Voice:
    """What somebody said on one day, or without one."""

    day: object
    statements: Sequence[Statement]


@blueprint.get("/people")
def show() -> str:
    """Everybody, those of most papers first."""
    api, trail = frame.api(), Trail.of(request.args)
    chosen = {"q": q} if (q := request.args.get("q", "").strip()) else {}
    page = api.people(**chosen, limit=PAGE_ROWS, cursor=trail.cursor)
    people = by_cursor(page.people, page.total, page.next, PATH, chosen, trail)
    return frame.show("people.html", "People", people=people, q=chosen.get("q", ""))


@blueprint.get("/people/<person_id>")
def card(person_id: str) -> str:
    """One person: spellings, roles, statements in order of time, changed statements, decisions."""
    api, trail = frame.api(), Trail.of(request.args)
    known = api.person(person_id)
    page = api.statements(person_id=person_id, limit=PAGE_ROWS, cursor=trail.cursor)
    said = by_cursor(page.statements, page.total, page.next, f"{PATH}/{person_id}", {}, trail)
    changed = api.pairs(person_id=person_id, kind="changed_statement,contradiction", limit=20)
    others = [each for each in api.people(limit=OTHERS).people if each.id != person_id]
    return frame.show(
        "person.html", known.name, known=known, said=said, days=list(_by_day(page.statements)), changed=changed,
        others=others, here=request.full_path.rstrip("?"),
    )  # fmt: skip


@blueprint.post("/people/<person_id>/merge")
def merge(person_id: str) -> Response:
    """Two people are one; it can be undone."""
    other, why = request.form.get("other_id", ""), request.form.get("why", "").strip()

    def act() -> Response:
        merged = frame.api().merge_people(person_id, other, why)
        return frame.done("They are one person now. Undo it below.", links.to_person(merged.kept_id))

    return frame.guarded(act, frame.back())


@blueprint.post("/people/<person_id>/split")
def split(person_id: str) -> Response:
    """The ticked spellings are somebody else; it can be undone."""
    keys, why = request.form.getlist("key"), request.form.get("why", "").strip()
    if not keys:
        return frame.done("Tick the spellings that are somebody else.", frame.back(), is_error=True)

    def act() -> Response:
        made = frame.api().split_person(person_id, keys, why)
        return frame.done("They are a person of their own now. Undo it below.", links.to_person(made.new_id))

    return frame.guarded(act, frame.back())


@blueprint.post("/people/decisions/<decision_id>/undo")
def undo(decision_id: str) -> Response:
    """Take a merge or a split back."""

    def act() -> Response:
        return frame.done("Taken back.", links.to_person(frame.api().undo_people(decision_id).person_id))

    return frame.guarded(act, frame.back())


def _by_day(statements: Sequence[Statement]) -> Iterator[Voice]:
    by_day: dict[object, list[Statement]] = {}
    for each in statements:
        by_day.setdefault(each.said_at.date() if each.said_at else None, []).append(each)
    yield from (Voice(day, said) for day, said in by_day.items())
