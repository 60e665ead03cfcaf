"""Pure: a conversation as safe HTML, as its app shows it: bubbles, who wrote, the clock, a line for every day."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from dashboard import words
from dashboard.talks import Said

SIDES = {"sent": "right", "received": "left", "system": "middle", "unknown": "left"}


def chat(messages: Sequence[Said], files: Mapping[str, str]) -> str:
    """The messages in order; `files` gives the documents that were sent as files, by their name."""
    return f'<div class="a-chat">{"".join(_lines(messages, files))}</div>'


def _lines(messages: Sequence[Said], files: Mapping[str, str]) -> Iterator[str]:
    day: str | None = None
    sender: str | None = ""  # nobody's name
    for said in messages:
        of = _day(said)
        if of != day and of is not None:
            yield f'<div class="a-chat-day">{escape(of)}</div>'
            day, sender = of, ""
        is_named = said.direction != "system" and said.sender != sender
        yield _bubble(said, files, is_named)
        sender = said.sender if said.direction != "system" else ""


def _bubble(said: Said, files: Mapping[str, str], is_named: bool) -> str:
    name = f'<b class="a-chat-who">{escape(said.sender or words.NO_SENDER)}</b>' if is_named else ""
    text = f'<div class="a-chat-text">{escape(said.text)}</div>' if said.text else ""
    media = "".join(_file(name, files.get(name)) for name in said.media)
    notes = "".join(f"<i>{escape(note)}</i>" for note in said.notes)
    doubts = "".join(f'<i class="doubt">{escape(doubt)}</i>' for doubt in said.all_doubts)
    foot = f'<span class="a-chat-clock">{said.number} · {escape(clock(said))}</span>'
    inside = f"{name}{text}{media}{notes}{doubts}{foot}"
    return f'<div class="a-chat-row {SIDES[said.direction]}"><div class="a-chat-bubble">{inside}</div></div>'


def _file(name: str, document_id: str | None) -> str:
    shown = escape(name)
    if document_id is None:
        return f'<div class="a-chat-file">{shown}</div>'
    return f'<div class="a-chat-file"><a href="document?id={escape(document_id)}" target="_self">{shown}</a></div>'


def clock(said: Said) -> str:
    """The time of day with its zone, or what the source says instead."""
    if said.time is None:
        return words.NO_TIME
    if said.time.local is None:
        return said.time.written
    if said.time.precision == "day":
        return words.NO_CLOCK
    zone = f" UTC{said.time.offset}" if said.time.offset else ""
    return said.time.local[11:] + zone


def _day(said: Said) -> str | None:
    if said.time is None:
        return None
    return words.long_day(said.time.day) if said.time.day else words.NO_DAY
