"""Words that a person marks over HTTP: as somebody's statement, or as what tells of an event."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint
from pydantic import BaseModel, Field

from control_plane.database.judgement_rows import TAKEN_AWAY, Change, Decided
from control_plane.documents.judgement import Mark, read_mark, split_pages
from control_plane.documents.lookup import find_document
from control_plane.errors import BadRequest, Conflict, NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id, path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("marking", __name__)
MOST_PEOPLE = 20


class MarkedEvent(BaseModel):
    """When it happened: days, or hours of them; without `until` it is over the same day, or minute."""

    title: str | None = Field(None, min_length=1, max_length=200, pattern=r"\S")
    day: date
    until: date | None = None
    hour: time | None = None
    hour_until: time | None = None

    def spoken(self) -> dict[str, Any]:
        """From when to before when, and how finely. Raises BadRequest where the end is before the beginning."""
        last = self.until or self.day
        if self.hour_until is not None and self.hour is None:
            raise BadRequest("An hour it ended needs an hour it began.", "bad_argument")
        if self.hour is None:
            starts, ends = datetime.combine(self.day, time()), datetime.combine(last, time()) + timedelta(days=1)
        else:
            starts = datetime.combine(self.day, self.hour)
            ends = datetime.combine(last, self.hour_until or self.hour) + timedelta(minutes=1)
        if starts >= ends:
            raise BadRequest("It ends before it begins.", "bad_argument")
        named = {"title": self.title.strip()} if self.title else {}
        return {"starts": starts.isoformat(), "ends": ends.isoformat(),
                "precision": "day" if self.hour is None else "minute", **named}  # fmt: skip


class MarkBody(Body):
    """Which words, who says them, of whom they speak, and what happened by them."""

    page: int = Field(ge=1, le=99_999)
    start: int = Field(ge=0, le=10_000_000, description="Characters before them in the text of their page.")
    quote: str = Field(min_length=1, max_length=5000, pattern=r"\S")
    speaker_id: Id | None = None
    people: list[Id] = Field([], max_length=MOST_PEOPLE)
    event: MarkedEvent | None = None


@blueprint.post("/api/documents/<document_id>/marks")
@describe(
    "Mark words as a statement or an event", "Judgement", body=MarkBody, status=201, answer=Mark,
    errors=(400, 404, 409, 503), needs="decide",
)  # fmt: skip
def add_mark(document_id: str, body: MarkBody) -> Mark:
    """It stands among what the rules drew, by whom, and stays when its document is read or drawn again."""
    document, database = find_document(path_id(document_id, "document")), clients().database
    pages = split_pages(database.get_text(document.id))
    page = pages[body.page - 1] if body.page <= len(pages) else ""
    if page[body.start : body.start + len(body.quote)] != body.quote:
        raise Conflict("The page has no such words at this place.", "words_not_there")
    value = {"page": body.page, "start": body.start, "quote": body.quote, "people": body.people}
    value |= {"speaker_id": body.speaker_id} if body.speaker_id else {}
    value |= {"event": body.event.spoken()} if body.event else {}
    name = f"mark:{uuid.uuid4()}"
    database.decide([document.id], [Change(name, value)], acting_name(), None)
    return next(read_mark(each, pages) for each in database.list_judgements(document.id) if each.name == name)


@blueprint.delete("/api/documents/<document_id>/marks/<mark_id>")
@describe("Take a mark away", "Judgement", answer=Decided, errors=(404, 503), needs="decide")
def end_mark(document_id: str, mark_id: str) -> Decided:
    """Undoing the decision brings it back."""
    document, database = find_document(path_id(document_id, "document")), clients().database
    name = f"mark:{path_id(mark_id, 'mark')}"
    if all(each.name != name for each in database.list_judgements(document.id)):
        raise NotFound("There is no such mark.")
    return database.decide([document.id], [Change(name, TAKEN_AWAY)], acting_name(), None)
