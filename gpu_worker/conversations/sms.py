"""SMS Backup & Restore: an Android phone's texts, picture messages and calls (XML), read as a stream (wire).

The app writes emoji as two halves (`&#55357;&#56865;`), which is no XML, and pictures as one attribute of megabytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from gpu_worker.conversations.clock import read_english
from gpu_worker.conversations.conversation import (
    Conversation,
    Direction,
    Message,
    Moment,
    Person,
    from_epoch,
    title_of,
)

ROOTS = ("smses", "calls", "allsms")
OWNER = "Me"
CHUNK_BYTES = 1 << 20
SECONDS_BEFORE = 100_000_000_000
"""A date below this is in seconds: in milliseconds it would be before 1973."""
QUARTER, MOST_OFFSET = 15, 14 * 60  # minutes; every zone's distance from UTC is whole quarters of an hour
SENT_BOXES = {"2": (), "3": ("a draft that was never sent",), "4": ("waiting to be sent",),
              "5": ("could not be sent",), "6": ("waiting to be sent",)}  # fmt: skip
CALLS = {"1": "Incoming call", "2": "Outgoing call", "3": "Missed call", "4": "Voicemail", "5": "Rejected call",
         "6": "Refused call", "7": "Call answered on another device"}  # fmt: skip
PICKED_FROM = "137"  # the type of the address that a picture message came from
_HALVES = re.compile(rb"&#(?:(5[5-6]\d{3});&#(5[6-7]\d{3})|(5[5-7]\d{3}));")
_CUT_OFF = re.compile(rb"&(?:#\d{0,5};?(?:&(?:#\d{0,5})?)?)?\Z")


@dataclass(frozen=True)
class SmsMedia:
    """A file sent with a message, decoded."""

    name: str
    content: bytes | None  # None where it is no base64


@dataclass
class _Thread:
    address: str
    names: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[float, Message]] = field(default_factory=list)


def read_sms(path: Path) -> tuple[Conversation, ...]:
    """The conversations of a backup, one for each number or group; what is broken in it is counted."""
    threads: dict[str, _Thread] = {}
    counter = _Counter()
    with path.open("rb") as file:
        for element in _records(file, counter):
            thread, entry = _read_record(element, threads, counter)
            if entry is None:
                counter.unread += 1
            else:
                thread.messages.append(entry)
    read = (thread for thread in threads.values() if thread.messages)
    return tuple(_conversation(thread, () if n else counter.sentences) for n, thread in enumerate(read))


def read_sms_media(path: Path) -> Iterator[SmsMedia]:
    """The files of a backup in its order, one in memory at a time; names as `read_sms` has them."""
    number = 0
    with path.open("rb") as file:
        for element in _records(file, _Counter()):
            for part in _media_parts(element):
                number += 1
                yield SmsMedia(_media_name(part, number), _decode(part.get("data", "")))


@dataclass
class _Counter:
    media: int = 0
    found: int = 0
    declared: int | None = None
    unread: int = 0
    is_cut: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        said = []
        if self.unread:
            said.append(f"{self.unread} entries of the backup could not be read.")
        if self.declared is not None and self.declared != self.found:
            said.append(f"The backup says it holds {self.declared} entries; {self.found} were found.")
        if self.is_cut:
            said.append("The backup file is damaged or ends early; what stands before the damage was read.")
        return tuple(said)


def _records(file: BinaryIO, counter: _Counter) -> Iterator[Any]:
    """Every sms, mms and call, freed once it was looked at; a document type, which could declare entities, ends it."""
    parser = etree.XMLPullParser(
        events=("start", "end"), recover=True, huge_tree=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    ended = False
    for chunk in _mended(file):
        try:
            parser.feed(chunk)
            for event, element in parser.read_events():
                if event == "start":
                    if element.tag in ROOTS and (count := element.get("count", "")).isdecimal():
                        counter.declared = int(count)
                elif element.tag in ("sms", "mms", "call"):
                    counter.found += 1
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
                elif element.tag in ROOTS:
                    ended = True
        except etree.XMLSyntaxError:
            break
    counter.is_cut = not ended or any("Premature" in entry.message for entry in parser.error_log)


def _mended(file: BinaryIO) -> Iterator[bytes]:
    """The file's bytes, halves of emoji joined; nothing after a document type declaration, which no backup has."""
    rest = b""
    is_first = True
    while chunk := file.read(CHUNK_BYTES):
        chunk = rest + chunk
        if is_first and b"<!DOCTYPE" in chunk[:CHUNK_BYTES].upper():
            return
        is_first = False
        cut = _CUT_OFF.search(chunk[-24:])
        at = len(chunk) - len(chunk[-24:]) + cut.start() if cut else len(chunk)
        chunk, rest = chunk[:at], chunk[at:]
        yield _HALVES.sub(_join_halves, chunk)
    if rest:
        yield _HALVES.sub(_join_halves, rest)


def _join_halves(match: re.Match[bytes]) -> bytes:
    if match[3]:
        return b"\xef\xbf\xbd"
    high, low = int(match[1]), int(match[2])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return b"\xef\xbf\xbd"
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00).encode()


