"""Matters and copies over HTTP: which case a document belongs to, and which papers are one witness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint
from pydantic import Field

from control_plane.database.case_rows import CaseProgress, CopyState, Duplicate, Matter
from control_plane.documents.searching import SearchBody
from control_plane.errors import BadRequest
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import MOST_ROWS, Id, path_id
from control_plane.http.wiring import clients
from control_plane.judgement.models import MOST_DOCUMENTS

blueprint = Blueprint("case_matters", __name__)


class CopyQuery(Query):
    """Which copies."""

    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")
    cursor: datetime | None = Field(None, description="`next` of the page before.")
    document_id: Id | None = Field(None, description="Only those of this document, or of which it is one.")
    matter_id: Id | None = Field(None, description="Only those of this matter's documents.")


@dataclass(frozen=True)
class Duplicates:
    """Copies with their originals, the newest first, and how many there are."""

    duplicates: list[Duplicate]
    next: datetime | None
    total: int


class CopyDecisionBody(Body):
    """Whether one document is a copy of another."""

    copy_id: Id
    original_id: Id
    state: CopyState
    why: str | None = Field(None, max_length=500)


class MatterBody(Body):
    """What the case is called."""

    name: str = Field(min_length=1, max_length=200, pattern=r"\S")


class MatterDocumentsBody(Body):
    """Documents, or all that a search means, that belong to a matter, or no longer do."""

    documents: Annotated[list[Id], Field(min_length=1, max_length=MOST_DOCUMENTS)] | None = None
    search: SearchBody | None = None
    belongs: bool = True


@dataclass(frozen=True)
class Matters:
    """All matters, the first one first."""

    matters: list[Matter]


@dataclass(frozen=True)
class Moved:
    """How many documents were put in or out."""

    changed: int


@blueprint.get("/api/case/progress")
@describe("How much of the case is drawn", "Case", answer=CaseProgress, errors=(503,))
def get_case_progress() -> CaseProgress:
    """Counts of the case layer."""
    return clients().database.get_case_progress()


@blueprint.get("/api/case/duplicates")
@describe("Papers that are one witness", "Case", query=CopyQuery, answer=Duplicates, errors=(400, 503))
def list_duplicates(query: CopyQuery) -> Duplicates:
    """A page of copies; they are linked, never deleted."""
    before = query.cursor.isoformat() if query.cursor else None
    rows = clients().database.list_duplicates(query.document_id, query.matter_id, before, query.limit)
    return Duplicates(rows, rows[-1].found_at if len(rows) == query.limit else None, rows[0].total if rows else 0)


@blueprint.post("/api/case/duplicates/decision")
@describe(
    "Say whether it is a copy", "Case", body=CopyDecisionBody, answer=Duplicates, errors=(400, 404, 503), needs="decide"
)
def decide_copy(body: CopyDecisionBody) -> Duplicates:
    """A person's word stays, whatever is read or drawn later."""
    database = clients().database
    database.decide_copy(body.copy_id, body.original_id, body.state, acting_name(), body.why)
    rows = database.list_duplicates(body.copy_id)
    return Duplicates(rows, None, len(rows))


@blueprint.get("/api/case/matters")
@describe("Matters", "Case", answer=Matters, errors=(503,))
def list_matters() -> Matters:
    """One, until another is made."""
    return Matters(clients().database.list_matters())


@blueprint.post("/api/case/matters")
@describe("Begin a matter", "Case", body=MatterBody, status=201, answer=Matter, errors=(400, 503), needs="decide")
def make_matter(body: MatterBody) -> Matter:
    """Documents are put into it by hand; new ones come into the first."""
    return clients().database.make_matter(body.name.strip(), acting_name())


@blueprint.post("/api/case/matters/<matter_id>/documents")
@describe(
    "Put documents into a matter",
    "Case",
    body=MatterDocumentsBody,
    answer=Moved,
    errors=(400, 404, 503),
    needs="decide",
)
def set_matter_documents(matter_id: str, body: MatterDocumentsBody) -> Moved:
    """Or out of it, each with what lies in it; each stays in one at least."""
    if (body.documents is None) == (body.search is None):
        raise BadRequest("Say documents or search.", "bad_argument")
    search = body.search.filters() if body.search else None
    known = path_id(matter_id, "matter")
    return Moved(clients().database.set_matter_documents(known, body.belongs, acting_name(), body.documents, search))
