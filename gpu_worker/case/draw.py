"""Everything a document says of the case, statement by statement (story of pure rules)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from gpu_worker.analysis.rules.document_type import choose_kind
from gpu_worker.case.copies import bands_of
from gpu_worker.case.cues import read_cues
from gpu_worker.case.mentions import find_mentions, signed
from gpu_worker.case.shapes import Facts, Name, Source, Statement, Time
from gpu_worker.case.signs import pronoun_signs, signs_of_pages
from gpu_worker.case.speakers import Speech, speeches
from gpu_worker.case.terms import find_terms
from gpu_worker.case.times import THIS_PERIOD, Calendar, Day, times_of
from gpu_worker.case.units import Unit, cut_units
from gpu_worker.case.words import find_measures, find_places, find_words

MOST_CLAIMS = 3000
VOICES = {
    "declaration": "sworn", "affidavit": "sworn", "transcript": "sworn", "text_messages": "message", "email": "message",
    "custody_order": "order", "court_order": "order", "restraining_order": "order", "minute_order": "order",
    "letter": "letter", "note": "note",
}  # fmt: skip
SWORN = re.compile(r"\b(?:declar(?:ation|e)|affidavit|sworn|under penalty of perjury)\b", re.I)
ORDERED = re.compile(r"\bORDERS?\b|\bit is (?:so |hereby )?ordered\b|\bshall (?:not )?(?:have|pay|be)\b", re.I)
MOST_SLIP_LINES, MOST_SLIP_LETTERS, HEAD_LINES = 8, 500, 6
HOLDER = re.compile(
    r"\b(?:account (?:of|holder)|statement of|patient|employee|guest|customer|member|subscriber|card ?holder|client"
    r"|student|pupil|defendant|owner|tenant|policy ?holder|insured)[:\s]*$", re.I
)  # fmt: skip
I_WORDS = re.compile(r"\b(?:I|me|my|mine|we|our|us|yo|mi|ich|mein\w*)\b")
YOU = re.compile(r"\b(?:you|your|yours)\b", re.I)
HE = re.compile(r"\b(?:he|him|his)\b", re.I)
SHE = re.compile(r"\b(?:she|her|hers)\b", re.I)


def draw_facts(source: Source) -> Facts:
    """The facts of a document; none of one without text."""
    kind = source.document_type or (found.name if (found := choose_kind(source.text)) else "other")
    units = cut_units(source.text)[:MOST_CLAIMS]
    voice = _voice(kind, source.text)
    sent = _sent(source.sent)
    calendar = Calendar(source.text, kind, source.dated, sent)
    said = speeches(units, voice, source, calendar)
    names = _Names(signs_of_pages(units, said, voice), units)
    claims = tuple(_claims(units, said, calendar, names))
    terms = find_terms(units, calendar.own) if voice == "order" else ()
    for key in dict.fromkeys(key for term in terms for key in term.bound if key.startswith("role:")):
        names.add(Name(key, f"the {key.removeprefix('role:')}", "role"))
    own = datetime(calendar.own.year, calendar.own.month, calendar.own.day) if calendar.own else None
    speaker = next((each.speaker for each in said if each.speaker), None) if voice in ("sworn", "letter") else None
    return Facts(
        voice=voice, speaker=speaker.key if speaker else None, said_at=sent or own,
        said_precision="minute" if sent else "day" if own else None, thread_key=source.thread_key,
        names=names.all(), claims=claims, terms=terms,
        bands=bands_of(source.text),
    )  # fmt: skip


def _voice(kind: str, text: str) -> str:
    known = VOICES.get(kind)
    if known == "sworn" and not SWORN.search(text):
        return "record"
    if known is None and kind in ("other", "motion", "response") and re.search(r"under penalty of perjury", text, re.I):
        return "sworn"
    return known or ("order" if kind.endswith("order") and ORDERED.search(text) else "record")


def _sent(words: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(words).replace(tzinfo=None) if words else None
    except ValueError:
        return None


class _Names:
    """The names of a document, each once, with all that it says of them."""

    def __init__(self, signs: dict[str, set[str]], units: Sequence[Unit]) -> None:
        self._found: dict[str, Name] = {}
        self._signs = signs
        self.mentions = [find_mentions(unit.quote) for unit in units]
        # A single word may be a town as well as a first name, and then says where it was.
        named = (m.name for mentions in self.mentions for m in mentions if m.name.form != "first")
        self.words = {word for name in named for word in re.findall(r"[^\W\d_]+", name.words.lower())}

    def add(self, name: Name) -> str:
        known = self._found.get(name.key)
        self._found[name.key] = signed(known, *name.signs) if known else name
        return name.key

    def sign(self, key: str, *signs: str) -> None:
        self._signs.setdefault(key, set()).update(signs)

    def all(self) -> tuple[Name, ...]:
        return tuple(signed(name, *sorted(self._signs.get(key, ()))) for key, name in self._found.items())


def _claims(units: Sequence[Unit], said: Sequence[Speech], calendar: Calendar, names: _Names) -> Iterator[Statement]:
    seen: Counter[str] = Counter()
    paragraph, day, last = -1, None, list[str]()
    paragraphs: dict[int, str] = {}
    is_slip = _is_slip(units, said)
    for unit in units:
        paragraphs[unit.paragraph] = paragraphs.get(unit.paragraph, "") + " " + unit.quote
    whole = " ".join(paragraphs.values()) if is_slip else None
    holders = _holders(units, said, names, is_slip)
    for place, (unit, speech) in enumerate(zip(units, said, strict=True)):
        if unit.paragraph != paragraph:
            if speech.voice == "sworn":
                day = None
            paragraph, last = unit.paragraph, []
        own = [names.add(mention.name) for mention in names.mentions[place]]
        keys = list(dict.fromkeys([*own, *_meant(unit, speech, last, names), *map(names.add, holders)]))
        last = [key for key in own if not key.startswith("role:")] or last
        days = calendar.days_in(unit)
        day = _day_of(days, speech) or day
        times = times_of(unit, days, speech.voice, day or (calendar.own if speech.voice == "record" else None))
        if speech.at:
            times = _message_times(unit, speech, speech.at, times)
        yield _statement(unit, place, speech, keys, times, calendar, day, names,
                         whole or paragraphs[unit.paragraph], seen)  # fmt: skip


def _is_slip(units: Sequence[Unit], said: Sequence[Speech]) -> bool:
    """A ticket, a receipt, a card: its few lines say one thing."""
    is_record = all(speech.voice in ("record", "note") for speech in said)
    return is_record and len(units) <= MOST_SLIP_LINES and sum(len(unit.quote) for unit in units) <= MOST_SLIP_LETTERS


def _holders(units: Sequence[Unit], said: Sequence[Speech], names: _Names, is_slip: bool) -> list[Name]:
    """Who all rows of a record are about: everybody on a slip, else whom its head names as its account's or patient."""
    if is_slip:
        return [mention.name for mentions in names.mentions for mention in mentions]
    if not said or said[0].voice != "record":
        return []
    for unit, mentions in zip(units[:HEAD_LINES], names.mentions, strict=False):
        for mention in mentions:
            if HOLDER.search(unit.quote[: mention.start]) and mention.name.form in ("full", "initial"):
                return [mention.name]
    return []


