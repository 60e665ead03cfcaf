"""`python -m control_plane bundle`: what somebody who helps must know, without a secret or a document's word (story).

Everything in it is a number, a name of ours, a time or a code; what people or documents called anything stays away.
"""

from __future__ import annotations

import io
import json
import platform
import re
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from control_plane.clients import build_supabase
from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings

EVENTS = 500
JOBS = 200
ALARM_FIELDS = ("id", "name", "about", "raised_at", "last_seen_at", "told_at")
"""An alarm's message may quote a vendor's words, so it stays away; its name says what it is."""
PLAIN = (bool, int, float, type(None))
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")


def run(settings: Settings, folder: Path = Path()) -> int:
    """Write `aseagi-trouble-<time>.tar.gz` and say where it is."""
    path = folder / f"aseagi-trouble-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    files = gather(settings, Database(build_supabase(settings)))
    with tarfile.open(path, "w:gz") as bundle:
        for name, content in files.items():
            data = json.dumps(content, indent=1, default=str).encode()
            about = tarfile.TarInfo(name)
            about.size, about.mtime = len(data), int(time.time())
            bundle.addfile(about, io.BytesIO(data))
    print(f"{path}: {', '.join(files)}. It holds no secret and no word of a document; look into it before you send it.")
    return 0


def gather(settings: Settings, database: Database) -> dict[str, Any]:
    """The bundle's files by name. What cannot be asked is there as its error's code."""
    asks: dict[str, Callable[[], Any]] = {
        "metrics.json": lambda: asdict(database.get_metrics()),
        "alarms.json": lambda: [pick(asdict(each), ALARM_FIELDS) for each in database.list_open_alarms()],
        "events.json": lambda: [_event(asdict(each)) for each in database.list_events(EVENTS)],
        "jobs.json": lambda: [pick(asdict(each), JOB_FIELDS) for each in database.list_jobs(JOBS).rows],
        "totals.json": lambda: numbers(asdict(database.get_totals(anew=True))),
        "backups.json": lambda: [pick(asdict(each), BACKUP_FIELDS) for each in database.get_backups()],
        "facts.json": lambda: asdict(database.get_database_facts()),
    }
    return {"settings.json": settings_shown(settings), "machine.json": machine()} | {
        name: _asked(ask) for name, ask in asks.items()
    }


def settings_shown(settings: Settings) -> dict[str, Any]:
    """Numbers as they are; of everything else only whether it is set: an address may hold a key, a name is private."""
    return {each.name: shown(getattr(settings, each.name)) for each in fields(settings)}


def shown(value: Any) -> Any:
    """A number or a yes as it is, a policy's numbers likewise, else whether there is something (pure)."""
    if isinstance(value, PLAIN):
        return value
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: shown(getattr(value, each.name)) for each in fields(value)}
    return "set" if value else "not set"


def machine() -> dict[str, Any]:
    """The computer, its programs and how much room there is."""
    disk = shutil.disk_usage("/")
    return {
        "python": sys.version, "platform": platform.platform(), "disk_free_bytes": disk.free, "disk_bytes": disk.total,
        "told_at": datetime.now(UTC), "packages": sorted(f"{each.name} {each.version}" for each in distributions()),
    }  # fmt: skip


def pick(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those fields alone (pure)."""
    return {name: row[name] for name in names if name in row}


def numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are numbers (pure)."""
    return {name: value for name, value in row.items() if isinstance(value, PLAIN)}


EVENT_FIELDS = ("id", "kind", "job_id", "document_id", "batch_id", "machine", "created_at")
JOB_FIELDS = (
    "id", "kind", "document_id", "batch_id", "status", "priority", "placement", "machine", "attempt", "pages_total",
    "pages_done", "page_outcomes", "error_code", "mime_type", "bytes", "created_at", "started_at", "finished_at",
    "run_after",
)  # fmt: skip
BACKUP_FIELDS = ("kind", "name", "started_at", "finished_at", "outcome", "bytes")


def _event(row: dict[str, Any]) -> dict[str, Any]:
    """Of what an event says only codes: a file's name, a batch's, a reason in words are people's."""
    payload = row["payload"] if isinstance(row["payload"], dict) else {}
    codes = {name: payload[name] for name in ("code", "reason") if CODE.fullmatch(str(payload.get(name)))}
    return pick(row, EVENT_FIELDS) | codes


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ControlPlaneError as error:
        return {"could_not_be_asked": error.code}
