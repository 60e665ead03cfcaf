"""Webhooks over HTTP: add an address, list them with their last answers, end one."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from pydantic import Field, field_validator

from control_plane.database.webhook_rows import Webhook, WebhookDelivery
from control_plane.errors import NotFound
from control_plane.http.contract import Body, describe
from control_plane.http.models import PageQuery, path_id
from control_plane.http.wiring import clients
from control_plane.webhooks.signature import PREFIX, new_secret

blueprint = Blueprint("webhooks", __name__)
LEAST_KEY_BYTES = 24


class WebhookBody(Body):
    """Where to send what, signed with which key."""

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2000)
    kinds: list[str] = Field([], max_length=50, description="Kinds of event, like job_completed; none: every kind.")
    secret: str | None = Field(None, description="whsec_ and at least 24 bytes in base64; made here if not said.")

    @field_validator("secret")
    @classmethod
    def _is_key(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            key = base64.b64decode(value.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not value.startswith(PREFIX) or len(key) < LEAST_KEY_BYTES:
            raise ValueError("must be whsec_ and at least 24 bytes in base64")
        return value


@dataclass(frozen=True)
class ListedWebhook:
    """An address that events are sent to."""

    id: str
    url: str
    kinds: list[str]
    created_at: datetime


@dataclass(frozen=True)
class MadeWebhook(ListedWebhook):
    """A new webhook; its key is told this once."""

    secret: str


@dataclass(frozen=True)
class Webhooks:
    """Those that have not ended, the oldest first."""

    webhooks: list[ListedWebhook]


@dataclass(frozen=True)
class Deliveries:
    """Tries to send an event, newest first."""

    deliveries: list[WebhookDelivery]
    next: int | None


@blueprint.post("/api/webhooks")
@describe(
    "Send events to an address", "Webhooks", body=WebhookBody, status=201, answer=MadeWebhook, errors=(400, 503)
)
def add_webhook(body: WebhookBody) -> MadeWebhook:
    """What happens from now on is posted there, signed as the Standard Webhooks specification says."""
    made = clients().database.add_webhook(body.url, body.secret or new_secret(), body.kinds)
    return MadeWebhook(**vars(_listed(made)), secret=made.secret)


@blueprint.get("/api/webhooks")
@describe("Addresses that events are sent to", "Webhooks", answer=Webhooks, errors=(503,), needs="admin")
def list_webhooks() -> Webhooks:
    """Those that have not ended."""
    return _left()


@blueprint.get("/api/webhooks/<webhook_id>/deliveries")
@describe(
    "What a webhook answered", "Webhooks", query=PageQuery, answer=Deliveries,
    errors=(400, 404, 503), needs="admin",
)  # fmt: skip
def list_deliveries(webhook_id: str, query: PageQuery) -> Deliveries:
    """Every try, newest first."""
    page = clients().database.list_webhook_deliveries(path_id(webhook_id, "webhook"), query.limit, query.cursor)
    return Deliveries(page.rows, page.next)


@blueprint.delete("/api/webhooks/<webhook_id>")
@describe("Send nothing more to an address", "Webhooks", answer=Webhooks, errors=(404, 503))
def end_webhook(webhook_id: str) -> Webhooks:
    """Those that are left."""
    if not clients().database.end_webhook(path_id(webhook_id, "webhook")):
        raise NotFound("There is no such webhook, or it has ended.")
    return _left()


def _left() -> Webhooks:
    return Webhooks([_listed(each) for each in clients().database.list_webhooks()])


def _listed(webhook: Webhook) -> ListedWebhook:
    return ListedWebhook(webhook.id, webhook.url, list(webhook.kinds), webhook.created_at)
