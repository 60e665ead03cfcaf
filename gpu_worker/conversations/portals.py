"""Messages out of the PDFs that OurFamilyWizard and TalkingParents make for courts, from their text (pure).

Both write a head (who, to whom, sent when, first viewed when) before every message. Their layouts change, so labels are
looked for and not places; a page that has none gives nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from gpu_worker.conversations.clock import CLOCK, moment_of, read_clock
from gpu_worker.conversations.conversation import (
    NO_ZONE,
    Conversation,
    Message,
    Moment,
    Person,
    Place,
    title_of,
    write_offset,
)
from gpu_worker.conversations.day_order import DayOrder, decide_day_order, numbers_of

SERVICES = {"OurFamilyWizard": re.compile(r"our\s?family\s?wizard", re.IGNORECASE),
            "TalkingParents": re.compile(r"talking\s?parents", re.IGNORECASE)}  # fmt: skip
DATE = r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}"
WHEN = rf"(?P<date>{DATE}),?\s+(?:at\s+)?(?P<clock>{CLOCK})(?:\s+(?P<zone>[A-Z]{{2,4}})\b)?"
TIME = re.compile(WHEN, re.IGNORECASE)
LABEL = re.compile(
    r"(?P<label>Sent by|Sent on|Sent|From|Author|To|Recipients?|Subject|First viewed|Viewed|Attachments?)\s*:"
    r"\s*(?P<value>.*)",
    re.IGNORECASE,
)
COUNTED = re.compile(r"Message\s+(?P<number>\d+)\s+of\s+(?P<total>\d+)\b", re.IGNORECASE)
NAMED_HEAD = re.compile(rf"(?P<sender>[^\d:|]{{3,60}}?)\s*[|,–-]?\s*(?:sent(?: on)?:?\s*)?{WHEN}$", re.IGNORECASE)
SEEN = re.compile(
    r"\(?(?:First\s+)?Viewed(?:\s+by\s+(?P<who>[^\d:(]{2,60}?))?(?:\s+on)?\s*:?\s+(?P<value>\d.*|never\b.*)",
    re.IGNORECASE,
)
RECIPIENT = re.compile(r"(?P<name>[^(;]{2,80}?)\s*\(First Viewed:\s*(?P<value>[^)]*)\)", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"(?:Page\s+)?\d+\s*(?:of|/)\s*\d+", re.IGNORECASE)
ZONE = re.compile(r"Time\s?zone:?\s+(?P<name>[A-Z]\w+/\w+(?:/\w+)?)")
US_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
            "AKDT": -8, "HST": -10, "UTC": 0, "GMT": 0}  # fmt: skip
OPENING = ("sent", "sent on", "sent by", "from", "author")
HEAD_LINES = 3
REPEATED = 0.6
"""Of the pages: a line at the top or bottom of so many is no part of a message."""


@dataclass
class _Draft:
    page: int
    sender: str = ""
    sent: str = ""
    subject: str = ""
    to: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    counted: int | None = None
    in_head: bool = True
    label: str = ""


def read_portal(pages: Sequence[str]) -> Conversation | None:
    """The messages of a portal's report, from the text of its pages; None where the text is no such report."""
    first = "\n".join(pages[:3])
    service = next((name for name, said in SERVICES.items() if said.search(first)), None)
    if service is None:
        return None
    drafts = [draft for draft in _drafts(_without_furniture(pages), service) if draft.sender]
    if not any(TIME.search(draft.sent) for draft in drafts):
        return None
    return _conversation(service, drafts, first)


def _without_furniture(pages: Sequence[str]) -> list[list[str]]:
    """The pages' lines without what stands at the head or foot of most of them."""
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    edges = Counter(edge for page in lines for edge in {*page[:2], *page[-2:]})
    often = {line for line, count in edges.items() if count > max(1, REPEATED * len(pages))}
    return [[line for line in page if line not in often and not PAGE_NUMBER.fullmatch(line)] for page in lines]


def _drafts(pages: Sequence[Sequence[str]], service: str) -> Iterator[_Draft]:
    lines = [(number, line) for number, page in enumerate(pages, 1) for line in page]
    draft: _Draft | None = None
    for at, (page, line) in enumerate(lines):
        ahead = [following for _, following in lines[at + 1 : at + 1 + HEAD_LINES]]
        started = _start(line, ahead, page, service) if draft is None or not draft.in_head else None
        started = started or (_Draft(page, counted=_count(line)) if COUNTED.match(line) else None)
        if started is not None:
            if draft is not None:
                yield draft
            draft = started
        elif draft is not None:
            _take(draft, line)
    if draft is not None:
        yield draft


def _count(line: str) -> int:
    return int(line.split()[1])


def _start(line: str, ahead: Sequence[str], page: int, service: str) -> _Draft | None:
    """A new message, where a line begins one: a label that the time it was sent follows, or a name and a time."""
    label = LABEL.match(line)
    if label:
        head = takewhile(LABEL.match, (line, *ahead))
        if label["label"].lower() in OPENING and any(_says_sent(each) for each in head):
            draft = _Draft(page)
            _take(draft, line)
            return draft
        return None
    named = NAMED_HEAD.match(line) if service == "TalkingParents" and not SEEN.match(line) else None
    if named and (name := named["sender"].strip(" |,-–")) and all(word[0].isupper() for word in name.split()):
        return _Draft(page, sender=name, sent=line, label="head")
    return None


