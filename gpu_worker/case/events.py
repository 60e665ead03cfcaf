"""Which times in several papers are of one event (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

NEAR_HOURS = timedelta(hours=3)
"""Two papers that give a time of day to one event differ by less: a late exchange, an evening."""
CHAT_GAP = timedelta(minutes=45)
"""Messages of one exchange follow each other within this."""
FINE = frozenset({"minute", "hour"})
LEAST_WORDS = 2
"""Words that two statements must share where they name nobody in common."""
LONG = timedelta(days=4)
"""A range of more days, such as a job or a season, has many events in it: two words must say that it is this one."""


@dataclass(frozen=True)
class NearTime:
    """A time with what its statement speaks of."""

    id: int
    document_id: str
    witness_id: str
    starts: datetime
    ends: datetime
    precision: str
    people: frozenset[str]
    words: frozenset[str]
    is_held: bool = False
    """A month whose event has a day already: it is of no other."""


@dataclass(frozen=True)
class NewTime:
    """A time to settle, and those around it."""

    time: NearTime
    near: tuple[NearTime, ...]


def link(new: Iterable[NewTime]) -> dict[int, tuple[int, ...]]:
    """For each time those that are of the same event."""
    linked: dict[int, tuple[int, ...]] = {}
    held: set[int] = set()
    for each in new:
        same = [other for other in each.near if is_same_event(each.time, other)]
        months = [other for other in same if other.precision == "month"]
        days = [other for other in same if other.precision != "month"]
        if each.time.precision == "month":
            # A month is of one event at most: else it would make all that happened in it one.
            days = sorted(days, key=lambda other: -len(each.time.words & other.words))[: 0 if each.time.is_held else 1]
            held |= {each.time.id} if days else set()
        else:
            months = [other for other in months if not other.is_held and other.id not in held]
            held |= {other.id for other in months}
        linked[each.time.id] = tuple(other.id for other in (*days, *months))
    return linked


def is_same_event(a: NearTime, b: NearTime) -> bool:
    """Whether two statements speak of one event: of one time, and of the same people and things."""
    people, words = len(a.people & b.people), len(a.words & b.words)
    is_one_paper = a.witness_id == b.witness_id
    if a.precision == b.precision == "minute":
        gap = max(a.starts, b.starts) - min(a.ends, b.ends)
        if a.document_id == b.document_id:
            return gap <= CHAT_GAP and (people > 0 or words > 0)
        return gap <= NEAR_HOURS and (people > 0 or words >= LEAST_WORDS)
    if not (a.starts < b.ends and b.starts < a.ends):
        return False
    if a.precision in FINE and b.precision in FINE:
        return people > 0
    if "year" in (a.precision, b.precision):
        return False
    if a.precision == b.precision == "month":
        return a.starts == b.starts and people > 0 and words >= LEAST_WORDS
    if "month" in (a.precision, b.precision):
        return people > 0 and words > 0
    lengths = sorted((a.ends - a.starts, b.ends - b.starts))
    if lengths[1] - lengths[0] > LONG:
        return people > 0 and words >= LEAST_WORDS
    if is_one_paper:
        return people > 0 and words > 0
    return people > 0 and words > 0 or words >= LEAST_WORDS
