"""What the database answers of passwords (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class SealedPassword:
    """A password to try on locked files, as the database keeps it."""

    id: str
    seq: int
    sealed: str = field(repr=False)
    note: str
    created_at: datetime
