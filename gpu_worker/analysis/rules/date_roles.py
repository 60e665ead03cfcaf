"""What a day means in its document, and how well it serves as the document's own date (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

OWN, LIKELY, EVENT, STAMP, PRINT, ROW, WEAK, SET_OFF, MENTION, NEVER = 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
"""How strongly a day is the document's own: labelled so, …, a row of a log, in passing, never."""


@dataclass(frozen=True)
class Meaning:
    """A day's role and its strength as the document's own date (0–9)."""

    role: str
    strength: int


@dataclass(frozen=True)
class Place:
    """Where a day stands: the text of its cell before it, the rest of its line, the line above, the number of its line
    (from 0), whether nothing else stands in its cell, whether it begins its line or a sentence, whether it begins a row
    of a table or log, and whether a name stands in the cell before it.
    """

    before: str
    after: str
    above: str
    line: int
    is_alone: bool
    is_line_start: bool
    is_row: bool
    is_beside_name: bool


_TIME = r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?(?:\s*(?:hrs|uhr|[+\-]\d{4}|[A-Z]{2,4}))?"
_WEEKDAY = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|lunes|martes|miércoles|jueves|viernes"
    r"|sábado|domingo"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_PLACE = r"[A-ZÁÉÍÓÚÑÄÖÜ][\w.'’\-]*(?: (?:[A-ZÁÉÍÓÚÑÄÖÜ][\w.'’\-]*|de|del|la|am|an|der)){0,3}"
TRAILING_WEEKDAY = re.compile(rf"(?:^|(?<=\W))(?:{_WEEKDAY})\.?,?\s*(?:the\s+)?$", re.I)
_LINKS = r"(?:[\s:,;#*_\-–()]|\.(?!\s+[A-Z])|\b(?:on|the|this|is|was|of|at|el|am|le|den|date|día)\b)*$"


def _lead(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<lead>{words}){_LINKS}", re.I)


