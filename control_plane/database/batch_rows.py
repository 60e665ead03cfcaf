"""What the database answers of batches, and of what Claude was asked (pure). Money is in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.analysis_rows import AnalysisCounts
from control_plane.database.enums import BatchStatus, Placement, Priority, Source
from control_plane.database.rows import Json


@dataclass(frozen=True)
class NewBatch:
    """A batch as `start_batch` takes it; what is None is left unsaid."""

    name: str | None
    id: str | None = None
    status: BatchStatus | None = None
    source: Source | None = None
    priority: Priority | None = None
    placement: Placement | None = None
    allow_claude: bool | None = None
    limits: Json | None = None


@dataclass(frozen=True)
class Checkpoint:
    """Where a scan stands."""

    batch_id: str
    place: str
    updated_at: datetime
    finished_at: datetime | None
    scanned: int = 0
    queued: int = 0
    known: int = 0
    unsupported: int = 0
    empty: int = 0
    bytes: int = 0
    pages_estimate: int = 0
    error_code: str | None = None
    error_message: str | None = None
    again_after: int | None = None


@dataclass(frozen=True)
class ListedCheckpoint(Checkpoint):
    """Where a scan stands, with its batch's `seq` as the cursor of the list."""

    seq: int = 0


@dataclass(frozen=True)
class Scan:
    """A running batch whose scan has not come to its end, and the place where it goes on."""

    id: str
    source: Source
    priority: Priority
    placement: Placement
    allow_claude: bool | None
    limits: Json
    place: str
    queued: int
    again: bool


@dataclass(frozen=True)
class BatchJobs:
    """The jobs of a batch, counted. `recent_pages` were read in the last ten minutes."""

    documents: int
    completed: int
    failed: int
    cancelled: int
    open: int
    unread: int
    pages: int
    pages_done: int
    recent_pages: int
    started_at: datetime | None


@dataclass(frozen=True)
class Failure:
    """One reason why documents of a batch failed."""

    code: str | None
    message: str | None
    documents: int


@dataclass(frozen=True)
class Batch:
    """Jobs that came in together, as `get_batches` tells them."""

    id: str
    name: str
    status: BatchStatus
    source: Source
    priority: Priority
    placement: Placement
    allow_claude: bool | None
    limits: Json
    created_at: datetime
    finished_at: datetime | None
    checkpoint: Checkpoint | None
    jobs: BatchJobs
    failures: list[Failure]
    analysis: AnalysisCounts
    machine_usd: float
    claude_usd: float
    total_usd: float
    again_of: str | None
    seq: int


@dataclass(frozen=True)
class SkippedFile:
    """A file that a scan did not take in, and why; its mime type where its kind is known and refused."""

    seq: int
    source_id: str
    name: str
    code: str
    mime_type: str | None
    created_at: datetime


@dataclass(frozen=True)
class PageStatistic:
    """Bytes and pages of a type among the documents read last."""

    mime_type: str | None
    documents: int
    bytes: float
    pages: float


@dataclass(frozen=True)
class ClaudeStatistics:
    """What Claude judged, and for how much."""

    documents: int
    pages: float | None
    usd: float | None
