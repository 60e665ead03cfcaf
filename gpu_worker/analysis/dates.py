"""Dates in a text, as ISO 8601 (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
PATTERNS = (
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.I),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:day\s+of\s+)?{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.I),
    re.compile(r"\b(?P<month>\d{1,2})[/\-](?P<day>\d{1,2})[/\-](?P<year>(?:19|20)?\d\d)\b"),
    re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d{2})-(?P<day>\d{2})\b"),
)
LEADS = re.compile(
    r"(?:(?<!hearing )dated?|filed|entered|executed on|signed|sent|issued|report(?:ed)? on)\W*(?:on|this|:)?\W*$", re.I
)
OTHERS_DATES = re.compile(r"(?:born|birth|dob|d\.o\.b\.?|hearing(?: date)?|expires?|due)\W*(?:on|:)?\W*$", re.I)


@dataclass(frozen=True)
class FoundDate:
    """A date and where in the text it stands."""

    iso: str
    start: int


def find_dates(text: str, most: int = 200) -> list[FoundDate]:
    """Every date in the order of the text; month before day, as American courts write, unless that is impossible."""
    found = [
        FoundDate(iso, match.start())
        for pattern in PATTERNS
        for match in pattern.finditer(text)
        if (iso := _to_iso(match["year"], match["month"], match["day"]))
    ]
    return sorted(found, key=lambda item: item.start)[:most]


def choose_document_date(text: str, dates: Sequence[FoundDate]) -> str | None:
    """The document's own date.

    One that "dated" or "filed" leads to, else the first that is not a birthday or an appointment.
    """
    leads = {item: text[max(0, item.start - 30) : item.start] for item in dates}
    for item in dates:
        if LEADS.search(leads[item]):
            return item.iso
    for item in dates:
        if not OTHERS_DATES.search(leads[item]):
            return item.iso
    return None


def _to_iso(year: str, month: str, day: str) -> str | None:
    number = _month_number(month)
    full_year = int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 50 else 1900 + int(year)
    for month_number, day_number in ((number, int(day)), (int(day), number)):
        try:
            return date(full_year, month_number, day_number).isoformat()
        except ValueError:
            if not month.isdigit():
                return None
    return None


def _month_number(month: str) -> int:
    if month.isdigit():
        return int(month)
    return 1 + MONTHS.index(month.lower()[:3])
