"""What a person says of the paper that is open in the reader: corrections, tags, notes, lines, findings."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from dashboard.answers import WholeDocument
from dashboard.case_room import frame
from dashboard.case_room.pages.reader import blueprint

__all__ = ["blueprint"]  # of the reader, with these views on it
EVENT = ("title", "day", "until", "hour", "hour_until")
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
    page, text = form.get("page", type=int), form.get("text", "").strip()

    def act() -> Response:
        start, quote = _words(document_id, page)
        api.add_note(document_id, text=text, page=page, start=start, quote=quote)
        return frame.done("Noted.", frame.back())

    return frame.guarded(act, frame.back())


@blueprint.post("/reader/<document_id>/mark-words")
def mark_words(document_id: str) -> Response:
    """Words as somebody's statement or, with a day, as what tells of an event; or no longer."""
    api, form = frame.api(), request.form
    if form.get("end"):
        return frame.attempt(lambda: api.end_mark(document_id, form["end"]), "That was taken away.", frame.back())
    page = form.get("page", type=int)
    event = {name: form[name].strip() for name in EVENT if form.get(name, "").strip()}
    if event and "day" not in event:
        return frame.done("An event needs the day that it began.", frame.back(), is_error=True)

    def act() -> Response:
        start, quote = _words(document_id, page)
        if not quote:
            return frame.done("Select words, or say which lines you mean.", frame.back(), is_error=True)
        api.add_mark(document_id, page=page, start=start, quote=quote, speaker_id=form.get("speaker_id"),
                     people=form.getlist("people"), event=event)  # fmt: skip
        return frame.done("It stands among the events." if event else "It stands among the statements.", frame.back())

    return frame.guarded(act, frame.back())


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


def _words(document_id: str, page: int | None) -> tuple[int | None, str | None]:
    """The page's own words that a form means, and where they begin: lines by number, else what was selected."""
    form = request.form
    first, last = form.get("line_from", type=int), form.get("line_to", type=int)
    start, length = form.get("start", type=int), form.get("length", 0, type=int)
    if page is None or (first is None and (start is None or length <= 0)):
        return None, None
    text = frame.api().page(document_id, page).text
    if first is not None:
        lines = text.split("\n")
        wanted = lines[max(first, 1) - 1 : max(last or first, first)]
        start, length = sum(len(line) + 1 for line in lines[: max(first, 1) - 1]), len("\n".join(wanted))
    quote = text[start : (start or 0) + length]
    return (start, quote) if quote.strip() else (None, None)
