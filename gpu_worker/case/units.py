"""A document cut into statements: sentences, numbered items, table rows, messages, with their places (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PAGE_END = "\f\n"
MOST_CHARACTERS = 1200
"""Of one statement: a sentence of a lawyer has some 600; what is longer is cut where a line ends."""
ITEM = re.compile(r"\s*(?:\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|[-•*–])\s+")
STAMP = re.compile(r"\s*(?:\[|\d{1,4}[./\-]\d{1,2}[./\-]\d|\d{1,2}[:.]\d\d)")
"""A line that begins so is a message or a row of its own."""
ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sr|Jr|St|No|Nos|Dept|vs?|Inc|Co|Ltd|Hon|Sgt|Det|Ofc|Lt|Capt|Prof|approx|tel|ext|Ave|Blvd"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|cf|e\.g|i\.e|etc|art|sec|para|pp?)|\b[A-Z]|\b[ap]\.m|\d)\.$", re.I
)  # fmt: skip
END = re.compile(r"[.!?][\"”’')\]]*(?=\s+[\"“'(\[]*[A-ZÁÉÍÓÚÑÄÖÜ0-9])")
BROKEN = re.compile(r"[a-záéíóúñäöü,;0-9\-]$")
"""A line that goes on on the next one, where that begins small."""
OPENER = re.compile(r"(?:The|He|She|They|I|We|It|An?|At|On|In|When|This|That|There|My|His|Her|No|Note|As)\b")
ROW = re.compile(r"\S {3,}\S|\t|\S {2,}\S.*\S {2,}\S")


@dataclass(frozen=True)
class Unit:
    """One statement: its words stand on `page` from `start`; `paragraph` numbers what belongs together."""

    page: int
    start: int
    quote: str
    paragraph: int


def cut_units(text: str) -> list[Unit]:
    """All statements of a document in their order."""
    units: list[Unit] = []
    paragraph = 0
    for number, page in enumerate(text.split(PAGE_END), 1):
        for start, end in _paragraphs(page):
            paragraph += 1
            units += [
                Unit(number, first, page[first:last], paragraph)
                for first, last in _sentences(page, start, end)
                if re.search(r"\w", page[first:last])
            ]
    return units


def _paragraphs(page: str) -> Iterator[tuple[int, int]]:
    """Lines, joined with the next one where a sentence runs over it."""
    start, end = 0, 0
    for line in page.splitlines(keepends=True):
        stop = end + len(line)
        if start < end and not _runs_on(page[start:end], line, end - start):
            yield start, end
            start = end
        end = stop
    if start < end:
        yield start, end


def _runs_on(before: str, line: str, length: int) -> bool:
    last = before.rstrip()
    if not line.strip() or not last or length > MOST_CHARACTERS or before.endswith("\n\n"):
        return False
    if ITEM.match(line) or STAMP.match(line) or ROW.search(line) or ROW.search(last.rpartition("\n")[2]):
        return False
    begins_small = bool(re.match(r"\s*[a-záéíóúñäöü(]", line))
    if begins_small and last[-1] not in ":!?":
        return not last.endswith(".") or bool(ABBREVIATED.search(last))
    is_full = len(last.rpartition("\n")[2]) >= 55  # a line that was broken where the paper ends
    return is_full and last[-1] not in ".:!?;" and bool(BROKEN.search(last))


def _sentences(page: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    place = start
    if not ROW.search(page[start:end]):
        head = ITEM.match(page, start, end)
        for match in END.finditer(page, head.end() if head else start, end):
            if ABBREVIATED.search(page[max(place, match.start() - 8) : match.start() + 1]) and not _is_end(page, match):
                continue
            yield _trimmed(page, place, match.end())
            place = match.end()
    if page[place:end].strip():
        yield _trimmed(page, place, end)


def _is_end(page: str, match: re.Match[str]) -> bool:
    """After `p.m.` or a number a word such as `The` begins a sentence; after `L.` or `Mr.` it is a name."""
    before, after = page[: match.start() + 1][-5:], page[match.end() : match.end() + 14].lstrip()
    is_opener = OPENER.match(after)
    if re.search(r"(?:[ap]\.m|\d)\.$", before, re.I):
        return bool(is_opener) or bool(re.search(r"\d\.$", before)) and not re.match(r"\d", after)
    return bool(is_opener) and not re.search(r"\b(?:Mr|Mrs|Ms|Dr|vs?|No)\.$", before)


def _trimmed(page: str, start: int, end: int) -> tuple[int, int]:
    words = page[start:end]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())
