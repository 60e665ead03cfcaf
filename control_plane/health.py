"""Is the process alive, and can it do its work?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint

from control_plane.batches.shapes import current_batch, describe_batch
from control_plane.clients import Clients
from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.http.contract import describe
from control_plane.http.wiring import readiness, session_now
from control_plane.vast.errors import VastError

blueprint = Blueprint("health", __name__)

# Vast.ai limits how often it may be asked, and the CLI costs half a second: an answer stands for a while.
VAST_GOOD_SECONDS = 60.0
VAST_BAD_SECONDS = 10.0
SESSION_SECONDS = 60.0
SESSION_WAIT_SECONDS = 1.0


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


def readiness_checks(clients: Clients) -> dict[str, Callable[[], None]]:
    """One check per dependency: each returns, or raises with a message that is safe to show."""
    return {
        "postgres": clients.database.ping,
        "storage": clients.storage.ping,
        "vast": CachedCheck(clients.vast.get_user),
    }


@dataclass
class RememberedSession:
    """The batch that runs now, asked for beside the answer: a slow database makes nobody think the process dead."""

    ask: Callable[[], str | None]
    known: str | None = None
    _until: float = 0.0
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> str | None:
        """The id as it was at most a minute ago, or null while nobody knows."""
        if time.monotonic() >= self._until and self._asking.acquire(blocking=False):
            thread = threading.Thread(target=self._refresh, daemon=True)
            thread.start()
            thread.join(SESSION_WAIT_SECONDS)
        return self.known

    def _refresh(self) -> None:
        try:
            self.known = self.ask()
        except ControlPlaneError:
            self.known = None
        finally:
            self._until = time.monotonic() + SESSION_SECONDS
            self._asking.release()


def find_session(database: Database) -> str | None:
    """The id of the batch that is meant when none is named."""
    now = datetime.now(UTC)
    batch = current_batch([describe_batch(each, now) for each in database.get_batches(None, 20, None)])
    return batch.id if batch and batch.status in ("scanning", "running", "paused") else None


@dataclass(frozen=True)
class Alive:
    """The process answers."""

    status: Literal["healthy"]
    timestamp: datetime
    batch_manager_initialized: bool
    current_session: str | None


@dataclass(frozen=True)
class Check:
    """A dependency, and what is wrong with it."""

    ok: bool
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Readiness:
    """Every dependency, and whether all answer."""

    ready: bool
    postgres: Check
    storage: Check
    vast: Check


@blueprint.get("/health")
@describe("Is the process alive?", "Health", auth="none", answer=Alive)
def health() -> Alive:
    """Always healthy: it waits for nobody. `current_session` is the batch that runs, as of a minute ago at most."""
    return Alive("healthy", datetime.now(UTC), True, session_now())


@blueprint.get("/ready")
@describe("Are Postgres, the object storage and Vast.ai reachable?", "Health", answer=Readiness, errors=(503,))
def ready() -> tuple[Readiness, int]:
    """One entry per dependency; 503 if any is away."""
    checks = readiness()
    with ThreadPoolExecutor(len(checks)) as pool:
        entries = dict(zip(checks, pool.map(_check, checks.values()), strict=True))
    is_ready = all(entry.ok for entry in entries.values())
    return Readiness(is_ready, **entries), 200 if is_ready else 503


def _check(check: Callable[[], None]) -> Check:
    try:
        check()
    except (ControlPlaneError, VastError) as error:
        return Check(False, error.code, str(error))
    return Check(True)
