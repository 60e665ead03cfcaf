"""Which statements answer a question, by its words and its meaning (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.database.asking_rows import FoundStatement

LEAST_WORDS, ENOUGH_WORDS = 0.22, 0.6
"""Share of the question's words, rare ones counting more, below which a statement answers nothing; and from which on it
answers where there is no model of meaning."""
ENOUGH = 0.7
"""Words and meaning (a cosine) together from which on a statement answers; see `scripts/bench/asking.py`."""
NEAR_BEST = 0.7
"""Of the best one's score: what lies below is about the same things and answers less."""


@dataclass(frozen=True)
class Ranked:
    """A statement with its score (words and meaning together) and whether it answers without a reader's judgement."""

    statement: FoundStatement
    score: float
    answers: bool


def rank(found: Sequence[FoundStatement], nearness: Sequence[float] | None) -> list[Ranked]:
    """The best first; without a model of meaning (`nearness` None) by words alone."""
    if nearness is None:
        ranked = [Ranked(each, each.coverage, each.fits and each.coverage >= ENOUGH_WORDS) for each in found]
    else:
        ranked = [_rank(each, close) for each, close in zip(found, nearness, strict=True)]
    return sorted(ranked, key=lambda each: (not each.statement.fits, -each.score))


def _rank(found: FoundStatement, close: float) -> Ranked:
    score = found.coverage + close
    return Ranked(found, score, found.fits and found.coverage >= LEAST_WORDS and score >= ENOUGH)


def choose(ranked: Sequence[Ranked], most: int) -> list[FoundStatement]:
    """Those that answer, nearly as well as the best one."""
    answers = [each for each in ranked if each.answers]
    least = NEAR_BEST * max((each.score for each in answers), default=0.0)
    return [each.statement for each in answers if each.score >= least][:most]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two unit vectors."""
    return sum(a * b for a, b in zip(one, other, strict=True))
