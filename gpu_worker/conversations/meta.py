"""Facebook's and Instagram's messages (`message_1.json`), their broken letters mended (pure).

The export writes each byte of a letter's UTF-8 as a letter of its own (`fiÃ¨vre`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gpu_worker.conversations.conversation import (
    Conversation,
    Direction,
    Message,
    Moment,
    Person,
    from_epoch,
    people_of,
    title_of,
)

ZONE = "The times are UTC, as the export has them."
FILES = ("photos", "videos", "audio_files", "files", "gifs", "media")
CUT = "The export is damaged or ends early; the messages before the damage were read."


class NotReadable(Exception):
    """A file that holds no message of this kind."""


def read_meta(content: bytes) -> Conversation:
    """The conversation of one file. Raises `NotReadable`."""
    said, is_whole = _load(content)
    entries = said.get("messages")
    if not isinstance(entries, list):
        raise NotReadable
    service = _service(content)
    read = [(_stamp(entry), _message(entry, service)) for entry in entries if isinstance(entry, dict)]
    timed = sorted((pair for pair in read if pair[1] is not None), key=lambda pair: pair[0])
    messages = tuple(message for _, message in timed if message)
    people = _people(said, messages)
    title = said.get("title") or said.get("threadName")
    missing = len(entries) - len(messages)
    unread = (f"{missing} entries of the export could not be read.",) if missing else ()
    return Conversation(
        f"{service}: {mend(title)}" if isinstance(title, str) and title else title_of(service, people),
        service, people, messages, (ZONE,), unread if is_whole else (*unread, CUT),
    )  # fmt: skip


def mend(text: str) -> str:
    """Text whose letters stand for bytes of UTF-8, as the text it was; any other as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _load(content: bytes) -> tuple[dict[str, Any], bool]:
    """The file's object, and whether it is whole; of a damaged one its first messages."""
    text = content.decode("utf-8-sig", errors="replace")
    try:
        said = json.loads(text)
        if not isinstance(said, dict):
            raise NotReadable
        return said, True
    except (ValueError, RecursionError):
        at = text.find("[", text.find('"messages"'))
        if '"messages"' not in text or at < 0:
            raise NotReadable from None
        return {"messages": list(_whole_objects(text, at + 1))}, False


def _whole_objects(text: str, at: int) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    while at < len(text):
        while at < len(text) and text[at] in " \r\n\t,":
            at += 1
        try:
            said, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(said, dict):
            yield said


def _service(content: bytes) -> str:
    if b"instagram" in content.lower():
        return "Instagram"
    return "Messenger" if b"facebook" in content.lower() else "Messenger or Instagram"


def _stamp(entry: Mapping[str, Any]) -> float:
    for name in ("timestamp_ms", "timestamp"):
        value = entry.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return 0.0


def _message(entry: Mapping[str, Any], service: str) -> Message | None:
    sender = entry.get("sender_name", entry.get("senderName"))
    stamp = _stamp(entry)
    when: Moment | None = from_epoch(stamp, str(int(stamp))) if stamp else None
    if not isinstance(sender, str) and when is None:
        return None
    content = entry.get("content", entry.get("text"))
    said = [mend(content)] if isinstance(content, str) else []
    notes = [*_notes(entry)]
    share = entry.get("share")
    if isinstance(share, dict):
        said += [mend(share[name]) for name in ("share_text", "link") if isinstance(share.get(name), str)]
    text = "\n".join(line for line in said if line)
    name = mend(sender) if isinstance(sender, str) else None
    doubts = () if when else ("the export gives no time",)
    return Message(name, when, text, Direction.UNKNOWN, tuple(_files(entry)), service, tuple(notes), doubts)


def _notes(entry: Mapping[str, Any]) -> Iterator[str]:
    if entry.get("is_unsent") or entry.get("isUnsent"):
        yield "taken back by its sender"
    if "call_duration" in entry:
        yield f"call, {entry['call_duration']} seconds"
    for reaction in entry.get("reactions") or ():
        if isinstance(reaction, dict) and isinstance(reaction.get("reaction"), str):
            yield f"reaction: {mend(reaction['reaction'])} by {mend(str(reaction.get('actor', 'somebody')))}"


def _files(entry: Mapping[str, Any]) -> Iterator[str]:
    groups = [entry.get(name) for name in FILES]
    sticker = entry.get("sticker")
    for file in [*(each for group in groups if isinstance(group, list) for each in group), sticker]:
        uri = file.get("uri") if isinstance(file, dict) else None
        if isinstance(uri, str) and not uri.startswith("http"):
            yield uri.replace("\\", "/").split("/")[-1]


def _people(said: Mapping[str, Any], messages: tuple[Message, ...]) -> tuple[Person, ...]:
    """Those the export names, and who else wrote."""
    named = []
    for entry in said.get("participants") or ():
        name = entry.get("name") if isinstance(entry, dict) else entry
        if isinstance(name, str):
            named.append(mend(name))
    wrote = [person.name for person in people_of(messages)]
    return tuple(Person(name) for name in dict.fromkeys([*named, *wrote]))
