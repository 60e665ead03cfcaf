"""A batch in the words of the user's own API: a session, worked off in batches of `batch_size` documents. Pure.

Documents are read in any order, so a session's batches are counted and not formed: as many as its documents fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BATCH_SIZE = 100  # the documents of one of a session's batches where nobody says
ShownStatus = Literal["scanning", "running", "judging", "paused", "stopped", "completed"]


@dataclass(frozen=True)
class CurrentBatch:
    """The batch being worked on: `batch_number` counts from 1."""

    batch_id: str
    batch_number: int
    document_count: int
    processed_count: int
    status: str


@dataclass(frozen=True)
class Session:
    """A session as their API tells it; `session_id` is the batch's id here, and null before the first one.

    `total_cost` is in dollars, of what was spent until now; `failed_batches` are as many as the failed documents fill.
    """

    session_id: str | None
    status: ShownStatus | None
    total_documents: int
    total_batches: int
    completed_batches: int
    failed_batches: int
    progress_percentage: float
    started_at: datetime | None
    estimated_completion: datetime | None
    vastai_instance_id: int | None
    total_cost: float
    current_batch: CurrentBatch | None


NO_SESSION = Session(None, None, 0, 0, 0, 0, 0.0, None, None, None, 0.0, None)
