"""Which Claude is asked, for how much, and at which prices. Read once, with the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from control_plane.settings.claude_prices import Model, Price, PriceList
from control_plane.settings.reader import Reader

PRICES_FILE = Path(__file__).with_name("claude_prices.toml")


@dataclass(frozen=True)
class ClaudePolicy:
    """The two models, the price list and the caps in dollars; None is no cap of that kind."""

    quick: str
    careful: str
    prices: PriceList
    max_usd_per_batch: float | None
    max_usd_per_document: float
    calls_at_once: int

    @classmethod
    def read(cls, read: Reader) -> ClaudePolicy:
        """Read `CLAUDE_*` and `MAX_CLAUDE_*` with the settings' reader, which collects the problems."""
        prices = _read_prices(read)
        policy = cls(
            quick=read.optional("CLAUDE_QUICK_MODEL") or prices.quick,
            careful=read.optional("CLAUDE_CAREFUL_MODEL") or prices.careful,
            prices=prices,
            max_usd_per_batch=read.optional_number("MAX_CLAUDE_DOLLARS_PER_BATCH"),
            max_usd_per_document=read.number("MAX_CLAUDE_DOLLARS_PER_DOCUMENT", 2.0),
            calls_at_once=read.whole("CLAUDE_CALLS_AT_ONCE", 8, smallest=1),
        )
        for name, model in (("CLAUDE_QUICK_MODEL", policy.quick), ("CLAUDE_CAREFUL_MODEL", policy.careful)):
            if model not in prices.models:
                read.problems.append(f"{name} has no price in the price list (CLAUDE_PRICES_FILE); add one.")
        return policy

    def model(self, strength: str) -> Model | None:
        """The model for `quick` or `careful`; None for any other word."""
        names = {"quick": self.quick, "careful": self.careful}
        return self.prices.models.get(names.get(strength, ""))

    def price(self, strength: str, day: date) -> Price | None:
        """What that model costs on a day; None when it has no price that has begun."""
        model = self.model(strength)
        return None if model is None else model.price_on(day)


def _read_prices(read: Reader) -> PriceList:
    shipped = tomllib.loads(PRICES_FILE.read_text())
    path = read.path("CLAUDE_PRICES_FILE")
    if path is None:
        return PriceList.from_table(shipped)
    try:
        return PriceList.from_table({"assumptions": shipped["assumptions"]} | tomllib.loads(path.read_text()))
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        own_list = "control_plane/settings/claude_prices.toml"
        read.problems.append(f"CLAUDE_PRICES_FILE must be a readable price list like {own_list}.")
        return PriceList.from_table(shipped)
