"""Which of a date's numbers is the day: decided once per export, by all its dates, with the doubt said (pure)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1990, 2099


class DayOrder(StrEnum):
    """How an export writes its dates."""

    YEAR_FIRST = "year first"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True)
class Decision:
    """The order, or None where nothing in the file tells it; `reason` is a sentence for a person."""

    order: DayOrder | None
    reason: str


Numbers = tuple[int, int, int]


def numbers_of(written: str) -> Numbers | None:
    """The three numbers of a date as written; None if they are no date in any order."""
    found = tuple(int(number) for number in re.findall(r"\d+", written))
    if len(found) != 3:
        return None
    return found if any(day_of(found, order) for order in DayOrder) else None


def day_of(numbers: Numbers, order: DayOrder) -> date | None:
    """The day that three numbers mean in this order; None if they mean none."""
    first, second, third = numbers
    if order == DayOrder.YEAR_FIRST:
        year, month, day = first, second, third
    elif order == DayOrder.DAY_FIRST:
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    year = year + 2000 if year < 100 and order != DayOrder.YEAR_FIRST else year
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def decide_day_order(dates: Sequence[Numbers], known: Sequence[tuple[Numbers, date]], dotted: bool) -> Decision:
    """How an export writes its dates.

    `dates` are all of them in the file's order, `known` those beside a file name that holds its own day; `dotted` says
    that they are written with dots.
    """
    if not dates:
        return Decision(None, "The export holds no date.")
    possible = [order for order in DayOrder if all(day_of(numbers, order) for numbers in dates)]
    if len(possible) == 1:
        return Decision(possible[0], f"The dates are written {possible[0]}: no other order gives a day for each.")
    if not possible:
        return Decision(None, "The dates are written in more than one order; each that can mean two days says so.")
    agreeing = [order for order in possible if known and all(day_of(n, order) == day for n, day in known)]
    if len(agreeing) == 1:
        return Decision(agreeing[0], f"The dates are written {agreeing[0]}: so say the names of the files sent.")
    steady = [order for order in possible if _is_steady([day_of(numbers, order) for numbers in dates])]
    if len(steady) == 1:
        return Decision(steady[0], f"The dates are taken as {steady[0]}: only so do the messages follow each other.")
    if dotted and DayOrder.DAY_FIRST in possible:
        return Decision(DayOrder.DAY_FIRST, "The dates are taken as day first, as everybody who writes them with dots.")
    if len({tuple(day_of(numbers, order) for numbers in dates) for order in possible}) == 1:
        return Decision(possible[0], "Every date means the same day in either order.")
    return Decision(None, "Day and month cannot be told apart in this export; both readings are given.")


def _is_steady(days: Sequence[date | None]) -> bool:
    return all(a <= b for a, b in itertools.pairwise(days) if a and b)
