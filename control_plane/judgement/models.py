"""What a person can say of documents, as it is sent, and as changes of what is said (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from control_plane.database.judgement_rows import TAKEN_AWAY, Change
from control_plane.documents.searching import SearchBody
from control_plane.errors import BadRequest
from control_plane.http.contract import Body
from control_plane.http.models import Id

MOST_DOCUMENTS = 5000
LONGEST_NOTE = 10_000
Correctable = Literal["document_type", "document_date", "parties", "case_number", "court"]
Sensitivity = Literal["ordinary", "private", "sealed"]


def _trimmed(words: str) -> str:
    trimmed = " ".join(words.split())
    if not trimmed:
        raise ValueError("must not be empty")
    return trimmed


def _iso_day(words: str) -> str:
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise ValueError("must be a day as YYYY-MM-DD") from None


Tag = Annotated[str, Field(max_length=60), AfterValidator(_trimmed)]
Word = Annotated[str, Field(max_length=200), AfterValidator(_trimmed)]
Day = Annotated[str, AfterValidator(_iso_day)]
Why = Annotated[str, Field(max_length=500)]


class PartyBody(Body):
    """Somebody who takes part."""

    name: Word
    role: str | None = Field(None, max_length=200)


class Corrections(Body):
    """What is right; null: there is none. What is left out stays as it is."""

    document_type: Word | None = None
    document_date: Day | None = None
    parties: Annotated[list[PartyBody], Field(max_length=200)] | None = None
    case_number: Word | None = None
    court: Word | None = None


class DecisionBody(Body):
    """What is said of these documents, or of all that a search means."""

    documents: Annotated[list[Id], Field(min_length=1, max_length=MOST_DOCUMENTS)] | None = None
    search: SearchBody | None = None
    why: Why = ""
    add_tags: list[Tag] = Field([], max_length=50)
    remove_tags: list[Tag] = Field([], max_length=50)
    important: bool | None = None
    sensitivity: Sensitivity | None = None
    correct: Corrections = Corrections()
    take_back: list[Correctable] = Field([], max_length=5)
    fields: dict[Id, str | float | None] = Field({}, max_length=50, description="By a field's id; null: nothing.")
    exhibit: Annotated[str, Field(pattern="^([A-Z0-9]{1,6}|next|)$")] | None = Field(
        None, description="A letter; next: the following letters, in order; empty: no exhibit."
    )
    matter_id: Id | None = Field(None, description="Of which matter it is the exhibit; the first one if not said.")


class NoteBody(Body):
    """A note: on the document, on a page, on words of a page, or on a box (thousandths of its width and height)."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE)
    page: int | None = Field(None, ge=1, le=100_000)
    start: int | None = Field(None, ge=0, le=10_000_000)
    quote: str | None = Field(None, min_length=1, max_length=5000)
    box: list[Annotated[int, Field(ge=0, le=1000)]] | None = Field(None, min_length=4, max_length=4)


class NoteTextBody(Body):
    """A note's new words."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE)


class LineBody(Body):
    """What a line says: `read` is what was read there, `text` what it says; null: as it was read after all."""

    page: int = Field(ge=1, le=99_999)
    line: int = Field(ge=1, le=9999)
    read: str = Field(max_length=5000)
    text: str | None = Field(max_length=5000)
    why: Why = ""


class FindingBody(Body):
    """Whether a finding is wrong."""

    is_wrong: bool
    why: Why = ""


def changes_of(body: DecisionBody) -> list[Change]:
    """What a decision says, each name once. Raises BadRequest when it says nothing, or one thing in two ways."""
    found = list(_changes(body))
    names = {change.name for change in found}
    if not found:
        raise BadRequest("Say what is decided.", "bad_argument")
    if len(names) < len(found):
        raise BadRequest("The same is said in two ways.", "bad_argument")
    return found


def _changes(body: DecisionBody) -> Iterator[Change]:
    for tag in dict.fromkeys(body.add_tags):
        yield Change(f"tag:{tag}", True)
    for tag in dict.fromkeys(body.remove_tags):
        yield Change(f"tag:{tag}", TAKEN_AWAY)
    if body.important is not None:
        yield Change("important", body.important or TAKEN_AWAY)
    if body.sensitivity is not None:
        yield Change("sensitivity", TAKEN_AWAY if body.sensitivity == "ordinary" else body.sensitivity)
    for name in sorted(body.correct.model_fields_set):
        yield Change(name, _corrected(body.correct, name))
    for field_id, value in body.fields.items():
        yield Change(f"field:{field_id}", TAKEN_AWAY if value in (None, "") else value)
    if body.exhibit is not None:
        name = f"exhibit:{body.matter_id}" if body.matter_id else "exhibit"
        yield Change(name, body.exhibit or TAKEN_AWAY)
    for name in dict.fromkeys(body.take_back):
        yield Change(name, TAKEN_AWAY)


def _corrected(correct: Corrections, name: str) -> Any:
    value = correct.model_dump(mode="json")[name]
    return value or [] if name == "parties" else value
