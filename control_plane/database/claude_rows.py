"""Rows of Claude's ledger: what is reserved, what it came to, and what went out together (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from control_plane.database.enums import CallOutcome, MessageBatchStatus


@dataclass(frozen=True)
class CallRequest:
    """A call that somebody wants to make for a job that they hold; `question_sha256` where it goes in a batch.

    `kind` says what is asked, and by that what may be published of the answer.
    """

    job_id: str
    lease_token: str
    kind: str
    model: str
    worst_usd: float
    question_sha256: str | None = None


@dataclass(frozen=True)
class Reservation:
    """A call that may be made (`is_new`) or was made, or a code and a sentence for why not, and whose cap it is.

    `is_probe`: Claude is paused, and this call finds out whether it still refuses.
    """

    call_id: str | None
    message_batch_id: str | None
    is_new: bool
    is_probe: bool
    code: str | None
    message: str | None
    scope: str | None


@dataclass(frozen=True)
class Settlement:
    """What a call came to; without dollars it stays at its worst case."""

    call_id: str
    outcome: CallOutcome
    cost_usd: float | None
    usage: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class MessageBatch:
    """Calls that went to Anthropic together."""

    id: str
    vendor_id: str | None
    status: MessageBatchStatus
    created_at: datetime


@dataclass(frozen=True)
class BatchedCall:
    """A call in a message batch."""

    id: str
    model: str
