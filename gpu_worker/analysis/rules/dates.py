"""The days of a document as claims: page, place, role and doubt, and which one is its own date (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gpu_worker.analysis.analyst import DateClaim
from gpu_worker.analysis.rules.date_patterns import WrittenDay, find_written_days
from gpu_worker.analysis.rules.date_roles import (
    LIKELY,
    MAIL_STAMP,
    MENTION,
    NEVER,
    OWN,
    PARTIAL_RANGE,
    PRINT,
    RANGE,
    ROW,
    SET_OFF,
    STAMP,
    STAMP_AFTER,
    TRAILING_WEEKDAY,
    WEAK,
    Meaning,
    Place,
    is_lead,
    read_meaning,
)
from gpu_worker.analysis.rules.day_order import decide_order, read_day
from gpu_worker.analysis.rules.names import read_name
from gpu_worker.analysis.rules.shapes import SALUTATION

SENTENCE_END = re.compile(r"(?:[a-z\d)]{4,}|\d)[.?!]\s+$")
LINE_NUMBER = re.compile(r"^\s*\d{1,2}\s{2,}")
NEAR = 200
"""Characters of its line that say what a day means: enough for a label and its sentence, few enough for any line."""
LEAST_OWN = 2
SERVED = re.compile(r"\b(?:served|mailed|sent|delivered|deposited|executed)\b.{0,90}\bon(?: the)?\s*$|^\s*on\s*$", re.I)
IN_COURT = re.compile(r"court|deposition|proceedings|hearing|judge|testimony", re.I)
HEARD = frozenset({"transcript", "minute_order"})
HEARD_OF = frozenset({"custody_order", "court_order", "restraining_order", "opinion"})
"""Kinds that may be dated by the hearing they are of."""
FORM_ITEM = re.compile(r"^\W*(?:[a-z]|\d{1,2}[a-z]?)[.)]\s*(?:\(\d\)\s*)?(?:on )?\W?date\b", re.I)
"""A field of a form, such as when something was served; the date beside the signature has no number."""
EXPORTED = frozenset({"text_messages", "email"})
TELLING = frozenset(
    {
        "declaration",
        "motion",
        "petition",
        "response",
        "letter",
        "email",
        "text_messages",
        "transcript",
        "summons",
        "note",
    }
)
"""Kinds that tell of days that are not their own."""
FILINGS = frozenset(
    [
        "motion",
        "petition",
        "response",
        "declaration",
        "proof_of_service",
        "custody_order",
        "court_order",
        "restraining_order",
        "opinion",
        "subpoena",
        "summons",
        "letter",
    ]
)
HAPPENED = frozenset(
    {
        "receipt",
        "police_report",
        "medical_record",
        "text_messages",
        "log",
        "call_log",
        "invoice",
        "pay_stub",
        "financial_record",
    }
)
MESSAGE_EXPORT = re.compile(
    r"message report|ourfamilywizard|talkingparents|appclose|message (?:history|export)"
    r"|conversation",
    re.I,
)


def find_date_claims(text: str, kind: str, page_at: Callable[[int], int], most: int = 200) -> tuple[DateClaim, ...]:
    """Every day in the order of the text; at most one is the document's own (`is_own`)."""
    days = find_written_days(text, most)
    order = decide_order(text, days)
    meanings = _read_meanings(text, days, kind)
    own = _choose_own(meanings)
    own = _only_day(days, meanings) if own is None and kind not in TELLING else own
    claims = []
    for number, (day, meaning) in enumerate(zip(days, meanings, strict=True)):
        readings = tuple(reading.isoformat() for reading in read_day(day, order))
        claims.append(
            DateClaim(
                iso=readings[0] if len(readings) == 1 else None,
                readings=readings,
                role=meaning.role,
                page=page_at(day.start),
                start=day.start,
                words=day.words,
                is_own=number == own,
            )
        )
    return tuple(claims)


def _read_meanings(text: str, days: Sequence[WrittenDay], kind: str) -> list[Meaning]:
    meanings: list[Meaning] = []
    for number, day in enumerate(days):
        gap = text[days[number - 1].end : day.start] if number else ""
        if number and RANGE.match(gap) and "\n" not in gap:
            first = meanings[-1]
            meanings[-1] = replace(first, strength=min(first.strength, MENTION))
            # A statement of account is of the last day it covers.
            meanings.append(Meaning(first.role, WEAK if kind == "financial_record" else NEVER))
            continue
        place = _place(text, days, number)
        if PARTIAL_RANGE.search(place.before):
            meanings.append(Meaning("event", WEAK if kind == "financial_record" else NEVER))
            continue
        meanings.append(_for_kind(read_meaning(place), place, kind, text))
    return meanings


