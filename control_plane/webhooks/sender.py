"""Sends each event to the webhooks that want it, until they have answered; every try is written down."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

import httpx

from control_plane.database import Database
from control_plane.database.rows import Event
from control_plane.database.webhook_rows import Webhook
from control_plane.errors import ControlPlaneError
from control_plane.webhooks.signature import sign

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0
MOST_EVENTS = 20
TIMEOUT_SECONDS = 10.0
# An event is offered again after a minute: an hour for whoever restarts or moves their program.
MOST_OFFERS = 60


@dataclass
class Sender:
    """What the loop works with. The client follows no redirects: an event goes where a person said."""

    database: Database
    http: httpx.Client


def build_sender(database: Database) -> Sender:
    """A sender with connections of its own."""
    return Sender(database, httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False))


def tick(sender: Sender) -> float:
    """Send what has happened to each webhook; returns the seconds to pause."""
    try:
        busy = [_send_events(sender, webhook) for webhook in sender.database.list_webhooks()]
        return 0.0 if any(busy) else PAUSE_SECONDS
    except ControlPlaneError as error:
        log.warning("webhooks wait", extra={"code": error.code})
        return PAUSE_SECONDS * 5


def _send_events(sender: Sender, webhook: Webhook) -> bool:
    """Send the next events; whether all of a full load went. One that does not answer hears the rest in a minute."""
    consumer = f"webhook:{webhook.id}"
    events = sender.database.take_events(consumer, MOST_EVENTS)
    for event in events:
        if webhook.kinds and event.kind not in webhook.kinds or _send(sender, webhook, event):
            sender.database.ack_events(consumer, [event.id])
        else:
            sender.database.park_event(consumer, event.id, "webhook_refused", MOST_OFFERS)
            return False
    return len(events) == MOST_EVENTS


def _send(sender: Sender, webhook: Webhook, event: Event) -> bool:
    """Post one event; whether it was taken (2xx)."""
    body, begun = message(event), time.monotonic()
    status: int | None = None
    problem: str | None = None
    try:
        headers = sign(webhook.secret, str(event.id), int(time.time()), body)
        reply = sender.http.post(webhook.url, content=body, headers={"content-type": "application/json", **headers})
        status = reply.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = type(error).__name__
    seconds = time.monotonic() - begun
    sender.database.record_webhook_delivery(webhook.id, event.id, status, problem, seconds)
    return status is not None and 200 <= status < 300


def message(event: Event) -> bytes:
    """An event as JSON: `{type, timestamp, data}`, as /api/events tells it. Pure."""
    detail = event.payload if isinstance(event.payload, dict) else {}
    told = {
        "type": event.kind,
        "timestamp": event.created_at.isoformat(),
        "data": {
            "id": event.id,
            "job_id": event.job_id,
            "document_id": event.document_id,
            "batch_id": event.batch_id,
            "detail": detail,
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()
