"""Rows of the record: the log over all documents, its heads, and what it seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.rows import Fault


@dataclass(frozen=True)
class RecordCheck:
    """A part of the log that was recomputed: up to which entry, and what is wrong with it."""

    checked_to: int | None
    faults: list[Fault]


@dataclass(frozen=True)
class Record:
    """The end of the log; `hash_at` is its hash at the entry that was asked for, None where it has none."""

    seq: int
    hash: str
    hash_at: str | None
    signed_seq: int | None
    signed_at: datetime | None
    waiting: int


@dataclass(frozen=True)
class Head:
    """A signed head; signature and public key are hex, the time stamp authority's answer base64."""

    seq: int
    hash: str
    statement: str
    signature: str
    public_key: str
    timestamp_token: str | None = None


@dataclass(frozen=True)
class LogEntry:
    """An entry of the log with its event as it is hashed, None where that is gone."""

    seq: int
    event_id: int
    event_hash: str
    hash: str
    document_id: str | None
    event: str | None


@dataclass(frozen=True)
class Sealed:
    """The rows of one `table/scope`, and the SHA-256 of each when they were sealed, where they are sealed as one."""

    sealed: str
    lines: list[str]
    digests: str | None


@dataclass(frozen=True)
class Recorded:
    """A document and its number in the order of coming."""

    id: str
    seq: int
