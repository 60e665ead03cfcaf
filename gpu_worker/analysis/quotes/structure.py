"""Where sentences end, who speaks, what is a heading, and what is only the page's furniture (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gpu_worker.analysis.quotes.tokens import TOKEN, Words
from gpu_worker.analysis.quotes.vocabulary import (
    ABBREVIATIONS,
)

LABEL = re.compile(
    r"[ \t>*]*(?:[QAPR][ \t]*[.:)][ \t]"
    r"|(?:[\[(]?\d{1,4}[-/.:]\d{1,2}[^\n]{0,24}?[\])]?[ \t-]+)?[^\W\d_][\w.'’ \t-]{0,40}+(?:\([^)\n]{1,30}\))?:"
    r"|[—–―][ \t]*\w)"
)
"""How a line begins that somebody else may speak: "Q.", "MS. LEE:", "8:01 Rhea:", "— No."."""
NUMBERED = re.compile(r"[ \t]*(?:\d{1,3}[.)]|\([a-z\d]{1,3}\)|[•▪●*-][ \t])")
PAGE_NUMBER = re.compile(
    r"[\s\-–—|]*(?:page|p\.|pg\.?|página|pág\.?)?\s*\d{1,4}(?:\s*(?:of|/|de)\s*\d{1,4})?[\s\-–—|.]*", re.I
)
MARGIN_NUMBER = re.compile(r"[ \t]*(\d{1,2})(?=[ \t]|$)(?![ \t]*[.)])")
FEWEST_MARGIN_NUMBERS = 8


def ends_sentence(words: Words, index: int) -> bool:
    """Whether a sentence ends between the word before `index` and it."""
    gap = words.gap(index)
    if "\n\n" in gap or index <= 0 or index >= len(words.tokens):
        return True
    if re.search(r"[?!。！？؟]", gap):
        return True
    if not re.search(r"[.:;…]", gap) or not (re.search(r"\s", gap) or words.raw(index)[:1].isupper()):
        return False
    previous, following = words.tokens[index - 1], words.raw(index)[:1]
    if previous.key in ABBREVIATIONS or (previous.key in ("no", "nos", "núm") and following.isdigit()):
        return False
    initial = len(previous.key) == 1 and words.raw(index - 1).isupper() and not starts_line(words, index - 1)
    return not initial and (following.isupper() or not following.isalpha() or '"' in gap)


def starts_line(words: Words, index: int) -> bool:
    """Whether the word is the first of its line."""
    return index == 0 or "\n" in words.gap(index)


def line_at(words: Words, index: int) -> str:
    """The line that the word stands in."""
    token = words.tokens[index]
    text = words.texts[token.page]
    start = text.rfind("\n", 0, token.start) + 1
    end = text.find("\n", token.end)
    return text[start : end if end >= 0 else len(text)]


def begins_another(words: Words, index: int) -> bool:
    """Whether a line begins at the word that is another speaker's, another paragraph's, or a heading."""
    if not starts_line(words, index):
        return False
    line = line_at(words, index)
    return bool(LABEL.match(line) or NUMBERED.match(line)) or is_heading(line)


def is_heading(line: str) -> bool:
    """A short line in capitals."""
    letters = [c for c in line if c.isalpha()]
    return 3 < len(letters) <= 80 and sum(c.isupper() for c in letters) >= 0.9 * len(letters)


def find_furniture(texts: Sequence[str]) -> frozenset[tuple[int, int]]:
    """(page, start) of the words of page numbers, running heads and margin numbers, which interrupt what is said."""
    edges = Counter(_like(text[a:b]) for text in texts for a, b in _edges(text))
    found: set[tuple[int, int]] = set()
    for page, text in enumerate(texts):
        spans = [(a, b) for a, b in _edges(text) if PAGE_NUMBER.fullmatch(text, a, b) or edges[_like(text[a:b])] > 1]
        spans += _margin_numbers(text)
        found.update((page, match.start()) for a, b in spans for match in TOKEN.finditer(text, a, b))
    return frozenset(found)


def _edges(text: str) -> list[tuple[int, int]]:
    """The first and the last two lines."""
    lines = [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    return lines if len(lines) < 5 and len(text) < 200 else [*lines[:2], *lines[-2:]] if len(lines) > 4 else []


def _like(line: str) -> str:
    """A line without its digits, so that "page 41" and "page 42" are one."""
    return re.sub(r"\d+", "#", " ".join(line.split())).casefold()


def _margin_numbers(text: str) -> list[tuple[int, int]]:
    """The numbers 1, 2, 3 … before the lines of pleading paper."""
    numbered = [match for line in re.finditer(r"(?m)^.*$", text) if (match := MARGIN_NUMBER.match(text, *line.span()))]
    runs: list[list[tuple[int, int]]] = [[]]
    expected = None
    for match in numbered:
        if int(match[1]) != expected:
            runs.append([])
        runs[-1].append(match.span())
        expected = int(match[1]) + 1
    return [span for run in runs if len(run) >= FEWEST_MARGIN_NUMBERS for span in run]
