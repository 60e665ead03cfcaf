"""What the routes of batches take and answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from control_plane.batches.bucket_scan import Selection, overlaps_ours
from control_plane.batches.session import BATCH_SIZE, Session, ShownStatus
from control_plane.database.batch_rows import Failure, ListedCheckpoint, NewBatch
from control_plane.database.enums import BatchStatus, Placement, Priority, Source
from control_plane.drive.client import ALL_OF_DRIVE
from control_plane.http.contract import Body, Query
from control_plane.http.models import Id, PageQuery
from inspector.kinds import TAKEN

MOST_DOCUMENTS = 10_000_000
MIME_TYPES = tuple(kind.mime_type for kind in TAKEN)


def _prefix(value: str) -> str:
    value = value.lstrip("/")
    if overlaps_ours(value):
        raise ValueError("raw/, processed/ and cache/ are our own; choose another prefix")
    return value


def _mime_type(value: str) -> str:
    if value not in MIME_TYPES:
        raise ValueError(f"must be of {', '.join(MIME_TYPES)}")
    return value


Prefix = Annotated[str, Field(max_length=900), AfterValidator(_prefix)]
MailFolder = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
FolderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{3,128}$")]
MimeType = Annotated[str, AfterValidator(_mime_type)]


@dataclass(frozen=True)
class Folder:
    """Where to look: a folder of Drive, of the mailbox, or else a part of the bucket; and what to take."""

    folder_id: str | None
    mail_folder: str | None
    selection: Selection


class EstimateQuery(Query):
    """What to estimate."""

    prefix: Prefix = Field("", description="Objects whose key begins with this; the whole bucket if not said.")
    folder_id: FolderId | None = Field(
        None, description="Instead of a prefix: a folder of Google Drive, with its subfolders."
    )
    mail_folder: MailFolder | None = Field(None, description="Instead of a prefix: a folder or label of the mailbox.")
    mime_types: str = Field("", description="Types to take, separated by commas; all that can be read if not said.")
    max_documents: int = Field(
        MOST_DOCUMENTS, ge=1, le=MOST_DOCUMENTS, description="Estimate at most so many new documents."
    )
    total_documents: int | None = Field(
        None, ge=1, le=MOST_DOCUMENTS, description="Look at nothing and estimate so many documents of usual length."
    )
    batch_size: int = Field(BATCH_SIZE, ge=1, le=500, description="Documents of one of a session's batches.")
    cost_per_hour: float | None = Field(
        None, gt=0, le=1000, description="Dollars an hour of the machine; the market's best if not said."
    )

    @model_validator(mode="after")
    def _known_types(self) -> EstimateQuery:
        if self.mail_folder is not None and (self.folder_id is not None or self.prefix or self.mime_types):
            raise ValueError("Say mail_folder alone: a mailbox has e-mails, and no prefix or folder_id")
        for word in self._words():
            _mime_type(word)
        return self

    def _words(self) -> list[str]:
        return [word.strip() for word in self.mime_types.split(",") if word.strip()]

    def folder(self) -> Folder:
        """Where to look."""
        return Folder(self.folder_id, self.mail_folder, Selection(self.prefix, frozenset(self._words())))


class StartBody(Body):
    """What to take in: `prefix` (of the bucket), `folder_id` (of Drive) or `mail_folder`; none is all of Drive."""

    name: str | None = None
    prefix: Prefix | None = None
    folder_id: FolderId | None = None
    mail_folder: MailFolder | None = None
    mime_types: list[MimeType] | None = None
    max_documents: int | None = Field(None, ge=1, le=MOST_DOCUMENTS)
    batch_size: int | None = Field(None, ge=1, le=500)
    max_cost_per_hour: float | None = Field(None, ge=0.01, le=1000.0)
    priority: Priority = Priority.LOW
    placement: Placement | None = None

    @model_validator(mode="after")
    def _one_source(self) -> StartBody:
        if self.prefix is not None and self.folder_id is not None:
            raise ValueError("Say what to take in: either prefix (of the bucket) or folder_id (of Drive)")
        if self.mail_folder is not None and (self.prefix is not None or self.folder_id is not None or self.mime_types):
            raise ValueError("Say mail_folder alone: a mailbox has e-mails, and no prefix, folder_id or mime_types")
        return self

    @property
    def drive_folder(self) -> str | None:
        """The folder of Drive to take in, if it is neither the bucket nor the mailbox."""
        is_drive = self.prefix is None and self.mail_folder is None
        return (self.folder_id or ALL_OF_DRIVE) if is_drive else None

    @property
    def source(self) -> Source:
        """Where the batch reads."""
        if self.mail_folder is not None:
            return Source.MAIL
        return Source.BUCKET if self.drive_folder is None else Source.DRIVE

    @property
    def folder(self) -> Folder:
        """Where to look."""
        selection = Selection(self.prefix or "", frozenset(self.mime_types or ()))
        return Folder(self.drive_folder, self.mail_folder, selection)

    def as_batch(self, folder_name: str | None, most_unpriced: int | None = None) -> NewBatch:
        """The batch to start; one that nobody priced takes in `most_unpriced` documents and says so."""
        limits = self.model_dump(
            include={"prefix", "mail_folder", "max_documents", "batch_size", "max_cost_per_hour"}, exclude_none=True
        )
        if most_unpriced is not None and (self.max_documents or MOST_DOCUMENTS) > most_unpriced:
            limits |= {"max_documents": most_unpriced, "unpriced": True}
        if self.mime_types:
            limits["mime_types"] = sorted(set(self.mime_types))
        if self.drive_folder:
            limits["folder_id"] = self.drive_folder
        return NewBatch(
            name=(self.name or self.prefix or self.mail_folder or folder_name or "the whole bucket")[:200],
            status=BatchStatus.RUNNING,
            source=self.source,
            priority=self.priority,
            placement=self.placement,
            limits=limits,
        )


class BatchQuery(PageQuery):
    """Which batches."""

    batch_id: Id | None = Field(None, description="Only this one.")


class SteerBody(Body):
    """Which batch; none named is the one that runs now."""

    batch_id: Id | None = None


class BatchBody(Body):
    """Which batch."""

    batch_id: Id


class SkippedQuery(PageQuery):
    """Of which batch."""

    batch_id: Id = Field(description="Of this batch.")


@dataclass(frozen=True)
class Estimate:
    """What a scan found and what the new documents would take; money is null while Vast.ai offers nothing.

    `needs_quote`: without a confirmed price quote (`POST /api/estimates`) a batch takes only the first of them in.
    """

    prefix: str | None
    folder_id: str | None
    documents: int
    known: int
    new: int
    unsupported: int
    empty: int
    bytes: int
    pages: int
    complete: bool
    hours: float
    machines: int
    machine_usd: float | None
    claude_usd: float
    claude_basis: Literal["measured", "assumed", "off"]
    claude_capped: bool
    total_usd: float | None
    total_documents: int
    batch_size: int
    total_batches: int
    total_hours: float
    cost_per_hour: float | None
    total_cost: float | None
    seconds_per_document: float | None
    needs_quote: bool


@dataclass(frozen=True)
class ListedBatch:
    """A batch as callers see it."""

    id: str
    name: str
    prefix: str | None
    folder_id: str | None
    source: Source
    status: ShownStatus
    again_of: str | None
    documents: int
    completed: int
    failed: int
    cancelled: int
    open: int
    unread: int
    pages: int
    pages_done: int
    judged: int
    sorted: int
    waiting_for_analysis: int
    waiting_for: dict[str, int]
    machine_usd: float
    claude_usd: float
    total_usd: float
    max_cost_per_hour: float | None
    batch_size: int
    finish_at: datetime | None
    created_at: datetime
    scanned: int
    known: int
    unsupported: int
    empty: int
    problem: str | None
    failures: list[Failure]


@dataclass(frozen=True)
class SessionBatch(ListedBatch, Session):
    """A batch after what was done to it, also in the words of a session; `message` says what was done."""

    message: str


@dataclass(frozen=True)
class Batches(Session):
    """Batches, newest first; the session is the one that runs now, or else the newest."""

    batches: list[ListedBatch]
    next: int | None


@dataclass(frozen=True)
class ResumedSession:
    """A session that goes on, and how far it had come."""

    message: str
    session_id: str
    completed_batches: int
    total_batches: int


@dataclass(frozen=True)
class SkippedEntry:
    """A file that was not taken in: its name, where it is (object key, or Drive's id), why, and what to do."""

    source_id: str
    name: str
    code: str
    message: str
    created_at: datetime


@dataclass(frozen=True)
class SkippedPage:
    """A page of skipped files, newest first."""

    skipped: list[SkippedEntry]
    next: int | None


@dataclass(frozen=True)
class CheckpointFile(ListedCheckpoint):
    """Where a scan stands; `file` is what `/batch/resume/<checkpoint_file>` takes."""

    file: str = ""


@dataclass(frozen=True)
class Checkpoints:
    """Where each scan stands, newest batch first."""

    checkpoints: list[CheckpointFile]
    next: int | None
