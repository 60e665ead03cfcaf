"""When to look at which batch again (pure)."""

from __future__ import annotations

import time
from collections.abc import Callable

SLOWER = 1.5
LONGEST_PAUSE = 120.0
"""Most batches take minutes to an hour: two minutes more are not noticed."""


class OpenBatches:
    """The batches whose results are awaited; each is looked at soon at first, then less and less often."""

    def __init__(self, first_pause: float, now: Callable[[], float] = time.monotonic) -> None:
        self._first_pause = first_pause
        self._now = now
        self._next: dict[str, tuple[float, float]] = {}

    def expect(self, batch_id: str) -> None:
        """Look at this one, at once when it is new."""
        self._next.setdefault(batch_id, (self._now(), self._first_pause))

    def due(self) -> list[str]:
        """Those to look at now."""
        return [batch_id for batch_id, (at, _) in self._next.items() if at <= self._now()]

    def look_later(self, batch_id: str) -> None:
        """It is still in progress."""
        _, pause = self._next[batch_id]
        self._next[batch_id] = (self._now() + pause, min(LONGEST_PAUSE, pause * SLOWER))

    def forget(self, batch_id: str) -> None:
        """Its results were taken."""
        self._next.pop(batch_id, None)
