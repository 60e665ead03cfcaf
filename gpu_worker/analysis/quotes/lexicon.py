"""Which words are known, in the language of the document (pure)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from gpu_worker.analysis.quotes.tokens import Token, read_words

FREQUENT_WORDS = {
    "en": "the of and to in is was that for he she with his her not at on this have had be by",
    "es": "el la los las de que y en un una por con no se su para es del al lo como más",
    "fr": "le la les des et en un une que qui dans pour pas est du au sur ne ce elle il",
    "de": "der die das und den von zu mit nicht ist ein eine auf für dem im sich es auch",
    "pt": "o a os as de que e em um uma não para com por do da no na se foi ao",
    "it": "il la di che e un una per non con del della si è sono al da lo gli dei",
    "nl": "de het een van en in is dat op te niet met voor zijn er aan ook hij maar",
    "pl": "nie na się do jest że to jak ale po za od przez oraz czy tego był",
    "fil": "ang ng sa na mga ay at si ko niya hindi ako siya ni para kay",
}
LEAST_FREQUENT = 3.0
"""Zipf. From here on words are taken as what a misread word may have been, and their letters as how words look."""


class Lexicon:
    """How frequent words are in some languages, and how words of theirs look."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._lists = [_frequencies(language) for language in languages]
        self._languages = tuple(languages)

    def zipf(self, word: str) -> float:
        """0 for a word in no list, 1 to 8 for others: the logarithm of its count in a billion words."""
        frequency = max(words.get(word, 0.0) for words in self._lists)
        return round(math.log10(frequency) + 9, 2) if frequency else 0.0

    def looks_like_a_word(self, word: str) -> bool:
        """Whether all its runs of three letters are those of known words; "ncver" and "fatb" are not."""
        return all(run in _letter_runs(self._languages) for run in _runs(word))

    def with_skeleton(self, skeleton: str) -> Sequence[str]:
        """The frequent words that OCR could have turned into a word of this skeleton."""
        return _by_skeleton(self._languages).get(skeleton, ())


def languages_of(tokens: Iterable[Token]) -> tuple[str, ...]:
    """The one or two languages that most of the words are of; English where that cannot be told."""
    counts = Counter(token.key for token in tokens)
    shares = {name: sum(counts[word] for word in words.split()) for name, words in FREQUENT_WORDS.items()}
    best = max(shares.values())
    if best < 3:
        return ("en",)
    return tuple(sorted((name for name in shares if 2 * shares[name] >= best), key=lambda name: -shares[name])[:2])


@cache
def lexicon_of(languages: Sequence[str]) -> Lexicon:
    """The lexicon, made once (0.2 s and 40 MB a language)."""
    return Lexicon(languages)


@cache
def _frequencies(language: str) -> Mapping[str, float]:
    import wordfreq  # half a second, which a worker pays only when a quote has to be forgiven its letters

    frequencies: Mapping[str, float] = wordfreq.get_frequency_dict(language, wordlist="best")
    return frequencies


def _frequent(languages: Sequence[str]) -> list[str]:
    least = 10 ** (LEAST_FREQUENT - 9)
    return [word for name in languages for word, share in _frequencies(name).items() if share >= least]


@cache
def _letter_runs(languages: Sequence[str]) -> frozenset[str]:
    return frozenset(run for word in _frequent(languages) for run in _runs(word))


@cache
def _by_skeleton(languages: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for token in read_words(_frequent(languages)).tokens:
        found.setdefault(token.skeleton, []).append(token.key)
    return {skeleton: tuple(words) for skeleton, words in found.items()}


def _runs(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]
