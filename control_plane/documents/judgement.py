"""What people say of a document beside what its pages say now (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from control_plane.database.judgement_rows import Judgement

CORRECTABLE = ("document_type", "document_date", "parties", "case_number", "court")


@dataclass(frozen=True)
class Correction:
    """What a person says of the document instead of what was `read` last; null: there is none."""

    name: str
    value: Any
    read: Any
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Note:
    """A note on a document, a page, words of a page, or a box of it (thousandths).

    `stands`: the page still has the words it was put on.
    """

    id: str
    text: str
    page: int | None
    start: int | None
    quote: str | None
    box: list[int]
    stands: bool
    decided_by: str
    decided_at: datetime
    decision_id: str


@dataclass(frozen=True)
class SaidEvent:
    """What happened by marked words, from `starts` to before `ends` on the clock of the papers."""

    starts: datetime
    ends: datetime
    precision: Literal["day", "minute"]
    title: str | None


@dataclass(frozen=True)
class Mark:
    """Words that a person marked as a statement, or as what tells of an event, which then has the mark's id.

    `stands`: the page still has them.
    """

    id: str
    page: int
    start: int
    quote: str
    speaker_id: str | None
    people: list[str]
    event: SaidEvent | None
    stands: bool
    decided_by: str
    decided_at: datetime
    decision_id: str


@dataclass(frozen=True)
class Line:
    """A line that a person corrected: what was `read` there, and what it says.

    `line_now` is where that line stands in the page's text now; null when a later reading has it no more.
    """

    page: int
    line: int
    line_now: int | None
    read: str
    text: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class FieldValue:
    """What people wrote in one of their fields; money is in dollars."""

    field_id: str
    value: str | float
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class DocumentJudgement:
    """All that people say of a document, beside tags and marks."""

    corrections: list[Correction]
    fields: list[FieldValue]
    notes: list[Note]
    lines: list[Line]
    marks: list[Mark]


def read_judgement(said: Sequence[Judgement], as_read: Mapping[str, Any], text: str | None) -> DocumentJudgement:
    """What people say, by kind; `text` is the document's, its pages parted by form feeds."""
    pages = split_pages(text)
    return DocumentJudgement(
        [_correction(each, as_read) for each in said if each.name in CORRECTABLE],
        [_field(each) for each in said if each.name.startswith("field:")],
        sorted((read_note(each, pages) for each in said if each.name.startswith("note:")), key=_place),
        sorted((_line(each, pages) for each in said if each.name.startswith("line:")), key=_line_place),
        sorted((read_mark(each, pages) for each in said if each.name.startswith("mark:")), key=_place),
    )


def split_pages(text: str | None) -> list[str]:
    """The pages of a stored text."""
    return (text or "").split("\f\n")


def find_line(pages: Sequence[str], page: int, line: int, words: str) -> int | None:
    """Where a line with these words stands on a page, from 1: at its place, or else the nearest to it."""
    lines = pages[page - 1].split("\n") if page <= len(pages) else []
    found = [number for number, each in enumerate(lines, 1) if each.strip() == words.strip()]
    return min(found, key=lambda number: abs(number - line), default=None)


def read_note(said: Judgement, pages: Sequence[str]) -> Note:
    """A note as it stands."""
    value = said.value
    page, quote = value.get("page"), value.get("quote")
    stands = quote is None or (page is not None and page <= len(pages) and quote in pages[page - 1])
    return Note(
        said.name.removeprefix("note:"), value["text"], page, value.get("start"), quote, value.get("box") or [], stands,
        said.decided_by, said.decided_at, said.decision_id,
    )  # fmt: skip


def read_mark(said: Judgement, pages: Sequence[str]) -> Mark:
    """Marked words as they stand."""
    value = said.value
    page, quote, told = value["page"], value["quote"], value.get("event")
    event = told and SaidEvent(
        datetime.fromisoformat(told["starts"]), datetime.fromisoformat(told["ends"]), told["precision"],
        told.get("title"),
    )  # fmt: skip
    return Mark(
        said.name.removeprefix("mark:"), page, value["start"], quote, value.get("speaker_id"), value.get("people", []),
        event, any(quote in each for each in pages), said.decided_by, said.decided_at, said.decision_id,
    )  # fmt: skip


def _correction(said: Judgement, as_read: Mapping[str, Any]) -> Correction:
    return Correction(said.name, said.value, as_read.get(said.name), said.decided_by, said.decided_at)


def _field(said: Judgement) -> FieldValue:
    return FieldValue(said.name.removeprefix("field:"), said.value, said.decided_by, said.decided_at)


def _line(said: Judgement, pages: Sequence[str]) -> Line:
    _, page, line = said.name.split(":")
    read, text = said.value["read"], said.value["text"]
    now = find_line(pages, int(page), int(line), read)
    return Line(int(page), int(line), now, read, text, said.decided_by, said.decided_at)


def _line_place(line: Line) -> tuple[int, int]:
    return line.page, line.line


def _place(note: Note | Mark) -> tuple[int, int, datetime]:
    return note.page or 0, note.start or 0, note.decided_at
