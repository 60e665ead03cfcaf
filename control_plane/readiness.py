"""Can the house do its work: do its vendors answer, does every program live, is there a backup (story)."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from control_plane.clients import Clients
from control_plane.database import Database
from control_plane.database.door_rows import Door
from control_plane.database.enums import BackupKind, BackupOutcome
from control_plane.database.health_rows import Program
from control_plane.database.heartbeat import VERSION, Heartbeat
from control_plane.errors import ControlPlaneError
from control_plane.settings import Settings
from control_plane.vast.errors import VastError

log = logging.getLogger(__name__)
# Vast.ai limits how often it may be asked, and the CLI costs half a second: an answer stands for a while.
VAST_GOOD_SECONDS = 60.0
VAST_BAD_SECONDS = 10.0
WORD_SECONDS = 5.0  # for so long the answer to strangers stands, so that no flood of theirs becomes one at our vendors
SERVE_LATE_SECONDS = 120
STARTING_SECONDS = 300.0
WATCH_SECONDS = 60.0
WINDOW_SECONDS = 5.0
WINDOW_LATE_SECONDS = 300
LEAST_FREE_BYTES = 1e9  # of a droplet's 25 GB: the doctor says so from 2 GB on
BACKUP_LATE = timedelta(hours=36)  # one night may fail, and the next is seen
DRILL_LATE = timedelta(days=35)  # one is made each Sunday and on each month's first day


@dataclass
class CachedCheck:
    """A check that is run again only when its last answer is too old."""

    check: Callable[[], object]
    good_seconds: float = VAST_GOOD_SECONDS
    bad_seconds: float = VAST_BAD_SECONDS
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: float = 0.0
    _error: Exception | None = None
    _ran: bool = False

    def __call__(self) -> None:
        """Raise what the check raised, now or a short while ago."""
        with self._lock:
            if not self._ran or self.clock() >= self._until:
                self._run()
            if self._error is not None:
                raise self._error

    def _run(self) -> None:
        try:
            self.check()
            self._error = None
        except (ControlPlaneError, VastError) as error:
            self._error = error
        self._ran = True
        self._until = self.clock() + (self.bad_seconds if self._error else self.good_seconds)


@dataclass(frozen=True)
class Check:
    """A dependency, and what is wrong with it."""

    ok: bool
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class ProgramLife:
    """A program, and how long it has been silent; `silent_seconds` is null for one that was never heard of."""

    name: str
    ok: bool
    silent_seconds: float | None
    late_after_seconds: int | None
    problem: str | None


@dataclass(frozen=True)
class BackupLife:
    """The newest sound backup and trial restore; `configured` is no where none are made from here."""

    ok: bool
    configured: bool
    newest_at: datetime | None
    tried_at: datetime | None
    message: str


@dataclass(frozen=True)
class Readiness:
    """Every dependency, program and backup, and whether all is as it should be; `faults` are the doctor's newest.

    Behind the `paused_doors` work waits and goes on by itself (docs/vendors.md): that alone makes nothing red.
    """

    ready: bool
    postgres: Check
    storage: Check
    vast: Check
    programs: list[ProgramLife]
    backup: BackupLife
    faults: list[str]
    paused_doors: list[Door]


@dataclass
class ReadinessChecks:
    """The running app's checks, and what strangers were told a moment ago."""

    settings: Settings
    clients: Clients
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _told: tuple[float, bool] | None = None

    def __post_init__(self) -> None:
        self._checks: dict[str, Callable[[], None]] = {
            "postgres": self.clients.database.ping,
            "storage": self.clients.storage.ping,
            "vast": CachedCheck(self.clients.vast.get_user),
        }

    def is_ready(self) -> bool:
        """Yes or no, as of a few seconds ago at most."""
        with self._lock:
            if self._told is None or self.clock() >= self._told[0]:
                ready = self.look().ready
                self._told = self.clock() + WORD_SECONDS, ready
            return self._told[1]

    def look(self) -> Readiness:
        """Everything, now."""
        with ThreadPoolExecutor(len(self._checks)) as pool:
            checks = dict(zip(self._checks, pool.map(_check, self._checks.values()), strict=True))
        try:
            programs = judge_programs(self.settings.expected_programs, self.clients.database.get_programs())
            backup = look_at_backups(self.settings, self.clients.database, datetime.now(UTC))
            faults, doors = list_faults(self.clients.database), self.clients.database.list_paused_doors()
        except ControlPlaneError as error:
            programs, backup, faults, doors = [], BackupLife(False, True, None, None, error.message), [], []
        sound = all(check.ok for check in checks.values()) and all(life.ok for life in programs) and backup.ok
        return Readiness(sound, **checks, programs=programs, backup=backup, faults=faults, paused_doors=doors)


def judge_programs(expected: tuple[str, ...], heard: list[Program]) -> list[ProgramLife]:
    """Who lives (pure): all that were ever heard of, and those of the expected that never were."""
    lives = [
        ProgramLife(each.name, not each.is_late, round(each.silent_seconds, 1), each.late_after_seconds, each.problem)
        for each in heard
    ]
    never = set(expected) - {each.name for each in heard}
    return [*lives, *(ProgramLife(name, False, None, None, None) for name in sorted(never))]


