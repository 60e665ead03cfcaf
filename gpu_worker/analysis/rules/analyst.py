"""The analyst without a model: reads what a document says of itself, and judges nothing (story)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from gpu_worker.analysis.analyst import DateClaim, PlainReading
from gpu_worker.analysis.rules.case_numbers import find_case_number, find_court
from gpu_worker.analysis.rules.dates import find_date_claims
from gpu_worker.analysis.rules.document_type import choose_kind
from gpu_worker.analysis.rules.parties import find_parties
from gpu_worker.analysis.rules.summary import find_key_facts, score_relevancy, summarise

MOST_CHARACTERS = 400_000
"""Beyond some 150 pages rules find nothing new, and regular expressions cost time."""


def analyse_text(text: str) -> PlainReading:
    """A document of one page."""
    return analyse_texts((text,))


def analyse_texts(texts: Sequence[str]) -> PlainReading:
    """A document page by page. A date in doubt is shown among the claims and is never the document's date."""
    text = "\n".join(texts)[:MOST_CHARACTERS]
    page_starts = [0, *accumulate(len(page) + 1 for page in texts)][: max(1, len(texts))]
    kind = choose_kind(text)
    name = kind.name if kind else "other"
    claims = find_date_claims(text, name, lambda place: bisect_right(page_starts, place))
    return PlainReading(
        document_type=name,
        document_date=_own_date(claims),
        dates=tuple(dict.fromkeys(claim.iso for claim in claims if claim.iso)),
        parties=find_parties(text, name),
        case_number=find_case_number(text, name),
        court=find_court(text),
        summary=summarise(text),
        key_facts=find_key_facts(text),
        relevancy_score=score_relevancy(text, kind),
        date_claims=claims,
    )


def _own_date(claims: Sequence[DateClaim]) -> str | None:
    return next((claim.iso for claim in claims if claim.is_own), None)