def _read_record(
    element: Any, threads: dict[str, _Thread], counter: _Counter
) -> tuple[_Thread, tuple[float, Message] | None]:
    address = _said(element, "address") or _said(element, "number") or "unknown number"
    key = "~".join(sorted(_same_number(each) for each in address.split("~")))
    thread = threads.setdefault(key, _Thread(address))
    name = _said(element, "contact_name")
    if name and name != "(Unknown)" and "~" not in address:
        thread.names[address] = name
    elif name and "~" in address and name.count(",") == address.count("~"):
        thread.names |= dict(zip(address.split("~"), (each.strip() for each in name.split(",")), strict=True))
    media = []
    for part in _media_parts(element):
        counter.media += 1
        media.append(_media_name(part, counter.media))
    try:
        milliseconds = float(element.get("date", ""))
    except ValueError:
        return thread, None
    milliseconds *= 1000 if abs(milliseconds) < SECONDS_BEFORE else 1
    when = _moment(milliseconds, element)
    if when is None:
        return thread, None
    return thread, (milliseconds, _READERS[element.tag](element, thread, when, tuple(media)))


def _read_text(element: Any, thread: _Thread, when: Moment, media: tuple[str, ...]) -> Message:
    sender, direction, notes = _box(element.get("type"), thread)
    return Message(sender, when, _said(element, "body") or "", direction, media, "SMS", notes)


def _read_picture_message(element: Any, thread: _Thread, when: Moment, media: tuple[str, ...]) -> Message:
    sender, direction, notes = _box(element.get("msg_box"), thread)
    doubts: tuple[str, ...] = ()
    if direction == Direction.RECEIVED and "~" in thread.address:
        writer = next((a.get("address") for a in element.iter("addr") if a.get("type") == PICKED_FROM), None)
        sender = thread.names.get(writer, writer) if writer else None
        doubts = () if sender else ("the backup does not say who of the group wrote this",)
    texts = [_said(part, "text") for part in element.iter("part") if part.get("ct") == "text/plain"]
    text = "\n".join(text for text in texts if text)
    return Message(sender, when, text, direction, media, "MMS", notes, doubts)


def _read_call(element: Any, thread: _Thread, when: Moment, media: tuple[str, ...]) -> Message:
    kind = element.get("type", "")
    said = CALLS.get(kind, f"Call of kind {kind}")
    seconds = element.get("duration", "0")
    outgoing = kind == "2"
    sender = OWNER if outgoing else thread.names.get(thread.address, thread.address)
    direction = Direction.SENT if outgoing else Direction.RECEIVED
    return Message(sender, when, f"{said}, {seconds} seconds", direction, media, "Call")


_READERS: Mapping[str, Callable[[Any, _Thread, Moment, tuple[str, ...]], Message]] = {
    "sms": _read_text, "mms": _read_picture_message, "call": _read_call,
}  # fmt: skip


def _box(box: str | None, thread: _Thread) -> tuple[str | None, Direction, tuple[str, ...]]:
    if box == "1":
        return thread.names.get(thread.address, thread.address), Direction.RECEIVED, ()
    if box in SENT_BOXES:
        return OWNER, Direction.SENT, SENT_BOXES[box]
    return None, Direction.UNKNOWN, ("the backup does not say whether this was sent or received",)


def _moment(milliseconds: float, element: Any) -> Moment | None:
    """The moment on the clock of the phone, whose distance from UTC `readable_date` gives away."""
    readable = _said(element, "readable_date") or ""
    shown = read_english(readable)
    offset = None
    if shown is not None:
        minutes = (shown.replace(tzinfo=UTC).timestamp() - milliseconds // 1000) / 60
        offset = round(minutes / QUARTER) * QUARTER if abs(minutes) <= MOST_OFFSET else None
        offset = offset if offset is not None and abs(minutes - offset) < 1 else None
    return from_epoch(milliseconds, readable or element.get("date", ""), offset)


def _media_parts(element: Any) -> Iterator[Any]:
    for part in element.iter("part"):
        kind = part.get("ct", "")
        if part.get("data") and kind not in ("application/smil", "text/plain"):
            yield part


def _media_name(part: Any, number: int) -> str:
    """The name it was sent with, numbered so that every file of a backup has its own."""
    kind = part.get("ct", "").partition("/")[2].partition(";")[0] or "bin"
    given = next((name for key in ("name", "cl", "fn") if (name := _said(part, key))), f"file.{kind}")
    return f"{number:04}-{given}"


def _decode(data: str) -> bytes | None:
    try:
        return base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        return None


def _said(element: Any, name: str) -> str | None:
    """An attribute; the app writes what it does not know as `null`."""
    value: str | None = element.get(name)
    return None if value in (None, "null", "") else value


def _same_number(address: str) -> str:
    digits = re.sub(r"\D", "", address)
    return digits[-10:] if len(digits) >= 7 else address.strip().casefold()


def _conversation(thread: _Thread, unread: tuple[str, ...]) -> Conversation:
    messages = tuple(message for _, message in sorted(thread.messages, key=lambda entry: entry[0]))
    others = tuple(Person(thread.names.get(each, each), each) for each in thread.address.split("~"))
    people = (*others, Person(OWNER, is_owner=True))
    zone = {m.when.offset for m in messages if m.when}
    clock = "The times are UTC: the backup does not show the phone's clock." if zone == {"+00:00"} else (
        "The times are those of the phone that made the backup, with its distance from UTC.")  # fmt: skip
    return Conversation(title_of("Text messages", others), "SMS", people, messages, (clock,), unread)

