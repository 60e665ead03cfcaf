"""Days as people write them, in English, Spanish, German, French and Portuguese (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gpu_worker.analysis.rules.ocr_letters import mend_numbers, mend_words

MONTH_WORDS = (
    ("january", "jan", "enero", "ene", "januar", "jänner", "janvier", "janv", "janeiro"),
    ("february", "feb", "febrero", "februar", "février", "fevrier", "févr", "fevereiro"),
    ("march", "mar", "marzo", "märz", "maerz", "mrz", "mars", "março"),
    ("april", "apr", "abril", "abr", "avril", "avr"),
    ("may", "mayo", "mai", "maio"),
    ("june", "jun", "junio", "juni", "juin", "junho"),
    ("july", "jul", "julio", "juli", "juillet", "juil", "julho"),
    ("august", "aug", "agosto", "ago", "août", "aout"),
    ("september", "sept", "sep", "septiembre", "setiembre", "septembre", "setembro"),
    ("october", "oct", "octubre", "oktober", "okt", "octobre", "outubro"),
    ("november", "nov", "noviembre", "novembre", "novembro"),
    ("december", "dec", "diciembre", "dic", "dezember", "dez", "décembre", "decembre", "déc", "dezembro"),
)
MONTHS = {word: number for number, words in enumerate(MONTH_WORDS, 1) for word in words}
_ENGLISH_DAYS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth
twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first
"""
_ENGLISH_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six twenty-seven twenty-eight
twenty-nine thirty thirty-one
"""
_SPANISH_NUMBERS = """
uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho
diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho
veintinueve treinta treinta-y-uno
"""
ORDINALS = {
    word: number for words in (_ENGLISH_DAYS, _SPANISH_NUMBERS) for number, word in enumerate(words.split(), 1)
} | {"primero": 1}
YEARS_IN_WORDS = {
    f"{thousands} {word}".replace("-", " "): 2000 + number
    for thousands, words in (
        ("two thousand", _ENGLISH_NUMBERS),
        ("two thousand and", _ENGLISH_NUMBERS),
        ("twenty", _ENGLISH_NUMBERS),
        ("dos mil", _SPANISH_NUMBERS),
    )
    for number, word in enumerate(words.split(), 1)
    if thousands != "twenty" or number >= 10  # twenty nineteen, but not twenty one
}
"""Years of this century as judgments and deeds write them out."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
CENTURY_TURNS_AT = 40
"""Two digits below this are of this century: no document is dated later, and birthdays from 1940 on are written so."""

