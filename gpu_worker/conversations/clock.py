"""Clock times in the words of many phones: 12 and 24 hours, AM and PM in their languages (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from gpu_worker.conversations.conversation import Moment, Precision
from gpu_worker.conversations.day_order import DayOrder, Numbers, day_of

MORNING = r"a\.?\s?m\.?|vorm\.?|上午|午前|오전|ص|π\.?\s?μ\.?|dop\.?|de\.|öö|पूर्वाह्न"
EVENING = r"p\.?\s?m\.?|nachm\.?|下午|午後|오후|م|μ\.?\s?μ\.?|odp\.?|du\.|ös|अपराह्न"
HALF = rf"(?:{MORNING}|{EVENING})"
CLOCK = rf"(?:{HALF}\s?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?{HALF}(?!\w))?"
"""A clock time; with `re.IGNORECASE`."""
_PARTS = re.compile(
    rf"(?P<before>{HALF})?\s?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?\s?(?P<after>{HALF})?",
    re.IGNORECASE,
)
_EVENING = re.compile(EVENING, re.IGNORECASE)


@dataclass(frozen=True)
class ClockTime:
    """A time of day; `second` is None where none is written."""

    hour: int
    minute: int
    second: int | None

    @property
    def precision(self) -> Precision:
        return Precision.MINUTE if self.second is None else Precision.SECOND

    def on(self, day: date) -> str:
        """`2024-03-05T21:42`, with seconds where they are written."""
        clock = f"{day.isoformat()}T{self.hour:02}:{self.minute:02}"
        return clock if self.second is None else f"{clock}:{self.second:02}"


def read_clock(written: str) -> ClockTime | None:
    """The time of day that is written; None if it is none."""
    match = _PARTS.fullmatch(written.strip())
    if match is None:
        return None
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["before"] or match["after"]
    second = int(match["second"]) if match["second"] else None
    if half:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if _EVENING.fullmatch(half) else 0)
    if hour > 23 or minute > 59 or (second or 0) > 59:
        return None
    return ClockTime(hour, minute, second)


def moment_of(written: str, numbers: Numbers, clock: ClockTime, order: DayOrder | None) -> Moment:
    """The moment on a date of three numbers; where their order is not known and matters, both readings as a doubt."""
    days = {day for each in DayOrder if (day := day_of(numbers, each))} if order is None else set()
    day = day_of(numbers, order) if order else (days.pop() if len(days) == 1 else None)
    if day is None:
        both = " or ".join(sorted(each.isoformat() for each in days)) or "no day of the calendar"
        return Moment(written, None, clock.precision, doubt=f"the date can mean {both}")
    return Moment(written, clock.on(day), clock.precision)


ENGLISH = ("%b %d, %Y %I:%M:%S %p", "%B %d, %Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S", "%d %b %Y %H:%M:%S",
           "%b %d, %Y %I:%M %p", "%d-%b-%Y %H:%M:%S", "%d %b %Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S")  # fmt: skip


def read_english(written: str) -> datetime | None:
    """A date and clock time with the month in English letters (`Mar 14, 2024 9:04:00 PM`); None if it is none."""
    plain = " ".join(written.replace("Sept ", "Sep ").split())
    for form in ENGLISH:
        try:
            return datetime.strptime(plain, form)
        except ValueError:
            continue
    return None
