"""Does a value follow from the words that it is said to rest on? A name, a day, an amount, a number, a court (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from gpu_worker.analysis.quotes.finder import QuoteFinder
from gpu_worker.analysis.quotes.tokens import read_number, strip_accents
from gpu_worker.analysis.rules.date_patterns import find_written_days
from gpu_worker.analysis.rules.day_order import DayOrder, read_day
from gpu_worker.analysis.rules.names import TITLES
from gpu_worker.analysis.rules.party_patterns import ROLES

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
AND = frozenset({"and", "y", "e", "et", "und", "&"})
MOST_SHARING = 6
"""Names that may stand between a first name and the surname that they share."""
NUMBER = re.compile(r"\d[\d.,'’]*")
CURRENCY = re.compile(
    r"[$€£¥₱₹]|\b(?:USD|EUR|GBP|CAD|AUD|NZD|MXN|dollars?|euros?|pounds?|pesos?|cents?|dólares)\b", re.I
)
FEWEST_DIGITS = 3


def read_name(quote: str, name: str) -> str | None:
    """The name, when its words stand in the quote as one name; else None.

    In their order, as "Last, First", or sharing a surname: "Mia and Leo Holt" names Mia Holt.
    """
    wanted = [word for word in _words(name) if word not in TITLES]
    said = _words_and_marks(quote)
    if not wanted or not any(len(word) > 1 for word in wanted):
        return None
    stands = _stands_in_order(said, wanted) or _stands_inverted(said, wanted) or _shares_surname(said, wanted)
    return " ".join(name.split()) if stands or QuoteFinder([quote]).find(name, 1).stands else None


def read_days(quote: str, order: DayOrder, iso: str) -> tuple[str, ...]:
    """The readings of the day in the quote that `iso` is a reading of; none when no such day is there.

    Two when day and month cannot be told apart in this document.
    """
    for day in find_written_days(quote):
        possible = {reading.isoformat() for reading in (day.month_first, day.day_first) if reading}
        if iso.strip()[:10] in possible:
            return tuple(reading.isoformat() for reading in read_day(day, order))
    return ()


def read_amount(quote: str, amount: str) -> str | None:
    """`$1250.00`: the currency and the number as they stand in the quote; None unless both stand there."""
    wanted = _decimal(re.sub(r"[^\d.,'’]", "", amount))
    currency = CURRENCY.search(quote)
    if wanted is None or currency is None:
        return None
    found = (_decimal(match[0].rstrip(".,'’")) for match in NUMBER.finditer(quote))
    return f"{_sign(currency[0])}{wanted:.2f}" if wanted in found else None


def read_case_number(quote: str, number: str) -> str | None:
    """The number as it stands in the quote; None when it does not, or has too few digits to be one."""
    wanted = re.sub(r"[\W_]+", "", number)
    if sum(character.isdigit() for character in wanted) < FEWEST_DIGITS:
        return None
    pattern = r"[\W_]*".join(map(re.escape, wanted))
    found = re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", quote, re.I)
    return " ".join(found[0].split()) if found else None


def read_phrase(quote: str, phrase: str) -> str | None:
    """The phrase's words as they stand in the quote, in their order and next to each other; None when they do not."""
    wanted = _words(phrase)
    words = list(WORD.finditer(quote))
    keys = [_key(word[0]) for word in words]
    for at in range(len(keys) - len(wanted) + 1) if wanted else ():
        if keys[at : at + len(wanted)] == wanted:
            return " ".join(quote[words[at].start() : words[at + len(wanted) - 1].end()].split())
    return None


def read_role(quote: str, role: str) -> str | None:
    """The party's role, when a word for it stands in the quote; else None."""
    plain = " ".join(role.lower().replace("_", " ").split())
    if not plain:
        return None
    words = ROLES.get(plain) or re.escape(plain)
    return plain if re.search(rf"(?<!\w)(?:{words})(?!\w)", quote, re.I) else None


def _stands_in_order(said: Sequence[str], wanted: Sequence[str]) -> bool:
    return _place(said, wanted) is not None


def _stands_inverted(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """ "Holt, Logan M": the surname, a comma, and the rest."""
    return len(wanted) > 1 and _place(said, [wanted[-1], ",", *wanted[:-1]]) is not None


def _shares_surname(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """ "Mia, Ava and Leo Holt": first names one after another, parted by commas and one "and", then the surname."""
    if len(wanted) != 2:
        return False
    first, last = wanted
    for at, word in enumerate(said):
        rest = said[at + 1 : at + 2 + MOST_SHARING]
        if word != first or last not in rest:
            continue
        between = rest[: rest.index(last)]
        marks, names = between[0::2], between[1::2]
        is_list = bool(between) and all(mark in AND or mark == "," for mark in marks) and len(marks) == len(names)
        if is_list and marks[-1] in AND and not any(name in AND or name == "," for name in names):
            return True
    return False


def _place(said: Sequence[str], wanted: Sequence[str]) -> int | None:
    size = len(wanted)
    return next((at for at in range(len(said) - size + 1) if list(said[at : at + size]) == list(wanted)), None)


def _words(text: str) -> list[str]:
    return [_key(word) for word in WORD.findall(text)]


def _words_and_marks(text: str) -> list[str]:
    """Words, commas and ampersands, in order."""
    return [_key(found[0]) for found in re.finditer(rf"{WORD.pattern}|[,&]", text)]


def _key(word: str) -> str:
    return strip_accents(word.casefold()).replace("’", "'").removesuffix("'s")


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(read_number(digits))
    except InvalidOperation:
        return None


def _sign(currency: str) -> str:
    return currency if len(currency) == 1 else f"{currency} "
