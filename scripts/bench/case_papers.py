"""Papers of many families drawn from templates, the same for the same seed: what the case layer is measured with.

A few families have most of the papers, as a library with some cases has. First and last names repeat among families,
so that there are namesakes; strangers (officers, clerks, teachers) come by the hundred. Days lie within six years.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY, DAYS = date(2018, 1, 1), 2190
FAMILIES, COPY_EVERY = 60, 20
_FIRSTS = (
    "Arlo Brisa Cato Delia Ennis Fiora Gideon Hesper Ivo Junia Kester Liora Merrick Nerys Osric Perpetua Quill "
    "Rosalba Silas Tamsin Ulric Verity Wystan Ysolde"
)
FIRSTS = _FIRSTS.split()
_LASTS = (
    "Abernathy Bellweather Crosswick Dunmore Eastlake Fairholm Garrowby Hathersage Inglethorpe Jessamy Kirkbride "
    "Lanyon Merriwether Northcott Oakeshott Penhale Quarrington Ravensworth Selwood Thackery Underhill Vanterpool "
    "Wetherby Yarrow Ashcombe Brightwell Coverdale Driscoll Elphinstone Farthing Greatorex Hollingworth Ibbotson "
    "Jolliffe Kellaway Lockridge Mandeville Nethercott Osgood Pemberton"
)
LASTS = _LASTS.split()
_DOINGS = (
    "a late exchange|a missed visit|a parent meeting|a dentist appointment|a football match|a school concert|"
    "a custody exchange|a phone call|a birthday dinner|a swimming lesson"
)
DOINGS = _DOINGS.split("|")
_PLACES = "the library steps|the police station lobby|Larkfield School|the north gate|a diner on Fifth Street"
PLACES = _PLACES.split("|")


@dataclass(frozen=True)
class Paper:
    """A document as it was read: its text, type and day."""

    text: str
    kind: str
    day: date


@dataclass(frozen=True)
class _Family:
    number: int
    mother: str
    father: str
    child: str
    last: str

    @property
    def parents(self) -> tuple[str, str]:
        return self.mother, self.father


@dataclass(frozen=True)
class _Moment:
    """What one paper is of."""

    chance: random.Random
    number: int
    family: _Family
    day: date

    @property
    def written(self) -> str:
        return f"{self.day:%B} {self.day.day}, {self.day.year}"

    def clock(self) -> str:
        return f"{self.chance.randrange(1, 12)}:{self.chance.randrange(10, 59)} p.m."

    def money(self) -> str:
        return f"{self.chance.randrange(100, 900)}.{self.chance.randrange(10, 99)}"

    def doing(self) -> str:
        return self.chance.choice(DOINGS)

    def stranger(self) -> str:
        return f"{self.chance.choice(FIRSTS)} {self.chance.choice(LASTS)}"


def draw(count: int, seed: int = 7) -> Iterator[Paper]:
    """So many papers; every twentieth is a rescan of the one before."""
    chance = random.Random(seed)
    families = [_family(chance, number) for number in range(FAMILIES)]
    weights = [1 / (number + 1) for number in range(FAMILIES)]
    paper = Paper("", "other", FIRST_DAY)
    for number in range(count):
        if number % COPY_EVERY == COPY_EVERY - 1:
            yield Paper("COPY\n" + paper.text.replace("the ", "tbe ", 1), paper.kind, paper.day)
            continue
        (family,) = chance.choices(families, weights)
        moment = _Moment(chance, number, family, FIRST_DAY + timedelta(days=chance.randrange(DAYS)))
        (kind,) = chance.choices(list(KINDS), KINDS.values())
        paper = kind(moment)
        yield paper


def _family(chance: random.Random, number: int) -> _Family:
    mother, father, child = chance.sample(FIRSTS, 3)
    return _Family(number, mother, father, child, chance.choice(LASTS))


def _bank(moment: _Moment) -> Paper:
    family, day = moment.family, moment.day
    whose = moment.chance.choice(family.parents)
    rows = [f"{day:%m/%d}/{day.year} transfer to {whose[0]}. {family.last} child support reference "
            f"{moment.number * 7 + n}  {moment.money()}" for n in range(5)]  # fmt: skip
    head = f"COUNTY BANK   Statement of {whose} {family.last}   account {moment.number}\n"
    return Paper(head + "\n".join(rows), "financial_record", day)


def _chat(moment: _Moment) -> Paper:
    day = moment.day
    stamp = f"{day:%b} {day.day}, {day.year}"
    said = ("I am at {} for {}", "You are late again for {1}", "I was never late", "{} is fine with me",
            "I paid ${2} today", "Bring {3} at {4}", "You did not answer about {1}", "See you at {}")  # fmt: skip
    lines = [f"{stamp} {4 + n}:{moment.chance.randrange(10, 59)} PM {who}: " + words.format(
        moment.chance.choice(PLACES), moment.doing(), moment.money(), moment.family.child, moment.clock())
        for n, (who, words) in enumerate(zip(moment.family.parents * 4, said, strict=True))]  # fmt: skip
    return Paper("Messages, exported\n" + "\n".join(lines), "text_messages", day)


def _letter(moment: _Moment) -> Paper:
    family, written = moment.family, moment.written
    text = (
        f"{written}\nDear Ms. {family.last}: on {written} at {moment.clock()} there was {moment.doing()} with "
        f"{family.child} {family.last}, file {moment.number}.\nMr. {family.last} came to {moment.chance.choice(PLACES)}"
        f" and paid ${moment.money()}. Please answer.\nSincerely\n{moment.stranger()}"
    )
    return Paper(text, "letter", moment.day)


def _declaration(moment: _Moment) -> Paper:
    family, written = moment.family, moment.written
    one, other = moment.chance.sample(family.parents, 2)
    text = (
        f"DECLARATION OF {one.upper()} {family.last.upper()}   case {family.number}-{moment.number}\n"
        f"1. On {written} at {moment.clock()} I was at {moment.doing()} with {family.child}.\n"
        f"2. {other} {family.last} was not there, and never pays.\n"
        f"3. I have always been on time for every custody exchange.\n"
        f"4. I paid ${moment.money()} in {moment.day:%B} {moment.day.year}.\n"
        f"5. {moment.stranger()} saw {moment.doing()} at {moment.chance.choice(PLACES)}.\n"
        f"I declare under penalty of perjury that this is true. {written}"
    )
    return Paper(text, "declaration", moment.day)


def _police(moment: _Moment) -> Paper:
    family = moment.family
    text = (
        f"POLICE DEPARTMENT  Incident {moment.number}\nReported {moment.written}  {moment.chance.randrange(17, 23)}"
        f"{moment.chance.randrange(10, 59)} hours by Officer {moment.stranger()}. {family.father} {family.last} came "
        f"late to {moment.doing()} at {moment.chance.choice(PLACES)}. {family.mother} {family.last} said that he owed "
        f"${moment.money()} and smelled of alcohol."
    )
    return Paper(text, "police_report", moment.day)


def _order(moment: _Moment) -> Paper:
    family = moment.family
    text = (
        f"FAMILY COURT OF THE COUNTY OF ESK   Case {family.number}\n{family.mother} {family.last}, Petitioner, v. "
        f"{family.father} {family.last}, Respondent\nORDER AFTER HEARING\n"
        f"1. The father shall pay ${moment.chance.randrange(2, 9)}00 a month, on or before the 3rd.\n"
        f"2. The parents shall exchange {family.child} on Sundays at 6:00 p.m.\n"
        "3. Neither parent shall call or text the other between 9:00 p.m. and 7:00 a.m., except in an emergency.\n"
        f"4. Neither parent shall drink alcohol when {family.child} is with them.\nFiled {moment.written}"
    )
    return Paper(text, "court_order", moment.day)


def _mail(moment: _Moment) -> Paper:
    family = moment.family
    one, other = moment.chance.sample(family.parents, 2)
    text = (
        f"From: {one} {family.last}\nTo: {other} {family.last}\nDate: {moment.day:%a, %d %b %Y} "
        f"{moment.chance.randrange(10, 23)}:{moment.chance.randrange(10, 59)}:00\nSubject: {moment.doing()}\n\n"
        f"{other}, you were late for {moment.doing()} at {moment.chance.choice(PLACES)} on {moment.written}.\n"
        f"I did not get the ${moment.money()} you owe. {family.child} waited until {moment.clock()}."
    )
    return Paper(text, "email", moment.day)


def _hospital(moment: _Moment) -> Paper:
    family = moment.family
    text = (
        f"VALLEY HOSPITAL   Emergency visit {moment.number}\n{family.child} {family.last} was brought by "
        f"{moment.chance.choice(family.parents)} {family.last} on {moment.written} at {moment.clock()}, and seen by "
        f"Dr. {moment.stranger()}.\nDue: ${moment.money()}."
    )
    return Paper(text, "medical_record", moment.day)


KINDS = {
    _bank: 15, _chat: 22, _letter: 12, _declaration: 10, _police: 8, _mail: 24, _hospital: 6, _order: 3,
}  # fmt: skip
"""How many of 100 papers are of each kind."""
