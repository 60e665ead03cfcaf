"""People over HTTP: who is who, what each said, and two made one or one two, which can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from pydantic import Field

from control_plane.database.case_rows import KnownPerson, ListedPerson, Merged, Split, Statement
from control_plane.errors import BadRequest
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import Id, PageQuery, path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("case_people", __name__)


class PeopleQuery(PageQuery):
    """Which persons."""

    q: str = Field("", max_length=200, description="Words of any of their names.")
    matter_id: Id | None = Field(None, description="Only those of whom this matter's documents speak.")


@dataclass(frozen=True)
class People:
    """Persons, who stands in most documents first, and how many there are."""

    people: list[ListedPerson]
    next: int | None
    total: int


class StatementQuery(PageQuery):
    """Whose statements, or of what: one of the three."""

    person_id: Id | None = Field(None, description="What this person says.")
    document_id: Id | None = Field(None, description="What this document says.")
    event_id: Id | None = Field(None, description="What is said of this event.")
    matter_id: Id | None = Field(None, description="Only what this matter's documents say.")


class PersonQuery(Query):
    """In which matter."""

    matter_id: Id | None = Field(None, description="Only this matter's documents are counted.")


@dataclass(frozen=True)
class Statements:
    """Statements, the newest first, those of copies left out, and how many there are."""

    statements: list[Statement]
    next: int | None
    total: int


class MergeBody(Body):
    """Who turned out to be the same person."""

    other_id: Id
    why: str | None = Field(None, max_length=500)


class SplitBody(Body):
    """Which names are another person's, by their keys."""

    keys: list[str] = Field(min_length=1, max_length=500)
    why: str | None = Field(None, max_length=500)


@dataclass(frozen=True)
class PersonOf:
    """The person that a decision was about."""

    person_id: str


@blueprint.get("/api/case/people")
@describe("Who stands in the papers", "Case", query=PeopleQuery, answer=People, errors=(400, 503))
def list_people(query: PeopleQuery) -> People:
    """A page of persons, each once under all names."""
    rows = clients().database.list_people(query.q, query.matter_id, query.cursor, query.limit)
    return People(rows, rows[-1].rank if len(rows) == query.limit else None, rows[0].total if rows else 0)


@blueprint.get("/api/case/people/<person_id>")
@describe("One person", "Case", query=PersonQuery, answer=KnownPerson, errors=(400, 404, 503))
def get_person(person_id: str, query: PersonQuery) -> KnownPerson:
    """All names of a person, and what was decided; of one who was merged, who it turned out to be."""
    return clients().database.get_person(path_id(person_id, "person"), query.matter_id)


@blueprint.get("/api/case/statements")
@describe("What was said", "Case", query=StatementQuery, answer=Statements, errors=(400, 503))
def list_statements(query: StatementQuery) -> Statements:
    """A page of statements, each at its words."""
    asked = [query.person_id, query.document_id, query.event_id]
    if sum(each is not None for each in asked) != 1:
        raise BadRequest("Say one of person_id, document_id and event_id.", "bad_argument")
    rows = clients().database.list_statements(
        query.person_id, query.document_id, query.event_id, query.matter_id, query.cursor, query.limit
    )
    return Statements(rows, rows[-1].place if len(rows) == query.limit else None, rows[0].total if rows else 0)


@blueprint.post("/api/case/people/<person_id>/merge")
@describe(
    "Two are one person", "Case", body=MergeBody, status=201, answer=Merged, errors=(400, 404, 409, 503), needs="decide"
)
def merge_people(person_id: str, body: MergeBody) -> Merged:
    """The other's names are this person's, in every document, whatever is read or drawn later."""
    return clients().database.merge_people(path_id(person_id, "person"), body.other_id, acting_name(), body.why)


@blueprint.post("/api/case/people/<person_id>/split")
@describe(
    "One is two persons", "Case", body=SplitBody, status=201, answer=Split, errors=(400, 404, 409, 503), needs="decide"
)
def split_person(person_id: str, body: SplitBody) -> Split:
    """A new person has these names, whatever is read or drawn later."""
    return clients().database.split_person(path_id(person_id, "person"), body.keys, acting_name(), body.why)


@blueprint.post("/api/case/people/decisions/<decision_id>/undo")
@describe("Take back a merge or a split", "Case", status=201, answer=PersonOf, errors=(404, 503), needs="decide")
def undo_people_decision(decision_id: str) -> PersonOf:
    """The names go back to whom they were of."""
    database = clients().database
    return PersonOf(database.undo_people_decision(path_id(decision_id, "decision"), acting_name()))
