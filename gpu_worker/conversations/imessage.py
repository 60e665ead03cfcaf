"""iPhone messages as `imessage-exporter` writes them, as text and as HTML (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gpu_worker.conversations.clock import read_english
from gpu_worker.conversations.conversation import (
    NO_ZONE,
    Conversation,
    Direction,
    Message,
    Moment,
    people_of,
    title_of,
)
from gpu_worker.conversations.html import first_class, has_class, parse_html, text_of, with_class

SERVICE, OWNER = "iMessage", "Me"
_TIME = r"[A-Z][a-z]{2} \d{1,2}, \d{4}\s{1,2}\d{1,2}:\d{2}:\d{2}[\s\u202f][AP]M"
HEAD = re.compile(rf"(?P<time>{_TIME})(?: (?P<note>\((?:Read|Delivered)[^()]*\)))?$")
ANNOUNCEMENT = re.compile(rf"(?P<time>{_TIME}) (?P<text>[^(].+)$")
FILE = re.compile(r"(?:/|~/|[A-Za-z]:\\|attachments/|\.\./)\S.*\.\w{2,5}$")
REPLY = "This message responded to an earlier message."
NOTES = re.compile(r"(?:Edited|Sent with|You unsent|.* unsent|Shared|Tapbacks:)")


def read_imessage_text(text: str) -> Conversation:
    """The conversation that a text export holds."""
    blocks, before = _blocks(text.replace("\r\n", "\n").split("\n"))
    messages = tuple(message for block in blocks for message in _from_block(block))
    unread = (f"{before} lines before the first message belong to none.",) if before else ()
    return _conversation(messages, unread)


def _conversation(messages: tuple[Message, ...], unread: tuple[str, ...] = ()) -> Conversation:
    people = people_of(messages, OWNER)
    others = [person for person in people if not person.is_owner]
    return Conversation(title_of(SERVICE, others or people), SERVICE, people, messages, (NO_ZONE,), unread)


def _blocks(lines: Sequence[str]) -> tuple[list[list[str]], int]:
    """The lines of every message; replies shown again below their message are indented and stay with it."""
    blocks: list[list[str]] = []
    before = 0
    for line in lines:
        if HEAD.match(line.rstrip()) or ANNOUNCEMENT.match(line.rstrip()):
            blocks.append([line.rstrip()])
        elif blocks:
            blocks[-1].append(line)
        else:
            before += bool(line.strip())
    return blocks, before


def _from_block(lines: Sequence[str]) -> Iterator[Message]:
    head = HEAD.match(lines[0])
    if head is None:
        announcement = ANNOUNCEMENT.match(lines[0])
        if announcement:
            text = "\n".join([announcement["text"], *lines[1:]]).strip()
            yield Message(None, _moment(announcement["time"]), text, Direction.SYSTEM, service=SERVICE)
        return
    sender = lines[1].strip() if len(lines) > 1 else ""
    said, media, notes = [], list[str](), [head["note"].strip("()")] if head["note"] else []
    tapbacks = False
    for line in lines[2:]:
        bare = line.strip()
        tapbacks = bool(bare) and (tapbacks or bare == "Tapbacks:") and (line.startswith(" ") or bare == "Tapbacks:")
        if tapbacks:
            notes += [f"reaction: {bare}"] if bare != "Tapbacks:" else []
        elif line.startswith("    ") or bare == REPLY:
            notes += [REPLY.rstrip(".").lower()] if bare == REPLY else []
        elif FILE.match(bare):
            media.append(re.split(r"[/\\]", bare)[-1])
        elif NOTES.match(bare) and bare.endswith("!"):
            notes.append(bare)
        else:
            said.append(line.rstrip())
    yield _message(sender, _moment(head["time"]), "\n".join(said).strip(), tuple(media), tuple(notes), SERVICE)


def _message(
    sender: str, when: Moment | None, text: str, media: tuple[str, ...], notes: tuple[str, ...], service: str
) -> Message:
    direction = Direction.SENT if sender == OWNER else Direction.RECEIVED if sender else Direction.UNKNOWN
    return Message(sender or None, when, text, direction, media, service, notes)


def _moment(written: str) -> Moment:
    at = read_english(written)
    return Moment(written, at.strftime("%Y-%m-%dT%H:%M:%S") if at else None)


def read_imessage_html(content: bytes) -> Conversation:
    """The conversation that an HTML export holds; a reply shown twice (under its message and in its place) counts
    once."""
    root = parse_html(content)
    messages: list[Message] = []
    nested: list[Message] = []
    unread = 0
    for element in root.iter("div"):
        if has_class(element, "announcement"):
            messages.append(_announcement(element))
        elif has_class(element, "message"):
            message = _from_div(element)
            if message is None:
                unread += 1
            elif any(has_class(above, "replies") for above in element.iterancestors()):
                nested.append(message)
            else:
                messages.append(message)
    shown = {(message.sender, message.when, message.text) for message in messages}
    messages += [message for message in nested if (message.sender, message.when, message.text) not in shown]
    messages.sort(key=lambda message: (message.when.local if message.when else None) or "")
    said = (f"{unread} messages of the export could not be read.",) if unread else ()
    return _conversation(tuple(messages), said)


def _announcement(element: Any) -> Message:
    stamp = text_of(first_class(element, "timestamp"))
    text = text_of(element).removeprefix(stamp).strip()
    return Message(None, _moment(stamp) if stamp else None, text, Direction.SYSTEM, service=SERVICE)


def _from_div(element: Any) -> Message | None:
    inner = next(iter(element.iterchildren("div")), None)
    stamp = first_class(inner, "timestamp") if inner is not None else None
    if inner is None or stamp is None:
        return None
    written, _, note = text_of(stamp).partition(" (")
    notes = [note.rstrip(")")] if note else []
    media: list[str] = []
    said: list[str] = []
    for part in inner.iterchildren("div", "span"):
        if has_class(part, "message_part"):
            media += _files(part)
            said += [text for bubble in with_class(part, "bubble") if (text := text_of(bubble))]
            notes += [text_of(each) for name in ("unsent", "attachment_error") for each in with_class(part, name)]
            notes += [f"edited: {' / '.join(text_of(each).split(chr(10)))}" for each in with_class(part, "edited")]
        elif has_class(part, "reactions"):
            notes += [f"reaction: {text_of(each)}" for each in with_class(part, "reaction") if each.tag == "span"]
        elif has_class(part, "reply_context"):
            notes.append(text_of(part).rstrip(".").lower())
        elif has_class(part, "expressive") or has_class(part, "subject"):
            notes.append(text_of(part))
    service = next((name for name in ("SMS", "MMS", "RCS") if has_class(inner, name)), SERVICE)
    sender = text_of(first_class(inner, "sender"))
    return _message(sender, _moment(written), "\n".join(said), tuple(media), tuple(notes), service)


def _files(part: Any) -> list[str]:
    sources = [each.get("src") or each.get("href") or "" for each in part.iter("img", "video", "audio", "source", "a")]
    return list(dict.fromkeys(re.split(r"[/\\]", source)[-1] for source in sources if source[:4] not in ("", "http")))
