"""What a document says of the people it names: party, parent, child, man or woman (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gpu_worker.case.mentions import Mention, find_mentions
from gpu_worker.case.speakers import Speech
from gpu_worker.case.units import Unit
from gpu_worker.case.vocabulary import FATHER, MOTHER

AFTER = re.compile(
    r"^[\s,]*\(?(?:the\s)?(?P<role>petitioner|plaintiff|applicant|respondent|defendant|father|mother)\b", re.I
)
BEFORE = re.compile(
    r"(?:^|[.;:(]\s*|\bthe\s)(?P<role>petitioner|plaintiff|applicant|respondent|defendant|father|mother|dad|mom)"
    r"(?:\s*\(?(?:petitioner|respondent|father|mother)?\)?)?\s*[:,]?\s+$", re.I
)  # fmt: skip
CHILDREN = re.compile(
    r"\b(?:(?:minor )?child(?:ren)?|sons?|daughters?|kids?|minors?|pupil|student)\b[,:]?\s(?:\w+,?\s){0,2}?(?=[A-Z])",
    re.I,
)
LIST_GAP = re.compile(r"^\s*(?:,|and|&|,\s*and)\s*$|^\s*\(?[^)]{0,30}\)?,?\s*(?:and|&)\s*$", re.I)
OTHER_PARENT = re.compile(rf"\bthe\s(?P<role>{'|'.join(sorted(FATHER | MOTHER))})\b", re.I)
I_AM = re.compile(r"\bI am the (?:\w+\s)?(?P<role>father|mother|petitioner|respondent)\b", re.I)
_SAME = {
    "plaintiff": "petitioner", "applicant": "petitioner", "defendant": "respondent", "dad": "father", "mom": "mother"
}  # fmt: skip
SHORT = 40


def signs_of_pages(units: Sequence[Unit], said: Sequence[Speech], voice: str) -> dict[str, set[str]]:
    """The signs of each name, by its key."""
    signs: dict[str, set[str]] = {}
    for unit, speech in zip(units, said, strict=True):
        mentions = find_mentions(unit.quote)
        for key, sign in (*_roles(unit.quote, mentions), *_children(unit.quote, mentions)):
            signs.setdefault(key, set()).add(sign)
        if speech.speaker:
            signs.setdefault(speech.speaker.key, set()).add("sure")
            if voice == "sworn":
                signs[speech.speaker.key] |= set(_of_speaker(unit.quote))
    return signs


def pronoun_signs(unit: Unit, last: Sequence[str]) -> Iterator[tuple[str, str]]:
    """That the only one named just before is a man or a woman."""
    is_he, is_she = re.search(r"^\W*(?:He|His)\b", unit.quote), re.search(r"^\W*(?:She|Her)\b", unit.quote)
    if len(set(last)) == 1 and bool(is_he) != bool(is_she):
        yield last[0], "male" if is_he else "female"


def _roles(quote: str, mentions: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    for mention in mentions:
        if mention.name.form not in ("full", "initial"):
            continue
        after, before = AFTER.match(quote[mention.end :][:SHORT]), BEFORE.search(quote[: mention.start][-SHORT:])
        for match in (after, before):
            if match:
                role = match["role"].lower()
                yield mention.name.key, _SAME.get(role, role)


def _children(quote: str, mentions: Sequence[Mention]) -> Iterator[tuple[str, str]]:
    for match in CHILDREN.finditer(quote):
        place = match.end()
        for mention in mentions:
            if mention.start < match.end() or mention.name.form not in ("full", "first"):
                continue
            gap = quote[place : mention.start]
            if gap and not LIST_GAP.match(gap):
                break
            yield mention.name.key, "child"
            place = mention.end


def _of_speaker(quote: str) -> Iterator[str]:
    """Who swears and speaks of the father as of another is the mother."""
    if own := I_AM.search(quote):
        yield own["role"].lower()
    elif other := OTHER_PARENT.search(quote):
        yield "mother" if other["role"].lower() in FATHER else "father"
