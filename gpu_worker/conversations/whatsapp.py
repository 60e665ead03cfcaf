"""WhatsApp's exported chats (`_chat.txt`), as iPhones and Android phones write them in many languages (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gpu_worker.conversations.clock import CLOCK, ClockTime, moment_of, read_clock
from gpu_worker.conversations.conversation import (
    NO_ZONE,
    Conversation,
    Direction,
    Message,
    people_of,
    title_of,
)
from gpu_worker.conversations.day_order import Decision, Numbers, decide_day_order, numbers_of

SERVICE = "WhatsApp"
MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Invisible marks of writing direction; the first also says: this is WhatsApp speaking, not the person."""
DATE = rf"\d{{1,4}}[{MARKS}]?[./\-][{MARKS}\s]?\d{{1,2}}[{MARKS}]?[./\-][{MARKS}\s]?\d{{1,4}}"
_BETWEEN = r"\.?[,،]?\s+(?:klo |kl\. ?|um |à |a las |às |alle |o )?"
IPHONE = re.compile(rf"[{MARKS}]*\[(?P<date>{DATE}){_BETWEEN}(?P<clock>{CLOCK})\]\s?(?P<rest>.*)", re.IGNORECASE)
ANDROID = re.compile(rf"[{MARKS}]*(?P<date>{DATE}){_BETWEEN}(?P<clock>{CLOCK})\s[-–]\s(?P<rest>.*)", re.IGNORECASE)
SENT_FILE = re.compile(rf"[{MARKS}]*<[^<>:\n]{{3,24}}:\s?(?P<name>[^<>\n]+\.\w{{2,5}})>")
ANDROID_FILE = re.compile(rf"[{MARKS}]*(?P<name>[^\n]+\.\w{{2,5}}) \([^()\n]{{4,30}}\)(?=\n|$)")
DATED_FILE = re.compile(r"(?:^|-)(20\d\d)-?(\d\d)-?(\d\d)(?=-)")
LEFT_OUT = re.compile(
    rf"[{MARKS}]*(?:<[^<>\n]{{5,40}}>|[\w ]{{3,30}} (?:omitted|weggelassen|omitid[oa]|omess[oa]|omise?|absente?|"
    rf"weggelaten|ausgeschlossen|omis|utelämnad|pominięto))[{MARKS}]*",
    re.IGNORECASE,
)
EDITED = re.compile(rf"\s*[{MARKS}]*<This message was edited>[{MARKS}]*$")
DELETED = re.compile(rf"[{MARKS}]*(?:This message was deleted|You deleted this message)\.?[{MARKS}]*", re.IGNORECASE)
BY_OWNER = re.compile(rf"[{MARKS}]*You deleted this message", re.IGNORECASE)


@dataclass
class _Entry:
    """A message as it stands: its date and clock, and all of its lines."""

    written: str
    numbers: Numbers
    clock: ClockTime
    lines: list[str] = field(default_factory=list)


def read_whatsapp(text: str) -> Conversation:
    """The chat that an export holds, message by message."""
    entries, before = _entries(text.replace("\r\n", "\n").split("\n"))
    decision = _decide(entries)
    messages = [_message(entry, decision) for entry in entries]
    owner = next((m.sender for m, e in zip(messages, entries, strict=True) if _is_owners(e)), None)
    if owner:
        messages = [_directed(message, owner) for message in messages]
    people = people_of(messages, owner)
    unread = (f"{before} lines before the first dated one belong to no message.",) if before else ()
    return Conversation(title_of(SERVICE, people), SERVICE, people, tuple(messages), (decision.reason, NO_ZONE), unread)


def _entries(lines: Sequence[str]) -> tuple[list[_Entry], int]:
    """The messages, and how many lines stand before the first; a line of another form than the first dated one is part
    of a message: somebody pasted it."""
    form = next((form for line in lines for form in (IPHONE, ANDROID) if _entry(line, form)), IPHONE)
    entries: list[_Entry] = []
    before = 0
    for line in lines:
        if entry := _entry(line, form):
            entries.append(entry)
        elif entries:
            entries[-1].lines.append(line)
        else:
            before += bool(line.strip(MARKS + " "))
    return entries, before


def _entry(line: str, form: re.Pattern[str]) -> _Entry | None:
    match = form.match(line)
    if match is None:
        return None
    numbers, clock = numbers_of(match["date"]), read_clock(match["clock"])
    if numbers is None or clock is None:
        return None
    return _Entry(f"{match['date']}, {match['clock']}", numbers, clock, [match["rest"]])


def _decide(entries: Sequence[_Entry]) -> Decision:
    known = []
    for entry in entries:
        file = SENT_FILE.search(entry.lines[0]) or ANDROID_FILE.search(entry.lines[0].partition(": ")[2])
        if file and (day := _day_in_name(file["name"])):
            known.append((entry.numbers, day))
    dotted = bool(entries) and "." in entries[0].written.partition(",")[0]
    return decide_day_order([entry.numbers for entry in entries], known, dotted)


def _day_in_name(name: str) -> date | None:
    """The day in a name as WhatsApp gives them: `00000012-PHOTO-2024-03-07-08-01-44.jpg`, `IMG-20240307-WA0001.jpg`."""
    match = DATED_FILE.search(name)
    try:
        return date(*(int(number) for number in match.groups())) if match else None
    except ValueError:
        return None


def _message(entry: _Entry, decision: Decision) -> Message:
    when = moment_of(entry.written, entry.numbers, entry.clock, decision.order)
    name, colon, first = entry.lines[0].partition(": ")
    if not colon and entry.lines[0].endswith(":"):
        name, colon, first = entry.lines[0][:-1], ":", ""
    text = "\n".join([first, *entry.lines[1:]]).rstrip("\n")
    if not colon:
        return Message(None, when, _bare("\n".join(entry.lines)), Direction.SYSTEM, service=SERVICE)
    notes, media = [], tuple[str, ...]()
    if EDITED.search(text):
        text, notes = EDITED.sub("", text), ["edited after it was sent"]
    if file := SENT_FILE.match(text) or ANDROID_FILE.match(text):
        media, text = (file["name"].strip(MARKS + " "),), text[file.end() :].lstrip("\n ")
    elif LEFT_OUT.fullmatch(text):
        notes.append("a file was sent that the export leaves out")
    elif DELETED.fullmatch(text):
        notes.append("deleted by its sender; its words are not in the export")
    elif text.startswith("\u200e"):
        notice = f"written by WhatsApp in the name of {_bare(name)}"
        return Message(None, when, _bare(text), Direction.SYSTEM, service=SERVICE, notes=(notice,))
    return Message(_bare(name), when, _bare(text), Direction.UNKNOWN, media, SERVICE, tuple(notes))


def _is_owners(entry: _Entry) -> bool:
    return bool(BY_OWNER.match(entry.lines[0].partition(": ")[2]))


def _directed(message: Message, owner: str) -> Message:
    if message.direction == Direction.SYSTEM:
        return message
    return replace(message, direction=Direction.SENT if message.sender == owner else Direction.RECEIVED)


def _bare(text: str) -> str:
    """Without invisible marks, and without the tilde before a name that is in nobody's address book."""
    return text.translate(dict.fromkeys(map(ord, MARKS))).removeprefix("~\u202f").removeprefix("~ ").strip()
