"""Times of day as people and machines write them: 5:30 p.m., 1840 hours, 22:31, half past five (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_HALF = r"(?P<half>[ap])\.?\s?m\b\.?"
PATTERNS = (
    re.compile(rf"(?<![\d:./$-])(?P<hour>\d{{1,2}})[:.](?P<minute>[0-5]\d)(?::[0-5]\d)?\s?{_HALF}", re.I),
    re.compile(rf"(?<![\d:./$-])(?P<hour>\d{{1,2}})\s?{_HALF}", re.I),
    re.compile(r"(?<![\d:./$-])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?h(?:rs|ours)?\b)?"),
    re.compile(r"(?<![\d:./$-])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:hours|hrs|h)\b", re.I),
    re.compile(rf"\b(?P<word>{'|'.join(_NUMBERS)}|\d{{1,2}})\s?o['’]clock"
               r"(?:\s(?:in the (?P<part>morning|afternoon|evening)|at (?P<night>night)))?", re.I),
    re.compile(rf"\b(?P<past>half past|quarter past|quarter to)\s(?P<word>{'|'.join(_NUMBERS)})\b", re.I),
    re.compile(r"\b(?P<noon>noon|midnight)\b", re.I),
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """A time of day in minutes, where it stands; `is_sure` is False where morning and evening are not told apart."""

    start: int
    end: int
    words: str
    minute: int
    is_sure: bool


def find_clocks(text: str) -> list[Clock]:
    """Every time of day in the order of the text."""
    kept: list[Clock] = []
    for clock in sorted(_all(text), key=lambda each: (each.start, -each.end)):
        if not kept or clock.start >= kept[-1].end:
            kept.append(clock)
    return kept


def _all(text: str) -> Iterator[Clock]:
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            if (read := _read(match.groupdict())) is not None:
                yield Clock(match.start(), match.end(), match[0], *read)


def _read(found: dict[str, str | None]) -> tuple[int, bool] | None:
    if noon := found.get("noon"):
        return (720 if noon.lower() == "noon" else 0), True
    if word := found.get("word"):
        hour = _NUMBERS.index(word.lower()) + 1 if word.lower() in _NUMBERS else int(word)
        shift = {"half past": 30, "quarter past": 15, "quarter to": -15}.get((found.get("past") or "").lower(), 0)
        is_late = found.get("part") in ("afternoon", "evening") or bool(found.get("night"))
        is_sure = bool(found.get("part") or found.get("night"))
        return ((hour % 12 + 12 * (is_late or not is_sure)) * 60 + shift, is_sure) if hour <= 12 else None
    hour, minute, half = int(found.get("hour") or 0), int(found.get("minute") or 0), found.get("half")
    if half:
        if not 1 <= hour <= 12:
            return None
        return (hour % 12 + 12 * (half.lower() == "p")) * 60 + minute, True
    is_sure = hour > 12 or hour == 0 or len(found.get("hour") or "") == 2
    return hour * 60 + minute, is_sure
