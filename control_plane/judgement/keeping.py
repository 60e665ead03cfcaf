"""What people keep beside documents over HTTP: their own fields, exhibits, saved views, and days to keep in mind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import Blueprint
from pydantic import Field

from control_plane.database.judgement_rows import CustomField, Exhibit, Reminder, SavedView
from control_plane.documents.searching import Order, SearchBody, Sort, read_cursor, write_cursor
from control_plane.errors import NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import MOST_ROWS, Id, path_id
from control_plane.http.wiring import clients
from control_plane.judgement.models import Day, Tag, Word

blueprint = Blueprint("keeping", __name__)


class FieldBody(Body):
    """A new field."""

    name: Tag
    kind: Literal["text", "date", "money", "choice"]
    choices: list[Tag] = Field([], max_length=100)


class ViewBody(Body):
    """A search to be kept, with its order and columns."""

    name: Word
    search: SearchBody
    sort: Sort = "received"
    order: Order = "desc"
    columns: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=50)


class ReminderBody(Body):
    """A day to keep in mind."""

    day: Day
    text: str = Field(min_length=1, max_length=500)
    document_id: Id | None = None


class DoneBody(Body):
    """Whether it is done with."""

    is_done: bool


class ExhibitQuery(Query):
    """Whose exhibits."""

    matter_id: Id | None = Field(None, description="Of this matter; the first one's if not said.")


class ReminderQuery(Query):
    """Which days."""

    when: Literal["next", "past", "done"] = Field("next", description="Those that come, that went by, or are done.")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    matter_id: Id | None = Field(None, description="Only of this matter's documents, and those of no document.")


@dataclass(frozen=True)
class Fields:
    """The fields that are offered, by name."""

    fields: list[CustomField]


@dataclass(frozen=True)
class Exhibits:
    """A matter's exhibits in the order of their letters, and the letter that follows."""

    exhibits: list[Exhibit]
    next_letter: str


@dataclass(frozen=True)
class SavedViews:
    """The searches that are kept, by name."""

    views: list[SavedView]


@dataclass(frozen=True)
class ReminderPage:
    """A page of days, the nearest first."""

    reminders: list[Reminder]
    next: str | None
    total: int


@dataclass(frozen=True)
class Kept:
    """The id of what was changed."""

    id: str


@blueprint.get("/api/fields")
@describe("People's own fields", "Judgement", answer=Fields, errors=(503,))
def list_fields() -> Fields:
    """All that are offered."""
    return Fields(clients().database.list_fields())


@blueprint.post("/api/fields")
@describe(
    "Make a field", "Judgement", body=FieldBody, status=201, answer=CustomField, errors=(400, 409, 503), needs="decide"
)
def add_field(body: FieldBody) -> CustomField:
    """A text, a date, money or a choice, to be written about documents by /api/decisions."""
    return clients().database.add_field(body.model_dump(), acting_name())


@blueprint.delete("/api/fields/<field_id>")
@describe("Offer a field no more", "Judgement", answer=Kept, errors=(404, 503), needs="decide")
def end_field(field_id: str) -> Kept:
    """What was written in it stays with its documents."""
    if not clients().database.end_field(path_id(field_id, "field")):
        raise NotFound("There is no such field.")
    return Kept(field_id)


@blueprint.get("/api/exhibits")
@describe("Exhibits and the next letter", "Judgement", query=ExhibitQuery, answer=Exhibits, errors=(400, 503))
def list_exhibits(query: ExhibitQuery) -> Exhibits:
    """Of one matter."""
    database = clients().database
    matter = query.matter_id or database.get_default_matter()
    return Exhibits(database.list_exhibits(matter), database.get_next_exhibit(matter))


@blueprint.get("/api/views")
@describe("Saved views", "Judgement", answer=SavedViews, errors=(503,))
def list_views() -> SavedViews:
    """All that are kept."""
    return SavedViews(clients().database.list_saved_views())


@blueprint.post("/api/views")
@describe(
    "Keep a view", "Judgement", body=ViewBody, status=201, answer=SavedView, errors=(400, 409, 503), needs="decide"
)
def add_view(body: ViewBody) -> SavedView:
    """A search with its order and columns, under a name of its own."""
    return clients().database.save_view(None, _as_row(body), acting_name())


@blueprint.put("/api/views/<view_id>")
@describe("Keep a view anew", "Judgement", body=ViewBody, answer=SavedView, errors=(400, 404, 409, 503), needs="decide")
def change_view(view_id: str, body: ViewBody) -> SavedView:
    """In place of what it was."""
    return clients().database.save_view(path_id(view_id, "view"), _as_row(body), acting_name())


@blueprint.delete("/api/views/<view_id>")
@describe("Keep a view no more", "Judgement", answer=Kept, errors=(404, 503), needs="decide")
def end_view(view_id: str) -> Kept:
    """Its documents stay as they are."""
    if not clients().database.end_view(path_id(view_id, "view")):
        raise NotFound("There is no such view.")
    return Kept(view_id)


@blueprint.get("/api/reminders")
@describe("Days to keep in mind", "Judgement", query=ReminderQuery, answer=ReminderPage, errors=(400, 503))
def list_reminders(query: ReminderQuery) -> ReminderPage:
    """Hearings and due days that documents name, on their words, and days that people wrote down (days are UTC)."""
    rows, total = clients().database.list_reminders(
        query.when, datetime.now(UTC).date(), read_cursor(query.cursor), query.limit + 1, query.matter_id
    )
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    following = write_cursor([last.day.isoformat(), last.id]) if last else None
    return ReminderPage(rows[: query.limit], following, total)


@blueprint.post("/api/reminders")
@describe(
    "Write a day down", "Judgement", body=ReminderBody, status=201, answer=Kept, errors=(400, 404, 503), needs="decide"
)
def add_reminder(body: ReminderBody) -> Kept:
    """By hand, with or without a document."""
    return Kept(clients().database.add_reminder(body.day, body.text, body.document_id, acting_name()))


@blueprint.put("/api/reminders/<reminder_id>")
@describe("Be done with a day, or not", "Judgement", body=DoneBody, answer=Kept, errors=(400, 404, 503), needs="decide")
def set_reminder(reminder_id: str, body: DoneBody) -> Kept:
    """It stays so when its document is read or judged again."""
    reminder = path_id(reminder_id, "reminder")
    clients().database.set_reminder(reminder, body.is_done, acting_name())
    return Kept(reminder)


def _as_row(body: ViewBody) -> dict[str, Any]:
    return body.model_dump(exclude={"search"}) | {"search": body.search.filters()}
