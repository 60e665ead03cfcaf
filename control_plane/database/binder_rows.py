"""Rows about binders and about what could be bound (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LoosePicture:
    """A picture of one page that came by itself; `seq` is the order of arrival."""

    seq: int
    document_id: str
    original_filename: str
    batch_id: str | None
    telegram_chat_id: int | None
    album: str | None
    created_at: datetime


@dataclass(frozen=True)
class LongScan:
    """A scanned PDF with the text of its pages, parted by form feeds."""

    seq: int
    document_id: str
    original_filename: str
    pages_total: int
    text: str
    blank_pages: list[int]


@dataclass(frozen=True)
class Dismissal:
    """That a person does not want what is proposed; undoing the decision proposes it again."""

    decision_id: str
    decided_by: str
    decided_at: datetime
    why: str | None


@dataclass(frozen=True)
class DismissedProposal(Dismissal):
    """Which proposal a person does not want."""

    proposal: str


@dataclass(frozen=True)
class MadeBinder:
    """A binder and the job that reads it."""

    document_id: str
    job_id: str


@dataclass(frozen=True)
class Binder:
    """That a document is a binder, since when, and whether it was undone."""

    document_id: str
    set_id: str
    position: int
    created_at: datetime
    dissolved_at: datetime | None
