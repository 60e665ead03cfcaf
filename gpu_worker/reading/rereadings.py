"""Words of a page that were read a second way, with what was read letter by letter: both stand, and both are found
(pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gpu_worker.ocr.page_text import PageText

AHEAD = 160  # characters that a word may stand behind the one before it: a line or two


@dataclass(frozen=True)
class Rereading:
    """`text` stands in the page's text, `start` characters from its beginning; the recogniser read `read` there."""

    start: int
    text: str
    read: str


def find_rereadings(page: PageText) -> tuple[Rereading, ...]:
    """What was chosen over its letters, in reading order; a word that became two is one rereading."""
    found, at = list[Rereading](), 0
    words = page.words
    for number, word in enumerate(words):
        start = page.text.find(word.text, at, at + len(word.text) + AHEAD)
        if start < 0:
            continue
        at = start + len(word.text)
        if word.read:
            end = at
            if number + 1 < len(words) and words[number + 1].read == "":
                second = page.text.find(words[number + 1].text, at, at + AHEAD)
                end = second + len(words[number + 1].text) if second >= 0 else at
            found.append(Rereading(start, page.text[start:end], word.read))
    return tuple(found)


def read_by_letter(text: str, rereadings: Sequence[Rereading]) -> str:
    """The page's text as its letters were read, nothing chosen."""
    pieces, at = list[str](), 0
    for each in rereadings:
        if each.start >= at and text.startswith(each.text, each.start):
            pieces += [text[at : each.start], each.read]
            at = each.start + len(each.text)
    return "".join([*pieces, text[at:]])


def spread(start: int, end: int, rereadings: Sequence[Rereading]) -> tuple[int, int]:
    """Where in the page's text that is which stands from `start` to `end` (one past) in the text as its letters were
    read; what was chosen counts whole."""
    longer, places = 0, [start, end]  # by how much what was read is longer than what was chosen, so far
    for each in rereadings:
        begins = each.start + longer
        longer += len(each.read) - len(each.text)
        if start >= begins:
            places[0] = each.start if start < begins + len(each.read) else start - longer
        if end > begins:
            is_inside = end <= begins + len(each.read)
            places[1] = each.start + len(each.text) if is_inside else end - longer
    return places[0], places[1]


def chosen_between(rereadings: Sequence[Rereading], start: int, end: int) -> Iterator[Rereading]:
    """The rereadings that stand between two places of the page's text."""
    return (each for each in rereadings if each.start < end and each.start + len(each.text) > start)
