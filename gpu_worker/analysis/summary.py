"""The summary of a document, written of its accepted claims alone (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from gpu_worker.analysis.claims import Claim, accepted
from gpu_worker.analysis.merging import own_date
from gpu_worker.enums import ClaimKind, QuoteState

MOST_NAMES = 4
MOST_FACTS = 3
MOST_FACT_CHARACTERS = 300
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
"""Left out of what the house says of a document: it is sent on, and must lead nowhere."""


def write_summary(document_type: str, claims: Sequence[Claim]) -> str:
    """What it is, whose, and what it says, in its own words with their pages."""
    sentences = [_what_it_is(document_type, claims), _names(accepted(claims, ClaimKind.PARTY)), _facts(claims)]
    return " ".join(filter(None, sentences))


def _what_it_is(document_type: str, claims: Sequence[Claim]) -> str:
    kind = document_type.replace("_", " ").strip()
    words = ["Document" if kind in ("", "other") else kind.capitalize()]
    if day := own_date(claims):
        words += ["of", _say_day(day)]
    words += [f"in case {claim.value}" for claim in accepted(claims, ClaimKind.CASE_NUMBER)[:1]]
    courts = [f" ({claim.value})" for claim in accepted(claims, ClaimKind.COURT)[:1]]
    return " ".join(words) + "".join(courts) + "."


def _names(parties: Sequence[Claim]) -> str:
    if not parties:
        return ""
    said = [f"{claim.value} ({claim.role})" if claim.role else str(claim.value) for claim in parties]
    more = f" and {len(said) - MOST_NAMES} more" if len(said) > MOST_NAMES else ""
    return f"It names {_join(said[:MOST_NAMES], bool(more))}{more}."


def _facts(claims: Sequence[Claim]) -> str:
    facts = [claim for claim in accepted(claims, ClaimKind.FACT) if not ADDRESS.search(claim.quote)][:MOST_FACTS]
    said = [f"“{_cut(claim.quote)}” (page {claim.page}{_seen(claim)})" for claim in facts]
    return f"It says: {'; '.join(said)}." if said else ""


def _seen(claim: Claim) -> str:
    return ", seen in its picture" if claim.state == QuoteState.PICTURE else ""


def _cut(quote: str) -> str:
    """A quote on one line, without what follows its first words if it is long."""
    words = " ".join(quote.split())
    if len(words) <= MOST_FACT_CHARACTERS:
        return words
    return words[:MOST_FACT_CHARACTERS].rsplit(" ", 1)[0] + " …"


def _join(names: Iterable[str], is_open: bool) -> str:
    *rest, last = names
    if is_open or not rest:
        return ", ".join([*rest, last])
    return f"{', '.join(rest)} and {last}"


def _say_day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day:%B} {day.day}, {day.year}"
