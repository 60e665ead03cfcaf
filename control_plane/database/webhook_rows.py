"""What the database answers of webhooks (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Webhook:
    """An address that events are sent to; `kinds` empty is every kind."""

    id: str
    seq: int
    url: str
    secret: str = field(repr=False)
    kinds: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class WebhookDelivery:
    """One try to send an event: `status_code` is null where there was no answer, and `problem` says why."""

    id: int
    webhook_id: str
    event_id: int
    status_code: int | None
    problem: str | None
    seconds: float
    created_at: datetime
