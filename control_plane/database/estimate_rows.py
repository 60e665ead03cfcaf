"""What the database answers of estimates with an id (pure). Money is in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from control_plane.database.enums import BatchStatus
from control_plane.database.rows import Json

EstimateStatus = Literal["sampling", "ready", "confirmed"]


@dataclass(frozen=True)
class StoredDraw:
    """A file of the sample."""

    key: str
    pages: float
    chance: float


@dataclass(frozen=True)
class Listing:
    """What was counted; `pages` are guessed by size, `claude_usd` are assumed per document and page."""

    documents: int
    known: int
    new: int
    unsupported: int
    empty: int
    bytes: int
    pages: int
    complete: bool


@dataclass(frozen=True)
class SampledFile:
    """A file of the sample as it was read, its parts included."""

    key: str
    pages: float
    documents: int
    claude_usd: float
    is_judged: bool
    is_open: bool


@dataclass(frozen=True)
class StoredPrice:
    """The price of what was not in the sample, and its interval."""

    usd: float
    low_usd: float
    high_usd: float
    machine_usd: float
    claude_usd: float
    documents: int
    pages: int
    hours: float
    machines: int


@dataclass(frozen=True)
class StoredEstimate:
    """An estimate as `get_estimates` tells it."""

    id: str
    seq: int
    status: EstimateStatus
    request: Json
    listing: Listing
    draws: list[StoredDraw]
    sample_batch_id: str
    price: StoredPrice | None
    priced_at: datetime | None
    expires_at: datetime | None
    batch_id: str | None
    decided_by: str | None
    decided_at: datetime | None
    actual_usd: float | None
    created_at: datetime
    now: datetime
    sample: list[SampledFile]
    sample_is_over: bool
    sample_usd: float
    batch_status: BatchStatus | None
    spent_usd: float | None


@dataclass(frozen=True)
class EstimatesHeld:
    """Of the estimates whose batch is over: how many intervals held, and how many batches cost more."""

    ended: int
    held: int
    above: int
    squared_errors: float
