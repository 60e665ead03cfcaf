"""What judging so many documents would cost, and over how many days of the cap. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

from control_plane.batches.estimates import estimate_claude
from control_plane.database.analysis_rows import Judged
from control_plane.database.batch_rows import ClaudeStatistics
from control_plane.settings import Settings

TYPICAL_PAGES = 3
"""Of the document by which a price per 1,000 pages is told before any was judged here."""


@dataclass(frozen=True)
class Pricing:
    """By what an estimate goes: the settings' prices on a day, and what was judged here."""

    settings: Settings
    today: date
    judged: Judged

    @property
    def basis(self) -> Literal["measured", "assumed", "off"]:
        """`measured` once anything was judged here; `off` without a key."""
        if self.settings.anthropic_api_key is None:
            return "off"
        return "measured" if self.judged.documents else "assumed"

    def usd(self, documents: int, pages: int) -> float:
        """Dollars for so many documents with so many pages together, asked for in batches."""
        policy = self.settings.claude
        quick, careful = (policy.price(strength, self.today) for strength in ("quick", "careful"))
        if self.basis == "off" or quick is None or careful is None:
            return 0.0
        assumed = policy.prices.assumptions.usd(quick, careful, documents, pages) * policy.prices.batch_share
        measured = ClaudeStatistics(self.judged.documents, self.judged.pages, self.judged.usd)
        return estimate_claude(documents, pages, assumed, measured, math.inf).usd

    def usd_per_1000_pages(self) -> float:
        """Dollars for 1,000 pages of documents of usual length."""
        return self.usd(1000 // TYPICAL_PAGES, 1000)


def days_needed(usd: float, per_day: float, spent_today: float) -> int:
    """Days after today that the cap makes of it; 0 when today's room is enough, or nothing may be spent at all."""
    rest = usd - max(0.0, per_day - spent_today)
    return math.ceil(rest / per_day) if rest > 0 and per_day > 0 else 0
