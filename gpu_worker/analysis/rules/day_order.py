"""Whether a document writes the day or the month first (pure): decided once for all its dates, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import Enum

from gpu_worker.analysis.rules.date_patterns import WrittenDay

MOST_CHARACTERS = 20_000
LEAST_LEAD = 2
"""Points by which the signs of one country must outweigh the other's."""
LEAST_TOGETHER, TOGETHER_DAYS, APART_DAYS = 3, 14, 56


class DayOrder(Enum):
    """How a document writes numeric dates."""

    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"
    UNKNOWN = "unknown"


_STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho|Illinois"
    "|Indiana|Iowa"
    "|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska"
    "|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming"
)
# Points and pattern; spelling and money count less than institutions that one country has and the other has not.
AMERICAN = (
    (
        2,
        re.compile(
            r"earnings statement|pay ?stub|pay period|check (?:date|#|no)|hotline|perpetrator|\b(?:DV|FL|JV)-\d{3}\b"
            r"|\bDCFS\b|\bCPS\b|intake (?:report|date)|\bCAD (?:incident|event)|civil standby|supervised visitation",
            re.I,
        ),
    ),
    (3, re.compile(rf"\b(?:{_STATES})\b|\b(?:{_STATES.upper()})\b|\bU\.?S\.?A\b|United States|\bCalif\.")),
    (3, re.compile(r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b")),
    (
        3,
        re.compile(
            r"\b(?:unified|independent|public|county) school(?: district|s)\b|school district|sheriff's"
            r"|district attorney",
            re.I,
        ),
    ),
    (
        3,
        re.compile(
            r"penalty of perjury|(?:evidence|family|penal|civil|welfare and institutions) code"
            r"|social security|\bSSN\b|\bform (?:w-?2|1040|1099)|\b401\(?k|\bFICA\b|medicaid|sales tax|\bIRS\b",
            re.I,
        ),
    ),
    (
        3,
        re.compile(
            r"ourfamilywizard|talkingparents|appclose|child support services|children and family services"
            r"|child protective services",
            re.I,
        ),
    ),
    (
        2,
        re.compile(
            r"police department|\bdept\b|medical center|elementary|middle school|high school|attorney"
            r"|\bYTD\b|\brx ?#|\bZIP\b",
            re.I,
        ),
    ),
    (
        2,
        re.compile(
            r"\(\d{3}\) ?\d{3}-\d{4}|(?<![\d-])\d{3}-\d{3}-\d{4}(?![\d-])"
            r"|\b\d/\d{1,2}/\d\d,? \d{1,2}:\d\d(?::\d\d)? ?[AP]M\b"
        ),
    ),
    (
        2,
        re.compile(
            r"\bcounty of\b|\bcounty,|\bcircuit court\b|\bsuperior court\b|\bcounty courthouse\b|, (?:MD|DO"
            r"|LCSW|LMFT|Esq)\b",
            re.I,
        ),
    ),
    (1, re.compile(r"\d ?[AP]M\b")),
    (1, re.compile(r"(?<![\d/.\-])[1-9]/[1-9]/(?:20)?\d\d(?![\d/])")),
    (2, re.compile(r"(?<!\w)/s/ [A-Z]|\bUSPS\b|certified mail", re.I)),
    (2, re.compile(r"(?<![A-Za-z])\$ ?\d|child custody")),
    (1, re.compile(r"\bMr\. |\bMrs\. |\bMs\. |\bDr\. ")),
    (
        1,
        re.compile(
            r"\b(?:mom|mommy|center|color|favor|neighbor|canceled|check|DOB|grade \d+|visitation|exhibit"
            r"|petitioner)\b",
            re.I,
        ),
    ),
)
OTHERS = (
    (
        4,
        re.compile(
            r"queensland|victoria police|tasmania|brisbane|sydney|melbourne|adelaide|magistrates'? court"
            r"|auckland|wellington"
            r"|\bleeds\b|manchester|birmingham|cardiff|nottingham|bristol|edinburgh|glasgow|belfast|dublin|\bEW[FHC]",
            re.I,
        ),
    ),
    (2, re.compile(r"\bDear (?:Mr|Mrs|Ms|Dr) [A-Z]")),
    (
        4,
        re.compile(
            r"£ ?\d|\bNHS\b|\bHMRC\b|\bPAYE\b|cafcass|facts stated in this|form e\b|solicitors?\b|barrister"
            r"|children act|\bltd\b|\bplc\b"
            r"|united kingdom|\bengland\b|\bscotland\b|\bwales\b|\blondon\b",
            re.I,
        ),
    ),
    (
        4,
        re.compile(
            r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b(?:Family|County|Crown|Sheriff) Court at\b|\+44|\+61"
            r"|\+49|\+34|\+33"
        ),
    ),
    (
        4,
        re.compile(
            r"\baustralia|\bABN\b|\bpty\b|centrelink|medicare (?:no|number)|\b(?:NSW|QLD)\b|\bGST\b|\b(?:VIC"
            r"|TAS|ACT|SA|WA|NT) \d{4}\b|new zealand|ireland|\bgarda\b|\bEircode\b",
            re.I,
        ),
    ),
    (
        3,
        re.compile(
            r"\b(?:und|der|die|das|nicht|für|mit)\b.{1,200}\b(?:und|der|die|das|nicht|für|mit)\b|€|\bEUR\b", re.I | re.S
        ),
    ),
    (
        4,
        re.compile(
            r"\b(?:el|los|las|del|por|que|una|fecha|con)\b.{1,200}\b(?:el|los|las|del|por|que|una|con|hora)\b",
            re.I | re.S,
        ),
    ),
    (
        4,
        re.compile(
            r"\b(?:le|les|des|une|pour|est|dans|avec)\b.{1,200}\b(?:les|des|une|pour|est|dans|avec|du)\b", re.I | re.S
        ),
    ),
    (
        2,
        re.compile(
            r"\b(?:mum|mummy|neighbour|colour|favour|centre|behaviour|organis\w+|cheque|enrol|learnt|programme"
            r"|year \d group)\b",
            re.I,
        ),
    ),
    (
        4,
        re.compile(
            r"\b(?:fecha|juzgado|alumn[oa]|nombre|colegio|escuela|domicilio|señora?|expediente|demandante)\b"
            r"|\b(?:rechnung|datum|herrn?|frau|schule|geehrte[rn]?)\b|\b(?:monsieur|maître|objet|facture|école)\b",
            re.I,
        ),
    ),
    # Canadians write it both ways: what looks American there proves nothing.
    (
        3,
        re.compile(
            r"\bontario\b|british columbia|\balberta\b|\bquebec\b|\bcanada\b|\bmanitoba\b|nova scotia"
            r"|saskatchewan|\b[A-Z]\d[A-Z] \d[A-Z]\d\b|\bHST\b",
            re.I,
        ),
    ),
)


def decide_order(text: str, days: Sequence[WrittenDay]) -> DayOrder:
    """The order the document's own dates prove; else the one its country suggests; else unknown."""
    numeric = [day for day in days if day.mark]
    proofs = {order for order in map(_proof, numeric) if order}
    if proofs:
        return proofs.pop() if len(proofs) == 1 else DayOrder.UNKNOWN
    if all(day.mark == "." for day in numeric):
        return DayOrder.DAY_FIRST  # nobody writes the month first with dots
    worded = {day.month_first for day in days if not day.mark}
    if agreed := _agrees(numeric, worded):
        return agreed
    if near := _stand_together(numeric):
        return near
    text = text[:MOST_CHARACTERS]
    american = sum(points for points, pattern in AMERICAN if pattern.search(text))
    others = sum(points for points, pattern in OTHERS if pattern.search(text))
    american += 2 * bool(re.search(r"(?<![\d/])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])(?![\d/])", text))
    others += 2 * bool(re.search(r"(?<![\d/])(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])(?![\d/])", text))
    set_in_words = {day.is_worded_month_first for day in days if not day.mark} - {None}
    american += 2 * (set_in_words == {True})
    others += 1 * (set_in_words == {False})
    if american - others >= LEAST_LEAD:
        return DayOrder.MONTH_FIRST
    return DayOrder.DAY_FIRST if others - american >= LEAST_LEAD else DayOrder.UNKNOWN


def _proof(day: WrittenDay) -> DayOrder | None:
    """What one date proves: a number above twelve, or a weekday that fits one reading only."""
    if day.month_first is None:
        return DayOrder.DAY_FIRST
    if day.day_first is None:
        return DayOrder.MONTH_FIRST
    if day.weekday is not None and day.is_open:
        fits = [day.month_first.weekday() == day.weekday, day.day_first.weekday() == day.weekday]
        if fits[0] != fits[1]:
            return DayOrder.MONTH_FIRST if fits[0] else DayOrder.DAY_FIRST
    return None


def _agrees(numeric: Sequence[WrittenDay], worded: set[date | None]) -> DayOrder | None:
    """The order in which a numeric date is a day that also stands there in words."""
    month_first = any(day.is_open and day.month_first in worded for day in numeric)
    day_first = any(day.is_open and day.day_first in worded for day in numeric)
    if month_first == day_first:
        return None
    return DayOrder.MONTH_FIRST if month_first else DayOrder.DAY_FIRST


def _stand_together(numeric: Sequence[WrittenDay]) -> DayOrder | None:
    """Three days or more that are all within two weeks in one order and months apart in the other, as the steps of a
    test or the rows of a week are; two may be so by chance.
    """
    opens = {(day.month_first, day.day_first) for day in numeric if day.is_open}
    if len(opens) < LEAST_TOGETHER:
        return None
    spans = [max(values) - min(values) for values in zip(*opens, strict=True)]
    month_first, day_first = (span.days for span in spans)
    if month_first <= TOGETHER_DAYS and day_first >= APART_DAYS:
        return DayOrder.MONTH_FIRST
    return DayOrder.DAY_FIRST if day_first <= TOGETHER_DAYS and month_first >= APART_DAYS else None


def read_day(day: WrittenDay, order: DayOrder) -> tuple[date, ...]:
    """The readings of a date under the document's order: one, or both when the order is unknown."""
    if not day.is_open:
        return tuple(filter(None, (day.month_first or day.day_first,)))
    assert day.month_first and day.day_first
    if order is DayOrder.UNKNOWN:
        return (day.month_first, day.day_first)
    return (day.month_first if order is DayOrder.MONTH_FIRST else day.day_first,)
