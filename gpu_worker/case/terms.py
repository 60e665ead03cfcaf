"""What a court ordered, term by term: who is bound, to what, when, with which exceptions (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date

from gpu_worker.case.clocks import find_clocks
from gpu_worker.case.mentions import find_mentions
from gpu_worker.case.shapes import Term, TermException
from gpu_worker.case.times import Calendar
from gpu_worker.case.units import Unit
from gpu_worker.case.words import COUNTY, MONEY, PER

DUTY = re.compile(
    r"(?P<neither>\b(?:neither|no)\s(?:parent|party|person)\b)|\b(?:shall|must|may|will|is|are)\s(?:also\s)?"
    r"(?P<not>not\b|neither\b)|\b(?P<stem>enjoined|restrained|prohibited|forbidden)\b"
    r"|\b(?P<shall>shall|must|(?<!court )will|has parenting time"
    r"|is (?:hereby )?(?:ordered|required|directed)|are (?:hereby )?(?:ordered|required))\b"
    r"|\b(?P<may>(?-i:may|MAY)(?!\s\d)|is entitled|has the right)\b", re.I
)  # fmt: skip
ACTS = (
    ("pay", r"\bpay(?:s|ment|able|ing)?\b|\breimburse|\bsupport of \$|\bcontribute\b|\bcosts?\b.{0,40}\bshared?\b"),
    ("alcohol", r"\balcohol|\bintoxicat|\bdrink|\bdrugs?\b|\bcannabis|\bmarijuana|\bnarcotic|\bcontrolled substance"
                r"|\bsmok(?:e|ing)\b"),
    ("travel", r"\bremov(?:e|ed|al)\b|\brelocat|\btravel|\bleave the (?:state|county|country)"
               r"|\bout(?:side)? (?:of )?the (?:state|county)|\bpassport"),
    ("distance", r"\b\d+ (?:yards|feet|metres|meters)\b|\bcome within\b|\bstay away\b"),
    ("contact", r"\b(?:telephone|call|text|message|e-?mail|contact|communicat)\w*\b"),
    ("social", r"\bpost(?:s|ed|ing)?\b|\bpublish|\bsocial media\b"),
    ("exchange", r"\bexchang|\bpick.?up|\bdrop.?off|\bhand.?over|\bdeliver(?:ed)? the child"),
    ("custody", r"\bcustody|\bparenting time|\bvisit|\bweekends?\b|\bhave the child|\bovernight|\bholidays?\b"
                r"|\bvacation"),
    ("school", r"\bschool|\benrol|\bhomework|\bteacher"),
    ("medical", r"\bmedic|\bdoctor|\btherap|\bcounsel+ing|\bhealth|\bvaccin|\bdent(?:al|ist)"),
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s?\b", re.I)
_DAYS = "|".join(WEEKDAYS)
RANGE_OF_DAYS = re.compile(
    rf"\b({_DAYS})s?\b(?:[^;]{{0,24}}?)\b(?:to|until|through)\b[^.;]{{0,12}}?\b({_DAYS})", re.I
)
WEEKS = re.compile(r"\b(first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last)\b(?=[^.;]{0,30}\b(?:weekends?|"
                   + "|".join(WEEKDAYS) + r")\b)", re.I)  # fmt: skip
_WEEKS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "last": -1,
}  # fmt: skip
DUE = re.compile(
    r"\b(?:by|before|on|than)\s(?:or before\s)?the\s(?P<day>\d{1,2}|first|fifth|tenth|fifteenth|last)(?:st|nd|rd|th)?"
    r"(?:\sday)?\b", re.I
)  # fmt: skip
_DUE = {"first": 1, "fifth": 5, "tenth": 10, "fifteenth": 15, "last": 31}
BEFORE = re.compile(
    r"\b(?P<hours>\d{1,2}|six|eight|ten|twelve|twenty-four|forty-eight)\s?(?:\(\d+\)\s)?hours\s(?:before|prior)", re.I
)
_HOURS = {"six": 6, "eight": 8, "ten": 10, "twelve": 12, "twenty-four": 24, "forty-eight": 48}
EXCEPT = re.compile(
    r"[,;(]?\s*\b(?:except(?:ing)?|unless|save|other than|without|absent)\b(?P<what>[^;.]{3,160})", re.I
)
EMERGENCY = re.compile(r"\bemergenc", re.I)
AGREEMENT = re.compile(r"\bagree|\bconsent|\bpermission|\bleave of (?:the )?court|\bwritten\b", re.I)
WITHIN = re.compile(r"\b(?:removed|remove|taken|take|travel|outside|leave|relocat\w*|move)\b", re.I)
PLACES = re.compile(
    r"\b(?:from|outside|leave|out of)\s(?:of\s|the\s)*(?P<names>(?:State of\s)?[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)
PARENTS = re.compile(
    r"\b(?:neither|either|each|both)\s(?:parents?|part(?:y|ies))|\bthe part(?:y|ies)\b|\bparents shall\b"
    r"|\bno part(?:y|ies)\b",
    re.I,
)


def find_terms(units: Sequence[Unit], dated: date | None) -> tuple[Term, ...]:
    """Each sentence of an order that binds somebody."""
    terms: list[Term] = []
    for unit in units:
        if (term := _read(unit, len(terms), dated)) and all(term.key != other.key for other in terms):
            terms.append(term)
    return tuple(terms)


def _read(unit: Unit, place: int, dated: date | None) -> Term | None:
    quote = " ".join(unit.quote.split())
    match = DUTY.search(quote)
    if not match or len(quote.split()) < 5:
        return None
    forbids = match["neither"] or match["not"] or match["stem"] or re.search(r"\b(?:shall|must|may) not\b", quote, re.I)
    duty = "shall_not" if forbids else "shall" if match["shall"] else "may"
    act = next((name for name, pattern in ACTS if re.search(pattern, quote, re.I)), "other")
    money, due = MONEY.search(quote), DUE.search(quote)
    per = PER.match(quote[money.end() :]) or re.search(r"\b(?P<per>month|week)ly\b", quote) if money else None
    hours = _hours(quote)
    before = BEFORE.search(quote)
    starts, ends = _span(unit, dated)
    key = hashlib.md5(" ".join(re.findall(r"\w+", quote.lower())).encode(), usedforsecurity=False).hexdigest()
    return Term(
        key=key, place=place, page=unit.page, start=unit.start, quote=unit.quote, bound=_bound(quote), duty=duty,
        act=act,
        amount_usd=float((money["value"] or money["bare"]).replace(",", "")) if money else None,
        per=per["per"].lower() if per else None, due_day=_due(due["day"]) if due and act == "pay" else None,
        weekdays=_weekdays(quote),
        weeks=tuple(dict.fromkeys(_WEEKS[each[1].lower()] for each in WEEKS.finditer(quote))),
        hour_from=hours[0], hour_until=hours[1],
        hours_before=_number(before["hours"]) if before else None, starts=starts, ends=ends,
        allowed_places=_places(quote) if act == "travel" and duty == "shall_not" and WITHIN.search(quote) else (),
        exceptions=_exceptions(quote),
    )  # fmt: skip


def _bound(quote: str) -> tuple[str, ...]:
    """Keys of who is bound: both parents, or those named before the duty."""
    if PARENTS.search(quote):
        return ("role:petitioner", "role:respondent")
    match = DUTY.search(quote)
    ahead = quote[: match.start()] if match else quote
    named = [mention.name.key for mention in find_mentions(ahead) if mention.name.form != "first"]
    is_about_children = re.search(r"\bchild(?:ren)?\s(?:shall|must|may|is|are)\b", quote, re.I)
    return ("role:petitioner", "role:respondent") if is_about_children else tuple(dict.fromkeys(named))


def _hours(quote: str) -> tuple[str | None, str | None]:
    clocks = [clock for clock in find_clocks(quote) if not BEFORE.search(quote[clock.start : clock.start + 30])]
    written = [f"{clock.minute // 60:02}:{clock.minute % 60:02}" for clock in clocks]
    if len(written) >= 2:
        return written[0], written[1]
    if written and re.search(r"\b(?:after|from|later than)\b[^.;]{0,12}$", quote[: clocks[0].start], re.I):
        return written[0], None
    return (None, written[0]) if written else (None, None)


def _weekdays(quote: str) -> tuple[int, ...]:
    if span := RANGE_OF_DAYS.search(quote):
        first, last = (WEEKDAYS.index(each.lower()) for each in span.groups())
        return tuple((first + n) % 7 + 1 for n in range((last - first) % 7 + 1))
    if re.search(r"\bweekends?\b", quote, re.I) and not WEEKDAY.search(quote):
        return (6, 7)
    return tuple(sorted({WEEKDAYS.index(match[1].lower()) + 1 for match in WEEKDAY.finditer(quote)}))


def _due(word: str) -> int | None:
    day = _DUE.get(word.lower()) or (int(word) if word.isdigit() else 0)
    return day if 1 <= day <= 31 else None


def _number(word: str) -> float:
    return float(word) if word.isdigit() else float(_HOURS[word.lower()])


def _span(unit: Unit, dated: date | None) -> tuple[date | None, date | None]:
    """From when and until when, where the sentence says it; else from the order's own day on."""
    days = [day for day in Calendar(unit.quote, "other", dated, None).days_in(Unit(1, 0, unit.quote, 0))
            if day.precision == "day"]  # fmt: skip
    starts, ends = dated, None
    for day in days:
        ahead = unit.quote[max(0, day.start - 24) : day.start].lower()
        if day.ends.date().toordinal() - day.starts.date().toordinal() > 1:
            return day.starts.date(), date.fromordinal(day.ends.date().toordinal() - 1)
        if re.search(r"\b(?:until|through|to|before|till)\W*$", ahead):
            ends = day.starts.date()
        elif re.search(r"\b(?:from|beginning|commencing|starting|effective|as of|after)\W*(?:on\s)?$", ahead):
            starts = day.starts.date()
    return starts, ends


def _places(quote: str) -> tuple[str, ...]:
    names = [name for match in COUNTY.finditer(quote)
             for name in re.split(r",\s*|\s+(?:or|and)\s+", match["name"] or match["of"]) if name]  # fmt: skip
    names = [re.sub(r"^(?:From|The)\s", "", name) for name in names]
    return tuple(dict.fromkeys(names or [match["names"] for match in PLACES.finditer(quote)]))


def _exceptions(quote: str) -> tuple[TermException, ...]:
    found = []
    for match in EXCEPT.finditer(quote):
        words = match[0].strip(" ,;(")
        kind = "emergency" if EMERGENCY.search(words) else "agreement" if AGREEMENT.search(words) else "other"
        found.append(TermException(words, kind))
    return tuple(found)
