"""What a person says of the paper that is open in the reader: corrections, tags, notes, lines, findings."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from dashboard.answers import WholeDocument
from dashboard.case_room import frame
from dashboard.case_room.pages.reader import blueprint

__all__ = ["blueprint"]  # of the reader, with these views on it
CORRECTABLE = ("document_type", "document_date", "case_number", "court")


@blueprint.post("/reader/<document_id>/correct")
def correct(document_id: str) -> Response:
    """Type, date, numbers and people: what differs from what stands; or all as it was read."""
    api, form = frame.api(), request.form
    document = api.document(document_id)
    if form.get("take_back"):
        names = [each.name for each in document.judgement.corrections]
        return frame.attempt(lambda: api.decide([document.id], take_back=names), "It is as it was read.", frame.back())
    changed = _changed(document)
    if not changed:
        return frame.done("Nothing was changed.", frame.back())
    why = form.get("why", "").strip()
    return frame.attempt(lambda: api.decide([document.id], why, correct=changed), "Corrected.", frame.back())


@blueprint.post("/reader/<document_id>/mark")
def mark(document_id: str) -> Response:
    """A tag more or less, important, sensitivity."""
    said = marks_said()
    return frame.attempt(lambda: frame.api().decide([document_id], **said), "Done.", frame.back())


@blueprint.post("/reader/<document_id>/note")
def note(document_id: str) -> Response:
    """A note on the paper, on a page or on words of it; or one less."""
    api, form = frame.api(), request.form
    if form.get("end"):
        return frame.attempt(lambda: api.end_note(document_id, form["end"]), "The note was taken away.", frame.back())
    where = {name: form.get(name, type=int) for name in ("page", "start")}
    quote = _quote(document_id, where["page"], where["start"], form.get("length", type=int))
    where = where if quote else where | {"start": None}
    text = form.get("text", "").strip()
    return frame.attempt(lambda: api.add_note(document_id, text=text, quote=quote, **where), "Noted.", frame.back())


@blueprint.post("/reader/<document_id>/line")
def line(document_id: str) -> Response:
    """What a line of the text says."""
    form = request.form
    text = None if form.get("as_read") else form.get("text", "").strip()
    where = form.get("page", 1, type=int), form.get("line", 1, type=int)
    return frame.attempt(
        lambda: frame.api().correct_line(document_id, *where, form.get("read", ""), text), "Corrected.", frame.back()
    )


@blueprint.post("/reader/<document_id>/finding")
def finding(document_id: str) -> Response:
    """Whether a finding is wrong."""
    number, is_wrong = request.form.get("finding", 0, type=int), request.form.get("is_wrong") == "yes"
    said = "Marked wrong: it is in no count and no list any more." if is_wrong else "It counts again."
    return frame.attempt(
        lambda: frame.api().mark_finding(document_id, number, is_wrong, request.form.get("why", "")), said, frame.back()
    )


def marks_said() -> dict[str, Any]:
    """Tags and marks as a form says them."""
    form = request.form
    said: dict[str, Any] = {}
    for field, name in (("add_tag", "add_tags"), ("remove_tag", "remove_tags")):
        if form.get(field, "").strip():
            said[name] = [form[field].strip()]
    if form.get("important"):
        said["important"] = form["important"] == "yes"
    if form.get("sensitivity"):
        said["sensitivity"] = form["sensitivity"]
    return said


def read_parties(text: str) -> list[dict[str, str | None]]:
    """`name; role`, one a line."""
    rows = [[part.strip() for part in row.partition(";")[::2]] for row in text.splitlines()]
    return [{"name": name, "role": role or None} for name, role in rows if name]


def _changed(document: WholeDocument) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name in CORRECTABLE:
        given, stands = request.form.get(name, "").strip() or None, getattr(document, name)
        if given != (str(stands) if stands else None):
            changed[name] = given
    parties = read_parties(request.form.get("parties", ""))
    if parties != [{"name": party.name, "role": party.role or None} for party in document.parties]:
        changed["parties"] = parties
    return changed


def _quote(document_id: str, page: int | None, start: int | None, length: int | None) -> str | None:
    """The page's own words at this place."""
    if page is None or start is None or not length:
        return None
    return frame.api().page(document_id, page).text[start : start + length] or None
