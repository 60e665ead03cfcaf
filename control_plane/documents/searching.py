"""Which documents somebody means: words and filters, and a place in a sorted list (pure)."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from control_plane.errors import BadRequest
from control_plane.http.contract import Body, Query
from control_plane.http.models import MOST_ROWS, OF_CASE, RECEIVED_SINCE, Id

Sort = Literal["received", "date", "name", "type", "relevancy"]
Order = Literal["asc", "desc"]
Status = Literal["waiting", "failed", "cancelled", "read", "sorted", "part", "judged"]
NONE = "; - for none"


def _year(words: str) -> str:
    if words != "-" and not (words.isascii() and words.isdigit() and 1 <= int(words) <= 9999 and len(words) <= 4):
        raise ValueError("must be a year like 2024, or - for none")
    return words


Words = Annotated[str, Field(max_length=1000), AfterValidator(str.strip)]


class Search(BaseModel):
    """Which documents."""

    model_config = ConfigDict(frozen=True)

    q: Words = Field("", description='Words of a page or of any name it had; "a phrase", -not, days, amounts, numbers.')
    type: Words | None = Field(None, description=f"One document type{NONE}.")
    person: Words | None = Field(None, description=f"A name that the document has{NONE}.")
    source: Words | None = Field(None, description="upload, telegram, bucket, drive or mail.")
    folder: Words | None = Field(None, description=f"In this folder or below it{NONE}.")
    tag: Words | None = Field(None, description=f"One tag{NONE}.")
    year: Annotated[str, AfterValidator(_year)] | None = Field(None, description=f"The year of its own date{NONE}.")
    status: Status | None = Field(None, description="How far it is; read: sorted (not judged), part or judged.")
    sensitivity: Literal["ordinary", "private", "sealed"] | None = Field(None, description="As a person marked it.")
    important: bool | None = Field(None, description="Whether a person marked it important.")
    exhibit: Words | None = Field(None, description=f"An exhibit letter{NONE}.")
    case_number: Words | None = Field(None, description=OF_CASE)
    batch_id: Id | None = Field(None, description="Only documents of one batch.")
    matter_id: Id | None = Field(None, description="Only documents of this matter.")
    person_id: Id | None = Field(None, description="Only documents that speak of this person, under any name.")
    since: date | None = Field(None, description=RECEIVED_SINCE)
    date_from: date | None = Field(None, description="Documents dated this day (YYYY-MM-DD) or later.")
    date_to: date | None = Field(None, description="Documents dated this day or before.")
    min_relevancy: int | None = Field(None, ge=0, le=999, description="Only documents at least this relevant.")

    def filters(self) -> dict[str, Any]:
        """What was asked for, as `list_documents` takes it."""
        given = self.model_dump(mode="json", include=set(Search.model_fields))
        return {name: value for name, value in given.items() if value not in (None, "") and (name, value) != NO_LEAST}


NO_LEAST = ("min_relevancy", 0)


class SearchBody(Search, Body):
    """Which documents, as JSON."""


class SearchQuery(Search, Query):
    """Which documents, as words."""


class DocumentQuery(SearchQuery):
    """Which documents, in which order, from where on."""

    sort: Sort = Field("received", description="What they are sorted by.")
    order: Order = Field("desc", description="desc: the newest, latest or most relevant first.")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Rows, 1 to 200; 50 if not said.")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")


def write_cursor(place: list[Any]) -> str:
    """A place in a sorted list as a word of an address."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> list[Any] | None:
    """The place that `write_cursor` wrote. Raises BadRequest."""
    if cursor is None:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        place = None
    if not (isinstance(place, list) and len(place) == 2 and all(isinstance(each, str | int | float) for each in place)):
        raise BadRequest("cursor: must be `next` of the page before.", "bad_argument")
    return place
