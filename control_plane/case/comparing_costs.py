"""What Claude's verdicts on pairs would cost (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from control_plane.analysis.estimates import days_needed
from control_plane.database.pair_rows import Comparable
from control_plane.settings import Settings
from control_plane.settings.claude_prices import Price

INSTRUCTION_TOKENS = 700
PAIR_TOKENS_IN, PAIR_TOKENS_OUT = 170, 80
"""Of a pair, two quotes of 30 words with who says them and when; of a verdict, two sentences."""
CAREFUL_SHARE = 0.35
"""Of documents of whose pairs the quick model calls one or two a conflict."""
CAREFUL_TOKENS_IN, CAREFUL_TOKENS_OUT = 1100, 220
"""Of the question to the careful model: two pairs with the words around them."""
LEAST_JUDGED = 20
"""Documents whose real cost says more than these assumptions."""


@dataclass(frozen=True)
class ComparingEstimate:
    """What would be judged, and for how much: `off` without a key, `measured` once 20 documents were compared here."""

    documents: int
    pairs: int
    waiting: int
    usd: float
    usd_per_document: float
    basis: Literal["off", "assumed", "measured"]
    days: int


def assumed_usd(documents: int, pairs: int, quick: Price, careful: Price) -> float:
    """Dollars at the price list, before a batch's share: the quick model once a document, the careful one at some."""
    tokens_in = documents * INSTRUCTION_TOKENS + pairs * PAIR_TOKENS_IN
    second = documents * CAREFUL_SHARE
    usd = tokens_in * quick.rates.input + pairs * PAIR_TOKENS_OUT * quick.rates.output
    usd += second * (CAREFUL_TOKENS_IN * careful.rates.input + CAREFUL_TOKENS_OUT * careful.rates.output)
    return usd / 1_000_000


def estimate_comparing(found: Comparable, settings: Settings, today: date, spent_today: float) -> ComparingEstimate:
    """By what was paid here, else by the price list."""
    policy = settings.claude
    quick, careful = policy.price("quick", today), policy.price("careful", today)
    is_measured = found.judged_documents >= LEAST_JUDGED
    basis: Literal["off", "assumed", "measured"] = "measured" if is_measured else "assumed"
    usd = 0.0
    if settings.anthropic_api_key is None or quick is None or careful is None:
        basis = "off"
    elif is_measured:
        usd = found.judged_usd / found.judged_documents * found.documents
    else:
        usd = assumed_usd(found.documents, found.pairs, quick, careful) * policy.prices.batch_share
    days = days_needed(usd, settings.max_claude_dollars_per_day, spent_today)
    per_document = usd / found.documents if found.documents else 0.0
    return ComparingEstimate(
        found.documents, found.pairs, found.waiting, round(usd, 4), round(per_document, 6), basis, days
    )
