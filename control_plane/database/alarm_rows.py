"""What the database answers of alarms (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Alarm:
    """What a person must look at; its section in docs/operations.md has its `name`. `told_at` null: nobody heard it."""

    id: int
    name: str
    about: str
    message: str
    raised_at: datetime
    last_seen_at: datetime
    told_at: datetime | None
    cleared_at: datetime | None
    cleared_by: str | None
