"""Pairs of statements as the database answers them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from control_plane.database.enums import PairKind, PairState, Verdict, VerdictBy
from control_plane.database.rows import Day


@dataclass(frozen=True)
class Side:
    """One of the two statements: where its words stand, who says them, and of when they speak.

    `starts` and `ends` are on the clock of the paper, without a zone; `voice` is sworn, message, order, record, letter
    or note.
    """

    document_id: str
    original_filename: str
    document_type: str | None
    document_date: Day
    page: int
    start: int
    quote: str
    voice: str
    speaker: str | None
    speaker_id: str | None
    starts: datetime | None
    ends: datetime | None
    precision: str | None


@dataclass(frozen=True)
class Pair:
    """Two statements to be seen side by side. Of an order violation, `a` is the order.

    `proposed_by` says what brought them together, `verdict` what rules or Claude say (None: nobody judged it), and
    `explained_by` what would explain it; `state` is a person's. `stands`: both quotes are words of the stored text.
    """

    id: str
    rank: int
    kind: PairKind
    proposed_by: str
    score: int
    verdict: Verdict | None
    verdict_by: VerdictBy | None
    model: str | None
    judged_at: datetime | None
    reason: str | None
    explained_by: str | None
    state: PairState
    decided_by: str | None
    decided_at: datetime | None
    why: str | None
    stands: bool
    people: list[str]
    a: Side
    b: Side


@dataclass(frozen=True)
class PairDecision:
    """What a person decided, on which words. `carried_from`: repeated for a later reading in other letters."""

    id: int
    state: PairState
    why: str | None
    decided_by: str
    decided_at: datetime
    a_quote: str
    b_quote: str
    carried_from: int | None


@dataclass(frozen=True)
class PairCounts:
    """Pairs whose quotes stand, by what a person said of them.

    `conflicts`: accepted (`conflicts_accepted` of them), or undecided and judged a conflict; `to_check`: undecided and
    not judged to be none; `unjudged`: undecided, and Claude was not asked; `by_kind`: the conflicts.
    """

    open: int
    accepted: int
    explained: int
    dismissed: int
    later: int
    conflicts: int
    conflicts_accepted: int
    to_check: int
    unjudged: int
    by_kind: Mapping[str, int]


@dataclass(frozen=True)
class Around:
    """The words of the page before and after a quote."""

    before: str
    after: str


@dataclass(frozen=True)
class Comparable:
    """Documents whose pairs Claude could judge, and how many pairs; `waiting` are being judged. Then what was paid."""

    documents: int
    pairs: int
    waiting: int
    judged_documents: int
    judged_usd: float
