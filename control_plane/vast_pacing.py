"""Keeps calls to Vast.ai as far apart as its API asks."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Seconds between two calls of the same verb, from Vast.ai's documentation; search allows 10 a minute.
VAST_MINIMUM_SECONDS: Mapping[str, float] = {
    "create": 4.5,
    "list": 1.0,
    "show": 2.0,
    "destroy": 3.0,
    "bid": 5.5,
    "search": 6.0,
    "label": 1.0,
    "logs": 1.0,
    "user": 1.0,
    "charges": 1.0,
}


@dataclass
class Pacer:
    """Waits until a verb may be called again; safe to share between threads."""

    minimum_seconds: Mapping[str, float]
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _free_at: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, verb: str) -> None:
        """Return when `verb` may be called; every call takes its own turn."""
        with self._lock:
            now = self.now()
            turn = max(now, self._free_at.get(verb, now))
            self._free_at[verb] = turn + self.minimum_seconds.get(verb, 0.0)
        if turn > now:
            self.sleep(turn - now)


def pacer_for(vast_url: str) -> Pacer:
    """Vast.ai's own intervals, and none for an emulator on this machine."""
    host = urlsplit(vast_url).hostname or ""
    local = host in {"localhost", "::1"} or host.startswith("127.")
    return Pacer({} if local else VAST_MINIMUM_SECONDS)