def look_at_backups(settings: Settings, database: Database, now: datetime) -> BackupLife:
    """Whether the last night's backup is there, once there is something to lose."""
    done = {row.kind: row.finished_at for row in database.get_backups() if row.outcome is BackupOutcome.DONE}
    newest, tried = done.get(BackupKind.BACKUP), done.get(BackupKind.TRIAL)
    if settings.backup_recipient is None and newest is None:
        message = "No backups are made from here: BACKUP_RECIPIENT is not set (docs/production.md, Back up)."
        return BackupLife(True, False, None, tried, message)
    since = newest or database.find_oldest_document()
    if since is not None and now - since > BACKUP_LATE:
        hours = int((now - since).total_seconds() // 3600)
        return BackupLife(False, True, newest, tried, f"For {hours} hours nothing was backed up: see the backup's log.")
    return BackupLife(True, True, newest, tried, "The newest backup is fresh." if newest else "There is none yet.")


def find_drill_fault(settings: Settings, database: Database, now: datetime) -> str | None:
    """Why nobody may rely on the backups, where they are made: the last trial failed, or none was for too long."""
    rows = database.get_backups()
    if settings.backup_recipient is None and not any(row.kind is BackupKind.BACKUP for row in rows):
        return None
    trials = sorted((row for row in rows if row.kind is BackupKind.TRIAL), key=lambda row: row.finished_at)
    if trials and trials[-1].outcome is not BackupOutcome.DONE:
        return f"The trial of backup {trials[-1].name or 'of that night'} {trials[-1].outcome}: {trials[-1].message}"
    since = trials[-1].finished_at if trials else database.find_oldest_document()
    if since is None or now - since <= DRILL_LATE:
        return None
    return f"For {(now - since).days} days no backup was brought back for a trial: see that the timers still stand."


def list_faults(database: Database) -> list[str]:
    """The codes of what the doctor last found broken."""
    examination = database.find_examination()
    found = examination.probes if examination else []
    return sorted({str(each.get("code")) for each in found if each.get("state") == "fault"})


def keep_watch(settings: Settings, database: Database) -> None:
    """Note that the front desk lives, for as long as it does, and watch over the others."""
    Heartbeat(database, "serve", SERVE_LATE_SECONDS).keep_beating(also=Watch(settings, database))


@dataclass
class Watch:
    """Raises an alarm for each silent program, a late backup or trial and a full disk; to be called every few seconds.

    The front desk and the notifier both do, so that the silence of either is told.
    """

    settings: Settings
    database: Database
    clock: Callable[[], float] = time.monotonic
    _due: float | None = None
    _windows_due: float = 0.0

    def __call__(self) -> None:
        """Look once a minute; at programs not in the first minutes, in which all are starting."""
        if self.settings.watched_windows and self.clock() >= self._windows_due:
            self._windows_due = self.clock() + WATCH_SECONDS
            self.note_windows()
        if self._due is None:
            self._due = self.clock() + STARTING_SECONDS
        if self.clock() < self._due:
            return
        self._due = self.clock() + WATCH_SECONDS
        try:
            self.look()
        except ControlPlaneError as error:
            log.warning("nobody was watched", extra={"code": error.code})

    def note_windows(self) -> None:
        """The windows have no key to note their life with: that of each that answers is noted for it."""
        for name, url in self.settings.watched_windows.items():
            try:
                if httpx.get(url, timeout=WINDOW_SECONDS).is_success:
                    self.database.note_program(name, WINDOW_LATE_SECONDS, VERSION)
            except (httpx.HTTPError, ControlPlaneError) as error:
                log.warning("a window was not seen: %s", type(error).__name__, extra={"window": name})

    def note_disk(self) -> None:
        """The disk under the state of the programs, which is the droplet's."""
        folder = self.settings.vast_home
        free = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
        if free < LEAST_FREE_BYTES:
            message = f"The droplet's disk has {free / 1e6:.0f} MB left. Documents come in; backups need room."
            self.database.raise_alarm("disk_full", message)

    def look(self) -> None:
        """What still stands is raised again, and what was not seen for a while is over."""
        for life in judge_programs(self.settings.expected_programs, self.database.get_programs()):
            if not life.ok:
                since = "was never heard of" if life.silent_seconds is None else f"is silent for {_words(life)}"
                message = f"The program {life.name} {since}. What it does is not done meanwhile; nothing is lost."
                self.database.raise_alarm("program_silent", message, life.name)
        backup = look_at_backups(self.settings, self.database, datetime.now(UTC))
        if not backup.ok:
            self.database.raise_alarm("backup_late", backup.message)
        if untried := find_drill_fault(self.settings, self.database, datetime.now(UTC)):
            self.database.raise_alarm("drill_late", untried)
        self.note_disk()
        seen = ["program_silent", "backup_late", "drill_late", "disk_full"]
        self.database.clear_unseen_alarms(seen, 3 * WATCH_SECONDS)


def _words(life: ProgramLife) -> str:
    minutes = int((life.silent_seconds or 0) // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def _check(check: Callable[[], None]) -> Check:
    try:
        check()
    except (ControlPlaneError, VastError) as error:
        return Check(False, error.code, str(error))
    return Check(True)
