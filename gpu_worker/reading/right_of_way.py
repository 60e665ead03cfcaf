"""Many at once, or one alone: who may use the OCR engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class RightOfWay:
    """Any number of threads may be `together`; one that asks to be `alone` waits for them and keeps others waiting."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._together = 0
        self._alone = 0  # that are or wait to be
        self._is_taken = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Beside others of the same kind."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Beside nobody."""
        with self._changed:
            self._alone += 1
            self._changed.wait_for(lambda: not (self._together or self._is_taken))
            self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._alone -= 1
                self._is_taken = False
                self._changed.notify_all()
