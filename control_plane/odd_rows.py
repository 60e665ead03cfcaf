"""A vendor's list, row by row: one odd row costs that row and not the market (pure, but for its log)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")
MOST_NAMED = 10


def read_sound(rows: Iterable[Any], read: Callable[[Any], T], what: str) -> list[T]:
    """The rows that can be read, in order; the others are counted and logged by the columns that are to blame.

    `read` raises KeyError, TypeError, ValueError or AttributeError for a row that is none. No value is logged.
    """
    sound: list[T] = []
    blamed: list[str] = []
    for row in rows:
        try:
            sound.append(read(row))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            blamed.append(_blamed(row, error))
    if blamed:
        log.warning("%s odd %s left out", len(blamed), what, extra={"columns": sorted(set(blamed))[:MOST_NAMED]})
    return sound


def _blamed(row: Any, error: Exception) -> str:
    """The column that is missing, those that are null, or what is there in place of a row; never a value."""
    if not isinstance(row, dict):
        return type(row).__name__
    if isinstance(error, KeyError):
        return f"no {error.args[0]}" if error.args and isinstance(error.args[0], str) else "no column"
    return " ".join(sorted(str(name) for name, value in row.items() if value is None)[:3]) or type(error).__name__
