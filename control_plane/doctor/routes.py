"""The doctor from the dashboard: what it found last, look again, and programs that are not expected any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app
from pydantic import Field

from control_plane.database.health_rows import Examination
from control_plane.doctor.examine import examine
from control_plane.doctor.probes import Probe
from control_plane.errors import Conflict
from control_plane.http.contract import Body, describe
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("doctor", __name__)
AT_LEAST = timedelta(seconds=30)
"""Between two looks: each costs a cent and asks every vendor."""


@dataclass(frozen=True)
class Looked:
    """What the doctor found last; null and empty before its first look."""

    examined_at: datetime | None
    seconds: float | None
    sound: bool
    probes: list[Probe]


class ForgetBody(Body):
    """A program by its name."""

    name: str = Field(min_length=1, max_length=40)


@dataclass(frozen=True)
class Forgotten:
    """Whether it was known."""

    name: str
    forgotten: bool


@blueprint.get("/api/doctor")
@describe("What the doctor found last", "Health", answer=Looked, errors=(503,))
def get_findings() -> Looked:
    """Each probe with its state (ok, off, warning, fault), its code, and what mends it."""
    return _looked(clients().database.find_examination())


@blueprint.post("/api/doctor/run")
@describe("Have the doctor look now", "Health", answer=Looked, errors=(409, 503))
def look_now() -> Looked:
    """Tries every vendor as production does, which takes up to a minute; what was found within 30 seconds stands."""
    database = clients().database
    newest = database.find_examination()
    if newest and datetime.now(UTC) - newest.examined_at < AT_LEAST:
        return _looked(newest)
    looking = current_app.extensions["doctor_looks"]
    if not looking.acquire(blocking=False):
        raise Conflict("The doctor is looking already; its answer comes within a minute.", "doctor_busy")
    try:
        return _looked(database.keep_examination(*examine(settings(), clients()).as_row()))
    finally:
        looking.release()


@blueprint.post("/api/programs/forget")
@describe("Expect a program no more", "Health", body=ForgetBody, answer=Forgotten, errors=(400, 503))
def forget(body: ForgetBody) -> Forgotten:
    """One that was taken away on purpose, such as a second reaper; it counts again once it is heard of."""
    return Forgotten(body.name, clients().database.forget_program(body.name))


def _looked(examination: Examination | None) -> Looked:
    if examination is None:
        return Looked(None, None, True, [])
    probes = [Probe(**each) for each in examination.probes]
    sound = all(each.state != "fault" for each in probes)
    return Looked(examination.examined_at, examination.seconds, sound, probes)
