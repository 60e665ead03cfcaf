"""What a call to Claude costs at most, and what it did cost (pure). Models and prices are dated rows of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

IMAGE_TOKENS = 5_000
"""The most that one image counts: models since 4.7 scale down to 4,784 tokens."""
OVERHEAD_TOKENS = 2_000
"""What the API adds by itself: role markers, and the instructions of structured output."""
OLD_AFTER = timedelta(days=45)
"""Anthropic gives 60 days' notice before it retires a model: a list looked at so often sees that two weeks before."""


@dataclass(frozen=True)
class Rates:
    """Dollars per million tokens of each kind."""

    input: float
    output: float
    cache_write: float
    cache_write_1h: float
    cache_read: float

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Rates:
        """Raises KeyError, TypeError or ValueError for a row that lacks one."""
        return cls(**{each.name: float(row[each.name]) for each in fields(cls)})

    def times(self, share: float) -> Rates:
        """Every rate at this share."""
        return Rates(**{each.name: getattr(self, each.name) * share for each in fields(self)})


@dataclass(frozen=True)
class Price:
    """A model's rates from a day on; `above` counts for the whole call when its prompt has more than `above_tokens`."""

    since: date
    rates: Rates
    above_tokens: int | None = None
    above: Rates | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Price:
        """Build it from one row of the price list. Raises KeyError, TypeError or ValueError for a malformed one."""
        above = row.get("above")
        return cls(
            since=row["from"],
            rates=Rates.from_row(row),
            above_tokens=int(row["above_tokens"]) if above else None,
            above=Rates.from_row(above) if above else None,
        )

    def rates_for(self, prompt_tokens: int) -> Rates:
        """The rates of a call whose prompt has so many tokens."""
        return self.above if self.above and prompt_tokens > (self.above_tokens or 0) else self.rates

    def times(self, share: float) -> Price:
        """The price at this share: what a request in a batch costs."""
        return Price(self.since, self.rates.times(share), self.above_tokens, self.above and self.above.times(share))


@dataclass(frozen=True)
class Model:
    """A model by its name, its prices, and whether it takes the `effort` parameter."""

    name: str
    effort: bool
    prices: tuple[Price, ...]

    @classmethod
    def from_row(cls, name: str, row: Mapping[str, Any]) -> Model:
        """Raises KeyError, TypeError or ValueError for a malformed one."""
        return cls(name, bool(row["effort"]), tuple(Price.from_row(price) for price in row["prices"]))

    def price_on(self, day: date) -> Price | None:
        """Its price on a day; None when none has begun."""
        begun = [price for price in self.prices if price.since <= day]
        return max(begun, key=lambda price: price.since, default=None)


@dataclass(frozen=True)
class Assumptions:
    """Tokens that a document takes, and the share of documents that both models see, until it is measured."""

    input_tokens_per_page: float
    input_tokens_per_document: float
    output_tokens_per_document: float
    careful_share: float

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Assumptions:
        """Build it from the price list's table. Raises KeyError, TypeError or ValueError for a malformed one."""
        return cls(**{each.name: float(row[each.name]) for each in fields(cls)})

    def usd(self, quick: Price, careful: Price, documents: int, pages: int) -> float:
        """What so many documents with so many pages together would cost."""
        tokens = documents * self.input_tokens_per_document + pages * self.input_tokens_per_page
        looks = ((quick, 1.0), (careful, self.careful_share))
        return sum(share * self._look_usd(price, documents, tokens) for price, share in looks)

    def _look_usd(self, price: Price, documents: int, tokens: float) -> float:
        rates = price.rates_for(round(tokens / max(documents, 1)))
        return (tokens * rates.input + documents * self.output_tokens_per_document * rates.output) / 1e6


@dataclass(frozen=True)
class PriceList:
    """Every model that may be asked, and the day on which somebody last compared this with Anthropic's pages."""

    checked: date
    quick: str
    careful: str
    batch_share: float
    assumptions: Assumptions
    models: Mapping[str, Model]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> PriceList:
        """Build it from the file's table. Raises KeyError, TypeError or ValueError for a malformed one."""
        if not isinstance(table["checked"], date):
            raise TypeError("checked must be a day")
        return cls(
            checked=table["checked"],
            quick=str(table["quick"]),
            careful=str(table["careful"]),
            batch_share=float(table["batch_share"]),
            assumptions=Assumptions.from_row(table["assumptions"]),
            models={name: Model.from_row(name, row) for name, row in table["models"].items()},
        )

    def is_old(self, today: date) -> bool:
        """Whether it is time to compare it again."""
        return today - self.checked > OLD_AFTER


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
    dearest = max(rates.input, rates.cache_write, rates.cache_write_1h if _keeps_an_hour(body) else 0.0)
    return (prompt_tokens * dearest + int(body["max_tokens"]) * rates.output) / 1e6


def actual_usd(price: Price, usage: Mapping[str, Any]) -> float:
    """What a call cost, by the tokens that its answer names."""
    fresh, written = _count(usage, "input_tokens"), _count(usage, "cache_creation_input_tokens")
    read, output = _count(usage, "cache_read_input_tokens"), _count(usage, "output_tokens")
    kinds = usage.get("cache_creation")
    hours = _count(kinds, "ephemeral_1h_input_tokens") if isinstance(kinds, Mapping) else 0
    rates = price.rates_for(fresh + written + read)
    writing = (written - hours) * rates.cache_write + hours * rates.cache_write_1h
    return (fresh * rates.input + writing + read * rates.cache_read + output * rates.output) / 1e6


def _keeps_an_hour(body: Mapping[str, Any]) -> bool:
    system = body.get("system")
    blocks = system if isinstance(system, list) else []
    return any((block.get("cache_control") or {}).get("ttl") == "1h" for block in blocks)


def _image_sources(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    blocks = [
        block for message in body["messages"] if isinstance(message["content"], list) for block in message["content"]
    ]
    return [block["source"] for block in blocks if block["type"] == "image"]


def _count(usage: Mapping[str, Any], name: str) -> int:
    return int(usage.get(name) or 0)
