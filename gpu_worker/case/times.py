"""When a statement speaks of: days, months and times of day, as ranges, and how each is known (pure)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate

from gpu_worker.analysis.analyst import DateClaim
from gpu_worker.analysis.rules.date_patterns import MONTHS
from gpu_worker.analysis.rules.dates import find_date_claims
from gpu_worker.case.clocks import Clock, find_clocks
from gpu_worker.case.shapes import Time
from gpu_worker.case.units import PAGE_END, Unit

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LONGEST = timedelta(days=800)
"""A range of more is no event but a lifetime or a policy."""
PERIOD = timedelta(days=25)
_MONTH = r"(?P<month>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")(?![^\W\d_])\.?"
NO_YEAR = re.compile(rf"(?<![\w/]){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:/])", re.I)
NO_YEAR_DAY_FIRST = re.compile(rf"(?<![\w/])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+|de\s+)?{_MONTH}", re.I)
MONTH_ONLY = re.compile(rf"(?<![\w/]){_MONTH},?\s+(?:of\s+|de\s+)?(?P<year>(?:19|20)\d\d)\b", re.I)
ROW_DAY = re.compile(r"^\s*(?P<first>\d{1,2})[/.](?P<second>\d{1,2})(?![\d/.:])")
BIRTH = re.compile(r"\b(?:d\.?o\.?b|born|birth(?:day|date)?|geboren|nacid[oa])\b[^.;]{0,20}$", re.I)
TO = re.compile(
    r"^\s*(?:\d{1,2}[:.]?\d*\s?(?:[ap]\.?m\.?)?)?\s*(?:-|–|—|to|until|till|through|thru|and|bis|al?|hasta)\s*(?:the\s)?$"
    r"|^\s*(?:depart\w*|check.?out|out|to|end(?:ed|s|ing)?|returned|left|until|thru|through)\W*$",
    re.I,
)
AND = re.compile(r"^\s*and\s*$", re.I)
BETWEEN = re.compile(r"\bbetween\s*$", re.I)
SINCE = re.compile(r"\b(?:since|seit|desde)\b[^.;]{0,30}$", re.I)
SPAN_OF_PAPER = re.compile(r"\b(?:statement|period|registered|registration|policy|covering|valid|pay)\b", re.I)
THIS_PERIOD = re.compile(r"\bth(?:is|e) (?:statement )?(?:period|month|statement)\b", re.I)
CHECKED = re.compile(r"\b(?:in|arriv\w*|check.?in|from|start\w*|begin\w*|left|depart\w*)\W*$", re.I)
PARTS = {"morning": (5, 12), "afternoon": (12, 18), "evening": (17, 24), "tonight": (18, 30), "overnight": (20, 32)}
PART = re.compile(rf"\b(?:{'|'.join(PARTS)})\b", re.I)
NOT_EVENTS = frozenset({"signed", "filed", "printed"})


@dataclass(frozen=True)
class Day:
    """A day, month or range of days that stands at some words of a page."""

    page: int
    start: int
    end: int
    words: str
    starts: datetime
    ends: datetime
    precision: str
    known: str
    role: str


class Calendar:
    """The days of a document by page, and what a day without a year or a time without a day belongs to."""

    def __init__(self, text: str, kind: str, dated: date | None, sent: datetime | None) -> None:
        pages = text.split(PAGE_END)
        self._starts = [0, *accumulate(len(page) + 1 for page in pages)][: len(pages)]
        claims = find_date_claims("\n".join(pages), kind, lambda place: bisect_right(self._starts, place), most=2000)
        own = next((claim.iso for claim in claims if claim.is_own and claim.iso), None)
        self.own = dated or (date.fromisoformat(own) if own else sent.date() if sent else None)
        self._days: dict[int, list[Day]] = {}
        for claim in claims:
            if day := self._read(claim):
                self._days.setdefault(day.page, []).append(day)
        self.period: Day | None = None
        self._reference = self.own or next((d.starts.date() for days in self._days.values() for d in days), None)

    def days_in(self, unit: Unit) -> list[Day]:
        """The days of a statement, two ends of a range made one."""
        end = unit.start + len(unit.quote)
        days = [day for day in self._days.get(unit.page, ()) if unit.start <= day.start < end]
        if days:
            self._reference = days[-1].starts.date()
        taken = [(day.start, day.end) for day in days]
        days += [day for day in self._partial(unit) if not any(a < day.end and day.start < b for a, b in taken)]
        days = list(_ranges(unit, sorted(days, key=lambda day: day.start)))
        for day in days:
            if self.period is None and day.ends - day.starts >= PERIOD and SPAN_OF_PAPER.search(unit.quote):
                self.period = day
        return days

    def _read(self, claim: DateClaim) -> Day | None:
        if not claim.readings:
            return None
        first, last = date.fromisoformat(claim.readings[0]), date.fromisoformat(claim.readings[-1])
        if first != last:
            return None  # day and month cannot be told apart
        start = claim.start - self._starts[claim.page - 1]
        return Day(
            claim.page, start, start + len(claim.words), claim.words, _midnight(first), _midnight(first) + DAY, "day",
            "stated", claim.role,
        )  # fmt: skip

    def _partial(self, unit: Unit) -> Iterator[Day]:
        for match in MONTH_ONLY.finditer(unit.quote):
            starts = datetime(int(match["year"]), MONTHS[match["month"].lower()], 1)
            yield _day(unit, match, starts, (starts + 32 * DAY).replace(day=1), "month", "stated")
        if self._reference is None:
            return
        for pattern in (NO_YEAR, NO_YEAR_DAY_FIRST):
            for match in pattern.finditer(unit.quote):
                if pattern is NO_YEAR and re.match(r",?\s+(?:19|20)\d\d", unit.quote[match.end() :]):
                    continue
                near = _nearest(self._reference, MONTHS[match["month"].lower()], int(match["day"]))
                if near and not (match["month"] == "may" or match["month"] == "mar" and pattern is NO_YEAR_DAY_FIRST):
                    yield _day(unit, match, _midnight(near), _midnight(near) + DAY, "day", "inferred")
        if row := ROW_DAY.match(unit.quote):
            near = _nearest(self._reference, int(row["first"]), int(row["second"]))
            if near:
                yield _day(unit, row, _midnight(near), _midnight(near) + DAY, "day", "printed")


def _day(unit: Unit, match: re.Match[str], starts: datetime, ends: datetime, precision: str, known: str) -> Day:
    start = unit.start + match.start()
    return Day(unit.page, start, unit.start + match.end(), match[0], starts, ends, precision, known, "event")


def _nearest(reference: date, month: int, day: int) -> date | None:
    """The day of the year that lies nearest to the reference."""
    found = []
    for year in (reference.year - 1, reference.year, reference.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return min(found, key=lambda each: abs(each - reference), default=None)


def _ranges(unit: Unit, days: Sequence[Day]) -> Iterator[Day]:
    number = 0
    while number < len(days):
        day = days[number]
        after = days[number + 1] if number + 1 < len(days) else None
        if after and _is_range(unit, day, after):
            yield replace(
                day, end=after.end, words=unit.quote[day.start - unit.start : after.end - unit.start], ends=after.ends,
                precision="day" if day.precision == after.precision == "day" else "month",
                role="event" if "event" in (day.role, after.role) else day.role,
                known="inferred" if "inferred" in (day.known, after.known) else day.known,
            )  # fmt: skip
            number += 1
        else:
            yield day
        number += 1


def _is_range(unit: Unit, day: Day, after: Day) -> bool:
    between = unit.quote[day.end - unit.start : after.start - unit.start]
    before = unit.quote[: day.start - unit.start]
    if not day.starts < after.starts <= day.starts + LONGEST or BIRTH.search(before):
        return False
    if AND.match(between):
        return bool(BETWEEN.search(before))
    is_labelled = re.match(r"^\s*(?!(?:to|until|till|through|thru)\b)[A-Za-z]", between, re.I)
    return bool(TO.match(between)) and (not is_labelled or bool(CHECKED.search(before)))


def times_of(unit: Unit, days: Sequence[Day], voice: str, inherited: date | None) -> tuple[Time, ...]:
    """The times that a statement speaks of; a time of day without a day is of the day it stands under."""
    clocks = find_clocks(unit.quote)
    times = []
    of_day: dict[int, list[Clock]] = {}
    for clock in clocks:
        place = unit.start + clock.start
        ahead = [n for n, day in enumerate(days) if day.start <= place and day.precision == "day"]
        near = ahead[-1] if ahead else next((n for n, day in enumerate(days) if day.precision == "day"), -1)
        of_day.setdefault(near, []).append(clock)
    for number, day in enumerate(days):
        before = unit.quote[: day.start - unit.start]
        is_event = _is_event(unit, day, voice, bool(of_day.get(number)))
        if SINCE.search(before):
            times.append(_time(day, day.starts, max(day.ends, _midnight(inherited) + DAY if inherited else day.ends),
                               "month", False))  # fmt: skip
            continue
        is_one_day = day.ends - day.starts == DAY
        exact = [clock for clock in of_day.get(number, ()) if is_one_day]
        part = _part_of_day(unit, day) if is_one_day and not exact else None
        if part:
            times.append(_time(day, day.starts + part[0], day.starts + part[1], "hour", is_event))
        elif not exact:
            times.append(_time(day, day.starts, day.ends, day.precision, is_event))
        for clock in exact:
            at = day.starts + timedelta(minutes=clock.minute)
            first, last = min(day.start, unit.start + clock.start), max(day.end, unit.start + clock.end)
            words = unit.quote[first - unit.start : last - unit.start]
            times.append(Time(unit.page, first, words, at, at + MINUTE, "minute", day.known, is_event))
    for clock in of_day.get(-1, ()):
        if inherited and voice != "order" and not _is_span(unit, clock, clocks):
            at = _midnight(inherited) + timedelta(minutes=clock.minute)
            times.append(
                Time(unit.page, unit.start + clock.start, clock.words, at, at + MINUTE, "minute", "inferred", True)
            )
    return tuple(sorted(times, key=lambda time: time.start))


def _part_of_day(unit: Unit, day: Day) -> tuple[timedelta, timedelta] | None:
    """`On May 22 I was at home all evening`: the word nearest to the day says which part of it is meant."""
    place = day.start - unit.start
    found = sorted(PART.finditer(unit.quote), key=lambda match: abs(match.start() - place))
    if not found or len({match[0].lower() for match in found}) > 1:
        return None
    first, last = PARTS[found[0][0].lower()]
    return timedelta(hours=first), timedelta(hours=last)


def _is_span(unit: Unit, clock: Clock, clocks: Sequence[Clock]) -> bool:
    """Hours that something always has, such as opening hours: two in a row with a dash, in a row of nothing else."""
    del unit
    return len(clocks) > 6 and clock.is_sure


def _is_event(unit: Unit, day: Day, voice: str, has_clock: bool) -> bool:
    before = unit.quote[: day.start - unit.start]
    if BIRTH.search(before) or voice == "order" and day.role != "hearing":
        return False
    if day.ends - day.starts >= PERIOD and day.precision == "day" and SPAN_OF_PAPER.search(unit.quote):
        return False
    if day.role not in NOT_EVENTS:
        return True
    others = len(re.findall(r"[^\W\d_]{3,}", unit.quote)) - len(re.findall(r"[^\W\d_]{3,}", day.words))
    return has_clock or voice in ("record", "message", "note") and others >= 3


def _time(day: Day, starts: datetime, ends: datetime, precision: str, is_event: bool) -> Time:
    return Time(day.page, day.start, day.words, starts, ends, precision, day.known, is_event)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
