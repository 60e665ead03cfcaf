"""Are these the same words, give or take a misread letter? (pure)"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter

CLOSE = 0.7
"""Likeness of a misread word to the one meant."""
TOKEN = re.compile(r"\w+")


class KnownText:
    """A text that others are compared with, word by word."""

    def __init__(self, text: str) -> None:
        tokens = tokens_of(text)
        self._words = set(tokens)
        self._letters = "".join(tokens)

    def says(self, word: str) -> bool:
        """Whether the word is in the text, perhaps as a part, joined with its neighbour, or with a letter misread."""
        token = "".join(tokens_of(word))
        if token in self._letters:
            return True
        alike = [known for known in self._words if abs(len(known) - len(token)) <= 2]
        return len(token) > 1 and bool(difflib.get_close_matches(token, alike, n=1, cutoff=CLOSE))


def measure_agreement(first: str, second: str) -> float:
    """How far two texts are the same words in any order: F1, 0..1."""
    one, other = Counter(tokens_of(first)), Counter(tokens_of(second))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def tokens_of(text: str) -> list[str]:
    """Words and numbers without case, width or marks around them."""
    return TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())

