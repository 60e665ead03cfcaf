"""Rows about what people say of documents (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from control_plane.database.rows import Day

FieldKind = Literal["text", "date", "money", "choice"]


@dataclass(frozen=True)
class Change:
    """What is to be said of a document under this name; `TAKEN_AWAY`: nothing any more, None: that there is none."""

    name: str
    value: Any


TAKEN_AWAY = object()


def as_row(change: Change) -> Mapping[str, Any]:
    """A change as `decide` takes it."""
    return {"name": change.name} if change.value is TAKEN_AWAY else {"name": change.name, "value": change.value}


@dataclass(frozen=True)
class Decided:
    """What a decision did: `id` is None where it changed nothing; `kept` had been changed again by somebody."""

    id: str | None
    changed: int
    unchanged: int
    kept: int


@dataclass(frozen=True)
class Judgement:
    """Something that a person says of a document."""

    document_id: str
    name: str
    value: Any
    decided_by: str
    decided_at: datetime
    decision_id: str


@dataclass(frozen=True)
class Decision:
    """Something that a person did at once; `undoes` and `undone_by` name the other decision."""

    id: str
    seq: int
    decided_by: str
    decided_at: datetime
    why: str | None
    names: list[str]
    documents: int
    undoes: str | None
    undone_by: str | None


@dataclass(frozen=True)
class ChangeMade:
    """What a decision found said, and what it said; null is nothing, or that there is none."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class DocumentDecision(Decision):
    """A decision with what it changed of one document."""

    changes: list[ChangeMade]


@dataclass(frozen=True)
class Tag:
    """A tag and how many documents have it."""

    tag: str
    documents: int


@dataclass(frozen=True)
class DocumentPlace:
    """A document and its place in a sorted list: what it is sorted by, and its order of arrival."""

    document_id: str
    place: list[Any]


@dataclass(frozen=True)
class DocumentCount:
    """How many documents a search means; `is_at_least`: so many at least."""

    total: int
    is_at_least: bool


@dataclass(frozen=True)
class FacetValue:
    """A value and how many documents have it; null: how many have none."""

    value: str | None
    documents: int


@dataclass(frozen=True)
class CountedFacet(FacetValue):
    """A value of a facet."""

    facet: str


@dataclass(frozen=True)
class CustomField:
    """A field that people made; `money` is in dollars."""

    id: str
    name: str
    kind: FieldKind
    choices: list[str]


@dataclass(frozen=True)
class Exhibit:
    """A document with its letter in a matter."""

    matter_id: str
    letter: str
    document_id: str
    original_filename: str
    document_type: str | None
    document_date: Day
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class SavedView:
    """A search that people keep, with its order and columns."""

    id: str
    name: str
    search: dict[str, str | int | bool]
    sort: str
    sort_order: str
    columns: list[str]
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Reminder:
    """A day to keep in mind: `made` by a person, or named by a document (order) in these words."""

    id: str
    day: date
    text: str
    document_id: str | None
    original_filename: str | None
    page: int | None
    start: int | None
    quote: str | None
    made: Literal["order", "person"]
    done_at: datetime | None
    decided_by: str | None
