"""Over HTTP: the doors to the vendors, and trying one now (story)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from control_plane.database.door_rows import Door
from control_plane.database.enums import DoorName
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.wiring import clients

blueprint = Blueprint("doors", __name__)


@dataclass(frozen=True)
class Doors:
    """Every door."""

    doors: list[Door]


@blueprint.get("/api/doors")
@describe("The doors to the vendors", "Machines", answer=Doors, errors=(503,))
def list_doors() -> Doors:
    """Which vendors may be asked, which are paused and why, and when each is tried next."""
    return Doors(clients().database.list_doors())


@blueprint.post("/api/doors/<name>/try")
@describe("Try a vendor now", "Machines", answer=Doors, errors=(404, 503))
def try_door(name: str) -> Doors:
    """Have the careful call made that opens a paused door, as soon as may be: what it needed was mended."""
    if name not in set(DoorName):
        raise NotFound("There is no such door.")
    clients().database.ask_door(DoorName(name))
    return Doors(clients().database.list_doors())
