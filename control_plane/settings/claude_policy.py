"""Which Claude is asked, for how much, and at which prices. Read once, with the settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_plane.settings.claude_prices import Assumptions, Price
from control_plane.settings.reader import Reader

PRICES_FILE = Path(__file__).with_name("claude_prices.toml")


@dataclass(frozen=True)
class ClaudePolicy:
    """The model, the price list and the caps in dollars; None is no cap of that kind."""

    model: str
    prices: dict[str, list[Price]]
    assumptions: Assumptions
    max_usd_per_batch: float | None
    max_usd_per_document: float
    calls_at_once: int

    @classmethod
    def read(cls, read: Reader) -> ClaudePolicy:
        """Read `CLAUDE_*` and `MAX_CLAUDE_*` with the settings' reader, which collects the problems."""
        prices, assumptions = _read_prices(read)
        policy = cls(
            model=read.optional("CLAUDE_MODEL") or "claude-sonnet-5-5",
            prices=prices,
            assumptions=assumptions,
            max_usd_per_batch=read.optional_number("MAX_CLAUDE_DOLLARS_PER_BATCH"),
            max_usd_per_document=read.number("MAX_CLAUDE_DOLLARS_PER_DOCUMENT", 2.0),
            calls_at_once=read.whole("CLAUDE_CALLS_AT_ONCE", 8, smallest=1),
        )
        if policy.prices and policy.model not in policy.prices:
            read.problems.append("CLAUDE_MODEL has no price in the price list (CLAUDE_PRICES_FILE); add one.")
        return policy


def _read_prices(read: Reader) -> tuple[dict[str, list[Price]], Assumptions]:
    own = tomllib.loads(PRICES_FILE.read_text())
    path, assumed = read.path("CLAUDE_PRICES_FILE"), {"assumptions": own["assumptions"]}
    try:
        return _parse(assumed | tomllib.loads(path.read_text()) if path else own)
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        own_list = "control_plane/settings/claude_prices.toml"
        read.problems.append(f"CLAUDE_PRICES_FILE must be a readable price list like {own_list}.")
        return {}, _parse(assumed)[1]


def _parse(listed: Mapping[str, Any]) -> tuple[dict[str, list[Price]], Assumptions]:
    models = {model: rows for model, rows in listed.items() if model != "assumptions"}
    prices = {model: [Price.from_row(model, row) for row in rows] for model, rows in models.items()}
    return prices, Assumptions.from_row(listed["assumptions"])
