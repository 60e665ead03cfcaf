"""What the database answers of programs, of the doctor and of itself (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Program:
    """A program's newest sign of life; late is one that has been silent for longer than it says it ever is."""

    name: str
    version: str | None
    beat_at: datetime
    silent_seconds: float
    late_after_seconds: int
    is_late: bool
    problem: str | None


@dataclass(frozen=True)
class Examination:
    """What the doctor found at one time; each probe has door, tried, state, code, message and mend."""

    id: int
    examined_at: datetime
    seconds: float
    probes: list[dict[str, Any]]


@dataclass(frozen=True)
class DatabaseFacts:
    """The newest migration that was applied, the versions of vector (None: not enabled) and Postgres, and the time."""

    migration: str | None
    vector: str | None
    postgres: str
    told_at: datetime