def _message_times(unit: Unit, speech: Speech, at: datetime, times: Sequence[Time]) -> tuple[Time, ...]:
    """The time of the message, and the days that its words speak of."""
    is_head = bool(speech.stamp) and unit.quote.startswith(speech.stamp or "")
    words = speech.stamp if is_head and speech.stamp else unit.quote[:40]
    header = Time(unit.page, unit.start, words, at, at + timedelta(minutes=1), "minute", "header", True)
    spoken = unit.start + (len(words) if is_head else 0)
    return (header, *(time for time in times if time.start >= spoken and time.precision != "minute"))


def _day_of(days: Sequence[Day], speech: Speech) -> date | None:
    found = [day for day in days if day.precision == "day" and day.role != "filed"]
    if found:
        return found[-1].starts.date()
    return speech.at.date() if speech.at else None


def _meant(unit: Unit, speech: Speech, last: Sequence[str], names: _Names) -> Iterator[str]:
    """Whom I, you, he and she stand for, as far as the words before say it."""
    if speech.speaker and (speech.voice in ("message", "sworn") or I_WORDS.search(unit.quote)):
        yield names.add(speech.speaker)
    if speech.voice == "message" or YOU.search(unit.quote):
        for heard in speech.heard:
            yield names.add(heard)
    if HE.search(unit.quote) or SHE.search(unit.quote):
        yield from last[-1:]
        for key, sign in pronoun_signs(unit, last):
            names.sign(key, sign)


def _statement(
    unit: Unit, place: int, speech: Speech, keys: Sequence[str], times: tuple[Time, ...], calendar: Calendar,
    day: date | None, names: _Names, paragraph: str, seen: Counter[str],
) -> Statement:  # fmt: skip
    plain = " ".join(re.findall(r"\w+", unit.quote.lower()))
    seen[plain] += 1
    digest = hashlib.md5(f"{plain}#{seen[plain]}".encode(), usedforsecurity=False).hexdigest()
    measures = find_measures(unit)
    amounts = dict.fromkeys(f"${measure.value:g}" for measure in measures if measure.kind == "money")
    first = Statement(
        key=digest, place=place, page=unit.page, start=unit.start, quote=unit.quote, voice=speech.voice,
        speaker=names.add(speech.speaker) if speech.speaker else None, said_at=speech.said_at,
        said_precision=speech.said_precision, cues=read_cues(unit.quote),
        words=(*amounts, *find_words(paragraph, names.words)), names=tuple(keys), times=times, measures=measures,
        places=find_places(unit.quote),
    )  # fmt: skip
    return _timed(first, calendar, day)


def _timed(claim: Statement, calendar: Calendar, day: date | None) -> Statement:
    """When it speaks of: its own times, the period of its paper, or the day it stands under."""
    events = [time for time in claim.times if time.is_event] or list(claim.times)
    if events:
        exact = [time for time in events if time.precision == "minute"] or events
        return replace(
            claim, starts=min(time.starts for time in exact), ends=max(time.ends for time in exact),
            precision=exact[0].precision, known=exact[0].known,
        )  # fmt: skip
    if calendar.period and THIS_PERIOD.search(claim.quote):
        return replace(claim, starts=calendar.period.starts, ends=calendar.period.ends, precision="day",
                       known="inferred")  # fmt: skip
    under = day or (calendar.own if claim.voice in ("record", "note") else None)
    if under and claim.voice != "order":
        starts = datetime(under.year, under.month, under.day)
        return replace(claim, starts=starts, ends=starts + timedelta(days=1), precision="day", known="inferred")
    return claim
