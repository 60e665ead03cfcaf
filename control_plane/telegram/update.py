"""What a person sent to the bot, out of Telegram's update (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from telegram import (
    Message,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Update,
)

from control_plane.odd_rows import read_sound

FILE_KINDS = ("document", "voice", "audio", "video", "video_note", "animation")
TEXTS = ("text", "caption", "media_group_id")
NUMBERS = ("file_size", "width", "height", "length", "duration")
ODD = (KeyError, TypeError, ValueError, AttributeError)
MOST_FILE_BYTES = 20 * 1024 * 1024
"""What Telegram lets a bot fetch."""


@dataclass(frozen=True)
class SentFile:
    """A document or photo: Telegram's handle on it, and what Telegram says about it."""

    file_id: str
    filename: str
    bytes: int | None
    album_id: str | None
    arrival: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_too_large(self) -> bool:
        """Whether Telegram will not give it to a bot."""
        return (self.bytes or 0) > MOST_FILE_BYTES


@dataclass(frozen=True)
class Incoming:
    """One update: who, in which chat, and a file, a command with its words, a pressed button, or something else."""

    kind: Literal["file", "command", "button", "other"]
    user_id: int
    chat_id: int
    is_private: bool
    message_id: int
    file: SentFile | None = None
    command: str = ""
    words: str = ""
    callback_id: str = ""


def read_update(body: Any) -> Incoming | None:
    """The update as ours; None for what has no person behind it (a channel, an edit) or is no update at all.

    One that makes no sense is logged and passed over: Telegram would send it again for ever, before all others.
    """
    return next(iter(read_sound([body], _read, "Telegram updates")), None)


def _read(body: Any) -> Incoming | None:
    if not isinstance(body, dict) or "update_id" not in body:
        return None
    update = Update.de_json(_needed(body), None)
    if update.callback_query and update.callback_query.message:
        return _read_button(update)
    message = update.message
    if message is None or message.from_user is None:
        return None
    return _read_message(message)


def _needed(body: dict[str, Any]) -> dict[str, Any]:
    """What we read of an update: whatever is odd elsewhere in it, or comes with a newer Bot API, costs no file."""
    needed: dict[str, Any] = {"update_id": body["update_id"]}
    if isinstance(message := body.get("message"), dict):
        needed["message"] = _needed_of_message(message)
    if isinstance(query := body.get("callback_query"), dict):
        about = query.get("message")
        needed["callback_query"] = {name: query.get(name) for name in ("id", "from", "chat_instance", "data")}
        needed["callback_query"]["message"] = _needed_of_message(about) if isinstance(about, dict) else None
    return needed


def _needed_of_message(message: dict[str, Any]) -> dict[str, Any]:
    needed: dict[str, Any] = {name: message[name] for name in ("message_id", "date", "chat") if name in message}
    if isinstance(person := message.get("from"), dict):
        names = {name: person[name] for name in ("first_name", "last_name") if isinstance(person.get(name), str)}
        needed["from"] = {"id": person.get("id"), "is_bot": False, "first_name": ""} | names
    needed |= {name: message[name] for name in TEXTS if isinstance(message.get(name), str)}
    needed |= {kind: _needed_of_file(message[kind]) for kind in FILE_KINDS if _is_file(message.get(kind))}
    sizes = message.get("photo")
    if found := [_needed_of_file(size) for size in sizes if _is_file(size)] if isinstance(sizes, list) else []:
        needed["photo"] = found
    with suppress(*ODD):  # whose it was before is told where it can be read
        if origin := message.get("forward_origin"):
            MessageOrigin.de_json(origin, None)
            needed["forward_origin"] = origin
    return needed


def _is_file(sent: Any) -> bool:
    return isinstance(sent, dict) and isinstance(sent.get("file_id"), str)


def _needed_of_file(sent: dict[str, Any]) -> dict[str, Any]:
    """The handle, the name and the numbers; those that the library insists on are 0 where they are none."""
    numbers = {name: sent[name] for name in NUMBERS if type(sent.get(name)) is int}
    names = {name: sent[name] for name in ("file_id", "file_name") if isinstance(sent.get(name), str)}
    return {"file_unique_id": "", "width": 0, "height": 0, "length": 0, "duration": 0} | numbers | names


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("no number")
    return value


def _read_button(update: Update) -> Incoming:
    query = update.callback_query
    assert query is not None and query.message is not None
    chat = query.message.chat
    command, _, words = (query.data or "").partition(":")
    return Incoming(
        "button", _number(query.from_user.id), _number(chat.id), chat.type == "private",
        _number(query.message.message_id),
        command=command, words=words, callback_id=query.id,
    )  # fmt: skip


def _read_message(message: Message) -> Incoming:
    assert message.from_user is not None
    user, chat = _number(message.from_user.id), message.chat
    about = (user, _number(chat.id), chat.type == "private", _number(message.message_id))
    if file := _file_of(message):
        return Incoming("file", *about, file=file)
    text = (message.text or "").strip()
    if text.startswith("/"):
        command, _, words = text[1:].partition(" ")
        return Incoming("command", *about, command=command.partition("@")[0].lower(), words=words.strip())
    return Incoming("other", *about, words=text)


def _file_of(message: Message) -> SentFile | None:
    """The message's file, at the best quality that Telegram kept."""
    album = message.media_group_id
    for kind in FILE_KINDS:
        if sent := getattr(message, kind):
            name = getattr(sent, "file_name", None) or _made_up_name(message, kind)
            return SentFile(sent.file_id, name, sent.file_size, album, arrival_of(message))
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return SentFile(largest.file_id, _made_up_name(message, "photo"), largest.file_size, album, arrival_of(message))
    return None


def _made_up_name(message: Message, kind: str) -> str:
    extension = {"photo": ".jpg", "voice": ".ogg", "video": ".mp4", "video_note": ".mp4", "audio": ".mp3"}.get(kind, "")
    return f"{kind} {message.date:%Y-%m-%d %H-%M-%S}{extension}" if extension else kind


def arrival_of(message: Message) -> dict[str, str]:
    """What the message says about its file: when it was sent, by whom, with which words, and whose it was before."""
    sender = message.from_user
    said = {
        "sent_at": _time(message.date),
        "sender": sender.full_name if sender else "",
        "caption": message.caption or "",
        "album": message.media_group_id or "",
    }
    if origin := message.forward_origin:
        said |= {"forwarded_from": _first_sender(origin), "forwarded_sent_at": _time(origin.date)}
    return {name: value for name, value in said.items() if value}


def _first_sender(origin: object) -> str:
    """Whose message a forwarded one was, as far as Telegram tells."""
    match origin:
        case MessageOriginUser():
            return origin.sender_user.full_name
        case MessageOriginHiddenUser():
            return origin.sender_user_name
        case MessageOriginChat():
            return origin.sender_chat.title or ""
        case MessageOriginChannel():
            return origin.chat.title or ""
    return ""


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")
