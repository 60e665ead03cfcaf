"""One careful call at each door where it is due: it opens the door, or keeps it paused (story).

A program keeps the doors that it goes through itself, so a probe is the very call that its work begins with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from control_plane.database import Database
from control_plane.database.enums import DoorName
from control_plane.doors.refusals import find_door
from control_plane.errors import BadRequest, ControlPlaneError

log = logging.getLogger(__name__)
Probe = Callable[[], object]
"""Raises what the door's vendor refuses with."""


def keep_doors(database: Database, probes: Mapping[DoorName, Probe]) -> None:
    """Make the careful calls that are due. Raises QueueUnavailable."""
    for door in database.take_due_doors(list(probes)):
        try:
            probes[door.name]()
        except BadRequest:  # it is not set up any more: nothing waits behind it
            database.resume_door(door.name)
        except ControlPlaneError as error:
            if find_door(error) is not door.name:
                raise
            pause_for(database, error)
        else:
            if database.resume_door(door.name):
                log.info("door opens", extra={"door": door.name})


def ask_about(database: Database, error: ControlPlaneError) -> None:
    """Somebody's request met a fault at a door: have it looked at. Their answer does not wait for that to succeed."""
    name = find_door(error)
    if name is None:
        return
    try:
        database.ask_door(name)
    except ControlPlaneError as problem:
        log.warning("a door was not asked for", extra={"door": name, "code": problem.code})


def pause_for(database: Database, error: ControlPlaneError) -> DoorName | None:
    """Pause the door that a fault concerns; None where it concerns no whole house. Raises QueueUnavailable."""
    name = find_door(error)
    if name is None:
        return None
    seconds = getattr(error, "retry_after_seconds", None)
    if database.pause_door(name, error.code, error.message, None if seconds is None else round(seconds) + 1):
        log.error("door pauses", extra={"door": name, "code": error.code})
    return name
