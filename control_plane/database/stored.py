"""What a machine once wrote about a document, as its readers may take it (pure).

A result is stored as it was sent, and a machine may send anything: here every value becomes the type that the API's
document promises, or nothing. Words longer than anyone reads are cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

from control_plane.database.enums import QuoteState

Row = dict[str, Any]
LONGEST_TEXT = 20_000
MOST_ITEMS = 500
"""Of dates, parties, facts and quotes of one document; the largest sound analysis has some 40 of each."""
SCALES = {
    "relevancy_score": (0, 999),
    "truth_score": (0, 100),
    "justice_score": (0, 100),
    "legal_credit_score": (300, 850),
    "fraud_score": (0, 100),
    "perjury_score": (0, 100),
}


def text(value: Any) -> str | None:
    """A string without half characters, which no UTF-8 has; None for anything else."""
    if not isinstance(value, str):
        return None
    return value[:LONGEST_TEXT].encode("utf-8", "ignore").decode()


def number(value: Any, low: float = -math.inf, high: float = math.inf) -> float | None:
    """A finite number within bounds, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value if low <= value <= high else None


def day(value: Any) -> date | None:
    """A day of the calendar; `infinity` is none."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def page_number(value: Any) -> int | None:
    """A page as people count them, from 1."""
    found = number(value, 1, 100_000)
    return None if found is None else int(found)


def texts(value: Any) -> list[str]:
    """Every string of a list."""
    return _items(value, text)


def quote_state(value: Any) -> str | None:
    """How a quote stands, if that was said in a known word."""
    return value if value in tuple(QuoteState) else None


def parties(value: Any) -> list[Row]:
    """`{name, role}` of everybody who has a name."""
    return _items(value, _party)


def key_facts(value: Any) -> list[str]:
    """Sentences; a fact that came as `{fact}` is its sentence."""
    return _items(value, lambda fact: text(fact.get("fact") if isinstance(fact, dict) else fact))


def score_evidence(value: Any) -> list[Row]:
    """`{score, page, quote, verified, reason, state, differs}` of each score that names itself."""
    return _items(value, _evidence)


def disagreements(value: Any) -> list[Row]:
    """`{about, rules, claude}` of each that has all three."""
    return _items(value, _disagreement)


def _disagreement(row: Any) -> Row | None:
    said = {name: text(row.get(name)) for name in ("about", "rules", "claude")} if isinstance(row, dict) else {}
    return said if said and all(said.values()) else None


def _items(value: Any, read: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(value, list):
        return []
    return [found for item in value[:MOST_ITEMS] if (found := read(item))]


def _party(party: Any) -> Row | None:
    if not isinstance(party, dict) or not (name := text(party.get("name"))):
        return None
    return {"name": name, "role": text(party.get("role")) or None}


def _evidence(row: Any) -> Row | None:
    if not isinstance(row, dict) or text(row.get("score")) not in SCALES:
        return None
    quote = text(row.get("quote")) or None
    return {
        "score": row["score"],
        "page": page_number(row.get("page")),
        "quote": quote,
        "verified": row.get("verified") is True and quote is not None,
        "reason": text(row.get("reason")),
        "state": quote_state(row.get("state")),
        "differs": texts(row.get("differs")),
    }
