"""The words of a statement that say something, as stems; what is counted and paid; places (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gpu_worker.analysis.rules.ocr_letters import mend_words
from gpu_worker.case.clocks import find_clocks
from gpu_worker.case.shapes import Measure, Place
from gpu_worker.case.units import Unit
from gpu_worker.case.vocabulary import STOP

MOST_WORDS = 60
WORD = re.compile(r"[^\W\d_]{3,}")
MONEY = re.compile(
    r"(?P<sign>[$€£])\s?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+(?:\.\d\d)?)(?!\d)"
    r"|(?<![\d.,/])(?P<bare>\d{1,3}(?:,\d{3})*\.\d\d)(?![\d.%])(?P<unit>\s?(?:dollars|usd|eur))?", re.I
)  # fmt: skip
PER = re.compile(r"^\s*(?:a|per|each|every|/)\s?(?P<per>day|week|month|year)\b", re.I)
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNT = re.compile(
    rf"(?<![\w$€£.,/:\-])(?P<value>\d{{1,3}}|{'|'.join(_NUMBERS)})\s(?P<noun>[a-z]{{3,}}s|of \d{{1,3}})\b(?!\w)",
    re.I,
)
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
COUNTY = re.compile(
    r"\b(?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?(?:(?:, [A-Z][a-z]+)*,? (?:or|and) [A-Z][a-z]+)?) Count(?:y|ies)\b"
    r"|\bCOUNTY OF (?P<of>[A-Z]+(?: [A-Z]+)?)"
)
ADDRESS = re.compile(
    r"\b\d{1,5} (?:[A-Z][\w'’]*\.? ){1,3}(?:Avenue|Ave|Street|St|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Way|Blvd"
    r"|Boulevard)\b"
)
CITY = re.compile(r"(?:\b(?:in|to|near|from|at) )(?P<name>[A-Z][a-z]{2,}(?: [A-Z][a-z]+){0,2})(?![\w'’])")
SHOUTED_CITY = re.compile(r",\s(?P<name>[A-Z]{4,}(?: [A-Z]{4,})?)(?=\s{2,}|\s*$|,)")
COURT = re.compile(
    r"\b(?:SUPERIOR|FAMILY|CIRCUIT|DISTRICT|COUNTY|PROBATE|JUVENILE|SUPREME)(?: \w+){0,2}? COURT[^\n]{0,60}", re.I
)


def stem(word: str) -> str:
    """A word without its English ending: two that differ by it are one."""
    plain = word.lower().replace("’", "'").removesuffix("'s")
    for ending, kept in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if plain.endswith(ending) and len(plain) - len(ending) + len(kept) >= 3 and not plain.endswith("ss"):
            plain = plain[: len(plain) - len(ending)] + kept
            break
    return plain[:-1] if len(plain) > 4 and plain.endswith("e") else plain


def find_words(quote: str, names: Collection[str]) -> tuple[str, ...]:
    """Stems of what a paragraph speaks of, without names and without words that say nothing."""
    found = (word[0].lower() for word in WORD.finditer(mend_words(quote)))
    stems = (stem(word) for word in found if word not in STOP and word not in names)
    return tuple(dict.fromkeys(each for each in stems if len(each) >= 3))[:MOST_WORDS]


def find_measures(unit: Unit) -> tuple[Measure, ...]:
    """What a statement counts."""
    return tuple(sorted([*_money(unit), *_counts(unit), *_clocks(unit)], key=lambda each: each.start))


def _money(unit: Unit) -> Iterator[Measure]:
    for match in MONEY.finditer(unit.quote):
        value = float((match["value"] or match["bare"]).replace(",", ""))
        per = PER.match(unit.quote[match.end() :])
        currency = {"€": "EUR", "£": "GBP"}.get(match["sign"] or "", "USD")
        yield Measure(unit.page, unit.start + match.start(), match[0], "money", value, currency,
                      _subject(unit.quote, match.start()), per["per"].lower() if per else None)  # fmt: skip


def _counts(unit: Unit) -> Iterator[Measure]:
    for match in COUNT.finditer(unit.quote):
        word, noun = match["value"].lower(), match["noun"].lower()
        value = float(word) if word.isdigit() else float(_NUMBERS.index(word) + 1)
        days = _UNITS.get(noun.removesuffix("s"))
        if noun in ("hours", "minutes") or noun.removesuffix("s") in STOP and days is None:
            continue
        place = unit.start + match.start()
        if days:
            yield Measure(unit.page, place, match[0], "duration", value * days, "days")
        elif not noun.startswith("of "):
            yield Measure(unit.page, place, match[0], "count", value, stem(noun), stem(noun))
        else:
            yield Measure(unit.page, place, match[0], "count", value, noun, _subject(unit.quote, match.start()))


def _clocks(unit: Unit) -> Iterator[Measure]:
    for clock in find_clocks(unit.quote):
        yield Measure(unit.page, unit.start + clock.start, clock.words, "clock", clock.minute, "minutes")


def _subject(quote: str, place: int) -> str | None:
    """The nearest word before an amount that says what it is for."""
    before = [word[0].lower() for word in WORD.finditer(quote[:place])]
    return next((stem(word) for word in reversed(before) if word not in STOP), None)


def find_places(quote: str) -> tuple[Place, ...]:
    """Courts, counties, addresses and towns that a statement names."""
    places = [Place("court", _key(match[0]), " ".join(match[0].split())) for match in COURT.finditer(quote)]
    for match in COUNTY.finditer(quote):
        for name in re.split(r",\s*|\s+(?:or|and)\s+", match["name"] or match["of"]):
            if name:
                places.append(Place("county", _key(name), f"{name.title()} County"))
    places += [Place("address", _key(match[0]), match[0]) for match in ADDRESS.finditer(quote)]
    for pattern in (CITY, SHOUTED_CITY):
        for match in pattern.finditer(quote):
            if match["name"].split()[0].lower() not in STOP:
                places.append(Place("city", _key(match["name"]), match["name"].title()))
    return tuple({(place.kind, place.key): place for place in places}.values())


def _key(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.lower()))
