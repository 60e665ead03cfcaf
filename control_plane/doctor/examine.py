"""All doors, one after the other in threads of their own, and what came of it (story)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from control_plane.clients import Clients, build_clients
from control_plane.database import Database
from control_plane.doctor import bucket, claude, database, drive, host, image, mail, mailbox, telegram, timestamp, vast
from control_plane.doctor.probes import Probe, is_sound, look
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings

MARKS = {"ok": "ok     ", "off": "off    ", "warning": "WARNING", "fault": "FAULT  "}


@dataclass(frozen=True)
class Report:
    """What was found, and how long it took."""

    probes: list[Probe]
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether nothing is broken."""
        return is_sound(self.probes)

    def as_row(self) -> tuple[list[dict[str, Any]], float]:
        """As the database keeps it."""
        return [asdict(each) for each in self.probes], self.seconds


def run(settings: Settings, as_json: bool, door: str | None = None) -> int:
    """Examine, say it, keep it for the dashboard; 0 for sound, 1 for a fault. One door alone is said only."""
    clients = build_clients(settings)
    doors = list_doors(settings, clients)
    if door is not None and door not in doors:
        print(f"the doctor's doors are {', '.join(doors)}", file=sys.stderr)
        return 2
    report = examine_doors({door: doors[door]} if door else doors)
    if door is None:
        keep(clients.database, report)
    print(to_json(report) if as_json else to_text(report))
    return 0 if report.is_sound else 1


def examine(settings: Settings, clients: Clients) -> Report:
    """Everything that there is."""
    return examine_doors(list_doors(settings, clients))


def list_doors(settings: Settings, clients: Clients) -> dict[str, Callable[[], list[Probe]]]:
    """What tries each door."""
    return {
        bucket.DOOR: lambda: bucket.examine(clients.storage),
        database.DOOR: lambda: database.examine(settings, clients.database),
        vast.DOOR: lambda: vast.examine(settings, clients.vast, clients.database),
        image.DOOR: lambda: image.examine(settings),
        claude.DOOR: lambda: claude.examine(settings),
        telegram.DOOR: lambda: telegram.examine(settings),
        drive.DOOR: lambda: drive.examine(settings, clients.database),
        mailbox.DOOR: lambda: mailbox.examine(settings),
        mail.DOOR: lambda: mail.examine(settings),
        timestamp.DOOR: lambda: timestamp.examine(settings),
        host.DOOR: lambda: host.examine(settings),
    }


def examine_doors(doors: Mapping[str, Callable[[], list[Probe]]]) -> Report:
    """All at once: doors do not wait for each other."""
    begun = time.monotonic()
    with ThreadPoolExecutor(len(doors)) as pool:
        found = list(pool.map(lambda door: _guarded(door, doors[door]), doors))
    return Report([probe for probes in found for probe in probes], round(time.monotonic() - begun, 1))


def keep(database: Database, report: Report) -> None:
    """Keep it, where there is a database to keep it."""
    with suppress(ControlPlaneError):
        database.keep_examination(*report.as_row())


def to_text(report: Report) -> str:
    """A line per probe, a second one where a person has something to do."""
    lines = []
    for each in report.probes:
        lines.append(f"{MARKS[each.state]} {each.door}: {each.tried}. {each.message}")
        if each.state in ("warning", "fault"):
            lines.append(f"        [{each.code}] {each.mend}")
    faults = sum(each.state == "fault" for each in report.probes)
    lines.append(f"{faults} faults" if faults != 1 else "1 fault")
    return "\n".join(lines)


def to_json(report: Report) -> str:
    """The same for programs: {sound, seconds, probes: [...]}."""
    probes = [asdict(each) for each in report.probes]
    return json.dumps({"sound": report.is_sound, "seconds": report.seconds, "probes": probes}, indent=2)


def _guarded(door: str, examine_door: Callable[[], list[Probe]]) -> list[Probe]:
    """A door whose very set-up fails is one fault."""
    found: list[Probe] = []
    whole = look(door, "set up", lambda: found.extend(examine_door()))
    return found if whole.state == "ok" else [*found, whole]
