"""The scales of the scores: five steps each, said in words, and the number that each step is (pure).

A model chooses a step by its words and never a number, so that two judgements differ by whole steps or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """A step of any scale, from the lowest."""

    VERY_LOW = "very_low"
    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"
    VERY_HIGH = "very_high"


STEPS = tuple(Step)


class Scale(StrEnum):
    """What is judged."""

    TRUTH = "truth"
    JUSTICE = "justice"
    FRAUD = "fraud"
    PERJURY = "perjury"
    LEGAL_CREDIT = "legal_credit"
    RELEVANCY = "relevancy"


@dataclass(frozen=True)
class Anchors:
    """What a scale asks, what each step means in words, and the number of each step."""

    asks: str
    words: Sequence[str]
    numbers: Sequence[int]


PERCENT = (10, 30, 50, 70, 90)
ANCHORS: Mapping[Scale, Anchors] = {
    Scale.TRUTH: Anchors(
        "how consistent and supported its statements are",
        (
            "its central statement is disproved by the document itself",
            "an important statement conflicts with another one in it",
            "statements stand against statements, nothing supports either",
            "consistent, and some of it is supported by dates, records or witnesses it names",
            "consistent throughout, and its central statements rest on records it shows",
        ),
        PERCENT,
    ),
    Scale.JUSTICE: Anchors(
        "how fair and proper the conduct of courts and agencies described here is",
        (
            "a right is denied outright: no notice, no hearing, or a decision against the record",
            "a serious step was skipped or one side was not heard on an important point",
            "some irregularity, without a consequence that the document shows",
            "proper, with small faults",
            "notice, hearing and reasons are all there",
        ),
        PERCENT,
    ),
    Scale.FRAUD: Anchors(
        "how strong the signs of altered, backdated, forged or deliberately misleading content are",
        (
            "it speaks of possible fraud, and its words speak against it",
            "one sign that has an ordinary explanation",
            "one sign without an ordinary explanation, or several weak ones",
            "several signs that point the same way",
            "the document itself shows the alteration or admits it",
        ),
        PERCENT,
    ),
    Scale.PERJURY: Anchors(
        "how strong the signs of an untrue statement under oath are",
        (
            "a sworn statement is questioned, and the document supports it",
            "a sworn statement is imprecise or conflicts on a detail",
            "a sworn statement conflicts with another statement of unknown weight",
            "a sworn statement conflicts with a record that the document shows",
            "the document shows by record or admission that a sworn statement was untrue",
        ),
        PERCENT,
    ),
    Scale.LEGAL_CREDIT: Anchors(
        "how much weight its source deserves as evidence",
        (
            "anonymous, or hearsay of unknown origin",
            "an interested person's unsworn words",
            "an interested person's sworn words, or a neutral person's unsworn ones",
            "a neutral professional's or agency's record",
            "a court's order, a certified record, or a sworn neutral expert",
        ),
        (355, 465, 575, 685, 795),
    ),
    Scale.RELEVANCY: Anchors(
        "how much it bears on custody and on the children's safety and care",
        (
            "nothing about the children, their parents or the case",
            "touches the family, not the children's care",
            "background to the children's care: school, health, money, schedules",
            "speaks of custody, visits, or how a parent cares for the children",
            "decides or would decide custody, or shows danger to a child",
        ),
        (100, 300, 500, 700, 900),
    ),
}
STRENGTHS: Mapping[Step, int] = dict(zip(STEPS, PERCENT, strict=True))
"""Of a finding, 0 to 100."""
STRENGTH_ANCHORS = (
    "the words allow it, other readings are likelier",
    "possible; an innocent reading is as likely",
    "likelier than not, something is missing",
    "the quoted words conflict plainly",
    "the quoted words cannot both be so, or admit it",
)


def number_of(scale: Scale, step: Step) -> int:
    """The score that a step is."""
    return ANCHORS[scale].numbers[STEPS.index(step)]


def describe_scales() -> str:
    """The scales in words, as the instructions give them."""
    lines = [
        f"   - {scale.value} ({anchors.asks}): "
        + "; ".join(f"{step.value} = {words}" for step, words in zip(STEPS, anchors.words, strict=True))
        + "."
        for scale, anchors in ANCHORS.items()
    ]
    return "\n".join(lines)
