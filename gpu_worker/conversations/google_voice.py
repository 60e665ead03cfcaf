"""Google Voice as Takeout writes it: texts, calls and voicemails, one HTML page each (pure)."""

from __future__ import annotations

import re
from typing import Any

from gpu_worker.conversations.conversation import (
    Conversation,
    Direction,
    Message,
    Moment,
    Person,
    from_iso,
    title_of,
)
from gpu_worker.conversations.html import first_class, parse_html, text_of, with_class

SERVICE, OWNER = "Google Voice", "Me"
ZONE = "The times are those of the account's time zone, with its distance from UTC."


def read_google_voice(content: bytes) -> Conversation:
    """The conversation, call or voicemail of one page."""
    root = parse_html(content)
    people: dict[str, Person] = {}
    read = [_message(element, people) for element in with_class(root, "message")]
    messages = [message for message in read if message is not None]
    messages += [message for element in with_class(root, "haudio") if (message := _call(root, element, people))]
    for element in with_class(root, "participants"):
        for card in element.iter("cite"):
            _remember(card, people)
    labels = sorted({text_of(each) for tags in with_class(root, "tags") for each in tags.iter("a")})
    others = [person for person in people.values() if not person.is_owner]
    unread = len(read) - sum(message is not None for message in read)
    doubts = (ZONE, *((f"Labels in the account: {', '.join(labels)}.",) if labels else ()))
    said = (f"{unread} messages of the page could not be read.",) if unread else ()
    return Conversation(title_of(SERVICE, others), SERVICE, tuple(people.values()), tuple(messages), doubts, said)


def _message(element: Any, people: dict[str, Person]) -> Message | None:
    stamp = first_class(element, "dt")
    when = _moment(stamp)
    card = first_class(element, "sender")
    if when is None and card is None:
        return None
    person = _remember(card, people) if card is not None else None
    text = text_of(next(element.iter("q"), None))
    media = tuple(_files(element))
    direction = _direction(person)
    name = person.name if person else None
    doubts = () if when else ("the page gives no time",)
    return Message(name, when, text, direction, media, SERVICE, (), doubts)


def _call(root: Any, element: Any, people: dict[str, Person]) -> Message | None:
    stamp = first_class(element, "published")
    when = _moment(stamp)
    if when is None:
        return None
    card = first_class(element, "contributor")
    person = _remember(card, people) if card is not None else None
    title = text_of(next(root.iter("title"), None)).split("\n")[0]
    written = " ".join(filter(None, (text_of(first_class(element, "full-text")),)))
    duration = text_of(first_class(element, "duration")).strip("()")
    kind = text_of(first_class(element, "fn")) or title
    notes = [note for note in (title if title != kind else "", f"length {duration}" if duration else "") if note]
    if written:
        notes.append("words written down by Google's machine, not by a person")
    placed = any("placed" in (each.get("href") or "") for each in element.iter("a"))
    name = OWNER if placed else person.name if person else None
    direction = Direction.SENT if placed else Direction.RECEIVED
    media = tuple(_files(element))
    said = f"{kind}\n{written}" if written else kind
    return Message(name, when, said, direction, media, f"{SERVICE} call", tuple(notes))


def _moment(stamp: Any | None) -> Moment | None:
    return from_iso(stamp.get("title") or "") if stamp is not None else None


def _remember(card: Any, people: dict[str, Person]) -> Person:
    """The person of a card: the account's owner is called `Me` on every page."""
    link = next((each for each in card.iter("a") if (each.get("href") or "").startswith("tel:")), None)
    address = link.get("href").removeprefix("tel:") if link is not None else ""
    name = text_of(first_class(card, "fn")) or address or "unknown number"
    person = Person(name, address or None, name == OWNER)
    return people.setdefault(address or name, person)


def _direction(person: Person | None) -> Direction:
    if person is None:
        return Direction.UNKNOWN
    return Direction.SENT if person.is_owner else Direction.RECEIVED


def _files(element: Any) -> list[str]:
    sources = [each.get("src") or "" for each in element.iter("img", "audio", "video")]
    sources += [each.get("href") or "" for each in element.iter("a") if re.search(r"\b(video|audio|vcard)\b",
                each.get("class") or "") and not (each.get("href") or "").startswith("tel:")]  # fmt: skip
    return list(dict.fromkeys(source.split("/")[-1] for source in sources if source))
