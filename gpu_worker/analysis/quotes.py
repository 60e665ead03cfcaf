"""Is this quote really in the document? Finds it in text that a machine read, or says that it is not there (pure).

Tolerates what OCR and line breaks do to text; never tolerates a changed number or a lost "not".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

CLOSE_ENOUGH = 0.88
"""Share of equal characters that a noisy passage must have: about one wrong letter in eight."""
FEWEST_CHARACTERS = 6
"""A shorter quote is found anywhere, so finding it proves nothing."""
LONGEST_QUOTE_WORDS = 120
NEGATIONS = frozenset({"no", "not", "never", "none", "nor", "without", "cannot", "neither"})

HYPHEN_AT_LINE_END = re.compile(r"(\w)[-\u00ad\u2010]\s*\n\s*(\w)")
ELLIPSIS = re.compile(r"\s*(?:\[?\.{3,}\]?|\[?…\]?|\[\s*\.\s*\.\s*\.\s*\])\s*")
WORD = re.compile(r"[^\W_]+")


class QuoteFinder:
    """Looks quotes up in one document, whose pages it splits into words once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._pages = [split_words(text) for text in texts]
        self._spaced = [f" {' '.join(words)} " for words in self._pages]

    def find(self, quote: str, claimed_page: int) -> int | None:
        """The page (from 1) that has the quote; the claimed one first, then its neighbours, then any. None: not found.

        A quote may run on to the next page. With an ellipsis, every part must be on the page, in order.
        """
        pages = self._pages
        parts = [words for part in ELLIPSIS.split(quote) if (words := split_words(part))]
        if sum(len(word) for words in parts for word in words) < FEWEST_CHARACTERS:
            return None
        order = sorted(range(len(pages)), key=lambda index: (abs(index + 1 - claimed_page), index))
        for index in order:
            if _has_exactly(self._spaced[index], parts):
                return index + 1
        for index in order[:3]:
            if _has_nearly(pages[index], parts):
                return index + 1
        for index in order[:3]:
            both = "".join(self._spaced[index : index + 2]).replace("  ", " ")
            if _has_exactly(both, parts):
                return index + 1
        return None


def split_words(text: str) -> list[str]:
    """Words as they are compared: no case, no punctuation, no accents, no hyphen at a line's end."""
    joined = HYPHEN_AT_LINE_END.sub(r"\1\2", text)
    # "n't" is a word of its own meaning: keep it as a negation before the apostrophe goes.
    joined = re.sub(r"(?i)n[’'`]t\b", " not", joined)
    plain = unicodedata.normalize("NFKD", joined).casefold()
    return WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def _has_exactly(text: str, parts: list[list[str]]) -> bool:
    start = 0
    for words in parts:
        found = text.find(f" {' '.join(words)} ", start)
        if found < 0:
            return False
        start = found + len(" ".join(words))
    return True


def _has_nearly(page: list[str], parts: list[list[str]]) -> bool:
    start = 0
    for words in parts:
        end = next((end for end, window in _windows(page, words, start) if _is_near(window, words)), None)
        if end is None:
            return False
        start = end
    return True


def _windows(page: list[str], words: list[str], first: int) -> Iterator[tuple[int, list[str]]]:
    """(end, words) of stretches of the page that could be the quote: about as long, half of its words the same."""
    length = len(words)
    if length > LONGEST_QUOTE_WORDS:
        return
    known = set(words)
    for start in range(first, len(page)):
        for size in {length, max(1, length - 1), length + 1}:
            window = page[start : start + size]
            if len(window) == size and 2 * sum(word in known for word in window) >= size:
                yield start + size, window


def _is_near(window: list[str], words: list[str]) -> bool:
    """Close in letters, and the same numbers and negations."""
    if _must_match(window) != _must_match(words):
        return False
    matcher = SequenceMatcher(None, " ".join(window), " ".join(words), autojunk=False)
    return matcher.quick_ratio() >= CLOSE_ENOUGH and matcher.ratio() >= CLOSE_ENOUGH


def _must_match(words: list[str]) -> list[str]:
    return sorted(word for word in words if word in NEGATIONS or any(c.isdigit() for c in word))
