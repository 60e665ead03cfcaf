"""A random sample of a listing, drawn while it is read, and what it says of the whole (pure).

Priority sampling (Duffield, Lund, Thorup 2007): each file gets weight / u, u even in (0, 1], and the highest are kept.
With tau the highest priority that was not kept, a file was drawn with the chance min(1, weight / tau). The weight is
the root of the pages guessed: what varies grows with a file's pages and so does what reading it costs, so this is the
most certainty for the money. A handful of thick files would be the whole truth otherwise, or none of it.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SAMPLE_DOCUMENTS = 40


@dataclass(frozen=True)
class Draw:
    """A file of the sample: its key in the source, the pages that its size let us guess, its chance to be drawn."""

    key: str
    pages: float
    chance: float


class Sampler:
    """Keeps `most` of the files that it is shown."""

    def __init__(self, rng: random.Random, most: int = SAMPLE_DOCUMENTS) -> None:
        self._rng = rng
        self._most = most
        self._kept: list[tuple[float, str, float]] = []  # a heap of one more than is drawn: its last is tau

    def add(self, key: str, pages: float) -> None:
        """Show it a file."""
        priority = math.sqrt(max(pages, 1.0)) / (1.0 - self._rng.random())
        heapq.heappush(self._kept, (priority, key, max(pages, 1.0)))
        if len(self._kept) > self._most + 1:
            heapq.heappop(self._kept)

    def draws(self) -> list[Draw]:
        """The sample, every file of a listing that is no larger than it."""
        if len(self._kept) <= self._most:
            return [Draw(key, pages, 1.0) for _, key, pages in self._kept]
        (tau, *_), *kept = sorted(self._kept)
        return [Draw(key, pages, min(1.0, math.sqrt(pages) / tau)) for _, key, pages in kept]


@dataclass(frozen=True)
class Extrapolation:
    """A sum over the files that were not drawn; `errors` are the sample's own, one a draw, in the unit of the sum."""

    rest: float
    errors: tuple[float, ...]


def extrapolate(
    draws: Sequence[Draw], measured: Sequence[float], guess: Callable[[Draw], float], guessed_in_all: float
) -> Extrapolation:
    """What was measured, as a share of what had been guessed, is the rest's share too (the ratio estimator)."""
    guesses = [guess(each) for each in draws]
    weighted = sum(value / each.chance for each, value in zip(draws, guesses, strict=True))
    if weighted <= 0:
        return Extrapolation(0.0, tuple(0.0 for _ in draws))
    ratio = sum(value / each.chance for each, value in zip(draws, measured, strict=True)) / weighted
    rest = max(0.0, guessed_in_all - sum(guesses))
    scale = guessed_in_all / weighted
    errors = (
        scale * math.sqrt(1 - each.chance) * (value - ratio * guessed) / each.chance
        for each, value, guessed in zip(draws, measured, guesses, strict=True)
    )
    return Extrapolation(rest * ratio, tuple(errors))
