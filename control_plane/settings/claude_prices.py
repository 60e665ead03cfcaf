"""What a call to Claude costs at most, and what it did cost (pure). Prices are dated and come from configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

IMAGE_TOKENS = 5_000
"""The most that one image counts: models since 4.7 scale down to 4,784 tokens."""
OVERHEAD_TOKENS = 2_000
"""What the API adds by itself: role markers, and the instructions of structured output."""


@dataclass(frozen=True)
class Rates:
    """Dollars per million tokens of each kind."""

    input: float
    output: float
    cache_write: float
    cache_read: float


@dataclass(frozen=True)
class Price:
    """A model's rates from a day on; `above` counts for the whole call when its prompt has more than `above_tokens`."""

    model: str
    since: date
    rates: Rates
    above_tokens: int | None = None
    above: Rates | None = None

    @classmethod
    def from_row(cls, model: str, row: Mapping[str, Any]) -> Price:
        """Build it from one row of the price list. Raises KeyError, TypeError or ValueError for a malformed one."""
        above = row.get("above")
        return cls(
            model=model,
            since=row["from"],
            rates=_rates(row),
            above_tokens=int(row["above_tokens"]) if above else None,
            above=_rates(above) if above else None,
        )

    def rates_for(self, prompt_tokens: int) -> Rates:
        """The rates of a call whose prompt has so many tokens."""
        return self.above if self.above and prompt_tokens > (self.above_tokens or 0) else self.rates


@dataclass(frozen=True)
class Assumptions:
    """Tokens that a document takes, while nothing has been measured."""

    input_tokens_per_page: float
    input_tokens_per_document: float
    output_tokens_per_document: float

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Assumptions:
        """Build it from the price list's table. Raises KeyError, TypeError or ValueError for a malformed one."""
        return cls(**{each.name: float(row[each.name]) for each in fields(cls)})

    def usd(self, price: Price, documents: int, pages: int) -> float:
        """What so many documents with so many pages together would cost."""
        tokens = documents * self.input_tokens_per_document + pages * self.input_tokens_per_page
        rates = price.rates_for(round(tokens / max(documents, 1)))
        return (tokens * rates.input + documents * self.output_tokens_per_document * rates.output) / 1e6


def find_price(prices: Mapping[str, list[Price]], model: str, day: date) -> Price | None:
    """The model's price on a day; None when the list has none that has begun."""
    begun = [price for price in prices.get(model, []) if price.since <= day]
    return max(begun, key=lambda price: price.since, default=None)


def worst_case_usd(price: Price, body: Mapping[str, Any]) -> float:
    """An upper bound on the price of a request: every byte a token, images at their largest, all output tokens used.

    A token is at least one byte, so no text counts more tokens than it has bytes.
    """
    images, text_bytes = 0, len(json.dumps(body, ensure_ascii=False).encode())
    for source in _image_sources(body):
        images += 1
        text_bytes -= len(source.get("data") or "")
    prompt_tokens = text_bytes + images * IMAGE_TOKENS + OVERHEAD_TOKENS
    rates = price.rates_for(prompt_tokens)
    return (prompt_tokens * max(rates.input, rates.cache_write) + int(body["max_tokens"]) * rates.output) / 1e6


def actual_usd(price: Price, usage: Mapping[str, Any]) -> float:
    """What a call cost, by the tokens that its answer names."""
    fresh, written = _count(usage, "input_tokens"), _count(usage, "cache_creation_input_tokens")
    read, output = _count(usage, "cache_read_input_tokens"), _count(usage, "output_tokens")
    rates = price.rates_for(fresh + written + read)
    dollars = fresh * rates.input + written * rates.cache_write + read * rates.cache_read + output * rates.output
    return dollars / 1e6


def _image_sources(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    blocks = [
        block for message in body["messages"] if isinstance(message["content"], list) for block in message["content"]
    ]
    return [block["source"] for block in blocks if block["type"] == "image"]


def _rates(row: Mapping[str, Any]) -> Rates:
    return Rates(*(float(row[name]) for name in ("input", "output", "cache_write", "cache_read")))


def _count(usage: Mapping[str, Any], name: str) -> int:
    return int(usage.get(name) or 0)
