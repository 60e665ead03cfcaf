"""What the database answers of the doors to the vendors (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.enums import DoorName, DoorStatus


@dataclass(frozen=True)
class Door:
    """Whether a vendor may be asked, since when, why not (`code` and the same in words), and when it is tried next.

    A pause without a next try is a person's. `tries` careful calls have failed since it was paused.
    """

    name: DoorName
    status: DoorStatus
    code: str | None
    message: str | None
    since: datetime
    next_try_at: datetime | None
    tries: int

    @property
    def is_paused(self) -> bool:
        """Whether what is behind it waits."""
        return self.status is DoorStatus.PAUSED

    def is_due(self, now: float) -> bool:
        """Whether a careful call is due at this moment (epoch seconds)."""
        return self.next_try_at is not None and self.next_try_at.timestamp() <= now
