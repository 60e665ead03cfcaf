"""What the end of a machine's own log says of its worker (pure); only the word is kept, never a line.

A log is a stranger's word, as a heartbeat is: it may end a machine sooner, or have us wait for minutes, never longer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from control_plane.database.enums import LogWord

LINES = 60
FRESH_SECONDS = 120.0  # a line older than that says what was, and a host's clock may be wrong
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
# The first that fits the last line that says anything: our worker's own sentences, then what Python, CUDA and Docker
# print when they end a program.
SAYINGS: tuple[tuple[LogWord, re.Pattern[str]], ...] = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        (LogWord.LEFT, r"the worker ends: (?!broken)|this machine is destroyed"),
        (LogWord.UNFIT, r"cannot work on this machine|no document can be opened here|the worker ends: broken"),
        (LogWord.UNFIT, r"CUDA error|CUDA out of memory|no kernel image|NVIDIA driver|[Nn]o space left|disk is full"),
        (LogWord.OURS, r"exec format error|executable file not found|No module named|ModuleNotFoundError"),
        (LogWord.DIED, r"Traceback \(most recent call last\)|MemoryError|Segmentation fault|core dumped|^Killed"),
        (LogWord.UNREACHED, r"is away; trying again|a heartbeat failed|claiming failed|could not be told"),
        (LogWord.WORKS, r"job claimed|job done"),
    )
)
PASSES = (LogWord.UNREACHED, LogWord.WORKS)  # true for a moment only: the line must be fresh


def read_word(text: str, now: float) -> LogWord | None:
    """The word of the last line that says anything; None when none does, or when it is too old to go by."""
    for line in reversed(text.splitlines()[-LINES:]):
        word = next((word for word, pattern in SAYINGS if pattern.search(line)), None)
        if word is not None:
            return word if word not in PASSES or _is_fresh(line, now) else None
    return None


def _is_fresh(line: str, now: float) -> bool:
    """Containers keep UTC; a line without a time is as old as anything."""
    stamp = STAMP.match(line)
    if stamp is None:
        return False
    return abs(datetime.fromisoformat(stamp.group()).replace(tzinfo=UTC).timestamp() - now) < FRESH_SECONDS
