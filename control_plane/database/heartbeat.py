"""A program's sign of life: noted in the database every quarter of a minute, and never a reason to stop (wire)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from control_plane.database import Database

log = logging.getLogger(__name__)
BEAT_SECONDS = 15.0
VERSION = "0.1.0"
"""Of these programs, as pyproject.toml has it."""


@dataclass
class Heartbeat:
    """Call it in every round, with the code of what kept the round from its work; it writes when it is time.

    After `late_after_seconds` of silence the program is taken for dead: longer than its longest sound round.
    """

    database: Database
    name: str
    late_after_seconds: int
    clock: Callable[[], float] = time.monotonic
    _due: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, problem: str | None = None) -> None:
        """I live."""
        with self._lock:
            if self.clock() < self._due:
                return
            self._due = self.clock() + BEAT_SECONDS
        try:
            self.database.note_program(self.name, self.late_after_seconds, VERSION, problem)
        except Exception as error:  # whatever ails the database, it must not end what lives
            log.info("sign of life not noted: %s", type(error).__name__)

    def keep_beating(self, also: Callable[[], None] = lambda: None) -> None:
        """Beat in a thread of its own, for a program that has no rounds; `also` is done beside it."""
        threading.Thread(target=self._beat_on, args=(also,), name="heartbeat", daemon=True).start()

    def _beat_on(self, also: Callable[[], None]) -> None:
        while True:
            self()
            also()
            time.sleep(BEAT_SECONDS)
