"""One page's words with their places: found in `metadata.json` without reading all of it, put on its text (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Read = Callable[[int, int], bytes]
"""Bytes of a file from a place to another, as many as there are."""
Number = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
PAGE_BEGINS = re.compile(rb'\n\{"page": (\d{1,9})[,}]')
WINDOW = 256 * 1024
"""What is read at once: a page of 500 words takes 40 KB, so one look finds the next beginning."""
MOST_PAGE_BYTES = 16 * 1024**2
MOST_WORDS = 20_000
MOST_BOXES = 1000
MOST_DOUBTS = 200
AHEAD = 160
"""Characters that a word may stand behind the one before it in its page's text: a line or two."""


@dataclass(frozen=True)
class PlacedWord:
    """A word: `start` is the characters before it in its page's text (null where it is not found there), `box` its
    left, top, right and bottom."""

    text: str
    start: int | None
    box: list[float]


@dataclass(frozen=True)
class PlacedLine:
    """A line of a page in reading order; `source` says where its words come from: ocr, layer, form, note or hidden."""

    text: str
    start: int | None
    source: str
    confidence: float
    box: list[float]
    words: list[PlacedWord]


@dataclass(frozen=True)
class HiddenWords:
    """Words that the file holds on a page and nobody sees, and why nobody does."""

    text: str
    why: str


@dataclass(frozen=True)
class ReadByLetter:
    """`text`, which stands in the page's text `start` characters from its beginning, was taken for a known word; its
    letters read `read`."""

    start: int
    text: str
    read: str


@dataclass(frozen=True)
class PlacedBox:
    """A check box or radio button (`round`) that a machine found on a page's picture: `state` is ticked, empty, or
    doubtful where nobody but a person can say; `label` are the words beside it, "" where there are none."""

    box: list[float]
    state: str
    round: bool
    label: str


@dataclass(frozen=True)
class PlacedDoubt:
    """A word (or a check box, by its label) that decides and was read with doubt: look at the picture. `kind` is name,
    date, amount, number, negation or check_box, `confidence` how sure the machine was of its weakest letter; `start` as
    in a word, null of a check box."""

    kind: str
    text: str
    start: int | None
    confidence: float
    box: list[float]


@dataclass(frozen=True)
class PlacedPage:
    """A page's lines in its `width` × `height` units; both 0 where no places are known."""

    width: float
    height: float
    lines: list[PlacedLine]
    hidden: list[HiddenWords] = field(default_factory=list)
    rereadings: list[ReadByLetter] = field(default_factory=list)
    boxes: list[PlacedBox] = field(default_factory=list)
    doubts: list[PlacedDoubt] = field(default_factory=list)


class _Hidden(BaseModel):
    """Hidden words as a worker wrote them."""

    model_config = ConfigDict(frozen=True)
    text: str
    why: str = Field(max_length=200)


class _Line(BaseModel):
    """A line as a worker wrote it."""

    model_config = ConfigDict(frozen=True)
    text: str
    source: str = "ocr"
    confidence: Number = 0
    box: tuple[Number, Number, Number, Number]
    words: list[tuple[str, tuple[Number, Number, Number, Number], Number]] = Field(max_length=MOST_WORDS)


class _Rereading(BaseModel):
    """A word taken for a known one, as a worker wrote it."""

    model_config = ConfigDict(frozen=True)
    start: int = Field(ge=0)
    text: str = Field(max_length=1000)
    read: str = Field(max_length=1000)


class _Box(BaseModel):
    """A check box as a worker wrote it."""

    model_config = ConfigDict(frozen=True)
    box: tuple[Number, Number, Number, Number]
    state: Literal["ticked", "empty", "doubtful"]
    round: bool = False
    label: str = Field(default="", max_length=200)