# In order: the first that stands right before the day decides.
PARTIAL_RANGE = re.compile(r"\b[A-Za-z]{3,9}\.? \d{1,2}\s*(?:-|–|to|through|thru)\s*$", re.I)
LEADS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (
        _lead(
            r"(?:date of |)birth\s?(?:date|day)?|birthdate|d\.?\s?o\.?\s?b\.?|born|nacid[oa]|"
            r"(?:fecha de )?nacimiento|geboren(?: am)?|geb\."
            r"|n[ée]e?(?:\(e\))?|(?:date de )?naissance|date of death|died|deceased"
        ),
        "event",
        NEVER,
    ),
    (
        _lead(
            r"(?:exp(?:ir(?:es|y|ed|ation))?|valid|effective|good)(?: date)?(?: (?:on|until|through|thru|to))?|due"
            r"(?: date| by)?|pay(?:able)? by"
            r"|until|through|thru|no later than|on or before|by|deadline|(?:annual |next )?review(?: date)?"
            r"|next (?!hearing|court|trial|conference)[\w ]{3,20}"
            r"|vence|vencimiento|caduca\w*|fällig(?: am)?|renewal|term ends|ends|cut[- ]?off|commission expires"
        ),
        "event",
        NEVER,
    ),
    (
        _lead(
            r"(?:next |further |review |final )?(?:hearing|trial|conference|court date|mediation|appearance"
            r"|audiencia|calendar)(?: date)?(?: (?:is |was )?(?:set|scheduled|held|on|for|del?))*"
            r"|(?:be |was |were |came on )?heard|sitting(?: in \w+)?|continued to|adjourned to|set for|appear"
            r"|taken|proceedings|hearing held|verhandlung"
        ),
        "hearing",
        WEAK,
    ),
    (
        re.compile(r"\b(?P<lead>this(?: the)?|done and ordered(?: in [^.]{1,60})?,?(?: on)?)\s*$", re.I),
        "signed",
        LIKELY,
    ),
    (
        re.compile(
            r"\b(?:agreement|lease|contract|stipulation|plan|will)\b.{0,60}\b(?P<lead>made|entered into"
            r"|entered|effective|dated|executed)\b.{0,30}$",
            re.I,
        ),
        "signed",
        LIKELY,
    ),
    (
        _lead(
            r"(?:report |page |document |statement )?print(?:ed|out)?(?: date| on)?|generated|(?:report )?run"
            r"(?: date)?|exported|export date|downloaded|date printed|impreso|gedruckt|imprimé|as of"
        ),
        "printed",
        PRINT,
    ),
    (
        _lead(
            r"(?:e-?|electronically )?filed(?: on| in .{0,30})?|(?:date )?filed(?: by .{0,30})?|filing date|"
            r"(?:memorandum )?(?:opinion|order|judgment|decision|notice) (?:and \w+ )?filed|"
            r"(?:date )?(?:entered|registered(?: from)?|recorded|lodged|docketed)"
            r"|file[- ]?stamp(?:ed)?|presentad[oa]|entry date|fecha de (?:presentación|registro)|clerk"
        ),
        "filed",
        OWN,
    ),
    (_lead(r"(?:referral|call|complaint|report|request|date) received|reporte recibido"), "event", WEAK),
    (_lead(r"received|recibido|eingegangen"), "filed", STAMP),
    (_lead(r"(?:date |specimen |sample )?(?:collected|opened|started|ordered)"), "event", STAMP),
    (
        _lead(
            r"date (?:of|de) (?:the )?(?:report|order|letter|notice|judgment|statement|signature|issue"
            r"|decision|this .{1,15})|(?:report|order|letter|notice|judgment|issue|decision|signature) date"
            r"|(?:opinion|order|judgment|decision|notice) (?:issued|filed|entered|delivered|rendered)"
            r"|date (?:signed|issued|prepared|completed|written|sent|reported)|date made"
            r"|(?:respectfully )?submitted|executed|(?:duly )?(?:sworn|subscribed|affirmed|acknowledged"
            r"|declared)\b.{0,70}"
            r"|(?:this |the )?court orders|iss"
            r"|(?:electronically |digitally )?(?:signed|executed|dated|datée?|fechad[oa]|firmad[oa]|e-signed|issued"
            r"|prepared|certified|written|decided|sent|delivered|rendered|released|typed|dictated|transcribed|made)\b"
            r"(?: (?:by .{1,40}|and .{1,20}|before me.{0,20}|(?:in|at) .{1,40}))?"
            r"|gesendet|enviado(?: el)?|envoyé|witness my hand|given under my hand.{0,40}"
        ),
        "signed",
        OWN,
    ),
    (
        _lead(
            r"(?:date|day|time|fecha) (?:and time )?(?:of|de) (?:the )?(?:visit|service|exam\w*|incident"
            r"|occurrence|event|evaluation|meeting|call|purchase|payment|marriage|session|interview|accident"
            r"|offen[sc]e|consult\w*|encounter|transaction|contact|inspection|arrest|inciden\w+)s?"
            r"|dates? of (?:evaluation|interviews?)"
            r"|(?:visit|incident|service|meeting|pay(?:ment)?|invoice|statement|transaction|sale|purchase|exam"
            r"|appointment|encounter|session|interview|billing|bill|order|check|cheque|call|test|offen[sc]e"
            r"|arrest|rechnungs|tax)[\s\-]?(?:date|datum)(?:[/ ](?:and )?time)?"
            r"|(?:date|fecha) ?[/&] ?(?:time|hora)(?: (?:of .{1,20}|reported|occurred))?|occurred|reported"
            r"|created|admi(?:t|tted|ssion)(?: date)?|seen|(?:date )?filled|when married|married|arrived|check"
            r"(?:ed)?[- ]?in"
            r"|seen in clinic|clinic date|attended|(?:fecha de )?(?:consulta|ingreso|atención|emisión|factura"
            r"|pago)"
        ),
        "event",
        EVENT,
    ),
    (_lead(r"date|fecha|datum|fait à .{1,30}|dated"), "signed", OWN),
    (re.compile(r"^\W*(?P<lead>[^:.;]{0,40}\b(?:date|fecha|datum)\b[^:.;]{0,40}):\s*$", re.I), "event", EVENT),
    (re.compile(r"^\W*(?P<lead>FILED\b(?: [A-Z][\w.,'’]*| (?:of|for|in|the))*)\W*$"), "filed", OWN),
    (re.compile(r"^\W*(?P<lead>/s/ [\w.'’\- ]{3,40}),?\s*$"), "signed", OWN),
    (
        re.compile(r"^\s*(?P<lead>At (?:a|an) .{0,40}\b(?:term|part|session)\b.{0,150}),? on(?: the)?\s*$", re.I),
        "signed",
        LIKELY,
    ),
    (
        re.compile(
            rf"\b(?P<lead>se (?:extiende|expide|firma|otorga|levanta)|dad[oa]|firmad[oa]|fait)\b.{{0,60}}?\b(?:en"
            rf"|à) {_PLACE}"
            rf"(?:, ?{_PLACE}){{0,2}},? (?:a|a los|el|el día|le)\s*$|(?i:siendo las .{{3,20}}del(?: día)?)\s*$"
        ),
        "signed",
        LIKELY,
    ),
    (
        re.compile(
            r"(?:^|[.,;]\s)(?P<lead>this|(?:on )?this the"
            r"|done(?: and ordered)?(?: in .{1,60})?(?: on)?)\W*$",
            re.I,
        ),
        "signed",
        OWN,
    ),
    (re.compile(r"\bcertify that(?:, | )on\s*$|(?P<lead>\bcertify that on)\s*$", re.I), "signed", STAMP),
    (
        re.compile(
            rf"^\s*(?P<lead>(?:En|In|Dado en|Given at)\s)?{_PLACE}(?:,\s*{_PLACE}){{0,2}},?\s(?:a|a los|le|den|dem)\s*$"
        ),
        "signed",
        LIKELY,
    ),
    (re.compile(rf"^\s*(?P<lead>En|In)?\s*{_PLACE}(?:,\s*{_PLACE})?,\s*$"), "signed", LIKELY),
)
LABELS = 13
"""So many of the leads are labels, which may as well stand on the line above."""
IS_LABEL_BY_ITSELF = frozenset({LIKELY, STAMP})
"""Strengths of leads that are whole phrases of their own, wherever they stand in a sentence."""
AFTER_HEARING = re.compile(
    r"^.{0,20}\b(?:the )?(?:court|matter|case|cause|motion|petition)\b.{0,30}\b(?:heard|came on|was heard"
    r"|called|conducted|held)\b"
    r"|^.{0,30}\bhearing\b|^[^.]{0,25}\b(?:in|,) (?:dep(?:artmen)?t|courtroom|room)\b"
    r"|^.{0,10}\d ?[ap]\.?m\.?\W+(?:in )?(?:dep(?:artmen)?t|courtroom)",
    re.I,
)
AFTER_TIME_AND_ROOM = re.compile(
    r"^\W{0,8}(?:at\s+)?(?:time\W*)?\d{1,2}[:.]\d\d.{0,16}\b(?:dep(?:artmen)?t|courtroom|room|ctrm)\b",
    re.I,
)
BEFORE_A_JUDGE = re.compile(r"\s*before\b[^.;]{3,60}\bon\W*$", re.I)
DOCUMENTS_NAME = re.compile(
    r"^\W*(?:(?:report|order|document|statement|form|notice|record|letter|certificate|opinion|decision|judgment|page"
    r"|list|schedule|invoice|receipt|summary)s?|this|affirmed(?: and)?|was|is|\s)+$",
    re.I,
)
"""What may stand before a label that is in lower case: `Report generated on`."""
RANGE = re.compile(r"^\s*(?:-|–|—|to|through|thru|until|and|al?|bis)\s*$", re.I)
STAMP_AFTER = re.compile(
    rf"^[,\s]*(?:at\s+|um\s+|a las\s+)?(?:{_TIME}|\d{{4}}\s?(?:hrs|hours))\W*(?:\s{{2,}}.*)?$", re.I
)
MAIL_STAMP = re.compile(r"@[\w.\-]+>?\s*(?:wrote)?\s*$")
QUOTED_MAIL = re.compile(r"^[>\s]*(?:On|Am|El|Le)\s*$")


