"""Rows of the lists about files inside files, and of e-mails (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from control_plane.database.enums import JobStatus

Role = Literal["body", "attachment", "inline", "message", "member"]


@dataclass(frozen=True)
class Part:
    """A file inside a document, at a position from 1: a document of its own, or the code why it was not taken."""

    position: int
    role: Role
    name: str
    document_id: str | None
    code: str | None
    bytes: int | None
    dated: str | None
    mime_type: str | None
    document_type: str | None
    status: JobStatus | None
    error_message: str | None
    pages_total: int | None


@dataclass(frozen=True)
class Parent:
    """What a document lies in, and as what."""

    parent_id: str
    parent_filename: str
    parent_mime_type: str | None
    position: int
    role: Role
    name: str


@dataclass(frozen=True)
class Companion:
    """A document that carries the same mark of a live photo: its picture or its clip, wherever it came from."""

    document_id: str
    original_filename: str
    mime_type: str | None


@dataclass(frozen=True)
class Mail:
    """What an e-mail says of itself; `sent` is ISO 8601 with the zone of its sender, where that was written."""

    message_id: str
    sent: str | None
    sender: str
    recipients: list[str]
    subject: str


@dataclass(frozen=True)
class ThreadMail:
    """An e-mail of a thread."""

    document_id: str
    sent: str | None
    sender: str
    subject: str
