"""Decisions over HTTP: what people say of documents, one or thousands at once, and taking it back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from pydantic import Field

from control_plane.database.judgement_rows import TAKEN_AWAY, Change, Decided, Decision, DocumentDecision, Tag
from control_plane.documents.judgement import Note, find_line, read_note, split_pages
from control_plane.documents.lookup import find_document
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id, PageQuery, Total, path_id
from control_plane.http.wiring import clients
from control_plane.judgement.models import DecisionBody, FindingBody, LineBody, NoteBody, NoteTextBody, Why, changes_of

blueprint = Blueprint("judgement", __name__)


class UndoBody(Body):
    """Why it is taken back."""

    why: Why = ""


class DecisionQuery(PageQuery):
    """Which decisions."""

    document_id: Id | None = Field(None, description="Only those about this document, with what they changed of it.")


@dataclass(frozen=True)
class DecisionPage:
    """A page of decisions, newest first; `changes` are told of one document's."""

    decisions: list[DocumentDecision]
    next: int | None
    total: Total


@dataclass(frozen=True)
class Tags:
    """Every tag, in order."""

    tags: list[Tag]


@blueprint.post("/api/decisions")
@describe(
    "Say something of documents", "Judgement", body=DecisionBody, status=201, answer=Decided,
    errors=(400, 404, 409, 503), needs="decide"
)  # fmt: skip
def decide(body: DecisionBody) -> Decided:
    """Tags, marks and corrections of one document or thousands, all or none; undone as one."""
    changes = changes_of(body)
    if body.documents is not None and body.search is None:
        return _decide(list(dict.fromkeys(body.documents)), changes, body.why)
    if body.search is not None and body.documents is None:
        return clients().database.decide_search(body.search.filters(), changes, acting_name(), body.why or None)
    raise BadRequest("Say either documents or search.", "bad_argument")


@blueprint.post("/api/decisions/<decision_id>/undo")
@describe(
    "Take a decision back", "Judgement", body=UndoBody, status=201, answer=Decided, errors=(400, 404, 409, 503),
    needs="decide",
)  # fmt: skip
def undo(decision_id: str, body: UndoBody) -> Decided:
    """For all its documents; what was changed again since is kept. Undoing is a decision too, and can be undone."""
    return clients().database.undo_decision(path_id(decision_id, "decision"), acting_name(), body.why or None)


@blueprint.get("/api/decisions")
@describe("What people decided", "Judgement", query=DecisionQuery, answer=DecisionPage, errors=(400, 503))
def decisions(query: DecisionQuery) -> DecisionPage:
    """A page of decisions, newest first."""
    database = clients().database
    if query.document_id:
        told = database.list_document_decisions(query.document_id, query.limit, query.cursor)
        return DecisionPage(told.rows, told.next, told.total)
    page = database.list_decisions(query.limit, query.cursor)
    return DecisionPage([_without_changes(each) for each in page.rows], page.next, page.total)


@blueprint.get("/api/tags")
@describe("Every tag", "Judgement", answer=Tags, errors=(503,))
def tags() -> Tags:
    """All of them, in order."""
    return Tags(clients().database.list_tags())


@blueprint.post("/api/documents/<document_id>/notes")
@describe(
    "Put a note on a document", "Judgement", body=NoteBody, status=201, answer=Note, errors=(400, 404, 409, 503),
    needs="decide",
)  # fmt: skip
def add_note(document_id: str, body: NoteBody) -> Note:
    """On the document, or on a page, words or a box of it; the words must be the page's own."""
    document = find_document(path_id(document_id, "document"))
    if body.page is None and (body.quote is not None or body.box is not None):
        raise BadRequest("Words and boxes are on a page: say which.", "bad_argument")
    pages = split_pages(clients().database.get_text(document.id))
    if body.quote is not None and body.page and body.quote not in "".join(pages[body.page - 1 : body.page]):
        raise Conflict("The page has no such words.", "words_not_there")
    note_id = str(uuid.uuid4())
    return _write_note(document.id, note_id, body.model_dump(exclude_none=True))


@blueprint.put("/api/documents/<document_id>/notes/<note_id>")
@describe(
    "Write a note anew", "Judgement", body=NoteTextBody, answer=Note, errors=(400, 404, 409, 503), needs="decide"
)  # fmt: skip
def change_note(document_id: str, note_id: str, body: NoteTextBody) -> Note:
    """It stays where it was put; what it said stays in the history."""
    document = find_document(path_id(document_id, "document"))
    kept = _find_note(document.id, note_id)
    return _write_note(document.id, note_id, kept | {"text": body.text})


@blueprint.delete("/api/documents/<document_id>/notes/<note_id>")
@describe("Take a note away", "Judgement", answer=Decided, errors=(404, 503), needs="decide")
def end_note(document_id: str, note_id: str) -> Decided:
    """Undoing the decision brings it back."""
    document = find_document(path_id(document_id, "document"))
    _find_note(document.id, note_id)
    return _decide([document.id], [Change(f"note:{note_id}", TAKEN_AWAY)])


@blueprint.put("/api/documents/<document_id>/lines")
@describe(
    "Correct the text of a line", "Judgement", body=LineBody, answer=Decided, errors=(400, 404, 409, 503),
    needs="decide",
)  # fmt: skip
def correct_line(document_id: str, body: LineBody) -> Decided:
    """What was read stays the document's text, and every quote stands on it; the search finds both."""
    document = find_document(path_id(document_id, "document"))
    name = f"line:{body.page}:{body.line}"
    if body.text is None or body.text == body.read:
        return _decide([document.id], [Change(name, TAKEN_AWAY)], body.why)
    pages = split_pages(clients().database.get_text(document.id))
    if find_line(pages, body.page, body.line, body.read) != body.line:
        raise Conflict("The page has no such line at this place: look at it again.", "words_not_there")
    return _decide([document.id], [Change(name, {"read": body.read, "text": body.text})], body.why)


@blueprint.put("/api/documents/<document_id>/findings/<finding_id>")
@describe(
    "Mark a finding wrong, or right after all", "Judgement", body=FindingBody, answer=Decided,
    errors=(400, 404, 409, 503), needs="decide"
)  # fmt: skip
def mark_finding(document_id: str, finding_id: str, body: FindingBody) -> Decided:
    """A wrong one leaves every list, count and report, and is shown as wrong with its document, judged again or not."""
    document = find_document(path_id(document_id, "document"))
    number = int(finding_id) if finding_id.isdecimal() and len(finding_id) < 19 else 0
    return clients().database.mark_finding(document.id, number, body.is_wrong, acting_name(), body.why or None)


def _decide(documents: list[str], changes: list[Change], why: str = "") -> Decided:
    return clients().database.decide(documents, changes, acting_name(), why or None)


def _find_note(document_id: str, note_id: str) -> dict[str, Any]:
    said = clients().database.list_judgements(document_id)
    for each in said:
        if each.name == f"note:{note_id}":
            return dict(each.value)
    raise NotFound("There is no such note.")


def _write_note(document_id: str, note_id: str, value: dict[str, Any]) -> Note:
    database = clients().database
    _decide([document_id], [Change(f"note:{note_id}", value)])
    (said,) = [each for each in database.list_judgements(document_id) if each.name == f"note:{note_id}"]
    return read_note(said, split_pages(database.get_text(document_id)))


def _without_changes(decision: Decision) -> DocumentDecision:
    return DocumentDecision(**vars(decision), changes=[])