def read_meaning(place: Place) -> Meaning:
    """Role and strength of one day from the words around it; the kind of document is not asked here."""
    before = TRAILING_WEEKDAY.sub("", place.before)
    if BEFORE_A_JUDGE.match(before):
        return Meaning("hearing", WEAK)
    is_stamped = re.search(r"(?:filed|signed|dated?)\W*$", before, re.I)
    if AFTER_TIME_AND_ROOM.match(place.after) or AFTER_HEARING.search(place.after) and not is_stamped:
        return Meaning("hearing", WEAK)
    if re.search(r"\b(?:judge|court|hearing|tribunal)\b[^.;:]{0,40}\bon\W*$", before, re.I) and re.match(
        r"\W*at \d", place.after
    ):
        return Meaning("hearing", WEAK)
    if QUOTED_MAIL.search(before) and re.search(r"\b(?:wrote|schrieb|escribió|a écrit)\b", place.after):
        return Meaning("signed", WEAK)
    told: Meaning | None = None
    for pattern, role, strength in LEADS:
        if match := pattern.search(before):
            if (
                strength > MENTION
                and strength not in IS_LABEL_BY_ITSELF
                and role != "event"
                and not _is_label(match, before)
            ):
                told = told or Meaning(role, min(strength, MENTION))
                continue
            return Meaning(role, strength)
    if told:
        return told
    if MAIL_STAMP.search(before):
        return Meaning("signed", EVENT)
    if not before.strip(" \t|[(>*-•"):
        return _alone(place)
    if place.is_alone or STAMP_AFTER.match(place.after) and len(before.split()) <= 4:
        return Meaning("event", STAMP)
    is_set_off = re.search(r"[,.;:(]\s*$", before) and re.match(r"\s*(?:$|[,.;:)])", place.after)
    return Meaning("event", SET_OFF if is_set_off else MENTION)


