"""Keeps calls to Vast.ai as far apart as its API asks, across all programs that share a home (wire)."""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

log = logging.getLogger(__name__)
# Seconds between two calls of the same verb, from Vast.ai's documentation; search allows 10 a minute.
VAST_MINIMUM_SECONDS: Mapping[str, float] = {
    "create": 4.5,
    "list": 1.0,
    "destroy": 3.0,
    "search": 6.0,
    "logs": 1.0,
    "user": 1.0,
    "charges": 1.0,
    "increases": 2.0,
}
LONGEST_QUEUE_SECONDS = 120.0  # a turn later than this is a clock that was set back, not a queue


class Pacer:
    """Waits until a verb may be called again.

    Safe to share between threads, and with `file` between processes: the limits are the account's, not a process's.
    """

    def __init__(
        self,
        minimum_seconds: Mapping[str, float],
        file: Path | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.minimum_seconds = minimum_seconds
        self._file = file
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._turns: dict[str, float] = {}

    def wait(self, verb: str) -> None:
        """Return when `verb` may be called; every call takes its own turn.

        A file that cannot be written, on a full disk, keeps no machine from being returned: then each process has
        turns of its own.
        """
        seconds = self.minimum_seconds.get(verb, 0.0)
        if seconds <= 0:
            return
        with self._lock:
            now = self._now()
            turn = _take_turn(self._turns, verb, seconds, now)
            try:
                if self._file is not None:
                    with _shared(self._file) as turns:
                        shared = _take_turn(turns, verb, seconds, now)
                    turn = shared  # written, so that everybody knows of it
            except OSError as error:
                log.warning("the turns at Vast.ai are not shared: %s", error.strerror)
        if turn > now:
            self._sleep(turn - now)


def _take_turn(turns: dict[str, float], verb: str, seconds: float, now: float) -> float:
    free_at = turns.get(verb, now)
    turn = max(now, free_at) if free_at - now < LONGEST_QUEUE_SECONDS else now
    turns[verb] = turn + seconds
    return turn


@contextmanager
def _shared(file: Path) -> Iterator[dict[str, float]]:
    """The next free moment of each verb, read from and written to the file while it is locked. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o666), "r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        turns = _read(handle.read())
        yield turns
        # Over what is there: a full disk takes that where it would take nothing new, and nothing is cut before.
        handle.seek(0)
        handle.write(json.dumps(turns))
        handle.truncate()


def pacer_for(vast_url: str, home: Path) -> Pacer:
    """Vast.ai's own intervals, shared by whoever shares `home`; none for an emulator on this machine."""
    host = urlsplit(vast_url).hostname or ""
    local = host in {"localhost", "::1"} or host.startswith("127.")
    return Pacer({}) if local else Pacer(VAST_MINIMUM_SECONDS, home / "turns.json")


def _read(text: str) -> dict[str, float]:
    try:
        return {str(verb): float(at) for verb, at in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}  # the first call, or a file cut short by a crash