class _Doubt(BaseModel):
    """A doubtful word as a worker wrote it."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["name", "date", "amount", "number", "negation", "check_box"]
    text: str
    confidence: float = Field(ge=0, le=1)
    box: tuple[Number, Number, Number, Number]


class _Page(BaseModel):
    """A page as a worker wrote it."""

    model_config = ConfigDict(frozen=True)
    width: Number = 0
    height: Number = 0
    lines: list[_Line] = Field(default=[], max_length=MOST_WORDS)
    hidden: list[_Hidden] = Field(default=[], max_length=MOST_WORDS)
    rereadings: list[_Rereading] = Field(default=[], max_length=MOST_WORDS)
    boxes: list[_Box] = Field(default=[], max_length=MOST_BOXES)
    doubts: list[_Doubt] = Field(default=[], max_length=MOST_DOUBTS)


NOWHERE = PlacedPage(0, 0, [])


def find_page(read: Read, size: int, page: int) -> bytes | None:
    """The line of a page in `metadata.json`, whose pages stand one a line and in order; None where there is none."""
    low, high = 0, size
    while high - low > WINDOW:
        middle = (low + high) // 2
        found = _next_page(read, middle, high)
        if found is None or found[1] > page:
            high = middle
        else:
            low = found[0]
            if found[1] == page:
                break
    return _read_line(read, low, size, page)


def read_places(line: bytes | None, text: str) -> PlacedPage:
    """The lines of a page, put on its text; none where a machine wrote what is no page."""
    try:
        page = _Page.model_validate_json((line or b"").rstrip(b" ,\r\n]"))
    except ValidationError:
        return NOWHERE
    placed, at, words_left = [], 0, MOST_WORDS
    for each in page.lines:
        words_left -= len(each.words)
        if words_left < 0:
            break
        line_placed, at = _place_line(each, text, at)
        placed.append(line_placed)
    hidden = [HiddenWords(each.text, each.why) for each in page.hidden]
    rereadings = [
        ReadByLetter(each.start, each.text, each.read)
        for each in page.rereadings
        if text.startswith(each.text, each.start)
    ]
    boxes = [PlacedBox(list(each.box), each.state, each.round, each.label) for each in page.boxes]
    starts = {(word.text, tuple(word.box)): word.start for line in placed for word in line.words}
    doubts = [
        PlacedDoubt(each.kind, each.text, starts.get((each.text, each.box)), each.confidence, list(each.box))
        for each in page.doubts
    ]
    return PlacedPage(page.width, page.height, placed, hidden, rereadings, boxes, doubts)


def _next_page(read: Read, after: int, end: int) -> tuple[int, int] | None:
    """Where the first page at or after a place begins, and its number."""
    at = max(0, after - 1)  # the line end before it
    while at < end:
        piece = read(at, at + WINDOW)
        found = PAGE_BEGINS.search(piece)
        if found:
            return at + found.start() + 1, int(found[1])
        if len(piece) < WINDOW:
            return None
        at += WINDOW - 32  # a beginning may lie across
    return None


def _read_line(read: Read, start: int, size: int, page: int) -> bytes | None:
    """The line of this page, which begins within the first window from `start`."""
    at = max(0, start - 1)
    piece = read(at, at + WINDOW)
    here = next((each.start() + 1 for each in PAGE_BEGINS.finditer(piece) if int(each[1]) == page), None)
    if here is None:
        return None
    line, at = bytearray(piece[here:]), at + len(piece)
    while b"\n" not in line and at < size and len(line) < MOST_PAGE_BYTES:
        line += read(at, at + WINDOW)
        at += WINDOW
    return bytes(line.partition(b"\n")[0])


def _place_line(line: _Line, text: str, at: int) -> tuple[PlacedLine, int]:
    """The line with its words where they stand in the text from `at` on, and where the search goes on."""
    start = text.find(line.text, at, at + len(line.text) + AHEAD) if line.text else -1
    here = start if start >= 0 else at
    words = []
    for word, box, _confidence in line.words:
        found = text.find(word, here, here + len(word) + AHEAD) if word else -1
        words.append(PlacedWord(word, None if found < 0 else found, list(box)))
        here = here if found < 0 else found + len(word)
    begins = start if start >= 0 else next((word.start for word in words if word.start is not None), None)
    placed = PlacedLine(line.text, begins, line.source, line.confidence, list(line.box), words)
    return placed, max(here, start + len(line.text) if start >= 0 else here)
