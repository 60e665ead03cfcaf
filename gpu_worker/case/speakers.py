"""Who says each statement, to whom, and when: declarants, senders of messages and mails, writers of letters (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gpu_worker.analysis.rules.shapes import CHAT_LINE, DAY, TIME
from gpu_worker.case.clocks import find_clocks
from gpu_worker.case.mentions import find_mentions, read_person, signed
from gpu_worker.case.shapes import Name, Source
from gpu_worker.case.times import Calendar
from gpu_worker.case.units import Unit

DECLARANT = re.compile(
    r"\b(?:declaration|affidavit|statement|testimony|deposition)\s+of\s+(?P<name>[^\n\t]{3,60}?)(?=\s{2,}|\n|$|,|\()"
    r"|\bI,\s+(?P<name2>[^,\n]{3,50}),", re.I
)  # fmt: skip
EXPORTED = re.compile(
    r"^\s*\[\d+\]\s(?P<day>\d{4}-\d\d-\d\d)\s(?P<time>\d\d:\d\d)(?::\d\d)?[^,]*,\s(?P<who>[^:\n(]{1,60}?)(?:\s\([^)]*\))?:"
)
STAMPED = re.compile(
    rf"^\s*\[?(?P<stamp>(?:{DAY},?\s+{TIME}|{TIME}[,\s]+{DAY}))\]?\s*[-–:,]?\s*(?P<who>[^\W\d_][^:\n]{{0,40}}?)\s*:"
)
NAMED = re.compile(rf"^\s*(?P<who>[^\W\d_][^:\n\[\]()]{{0,30}}?)\s*[(\[](?P<stamp>{DAY},?\s+{TIME})[)\]]\s*:?")
FROM = re.compile(r"^\s*(?:>\s*)*(?:From|Von|De)\s*:\s*(?P<who>.+?)(?=\s{2,}|\s*$|\n)", re.I)
TO = re.compile(r"^\s*(?:>\s*)*(?:To|An|Para|Cc)\s*:\s*(?P<who>[^\n]+)", re.I)
GREETING = re.compile(r"^\s*(?:Dear|Estimad[oa]s?|Sehr geehrte[rn]?|Hi|Hello)\s+(?P<who>[^:,\n]{2,40})[:,]", re.I)
ATTRIBUTED = re.compile(r"^\s*(?P<who>(?:[A-Z][\w.'’\-]*\s){1,3}?[A-Z][\w.'’\-]+):\s+\S")
CLOSER = re.compile(r"^\s*(?:sincerely|regards|respectfully|yours|best|thank you)\b", re.I)


@dataclass(frozen=True)
class Speech:
    """Who says a statement to whom; `at` is the time in its own header, `stamp` the words of that."""

    voice: str
    speaker: Name | None = None
    heard: tuple[Name, ...] = ()
    at: datetime | None = None
    stamp: str | None = None
    said_at: datetime | None = None
    said_precision: str | None = None


def speeches(units: Sequence[Unit], voice: str, source: Source, calendar: Calendar) -> list[Speech]:
    """One for each statement."""
    own = datetime(calendar.own.year, calendar.own.month, calendar.own.day) if calendar.own else None
    base = Speech(voice, said_at=own, said_precision="day" if own else None)
    if voice == "sworn":
        return [replace(base, speaker=_declarant(source.text)) for _ in units]
    if voice == "message":
        return _messages(units, base, source, calendar)
    if voice == "letter":
        return _letter(units, base)
    return [replace(base, speaker=_attributed(unit)) for unit in units]


def _declarant(text: str) -> Name | None:
    for match in DECLARANT.finditer(text):
        if name := read_person(match["name"] or match["name2"]):
            return name if name.form != "first" else None
    return None


def _attributed(unit: Unit) -> Name | None:
    """`Coach Ann Lee: he came` is said by the coach."""
    match = ATTRIBUTED.match(unit.quote)
    name = read_person(match["who"]) if match else None
    return name if name and name.form in ("full", "initial", "titled") else None


def _letter(units: Sequence[Unit], base: Speech) -> list[Speech]:
    writer, heard = None, tuple[Name, ...]()
    if greeting := next((match for unit in units if (match := GREETING.match(unit.quote))), None):
        person = read_person(greeting["who"])
        heard = (person,) if person else ()
    heads = [*units[:2], *units[-2:]]
    for number, unit in enumerate(units):
        if CLOSER.match(unit.quote):
            heads = [*units[number + 1 : number + 3], *heads]
    for unit in heads:
        full = [m.name for m in find_mentions(unit.quote) if m.name.form == "full" and m.start <= 2]
        if full and len(unit.quote) < 80 and not GREETING.match(unit.quote):
            writer = signed(full[0], "sure")
            break
    return [replace(base, speaker=writer, heard=heard) for _ in units]


def _messages(units: Sequence[Unit], base: Speech, source: Source, calendar: Calendar) -> list[Speech]:
    everybody: dict[str, Name] = {}
    found: list[Speech] = []
    now = base
    if source.sender and (sender := read_person(source.sender)):
        heard = tuple(filter(None, map(read_person, source.recipients)))
        now = replace(base, speaker=sender, heard=heard)
    paragraph, header = -1, False
    for unit in units:
        head = EXPORTED.match(unit.quote) or STAMPED.match(unit.quote) or NAMED.match(unit.quote)
        if head:
            at = _at(head, unit, calendar)
            speaker = read_person(head["who"])
            now = replace(base, speaker=speaker, at=at, stamp=head[0] if at else None, said_at=at or base.said_at,
                          said_precision="minute" if at else base.said_precision)  # fmt: skip
            paragraph = unit.paragraph
        elif match := FROM.match(unit.quote):
            stated = calendar.days_in(unit)
            clocks = find_clocks(unit.quote)
            said = stated[0].starts + timedelta(minutes=clocks[0].minute) if stated and clocks else None
            now = replace(base, speaker=read_person(match["who"]), heard=now.heard if header else (),
                          said_at=said or base.said_at, said_precision="minute" if said else "day")  # fmt: skip
            header = True
        elif match := TO.match(unit.quote):
            people = tuple(filter(None, (read_person(each) for each in re.split(r"[;,]", match["who"]))))
            now = replace(now, heard=people)
        elif now.at and unit.paragraph != paragraph and not _follows_head(unit):
            paragraph = unit.paragraph
        if now.speaker:
            everybody[now.speaker.key] = now.speaker
        found.append(now)
    return [
        replace(each, heard=each.heard or tuple(p for key, p in everybody.items()
                                                if each.speaker and key != each.speaker.key))
        for each in found
    ]  # fmt: skip


def _follows_head(unit: Unit) -> bool:
    return not CHAT_LINE.match(unit.quote)


def _at(match: re.Match[str], unit: Unit, calendar: Calendar) -> datetime | None:
    parts = match.groupdict()
    if parts.get("day"):
        return datetime.fromisoformat(f"{parts['day']}T{parts['time']}")
    stamp = match["stamp"]
    clocks = find_clocks(stamp)
    days = [day for day in calendar.days_in(unit) if day.start - unit.start < match.end()]
    if not clocks or not days:
        return None
    return days[0].starts + timedelta(minutes=clocks[0].minute)