def _says_sent(line: str) -> bool:
    label = LABEL.match(line)
    return bool(label and label["label"].lower() in ("sent", "sent on") and TIME.search(label["value"]))


def _take(draft: _Draft, line: str) -> None:
    """One more line of a message: of its head as long as that lasts, else of its words."""
    if draft.in_head:
        if seen := SEEN.match(line):
            draft.seen.append(((seen["who"] or "").strip(), seen["value"].rstrip(")")))
            return
        if label := LABEL.match(line):
            draft.label = label["label"].lower()
            _set(draft, draft.label, label["value"].strip())
            return
        if draft.label in ("to", "recipient", "recipients") and RECIPIENT.match(line):
            _set(draft, "to", line)
            return
        if draft.label and not _value_of(draft):  # the value stands on the line below its label
            _set(draft, draft.label, line)
            return
        draft.in_head = False
    draft.body.append(line)


def _set(draft: _Draft, label: str, value: str) -> None:
    if label in ("from", "author", "sent by"):
        draft.sender = value
    elif label in ("sent", "sent on"):
        draft.sent = value
    elif label == "subject":
        draft.subject = value
    elif label in ("first viewed", "viewed"):
        draft.seen.append(("", value))
    elif label.startswith("attachment"):
        draft.files += [name.strip() for name in value.split(",") if name.strip()]
    else:
        _set_recipients(draft, value)


def _set_recipients(draft: _Draft, value: str) -> None:
    seen = list(RECIPIENT.finditer(value))
    draft.seen += [(match["name"].strip(" ,;"), match["value"]) for match in seen]
    names = [match["name"] for match in seen] or [value]
    draft.to += [name.strip(" ,;") for name in names if name.strip(" ,;")]


def _value_of(draft: _Draft) -> bool:
    return bool({"from": draft.sender, "author": draft.sender, "sent by": draft.sender, "sent": draft.sent,
                 "sent on": draft.sent, "to": draft.to, "recipient": draft.to, "recipients": draft.to,
                 "head": True}.get(draft.label, True))  # fmt: skip


def _conversation(service: str, drafts: Sequence[_Draft], first_pages: str) -> Conversation:
    written = [each for draft in drafts for each in (draft.sent, *(value for _, value in draft.seen))]
    dates = [numbers for each in written if (m := TIME.search(each)) and (numbers := numbers_of(m["date"]))]
    decision = decide_day_order(dates, (), dotted=False)
    zone = ZONE.search(first_pages)
    named = zone["name"] if zone else None
    messages = tuple(_message(draft, service, decision.order, named) for draft in drafts)
    names = dict.fromkeys([d.sender for d in drafts] + [name for d in drafts for name in d.to])
    people = tuple(Person(name) for name in names)
    said = f"The times are those of {named}, says the report." if named else NO_ZONE
    if any(message.when and message.when.offset for message in messages) and not named:
        said = "The times are those the report says, each with its zone."
    unread = tuple(_missing(drafts))
    return Conversation(title_of(service, people), service, people, messages, (decision.reason, said), unread)


def _missing(drafts: Sequence[_Draft]) -> Iterator[str]:
    """Messages that a report counts and that were not found."""
    numbers = {draft.counted for draft in drafts if draft.counted is not None}
    if numbers and (missing := sorted(set(range(min(numbers), max(numbers) + 1)) - numbers)):
        yield f"Not found: message {', '.join(map(str, missing[:30]))} of the report."


def _message(draft: _Draft, service: str, order: DayOrder | None, zone: str | None) -> Message:
    when = _moment(draft.sent, order, zone)
    notes = [f"to {', '.join(draft.to)}"] if draft.to else []
    for who, value in draft.seen:
        seen = _moment(value, order, zone)
        notes.append(f"first viewed{f' by {who}' if who else ''}: {seen.shown if seen else value}")
    text = "\n".join(([f"Subject: {draft.subject}"] if draft.subject else []) + draft.body)
    doubts = () if when else ("the time it was sent could not be read",)
    return Message(draft.sender, when, text, media=tuple(draft.files), service=service, notes=tuple(notes),
                   doubts=doubts, place=Place(draft.page))  # fmt: skip


def _moment(written: str, order: DayOrder | None, zone: str | None) -> Moment | None:
    found = TIME.search(written)
    numbers = numbers_of(found["date"]) if found else None
    clock = read_clock(found["clock"]) if found else None
    if found is None or numbers is None or clock is None:
        return None
    moment = moment_of(found[0], numbers, clock, order)
    return Moment(moment.written, moment.local, moment.precision, _offset(found["zone"], zone, moment), moment.doubt)


def _offset(short: str | None, zone: str | None, moment: Moment) -> str | None:
    if short and short.upper() in US_ZONES:
        return write_offset(60 * US_ZONES[short.upper()])
    if zone is None or moment.local is None:
        return None
    try:
        shift = datetime.fromisoformat(moment.local).replace(tzinfo=ZoneInfo(zone)).utcoffset()
    except (KeyError, ValueError, OSError):
        return None
    return write_offset(round(shift.total_seconds() / 60)) if shift is not None else None
