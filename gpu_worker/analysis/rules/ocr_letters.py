"""What OCR mixes up between letters and digits, undone character by character, so that places stay the same (pure)."""

from __future__ import annotations

import re

DIGIT_AS_CAPITAL = {"0": "O", "1": "I", "5": "S", "|": "I", "l": "I"}
DIGIT_AS_SMALL = {"0": "o", "5": "s"}
LETTER_AS_DIGIT = {"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"}
# One digit among at least four letters is a misread letter; case numbers and codes have more digits than that.
_WORD = re.compile(r"(?<![\w\-/])(?=[A-Za-z015|]*[015|l])[A-Za-z015|]{4,}(?![\w\-/])")
_NUMBER = re.compile(
    r"(?<![A-Za-z\d])(?=[OoIl|\d]*\d)[OoIl|\d]{1,4}([/.\-])[OoIl|\d]{1,2}\1[OoIl|\d]{2,4}"
    r"(?![A-Za-z\d])"
)
_DAY = re.compile(r"(?<=[a-z]{3} )(?:[OIl|]\d|\d[OIl|])(?=,? [12][\dOIl]{3})")
_YEAR = re.compile(r"(?<![A-Za-z\d])(?=[12][\dOoIl]{3})(?=.{0,3}\d.{0,2}\d)[12][\dOoIl]{3}(?![A-Za-z\d])")


def squeeze(text: str) -> str:
    """Without runs of blanks or empty lines that say no more than a few do, so that patterns stay fast on any page."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", re.sub(r"[ \t]{7,}", " " * 6, text))


def mend_words(text: str) -> str:
    """`SUPER1OR C0URT` as `SUPERIOR COURT`; the same length."""
    return _WORD.sub(_as_letters, text)


def mend_numbers(text: str) -> str:
    """`O3/l4/2O19` as `03/14/2019`, `June l5, 2020` as `June 15, 2020`; the same length."""
    return _DAY.sub(_as_digits, _YEAR.sub(_as_digits, _NUMBER.sub(_as_digits, text)))


def mend_case_number(number: str) -> str:
    """A letter O, l or I between two digits as the digit that it is."""
    return re.sub(r"(?<=\d)[OlI](?=\d)", lambda match: LETTER_AS_DIGIT[match[0]], number)


def _as_letters(match: re.Match[str]) -> str:
    word = match[0]
    letters = sum(character.isalpha() for character in word)
    capitals = sum(character.isupper() for character in word)
    if letters < 3 or len(word) - letters > 2:
        return word
    if capitals >= 2 and capitals + word.count("l") == letters:
        return "".join(DIGIT_AS_CAPITAL.get(character, character) for character in word)
    first = word[0] if word[0].isalpha() else DIGIT_AS_CAPITAL[word[0]]
    return first + "".join(_small(word, place) for place in range(1, len(word)))


def _small(word: str, place: int) -> str:
    """`1` is an l before a vowel (Po1ice), at the end or doubled (shal1, Wi11a), after an i (chi1d); else an i."""
    character, before, after = word[place], word[place - 1].lower(), word[place + 1 : place + 2].lower()
    if character not in "1|":
        return DIGIT_AS_SMALL.get(character, character)
    return "l" if not after or after in "aeiouy1l" or before in "i1l" else "i"


def _as_digits(match: re.Match[str]) -> str:
    return "".join(LETTER_AS_DIGIT.get(character, character) for character in match[0])
