"""Says to the database what only the settings know: whether there is a key, and Claude's caps (story)."""

from __future__ import annotations

import logging

from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings

log = logging.getLogger(__name__)


def announce(settings: Settings, database: Database) -> None:
    """Tell the door of key and caps; nothing changes where it knows. A database that is away is told later."""
    caps = {
        "day": settings.max_claude_dollars_per_day,
        "batch": settings.claude.max_usd_per_batch,
        "document": settings.claude.max_usd_per_document,
    }
    try:
        database.announce_claude(settings.anthropic_api_key is not None, caps)
    except ControlPlaneError as error:
        log.warning("the database was not told of Claude's key and caps", extra={"code": error.code})
