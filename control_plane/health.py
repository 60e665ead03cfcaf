"""Is the process alive, and can the house do its work?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast

from flask import Blueprint, current_app

from control_plane.batches.shapes import current_batch, describe_batch
from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.http.auth import bearer_token, require_scope
from control_plane.http.contract import describe
from control_plane.http.wiring import callers, session_now
from control_plane.readiness import Readiness, ReadinessChecks

blueprint = Blueprint("health", __name__)

SESSION_SECONDS = 60.0


@dataclass
class RememberedSession:
    """The batch that runs now, asked for beside the answer: nobody waits for the database to hear that we live."""

    ask: Callable[[], str | None]
    known: str | None = None
    _until: float = 0.0
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> str | None:
        """The id as it was at most a minute ago, or null while nobody knows; a newer one is asked for."""
        if time.monotonic() >= self._until and self._asking.acquire(blocking=False):
            threading.Thread(target=self._refresh, daemon=True).start()
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
class Ready:
    """Yes or no, for whoever asks."""

    ready: bool


@blueprint.get("/health")
@describe("Is the process alive?", "Health", auth="none", answer=Alive)
def health() -> Alive:
    """Always healthy: it waits for nobody. `current_session` is the batch that runs, as of a minute ago at most."""
    return Alive("healthy", datetime.now(UTC), True, session_now())


@blueprint.get("/ready")
@describe("Is everything as it should be?", "Health", auth="none", answer=Ready | Readiness, errors=(401, 403, 503))
def ready() -> tuple[Ready | Readiness, int]:
    """Without a token yes (200) or no (503). With one each dependency, program and backup by itself."""
    checks = _checks()
    if token := bearer_token():
        require_scope(callers().find(token), "read")
        found = checks.look()
        return found, 200 if found.ready else 503
    is_ready = checks.is_ready()
    return Ready(is_ready), 200 if is_ready else 503


@blueprint.get("/api/readiness")
@describe("Everything that must be as it should be, one by one", "Health", answer=Readiness, errors=(503,))
def readiness() -> Readiness:
    """The same as `/ready` with a token, and never an error because of what it says."""
    return _checks().look()


def _checks() -> ReadinessChecks:
    return cast(ReadinessChecks, current_app.extensions["readiness"])
