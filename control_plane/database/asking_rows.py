"""Rows of a question to the case (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.case_rows import Precision, Voice
from control_plane.database.rows import Day


@dataclass(frozen=True)
class AskedStatement:
    """A statement where it stands now: `start` is the characters before it on its page; `before` and `after` are the
    words around it there. `starts` and `ends` are on the clock of the paper, without a zone."""

    id: int
    document_id: str
    original_filename: str
    document_type: str | None
    document_date: Day
    page: int
    start: int
    quote: str
    before: str
    after: str
    voice: Voice
    speaker: str | None
    speaker_id: str | None
    starts: datetime | None
    ends: datetime | None
    precision: Precision | None


@dataclass(frozen=True)
class FoundStatement(AskedStatement):
    """A statement that could answer a question.

    `coverage`: the share of the question's words that it has, rare ones counting more; `fits`: it has every day,
    amount, number and phrase asked for, and every person named; `claude_may`: Claude may see it.
    """

    coverage: float
    fits: bool
    claude_may: bool


@dataclass(frozen=True)
class ReservedQuestion:
    """A call that may be made; or numbers that were chosen before; or a code and a sentence for why neither."""

    call_id: str | None
    chosen: list[int] | None
    code: str | None
    message: str | None
