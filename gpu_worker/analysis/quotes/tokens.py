"""Text as words with their places, and as a skeleton in which letters that OCR confuses look alike (pure).

The skeleton has no blanks and spreads each letter into its strokes (m is rn, n is ri, d is cl, h is li), so that two
texts have the same one however OCR split, joined, hyphenated or misread them: one plain search finds every candidate,
in linear time. Whether a candidate may count is then decided word by word (`same.py`).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

IGNORED = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0980-\u0983\u09bc-\u09cd\u0a01-\u0a4d\u0b82-\u0bcd"
)
_ALONE = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts without blanks between words: each character is a word."""
_LETTER = f"[^\\W_{_ALONE}]|[{_MARKS}{IGNORED}]"
_DIGIT_LIKE = "[\\dlIiOoSs]"
# Possessive throughout: no text can make this slow.
TOKEN = re.compile(
    f"(?P<number>(?=[lIiOoSs.,]{{0,12}}+\\d){_DIGIT_LIKE}++(?:[.,'’]{_DIGIT_LIKE}{{2,3}}+(?![^\\W_]))*+(?![^\\W_]))"
    f"|[{_ALONE}]"
    f"|(?:{_LETTER})++(?:['’‘ʼ`´](?:[^\\W_]|[{_MARKS}{IGNORED}])++)*+"
    "|(?P<box>[☐☑☒])"
)
APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
AS_DIGITS = str.maketrans("lIiOoSs", "1110055")
_STROKES = str.maketrans(
    {
        "1": "l", "i": "l", "ı": "l", "ł": "l", "0": "o", "ø": "o", "5": "s", "c": "e", "v": "u", "h": "ll", "b": "ll",
        "n": "rl", "m": "rrl", "d": "el", "w": "uu", "'": "", ".": "",
    }
)  # fmt: skip
_IGNORED = re.compile(f"[{IGNORED}]")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,'’])\d{3})(?:\1\d{3})*")


class Token(NamedTuple):
    """One word: `key` as it is compared, and where it stands (`start`, `end` in the text of page `page`, from 0)."""

    key: str
    skeleton: str
    page: int
    start: int
    end: int


@dataclass(frozen=True)
class Words:
    """The words of some pages, their skeletons in one string, and where in it each word and page starts.

    `starts` and `page_starts` have one more: the end.
    """

    texts: Sequence[str]
    tokens: Sequence[Token]
    skeleton: str
    starts: Sequence[int]
    page_starts: Sequence[int]

    def raw(self, index: int) -> str:
        """The word as it stands."""
        token = self.tokens[index]
        return self.texts[token.page][token.start : token.end]

    def gap(self, index: int) -> str:
        """What stands between the word before `index` and it; "\n\n" for the edge of a page."""
        if not 0 < index < len(self.tokens):
            return "\n\n"
        before, token = self.tokens[index - 1], self.tokens[index]
        if before.page == token.page:
            return self.texts[token.page][before.end : token.start]
        return f"{self.texts[before.page][before.end :][:80]}\n\n{self.texts[token.page][: token.start][-80:]}"

    def before(self, index: int) -> str:
        """The four characters before the word, on its page."""
        token = self.tokens[index]
        return self.texts[token.page][max(0, token.start - 4) : token.start]

    def find(self, skeleton: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """(first, one past the last) of the runs of whole words with this skeleton, between two places in ours."""
        at = self.skeleton.find(skeleton, start, end)
        while at >= 0:
            first = bisect_left(self.starts, at)
            last = bisect_left(self.starts, at + len(skeleton))
            if self.starts[first] == at and self.starts[last] == at + len(skeleton):
                yield first, last
            # The next word's start, not the next letter: a page of one letter is searched as fast as any.
            next_start = self.starts[min(bisect_right(self.starts, at), len(self.starts) - 1)]
            at = self.skeleton.find(skeleton, max(next_start, at + 1), end)


def read_words(texts: Sequence[str], skipped: frozenset[tuple[int, int]] = frozenset()) -> Words:
    """The words of `texts`, one text a page. `skipped`: (page, start) of words to leave out, such as page numbers."""
    tokens = [
        Token(key, skeleton, page, match.start(), match.end())
        for page, text in enumerate(texts)
        for match in TOKEN.finditer(text)
        for key, skeleton in [_shape(match.group(), match.lastgroup)]
        if skeleton and (page, match.start()) not in skipped
    ]
    starts = [0]
    page_starts = [0] * (len(texts) + 1)
    for token in tokens:
        starts.append(starts[-1] + len(token.skeleton))
        page_starts[token.page + 1] = starts[-1]
    skeleton = "".join(token.skeleton for token in tokens)
    return Words(texts, tokens, skeleton, starts, list(accumulate(page_starts, max)))


def strip_accents(word: str) -> str:
    """The word without combining marks."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=200_000)
def _shape(raw: str, group: str | None) -> tuple[str, str]:
    """(key, skeleton) of a word as it stands; of a number its digits, with a point only before its decimals."""
    if group == "number" and any(c.isdigit() for c in raw):
        key = read_number(raw)
    else:
        plain = unicodedata.normalize("NFKC", _IGNORED.sub("", raw)).translate(APOSTROPHES)
        key = unicodedata.normalize("NFC", plain.casefold())
    return key, strip_accents(key).translate(_STROKES)


def read_number(raw: str) -> str:
    """ "3,260" → "3260", "12,50" → "12.50", "l,8OO" → "1800": separators before three digits part thousands."""
    digits = raw.translate(AS_DIGITS)
    if _THOUSANDS.fullmatch(digits):
        return re.sub(r"[.,'’]", "", digits)
    whole, separator, decimals = _rpartition(digits)
    return (
        f"{re.sub('[^0-9]', '', whole)}.{decimals}"
        if separator and len(decimals) == 2
        else re.sub(r"[,'’]", "", digits)
    )


def _rpartition(digits: str) -> tuple[str, str, str]:
    at = max(digits.rfind(separator) for separator in ".,'’")
    return (digits[:at], digits[at], digits[at + 1 :]) if at >= 0 else (digits, "", "")
