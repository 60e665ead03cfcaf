"""What the database answers of documents to be judged, and of what was found (pure). Money is in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.door_rows import Door
from control_plane.database.enums import RunOutcome


@dataclass(frozen=True)
class ClaudeDoor(Door):
    """Whether Claude may be asked; `claimed_at` is when the analysis worker last asked."""

    prompt_version: str | None
    claimed_at: datetime | None


@dataclass(frozen=True)
class AnalysisCounts:
    """Documents that were read: judged by Claude, sorted by plain rules, or waiting, and for what.

    `failed` of those sorted could not be judged; those being judged count as waiting.
    """

    judged: int
    sorted: int
    failed: int
    waiting: int
    waiting_pages: int
    waiting_for: dict[str, int]


@dataclass(frozen=True)
class Judgeable:
    """What a filter means: `documents` with `pages` would be judged; the others wait already, are judged, or may not
    be shown to Claude."""

    documents: int
    pages: int
    waiting: int
    judged: int
    not_allowed: int


@dataclass(frozen=True)
class Judged:
    """What Claude has judged since the beginning, and for how much."""

    documents: int
    pages: int
    usd: float


@dataclass(frozen=True)
class Analysis(AnalysisCounts):
    """How the analysis stands."""

    door: ClaudeDoor
    no_key: Judgeable
    spent: Judged


@dataclass(frozen=True)
class Run:
    """One analysis of one document, by whom, and what its job's calls to Claude cost."""

    id: str
    seq: int
    job_id: str
    analyst: str | None
    model: str | None
    prompt_version: str | None
    inputs_sha256: str | None
    outcome: RunOutcome
    reason: str | None
    accepted: bool
    is_shown: bool
    seconds: float | None
    created_at: datetime
    claude_usd: float
    calls: int
