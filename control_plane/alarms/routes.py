"""Alarms over HTTP: the open ones, and that a person has seen to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint

from control_plane.alarms.telling import guide_path
from control_plane.database.alarm_rows import Alarm
from control_plane.errors import NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import describe
from control_plane.http.wiring import clients

blueprint = Blueprint("alarms", __name__)


@dataclass(frozen=True)
class OpenAlarm:
    """What a person must look at; `told_at` null: no channel has told anybody; `guide` is where it is explained."""

    id: int
    name: str
    about: str
    message: str
    raised_at: datetime
    last_seen_at: datetime
    told_at: datetime | None
    guide: str


@dataclass(frozen=True)
class Alarms:
    """The open ones, the newest first."""

    alarms: list[OpenAlarm]


@blueprint.get("/api/alarms")
@describe("What a person must look at", "Alarms", answer=Alarms, errors=(503,))
def list_alarms() -> Alarms:
    """Every open alarm, the newest first; none holds a word of a document."""
    return _open()


@blueprint.post("/api/alarms/<alarm_id>/clear")
@describe("A person has seen to an alarm", "Alarms", answer=Alarms, errors=(404, 503))
def clear_alarm(alarm_id: str) -> Alarms:
    """Those that are left. It comes back while its cause is still there."""
    if not alarm_id.isdecimal() or clients().database.end_alarm(int(alarm_id[:18]), acting_name()) is None:
        raise NotFound("There is no such alarm, or it is over.")
    return _open()


def _open() -> Alarms:
    return Alarms([_shown(each) for each in clients().database.list_open_alarms()])


def _shown(alarm: Alarm) -> OpenAlarm:
    return OpenAlarm(
        alarm.id, alarm.name, alarm.about, alarm.message, alarm.raised_at, alarm.last_seen_at, alarm.told_at,
        guide_path(alarm.name),
    )  # fmt: skip
