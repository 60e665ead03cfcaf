"""The verbs and the list of doors: one method for each SQL function, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.connection import Connection
from control_plane.database.door_rows import Door
from control_plane.database.enums import DoorName, DoorStatus

COLUMNS = "name,status,code,message,since,next_try_at,tries"


class DoorFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def pause_door(
        self, name: DoorName, code: str, message: str | None, retry_seconds: int | None = None
    ) -> Door | None:
        """Nobody asks this vendor any more; None when that was so already. Raises BadRequest."""
        arguments = {"code": code, "message": message, "retry_seconds": retry_seconds}
        return self._first(Door, "pause_door", name=name, **arguments)

    def resume_door(self, name: DoorName, by_hand: bool = False) -> Door | None:
        """The vendor answers again, or a person says so; None when it was not paused."""
        return self._first(Door, "resume_door", name=name, by_hand=by_hand)

    def ask_door(self, name: DoorName) -> Door | None:
        """Have a careful call made there as soon as may be; None when one is due, or a person paused it."""
        return self._first(Door, "ask_door", name=name)

    def take_due_doors(self, names: Sequence[DoorName]) -> list[Door]:
        """Those at which a careful call is due, for whoever then makes it."""
        return self._call(Door, "take_due_doors", names=list(names))


class DoorViews(Connection):
    """Every method raises QueueUnavailable when there is no answer."""

    def list_doors(self) -> list[Door]:
        """All doors by name."""
        return self._rows(Door, self._view("doors", COLUMNS).order("name"))

    def list_paused_doors(self) -> list[Door]:
        """Those behind which something waits."""
        return self._rows(Door, self._view("doors", COLUMNS).eq("status", DoorStatus.PAUSED).order("name"))