_MONTH = r"(?P<month>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_ORDINAL = "|".join(sorted(map(re.escape, ORDINALS), key=len, reverse=True)).replace("\\-", r"[\s\-]")
_DAY = rf"(?P<day>\d{{1,2}}|{_ORDINAL})"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_YEAR_OR_WORDS = (
    r"(?P<year>(?:19|20)\d\d|" + "|".join(sorted(YEARS_IN_WORDS, key=len, reverse=True)).replace(" ", r"[\s\-]+")
    + r")(?![^\W\d_])"
)  # fmt: skip
_SHORT_YEAR = r"(?P<year>(?:19|20)\d\d|['’]?\d\d)"
_SUFFIX = r"(?:\s?(?:st|nd|rd|th|er|ro|º|°|\.)(?![a-z]))?"
_START, _END = r"(?<![\w/.\-])", r"(?![\d])(?!/\d)(?!-\d)(?!\.\d)"
_OF_MONTH = r"(?:,?\s+(?:day\s+)?of\s+|\s+d[ií]as?\s+del\s+mes\s+de\s+|\s+de(?:l)?\s+|[\s.]+)"
_OF_YEAR = r"(?:\s+de(?:l)?(?:\s+año)?\s+|,?\s+in\s+the\s+year\s+|,?\s*(?:A\.?D\.?\s*)?,?\s+|,\s*)"
WORDED = (
    re.compile(
        rf"{_START}{_MONTH}(?:,?\s{{1,3}}the\s|,?\s{{0,3}})(?P<day>\d{{1,2}}){_SUFFIX}\s*(?:,|\.|\s"
        rf"|of)\s*{_YEAR}{_END}",
        re.I,
    ),
    re.compile(rf"{_START}{_DAY}{_SUFFIX}{_OF_MONTH}{_MONTH}{_OF_YEAR}{_YEAR_OR_WORDS}{_END}", re.I),
    re.compile(rf"{_START}{_YEAR},?\s+{_MONTH}\s+(?P<day>\d{{1,2}})(?!\d|:)", re.I),
    re.compile(rf"{_START}{_MONTH} (?P<day>\d{{1,2}}),? (?P<year>\d\d)(?=\s+\d{{1,2}}:\d\d)", re.I),
    re.compile(rf"{_START}{_MONTH}[/\-. ](?P<day>\d{{1,2}})[/\-,]\s?{_SHORT_YEAR}{_END}", re.I),
    re.compile(rf"{_START}(?P<day>\d{{1,2}})[/\-. ]?{_MONTH}[/\-., ]?\s?{_SHORT_YEAR}{_END}", re.I),
)
YEAR_FIRST = re.compile(rf"{_START}{_YEAR}(?P<mark>[/\-.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})(?![\d/\-])")
NUMERIC = re.compile(
    rf"{_START}(?P<first>\d{{1,2}})\s?(?P<mark>[/\-.])\s?(?P<second>\d{{1,2}})\s?(?P=mark)\s?(?P<year>(?:19"
    rf"|20)\d\d|\d\d){_END}"
)
WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*$", re.I)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class WrittenDay:
    """A day as it stands in the text, `start` to `end`.

    `month_first` and `day_first` are what it is in either order; a day in words or with the year first has one reading
    under both. `mark` is what parts the numbers, empty for words. `is_worded_month_first` tells how words were set.
    """

    start: int
    end: int
    words: str
    month_first: date | None
    day_first: date | None
    mark: str = ""
    is_worded_month_first: bool | None = None
    weekday: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it reads differently in the two orders."""
        return self.month_first is not None and self.day_first is not None and self.month_first != self.day_first


def find_written_days(text: str, most: int = 400) -> list[WrittenDay]:
    """Every day in the order of the text; what overlaps an earlier, longer one is left out."""
    mended = mend_numbers(mend_words(text))
    found = sorted(_all_days(text, mended), key=lambda day: (day.start, -day.end))
    kept: list[WrittenDay] = []
    for day in found:
        if not kept or day.start >= kept[-1].end:
            kept.append(day)
    return kept[:most]


def _all_days(text: str, mended: str) -> Iterator[WrittenDay]:
    for number, pattern in enumerate((*WORDED, YEAR_FIRST)):
        for match in pattern.finditer(mended):
            month, day = match["month"].lower(), match["day"].lower()
            value = _day_of(match["year"], MONTHS.get(month) or int(month), _ordinal(day))
            if value:
                is_month_first = None if number in (2, 6) else number in (0, 3, 4)
                yield WrittenDay(
                    match.start(), match.end(), text[match.start() : match.end()], value, value, "", is_month_first
                )
    for match in NUMERIC.finditer(mended):
        if day := _numeric(text, match):
            yield day


def _numeric(text: str, match: re.Match[str]) -> WrittenDay | None:
    first, second, mark = int(match["first"]), int(match["second"]), match["mark"]
    line_start = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 60)
    before, after = text[line_start : match.start()], text[match.end() : match.end() + 12]
    if len(match["year"]) == 2 and mark != "/" and not _reads_as_day(before, after):
        return None  # 12-31-99 alone is as well a number to call
    if re.search(r"(?:ratio|phone|tel|fax|no|#|ssn|acct|account)\W*$", before, re.I):
        return None
    weekday = WEEKDAY.search(before)
    return _some(
        WrittenDay(
            match.start(),
            match.end(),
            text[match.start() : match.end()],
            _day_of(match["year"], first, second),
            _day_of(match["year"], second, first),
            mark,
            weekday=_WEEKDAYS.index(weekday[1].lower()) if weekday else None,
        )
    )


def _some(day: WrittenDay) -> WrittenDay | None:
    return day if day.month_first or day.day_first else None


def _reads_as_day(before: str, after: str) -> bool:
    """Two digits of a year after a dash or a dot need a word or a time beside them."""
    said = re.search(
        r"(?:date\w*|dob|born|on|filed|signed|entered|received|sent|printed|since|from|to|until|fecha|am|le|den|el|\[)"
        r"[\s:.]*$",
        before,
        re.I,
    )
    return bool(said) or bool(re.match(r",?\s{0,3}(?:at\s)?\d{1,2}:\d\d|\s+TIME\b", after))


def _day_of(year: str, month: int, day: int) -> date | None:
    digits = str(YEARS_IN_WORDS.get(re.sub(r"\W+", " ", year.lower()), "")) or year.strip("'’")
    full = int(digits) if len(digits) == 4 else (2000 if int(digits) < CENTURY_TURNS_AT else 1900) + int(digits)
    if not FIRST_YEAR <= full <= LAST_YEAR:
        return None
    try:
        return date(full, month, day)
    except ValueError:
        return None


def _ordinal(word: str) -> int:
    return ORDINALS.get(re.sub(r"\s", "-", word)) or int(word)
