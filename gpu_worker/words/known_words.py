"""How much of a text is made of words, judged script by script (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

SOUND = 0.7
"""Below lie broken font maps (0.04–0.10) and poor hidden OCR (0.3–0.7; 4.5 % of pages of born-digital PDFs)."""
HOME = ("en", "es")
"""Languages of this country's courts: their long lists are at hand for every page."""
LEAST_HOME_ZIPF = 2.2
"""A dictionary word of these occurs at least this often (1 in 6 million): the level at which 0.7 was measured."""
LEAST_ZIPF = 3.0
"""Of any other language only words of 1 in a million: 10,000 to 60,000 each, loaded when a page is in its script."""
UNJUDGED = 0.5
"""What a word counts in a script of which there is no dictionary: neither known nor wrong."""
LONGEST_JOINED = 4


@dataclass(frozen=True)
class Script:
    """Letters, the languages written in them, and the share of known words that sound text of any of them reaches."""

    first: int
    last: int
    languages: tuple[str, ...]
    usual: float
    least_letters: int = 2


ENDINGS = 0.7  # prefixes and endings make words that no list has
STRICTER = 1.2
"""Nine more lists of short words in Latin letters also hold what is left of broken ones: they must explain 84 %."""
LATIN = Script(0x41, 0x24F, ("vi", "fr", "pt", "de", "it", "pl", "fil", "tr", "nl"), 1.0, 3)
HAN = Script(0x3040, 0x9FFF, ("zh", "ja"), 0.5)
HANGUL = Script(0xAC00, 0xD7A3, ("ko",), 0.5)
SCRIPTS = (
    LATIN,
    Script(0x1E00, 0x1EFF, LATIN.languages, LATIN.usual, LATIN.least_letters),
    Script(0x370, 0x3FF, ("el",), ENDINGS),
    Script(0x400, 0x52F, ("ru", "uk", "bg", "mk"), ENDINGS),
    Script(0x590, 0x5FF, ("he",), ENDINGS),
    Script(0x600, 0x6FF, ("ar", "fa", "ur"), ENDINGS),
    Script(0x900, 0x97F, ("hi",), ENDINGS),
    Script(0x980, 0x9FF, ("bn",), ENDINGS),
    Script(0xB80, 0xBFF, ("ta",), ENDINGS),
    HAN,
    HANGUL,
)
POINTS = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
MARKS = POINTS + "\u0300-\u036f\u0900-\u0963\u0980-\u09e3\u0b80-\u0bd7\u0e31-\u0e4e"
WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")
UNWRITTEN = re.compile(f"[{POINTS}\u0640]")
"""Vowel marks and the long stroke of Hebrew and Arabic, which word lists leave out."""


def measure_known_share(text: str) -> float:
    """How close the text's share of known words comes to what sound text of its scripts has, 0..1; 0 without words.

    Sound text reaches `SOUND`, a broken font map 0.1; tables, names and poor recognition lie between.
    """
    groups: dict[Script | None, list[str]] = {}
    for word in words_of(text):
        groups.setdefault(_script_of(word), []).append(word)
    weights = {script: _weight(script, words) for script, words in groups.items()}
    total = sum(weights.values())
    return sum(_score(script, words) * weights[script] for script, words in groups.items()) / total if total else 0.0


def words_of(text: str) -> Iterator[str]:
    """The words, lower-case and as dictionaries spell them; a run of Chinese or Japanese counts as one."""
    text = UNWRITTEN.sub("", unicodedata.normalize("NFKC", text)).lower()
    for match in WORD.finditer(text):
        script = _script_of(match[0])
        if script is None or len(match[0]) >= script.least_letters:
            yield match[0]


def _script_of(word: str) -> Script | None:
    letter = ord(word[0])
    return next((script for script in SCRIPTS if script.first <= letter <= script.last), None)


def _weight(script: Script | None, words: Sequence[str]) -> float:
    return sum(len(word) / 2 for word in words) if script is HAN else len(words)


def _score(script: Script | None, words: Sequence[str]) -> float:
    if script is None:
        return UNJUDGED
    if script.languages is LATIN.languages:
        home = _share(words, home_words())
        return home if home >= SOUND else max([home, *_shares(script, words)])
    return min(1.0, max(_shares(script, words)) / script.usual)


def _shares(script: Script, words: Sequence[str]) -> Iterable[float]:
    if script is HAN:
        return (_joined_share(words, known_words(language)) for language in script.languages)
    if script is HANGUL:
        return (_stem_share(words, known_words(language)) for language in script.languages)
    if script.languages is LATIN.languages:
        return (_share(words, home_words(), known_words(language)) / STRICTER for language in script.languages)
    return (_share(words, known_words(language)) for language in script.languages)


def _share(words: Sequence[str], *lists: frozenset[str]) -> float:
    return sum(any(word in known for known in lists) for word in words) / len(words)


def _stem_share(words: Sequence[str], known: frozenset[str]) -> float:
    """Korean ends its words with particles: known are those that begin with a known word of two syllables."""
    return sum(any(word[:end] in known for end in range(2, len(word) + 1)) for word in words) / len(words)


def _joined_share(runs: Sequence[str], known: frozenset[str]) -> float:
    """The share of the letters that belong to known words of two letters or more, the longest first."""
    return sum(_covered(run, known) for run in runs) / sum(len(run) for run in runs)


def _covered(run: str, known: frozenset[str]) -> int:
    start = covered = 0
    while start < len(run):
        length = next((n for n in range(LONGEST_JOINED, 1, -1) if run[start : start + n] in known), 0)
        covered += length
        start += length or 1
    return covered


@cache
def home_words() -> frozenset[str]:
    """Words of `HOME` (0.2 s and 40 MB, once)."""
    return frozenset(word for language in HOME for word in _list(language, "large", LEAST_HOME_ZIPF) if len(word) >= 3)


@cache
def known_words(language: str) -> frozenset[str]:
    """The frequent words of one other language (up to 60,000)."""
    return frozenset(word for word in _list(language, "small", LEAST_ZIPF) if len(word) >= 2)


def _list(language: str, size: str, least_zipf: float) -> list[str]:
    import wordfreq  # half a second, which a program that looks at no words never pays

    words = wordfreq.get_frequency_dict(language, wordlist=size)
    return [word for word, frequency in words.items() if frequency >= 10 ** (least_zipf - 9)]