def _place(text: str, days: Sequence[WrittenDay], number: int) -> Place:
    day = days[number]
    line_start = text.rfind("\n", 0, day.start) + 1
    line_end = text.find("\n", day.end)
    line_end = len(text) if line_end < 0 else line_end
    above_end = max(0, line_start - 1)
    above = text[text.rfind("\n", 0, above_end) + 1 : above_end][-NEAR:]
    line_before, after = text[line_start : day.start][-NEAR:], text[day.end : line_end][:NEAR]
    line_before = LINE_NUMBER.sub("", line_before)
    is_line_start = not TRAILING_WEEKDAY.sub("", line_before).strip(" [(>*-•|")
    if number and days[number - 1].end > line_start:  # what stands before an earlier day says nothing of this one
        between = text[days[number - 1].end : day.start][-NEAR:]
        line_before = between.lstrip(" ,;.)-–") if re.search(r"[^\W\d_]{3}", between) else line_before
    # A label may stand far from its value: the cell's border is three blanks, unless nothing else is left.
    is_sentence_start = bool(SENTENCE_END.search(line_before))
    before = "" if is_sentence_start else _cell_before(line_before)
    rest = re.sub(
        r"(?i)^[,\s]*(?:at\s+|um\s+|[ap]m\s+)?[\d:.h]*\s*(?:[ap]\.?m\.?)?\W*",
        "",
        re.split(r"\s{2,}|\t|(?<=[\d.])\s(?=[A-Z])", after)[0],
    )
    letters = re.sub(r"(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)\w*", "", before)
    is_alone = not re.search(r"\w", letters) and not re.search(r"\w", rest)
    line = text.count("\n", 0, min(day.start, 5000))
    is_row = is_line_start and bool(re.search(r"\w", STAMP_AFTER.sub("", after))) and _has_neighbour(text, days, number)
    beside = re.split(r"\s{2,}|\t", line_before.rstrip())[-1].strip(" _").removeprefix("/s/")
    is_beside_name = line_before.endswith("  ") and bool(read_name(beside.partition(",")[0]))
    return Place(
        before, after, above.strip(), line, is_alone, is_sentence_start or is_line_start, is_row, is_beside_name
    )


def _has_neighbour(text: str, days: Sequence[WrittenDay], number: int) -> bool:
    """Whether the line above or below begins with a day as well."""
    for other in (days[number - 1] if number else None, days[number + 1] if number + 1 < len(days) else None):
        if other is None:
            continue
        first, second = sorted((other, days[number]), key=lambda day: day.start)
        gap = text[first.end : second.start]
        if gap.count("\n") == 1 and not gap.rpartition("\n")[2].strip(" [(>*-•|"):
            return True
    return False


def _cell_before(line_before: str) -> str:
    """What stands before a day in its cell; a label may stand two blanks or more before its value."""
    cells = re.split(r"\s{2,}|\t", TRAILING_WEEKDAY.sub("", line_before))
    if cells[-1].strip() or len(cells) == 1:
        return cells[-1]
    is_label = cells[-2].rstrip().endswith((":", "#", "=")) or is_lead(cells[-2]) or MAIL_STAMP.search(cells[-2])
    return cells[-2] if is_label else ""


def _for_kind(meaning: Meaning, place: Place, kind: str, text: str) -> Meaning:
    """What the kind of document changes: what a bare date means, and whether a hearing or a print is its own date."""
    role, strength = meaning.role, meaning.strength
    if kind in HEARD and IN_COURT.search(text[:3000]):
        if role == "hearing":
            return Meaning(role, OWN if strength else strength)
        if role == "signed" and strength >= LIKELY and not re.search(r"sign|sworn|execut|certif", place.before, re.I):
            return Meaning("hearing", strength)
        return meaning
    if kind in FILINGS and FORM_ITEM.match(place.before):
        return Meaning("event", WEAK)
    if kind == "proof_of_service" and strength == MENTION and SERVED.search(place.before):
        return Meaning("event", WEAK)
    if role == "hearing" and kind not in FILINGS and re.search(r"\bdate of\b", place.before, re.I):
        return Meaning("event", STAMP)
    if role == "hearing":
        is_past = kind in HEARD_OF and not re.search(r"next|continued|set for", place.before, re.I)
        return Meaning(role, WEAK if is_past else NEVER if strength <= WEAK else strength)
    if (
        kind in HAPPENED
        and role == "signed"
        and not SALUTATION.search(text[:3000])
        and not re.search(r"sign|sworn|report|issued|decided|typed|written", place.before, re.I)
    ):
        return Meaning("event", strength)
    if kind in EXPORTED and role == "printed" and MESSAGE_EXPORT.search(text[:1500]):
        return Meaning(role, OWN + 1)
    if kind == "fax" and place.line <= 3 and strength >= STAMP:
        return Meaning("printed", PRINT)
    if kind in FILINGS and strength == SET_OFF:
        return Meaning(role, MENTION)
    if strength == MENTION and place.is_alone and (kind in FILINGS or place.is_beside_name):
        # In a column of its own, as beside the judge's name.
        return Meaning("signed" if role == "event" else role, WEAK)
    if kind == "financial_record" and place.is_row:
        return Meaning(role, SET_OFF)  # one of many that the statement lists
    if kind == "medical_record" and role == "filed":
        return Meaning(role, min(strength, STAMP))  # a sample entered or received
    if kind == "log" and role == "signed" and place.is_alone:
        return Meaning("event", ROW)
    return meaning


def _choose_own(meanings: Sequence[Meaning]) -> int | None:
    """The strongest, the first of equals; None when all are mentioned in passing only."""
    if not meanings:
        return None
    best = max(range(len(meanings)), key=lambda number: (meanings[number].strength, -number))
    return best if meanings[best].strength >= LEAST_OWN else None


def _only_day(days: Sequence[WrittenDay], meanings: Sequence[Meaning]) -> int | None:
    """The one day of which the document speaks, in passing; None when it speaks of several, or of a hearing only."""
    mentioned = [n for n, meaning in enumerate(meanings) if meaning.strength >= MENTION and meaning.role != "hearing"]
    values = {(days[n].month_first, days[n].day_first) for n in mentioned}
    return mentioned[0] if len(values) == 1 else None
