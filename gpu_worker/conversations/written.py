"""A conversation written out: pages by day that can be searched and quoted by message, and its structure (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gpu_worker.conversations.conversation import Conversation, Direction, Message

PAGE_CHARACTERS = 3800
"""A day longer than a printed page goes on on the next one, between two messages."""
MOST_DAYS = 1000
"""A file with more days, all conversations together, has several on a page: ten years of texts are 50,000 days."""
ARROWS = {Direction.SENT: " (sent)", Direction.RECEIVED: " (received)"}


@dataclass(frozen=True)
class WrittenConversations:
    """The pages of a file's conversations, and `conversation.json`."""

    pages: tuple[str, ...]
    structure: dict[str, Any]


def write_conversations(conversations: Sequence[Conversation]) -> WrittenConversations:
    """Number the messages through and write them out, a new page for every conversation and day."""
    pages: list[str] = []
    described: list[dict[str, Any]] = []
    number = 0
    is_dense = sum(1 for conversation in conversations for _ in _days(conversation.messages)) > MOST_DAYS
    for conversation in conversations:
        messages: list[dict[str, Any]] = []
        for day in [conversation.messages] if is_dense and conversation.messages else _days(conversation.messages):
            for page in _pages_of(_heading(conversation, is_first=not messages), day, number):
                pages.append(page.text)
                messages += [
                    describe_message(message, number + n, len(pages)) for n, message in enumerate(page.messages, 1)
                ]
                number += len(page.messages)
        if not conversation.messages:
            pages.append(_heading(conversation, is_first=True) + "\n\nNo message could be read.")
        described.append(describe_conversation(conversation, messages))
    return WrittenConversations(tuple(pages), {"version": 1, "conversations": described})


def describe_read(conversation: Conversation) -> dict[str, Any]:
    """`conversation.json` of a conversation that was read off a document's own pages."""
    messages = [
        describe_message(message, number, message.place.page if message.place else 1)
        for number, message in enumerate(conversation.messages, 1)
    ]
    return {"version": 1, "conversations": [describe_conversation(conversation, messages)]}


def describe_conversation(conversation: Conversation, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The conversation in `conversation.json`, with its described messages."""
    return {
        "title": conversation.title,
        "service": conversation.service,
        "people": [asdict(person) for person in conversation.people],
        "doubts": list(conversation.doubts),
        "unread": list(conversation.unread),
        "messages": messages,
    }


def describe_message(message: Message, number: int, page: int) -> dict[str, Any]:
    """A message in `conversation.json`: its number in the file and the page that shows it."""
    when = message.when
    return {
        "number": number,
        "page": page,
        "box": list(message.place.box) if message.place and message.place.box else None,
        "sender": message.sender,
        "direction": message.direction.value,
        "time": asdict(when) | {"shown": when.shown} if when else None,
        "text": message.text,
        "media": list(message.media),
        "service": message.service,
        "notes": list(message.notes),
        "doubts": list(message.doubts),
    }


def write_message(message: Message, number: int) -> str:
    """One block: its number, time and sender on a line, then its words, then what was sent with it and said of it."""
    time = message.when.shown if message.when else "time not known"
    sender = message.sender or ("Notice" if message.direction == Direction.SYSTEM else "Sender not known")
    lines = [f"[{number}] {time}, {sender}{ARROWS.get(message.direction, '')}:"]
    lines += [message.text] if message.text else []
    lines += [f"(file: {name})" for name in message.media]
    said = [*message.notes, *message.doubts, *([message.when.doubt] if message.when and message.when.doubt else [])]
    lines += [f"({note})" for note in said]
    return "\n".join(lines)


@dataclass(frozen=True)
class _Page:
    text: str
    messages: tuple[Message, ...]


def _days(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Runs of messages of one day; a message without a known day stays with those before it."""
    day, run = None, list[Message]()
    for message in messages:
        of = _day(message)
        if run and of is not None and day is not None and of != day:
            yield run
            run = []
        day = of if of is not None else day
        run.append(message)
    if run:
        yield run


def _day(message: Message) -> str | None:
    if message.when is None:
        return None
    return message.when.day or message.when.written.split(",")[0]


def _pages_of(heading: str, messages: Sequence[Message], before: int) -> Iterator[_Page]:
    """Messages on as many pages as they need, each day's name over its first and at the top of every page."""
    day, taken, blocks = None, list[Message](), list[str]()
    for message in messages:
        block = write_message(message, before + len(taken) + 1)
        if taken and sum(map(len, blocks)) + len(heading) + len(block) > PAGE_CHARACTERS:
            yield _Page("\n\n".join([heading, *blocks]), tuple(taken))
            heading, before = heading.partition("\n")[0], before + len(taken)
            blocks, taken = [f"{day or 'Day not known'} (continued)"], []
            block = write_message(message, before + 1)
        if (of := _day(message)) != day and of is not None:
            blocks, day = [*(blocks if taken else []), of], of
        blocks.append(block)
        taken.append(message)
    yield _Page("\n\n".join([heading, *blocks]), tuple(taken))


def _heading(conversation: Conversation, is_first: bool) -> str:
    """The title; what is unsure of the whole conversation stands on its first page only."""
    said = [*conversation.doubts, *conversation.unread] if is_first else []
    return "\n".join([conversation.title, *(f"({sentence})" for sentence in said)])
