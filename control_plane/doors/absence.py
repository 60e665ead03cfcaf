"""The database's own absence, which cannot be written down in it: whoever talks to people keeps it in mind (pure)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from control_plane.errors import ControlPlaneError

QUIET_SECONDS = 600.0
"""As long as every other pause that passes by itself."""
AWAY_CODES = ("queue_unavailable", "database_key_refused")
AWAY = (
    "The database has not answered for {minutes:.0f} minutes. {message} Nothing is lost: what came in waits, and all "
    "goes on by itself when it is back. A paused Supabase project is resumed in Supabase's dashboard."
)
BACK = "The database answers again; what waited goes on."


@dataclass
class Absence:
    """Since when the database is away, and whether people were told."""

    clock: Callable[[], float] = time.monotonic
    since: float | None = None
    is_told: bool = False

    def note(self, error: ControlPlaneError | None) -> str | None:
        """What to tell people after this answer of the database's, or this lack of one; each once."""
        if error is None:
            was_told, self.since, self.is_told = self.is_told, None, False
            return BACK if was_told else None
        if error.code not in AWAY_CODES:
            return None
        self.since = self.clock() if self.since is None else self.since
        away = self.clock() - self.since
        if self.is_told or away < QUIET_SECONDS:
            return None
        self.is_told = True
        return AWAY.format(minutes=away / 60, message=error.message)
