"""The price of a folder by a sample of it that was read, with the interval in which nine of ten will end (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from control_plane.batches.estimates import Run
from control_plane.batches.sampling import Draw, extrapolate

# How far a market's dollars end from the plan at one glance, as the sigma of a logarithm: offers go, boots fail,
# a model is faster or slower than thought. Until a batch of our own has ended, it counts as so many batches.
PRIOR_MARKET_SIGMA = 0.25
PRIOR_BATCHES = 10
# Of Claude's dollars where none of the sample was judged: what is assumed of tokens may be off by a third.
ASSUMED_CLAUDE_SIGMA = 0.35


@dataclass(frozen=True)
class Read:
    """What reading has made of one file of the sample, its parts included."""

    pages: float
    claude_usd: float | None  # None: not judged


@dataclass(frozen=True)
class Past:
    """How earlier estimates ended."""

    ended: int = 0
    squared_errors: float = 0.0

    @property
    def market_sigma(self) -> float:
        """The spread of the market's dollars: the prior, mixed with what was seen."""
        seen = PRIOR_BATCHES * PRIOR_MARKET_SIGMA**2 + min(self.squared_errors, self.ended * 1.0)
        return math.sqrt(seen / (PRIOR_BATCHES + self.ended))


@dataclass(frozen=True)
class Guess:
    """What Claude is assumed to take, before any document of the folder was judged."""

    usd_per_document: float
    usd_per_page: float

    def usd(self, documents: float, pages: float) -> float:
        """For so many documents of so many pages together."""
        return documents * self.usd_per_document + pages * self.usd_per_page


@dataclass(frozen=True)
class Price:
    """Dollars of the documents that were not in the sample, and the interval in which nine of ten end."""

    usd: float
    low_usd: float
    high_usd: float
    machine_usd: float
    claude_usd: float
    documents: int
    pages: int
    hours: float
    machines: int


def price_rest(
    draws: Sequence[Draw],
    read: Sequence[Read],
    documents: int,
    guessed_pages: float,
    claude: Guess,
    claude_cap: float,
    run: Callable[[int], Run],
    past: Past,
) -> Price | None:
    """The price of `documents` new ones (`guessed_pages` together), less the sample; None without an offer to hire.

    `run` plans the machines for so many pages at today's offers.
    """
    pages = extrapolate(draws, [each.pages for each in read], lambda draw: draw.pages, guessed_pages)
    judged = [each.claude_usd for each in read if each.claude_usd is not None]
    is_judged = len(judged) == len(read)
    asked = extrapolate(
        draws, [each.claude_usd or 0.0 for each in read], lambda draw: claude.usd(1, draw.pages),
        claude.usd(documents, guessed_pages),
    )  # fmt: skip
    left = max(0, documents - len(draws))
    claude_usd = min(claude_cap, asked.rest if is_judged else claude.usd(left, pages.rest))
    plan, more = run(round(pages.rest)), run(round(pages.rest * 1.1) + 1)
    if plan.usd is None or more.usd is None:
        return None
    per_page = max(0.0, more.usd - plan.usd) / max(1.0, pages.rest * 0.1)
    per_claude = 0.0 if claude_usd >= claude_cap else 1.0
    errors = [
        per_page * by_page + (per_claude * by_claude if is_judged else claude.usd_per_page * by_page)
        for by_page, by_claude in zip(pages.errors, asked.errors, strict=True)
    ]
    assumed = 0.0 if is_judged else ASSUMED_CLAUDE_SIGMA * claude_usd
    usd = plan.usd + claude_usd
    low, high = interval(usd, errors, math.hypot(past.market_sigma * plan.usd, assumed))
    return Price(
        round(usd, 4), round(low, 4), round(high, 4), round(plan.usd, 4), round(claude_usd, 4), left,
        round(pages.rest), plan.hours, plan.machines,
    )  # fmt: skip


def interval(usd: float, errors: Sequence[float], market_usd: float) -> tuple[float, float]:
    """Low and high: even in the logarithm, because a thick file more costs more than a thin one saves."""
    if usd <= 0:
        return 0.0, 0.0
    squares = [each**2 for each in errors]
    sampled = sum(squares) * len(squares) / max(1, len(squares) - 1)
    sigma = math.sqrt(sampled + market_usd**2) / usd
    # Where few files make most of the error, the sample is worth no more than those few (Satterthwaite).
    freedom = sum(squares) ** 2 / sum(each**2 for each in squares) if any(squares) else math.inf
    width = math.exp(_t(freedom) * sigma)
    return usd / width, usd * width


def _t(freedom: float) -> float:
    """Student's t of nine in ten, by the first terms of its series in 1/freedom."""
    normal = 1.6449
    return normal + (normal**3 + normal) / (4 * max(1.0, freedom))