def is_lead(cell: str) -> bool:
    """Whether a cell is nothing but a label of a day, such as `Pay date`."""
    return any(
        (match := pattern.search(cell)) and len(match[0].strip()) >= 0.6 * len(cell.strip())
        for pattern, _, _ in LEADS[:LABELS]
    )


def _is_label(match: re.Match[str], before: str) -> bool:
    """A label begins its cell or is capitalised; in lower case inside a sentence it tells of something else."""
    lead = match.groupdict().get("lead") or ""
    start = match.start("lead") if lead else match.start()
    ahead = before[:start]
    words = ahead.split()
    is_start = not words or bool(DOCUMENTS_NAME.match(ahead)) or ahead.rstrip().endswith((".", ":", "|", ")", "]"))
    is_capital = lead[:1].isupper() and (not ahead.isupper() or len(words) <= 3)
    return is_start or is_capital or (len(words) <= 3 and before.rstrip().endswith(":")) or "certify" in before


def _alone(place: Place) -> Meaning:
    """A day that begins its line: the line above may be its label; else it is a row, a stamp, or the head's date."""
    if place.is_row:
        return Meaning("event", ROW)
    if len(place.above) <= 40 and place.is_alone:
        for pattern, role, strength in LEADS[:LABELS]:
            match = pattern.search(place.above)
            if match and len(match[0].strip()) >= 0.6 * len(place.above.strip()):
                return Meaning(role, strength)
    if place.is_alone and place.is_line_start and STAMP_AFTER.match(place.after):
        return Meaning("event", STAMP)
    if place.is_alone and place.is_line_start:
        return Meaning("signed", LIKELY)
    if place.is_alone:
        return Meaning("event", WEAK if place.line <= 3 else MENTION)
    return Meaning("event", ROW if place.is_line_start else MENTION)
