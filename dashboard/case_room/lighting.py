"""Pure: which words of a page are lit, in its text and on its picture."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.answers import PageOfWords, PlacedDoubt, PlacedLine, PlacedWord

Kind = Literal["asked", "finding", "hit", "note", "claim"]
MOST_HITS = 300
"""Words of a search that are lit on one page: beyond it the page is all light."""
WHOLE = 1000
"""Pictures are measured in thousandths of their width and height."""


@dataclass(frozen=True)
class Spot:
    """Words of a page that are lit, and as what."""

    kind: Kind
    start: int
    length: int
    label: str = ""

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Segment:
    """Text of a line under the same light; `kinds` is empty where it is not lit."""

    text: str
    kinds: tuple[Kind, ...]
    label: str
    is_first_asked: bool


@dataclass(frozen=True)
class TextLine:
    """A line of a page's text, from 1; `start` is the characters before it."""

    number: int
    start: int
    text: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Box:
    """A lit place on the picture, in thousandths."""

    kind: Kind
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class DoubtToSee:
    """What was read with doubt: where to cut it out of the picture, with what is around it, in thousandths (left, top,
    width, height; None where no places are known), and its line of the text, from 1."""

    doubt: PlacedDoubt
    crop: tuple[float, float, float, float] | None
    line: int | None


def find_words(text: str, words: str | None) -> tuple[int, int] | None:
    """Where words stand in a page's text, however its lines break them: start and length."""
    at = text.find(words) if words else -1
    if at >= 0:
        return at, len(words or "")
    found = re.search(r"\s+".join(map(re.escape, (words or "").split())), text) if (words or "").split() else None
    return (found.start(), found.end() - found.start()) if found else None


def find_hits(text: str, query: str) -> list[Spot]:
    """The words of a search where a page has them: "phrases" whole, words also with another ending."""
    spots: list[Spot] = []
    for minus, phrase, word in re.findall(r'(-?)(?:"([^"]+)"|(\S+))', query[:1000]):
        pattern = r"\W+".join(map(re.escape, re.findall(r"\w+", phrase or word)))
        if minus or len(phrase or word) < 2 or not pattern:
            continue
        ending = "" if phrase or word[-1:].isdigit() else r"\w*"
        spots += [
            Spot("hit", found.start(), found.end() - found.start())
            for found in re.finditer(rf"\b{pattern}{ending}", text, re.IGNORECASE)
        ]
    return spots[:MOST_HITS]


def light_text(text: str, spots: Iterable[Spot]) -> list[TextLine]:
    """The lines of a page, each cut where light begins and ends."""
    lit = sorted(spots, key=lambda spot: spot.start)
    lines, at = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        here = [spot for spot in lit if spot.start < at + len(line) and spot.end > at]
        lines.append(TextLine(number, at, line, tuple(_segments(line, at, here))))
        at += len(line) + 1
    return lines


def light_picture(page: PageOfWords, spots: Iterable[Spot]) -> list[Box]:
    """A box for each lit run of words of a line, on the picture before it is turned."""
    if not page.width or not page.height:
        return []
    return [_box(spot.kind, words, page) for spot in spots for line in page.lines if (words := _lit(line, spot))]


def show_doubts(page: PageOfWords) -> list[DoubtToSee]:
    """The doubts of a page, each with its cut: one height of its letters around it, and two beside it."""
    return [
        DoubtToSee(each, _cut(each.box, page), None if each.start is None else page.text.count("\n", 0, each.start) + 1)
        for each in page.doubts
    ]


def _cut(box: Sequence[float], page: PageOfWords) -> tuple[float, float, float, float] | None:
    if not page.width or not page.height:
        return None
    across, down = WHOLE / page.width, WHOLE / page.height
    left, top, right, bottom = box
    side = min(right - left, bottom - top)
    wide, high = (side, 2 * side) if page.rotation in (90, 270) else (2 * side, side)
    left, top = max(left - wide, 0.0) * across, max(top - high, 0.0) * down
    return left, top, min((right + wide) * across, WHOLE) - left, min((bottom + high) * down, WHOLE) - top


def picture_box(box: Sequence[int], kind: Kind) -> Box:
    """A place that was seen in the picture alone."""
    left, top, right, bottom = box
    return Box(kind, left, top, right - left, bottom - top)


def _segments(line: str, at: int, spots: Sequence[Spot]) -> Iterable[Segment]:
    cuts = sorted({0, len(line), *(min(max(edge - at, 0), len(line)) for s in spots for edge in (s.start, s.end))})
    for start, end in zip(cuts, cuts[1:], strict=False):
        over = [spot for spot in spots if spot.start - at < end and spot.end - at > start]
        first = any(spot.kind == "asked" and spot.start - at == start for spot in over)
        label = next((spot.label for spot in over if spot.label), "")
        yield Segment(line[start:end], tuple(dict.fromkeys(spot.kind for spot in over)), label, first)


def _lit(line: PlacedLine, spot: Spot) -> list[PlacedWord]:
    return [
        word
        for word in line.words
        if word.start is not None and word.start < spot.end and word.start + len(word.text) > spot.start
    ]


def _box(kind: Kind, words: Sequence[PlacedWord], page: PageOfWords) -> Box:
    lefts, tops, rights, bottoms = zip(*(word.box for word in words), strict=True)
    across, down = WHOLE / page.width, WHOLE / page.height
    left, top = min(lefts) * across, min(tops) * down
    return Box(kind, left, top, max(rights) * across - left, max(bottoms) * down - top)
