"""Quotes drawn from pages by chance: sentences as OCR would misread them, and sentences that say something else."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

CONFUSED = tuple(pair.split(">") for pair in ["l>1", "e>c", "h>b", "m>rn", "u>v", "d>cl", "o>0", "i>l", "s>5"])
OTHERS = (
    "he she,she he,his her,her his,mother father,father mother,not ,never ,no a,without with,shall may,must may,"
    "may must,would will,before after,if unless,all some,was is,is was,had has,Monday Sunday,Friday Saturday,"
    "Tuesday Thursday,October November,March May,two ten,eight nine,thirty thirteen,Petitioner Respondent,"
    "Respondent Petitioner,Mr Mrs,morning evening,brother sister,padre madre,nunca ,no ,jueves martes,él ella"
)
SWAPS = dict(pair.split(" ") for pair in OTHERS.split(","))


def draw_quotes(pages: Sequence[str], seed: int) -> Iterator[dict[str, Any]]:
    """Rows of the labelled sets' format, about ten for each sentence of five words or more."""
    rng = random.Random(seed)
    for page in pages:
        for sentence in re.split(r"(?<=[.?!])\s+|\n", page):
            words = sentence.split()
            if len(words) < 5:
                continue
            noisy = " ".join(_misread(word, rng) for word in words)
            yield _row(page, noisy, True, "ocr_quote")
            yield _row(page.replace(sentence, noisy), sentence, True, "ocr_page")
            longest = max(words, key=len)
            for kind, mark in (("split_word", " "), ("hyphenation", "-\n")):
                if longest.isalpha() and len(longest) > 6:
                    yield _row(page, sentence.replace(longest, longest[:4] + mark + longest[4:], 1), True, kind)
            for kind, quote in _changed(words, rng):
                if quote not in " ".join(page.split()):
                    yield _row(page, quote, False, kind)


def _row(page: str, quote: str, stands: bool, kind: str) -> dict[str, Any]:
    return {"pages": [page], "quote": quote, "page": 1, "stands": stands, "kind": kind}


def _misread(word: str, rng: random.Random) -> str:
    letters, misread = rng.choice(CONFUSED)
    at = word.find(letters, 1)
    return word[:at] + misread + word[at + 1 :] if len(word) > 3 and word.isalpha() and at > 0 else word


def _changed(words: Sequence[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, quote): one word swapped for another, one digit changed, one word lost."""
    for at, word in enumerate(words):
        if (other := SWAPS.get(word.strip(".,;?"))) is not None:
            yield f"swap_{word.strip('.,;?')}", " ".join([*words[:at], other, *words[at + 1 :]])
        if digits := [i for i, c in enumerate(word) if c.isdigit()]:
            i = rng.choice(digits)
            other = rng.choice([c for c in "0123456789" if c != word[i]])
            yield "number", " ".join([*words[:at], word[:i] + other + word[i + 1 :], *words[at + 1 :]])
    at = rng.choice([at for at in range(1, len(words)) if any(c.isalnum() for c in words[at])] or [0])
    yield "word_lost", " ".join([*words[:at], *words[at + 1 :]])
