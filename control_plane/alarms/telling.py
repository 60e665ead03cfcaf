"""What every channel says of an alarm (pure): a headline, its sentences, and where to read what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.database.enums import EventKind
from control_plane.settings import Settings

GUIDE = "/account/operations"
KINDS = (EventKind.ALARM_RAISED, EventKind.ALARM_STANDS, EventKind.ALARM_CLEARED)


@dataclass(frozen=True)
class Told:
    """An alarm as its event tells it."""

    alarm_id: int
    name: str
    headline: str
    message: str
    guide_url: str


def tell(kind: EventKind, payload: Mapping[str, Any], settings: Settings) -> Told:
    """What to say of an alarm's event. A payload without its fields raises KeyError or ValueError."""
    name = str(payload["name"])
    return Told(
        int(payload["alarm_id"]), name, headline(kind, name, payload), str(payload["message"]),
        f"{settings.control_plane_url}{guide_path(name)}",
    )  # fmt: skip


def headline(kind: EventKind, name: str, payload: Mapping[str, Any]) -> str:
    """`Alarm: standstill`, and since when, or that it is over."""
    what = name.replace("_", " ")
    if kind is EventKind.ALARM_STANDS:
        since = datetime.fromisoformat(str(payload["raised_at"]))
        return f"Still open since {since:%Y-%m-%d %H:%M} UTC: {what}"
    if kind is EventKind.ALARM_CLEARED:
        by = payload.get("cleared_by")
        return f"Seen to by {by}: {what}" if by else f"Over: {what}"
    return f"Alarm: {what}"


def guide_path(name: str) -> str:
    """Where the control plane shows the alarm's section of docs/operations.md."""
    return f"{GUIDE}#{name}"
