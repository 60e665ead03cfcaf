"""Which Claude is asked, for how much, and at which prices. Read once, with the settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_plane.claude.prices import Price

PRICES_FILE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True)
class ClaudePolicy:
    """The model, the price list and the caps in dollars; None is no cap of that kind."""

    model: str
    prices: dict[str, list[Price]]
    max_usd_per_batch: float | None
    max_usd_per_document: float
    calls_at_once: int

    @classmethod
    def read(cls, read: Any) -> ClaudePolicy:
        """Read `CLAUDE_*` and `MAX_CLAUDE_*` with the settings' reader, which collects the problems."""
        policy = cls(
            model=read.optional("CLAUDE_MODEL") or "claude-sonnet-5-5",
            prices=_read_prices(read),
            max_usd_per_batch=read.optional_number("MAX_CLAUDE_DOLLARS_PER_BATCH"),
            max_usd_per_document=read.number("MAX_CLAUDE_DOLLARS_PER_DOCUMENT", 2.0),
            calls_at_once=read.whole("CLAUDE_CALLS_AT_ONCE", 8, smallest=1),
        )
        if policy.prices and policy.model not in policy.prices:
            read.problems.append("CLAUDE_MODEL has no price in the price list (CLAUDE_PRICES_FILE); add one.")
        return policy


def _read_prices(read: Any) -> dict[str, list[Price]]:
    path = read.path("CLAUDE_PRICES_FILE") or PRICES_FILE
    try:
        listed = tomllib.loads(path.read_text())
        return {model: [Price.from_row(model, row) for row in rows] for model, rows in listed.items()}
    except (OSError, KeyError, TypeError, ValueError):
        read.problems.append("CLAUDE_PRICES_FILE must be a readable price list like control_plane/claude/prices.toml.")
        return {}
