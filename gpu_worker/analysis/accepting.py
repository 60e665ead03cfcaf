"""How an answer of Claude becomes an `Analysis`, every quote looked up in the text (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from gpu_worker.analysis.analyst import Analysis, Finding, Party, ScoreEvidence
from gpu_worker.analysis.answer_shape import ClaudeAnswer, FoundFinding, JudgedScore
from gpu_worker.analysis.asks import SYSTEM
from gpu_worker.analysis.quotes.finder import Found, QuoteFinder
from gpu_worker.enums import QuoteState

SCALES = {
    "truth_score": (0, 100),
    "justice_score": (0, 100),
    "fraud_score": (0, 100),
    "perjury_score": (0, 100),
    "legal_credit_score": (300, 850),
    "relevancy_score": (0, 999),
}
INSTRUCTIONS = " ".join(SYSTEM.split())
RECITED_WORDS = 10
"""In a row. So many are no coincidence."""
ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
MOST_FINDINGS = 40
MOST_FACTS = 12
TYPE_CHARACTERS = re.compile(r"[^a-z0-9]+")


def as_analysis(
    answer: ClaudeAnswer, texts: Sequence[str], model: str, rules: Analysis, pictures: Collection[int] = ()
) -> Analysis:
    """The analysis, every quote looked up in the text; what Claude left open is taken from the rules, scores never.

    A score whose quote does not stand is no score. `pictures`: the pages that Claude saw as pictures.
    """
    quotes = QuoteFinder(texts)
    judged = {name: getattr(answer, name.removesuffix("_score")) for name in SCALES}
    found = {name: _find(quotes, judgement) for name, judgement in judged.items()}
    scores = {
        name: _within(judgement.score, *SCALES[name]) if found[name].stands else None
        for name, judgement in judged.items()
    }
    evidence = [_evidence(name, judged[name], found[name]) for name in SCALES if judged[name].score is not None]
    relevancy_score = scores["relevancy_score"]
    return Analysis(
        analyst="claude",
        document_type=TYPE_CHARACTERS.sub("_", answer.document_type.lower()).strip("_")[:60] or rules.document_type,
        document_date=_iso(answer.document_date) or rules.document_date,
        dates=tuple(dict.fromkeys(iso for text in answer.dates if (iso := _iso(text)))) or rules.dates,
        parties=tuple(Party(p.name.strip(), p.role.strip().lower()) for p in answer.parties if p.name.strip()),
        case_number=(answer.case_number or "").strip() or rules.case_number,
        court=(answer.court or "").strip() or rules.court,
        summary=clean(answer.summary) or rules.summary,
        key_facts=tuple(plain for fact in answer.key_facts if (plain := clean(fact)))[:MOST_FACTS],
        relevancy_score=rules.relevancy_score if relevancy_score is None else relevancy_score,
        findings=tuple(_finding(found, quotes, len(texts), pictures) for found in answer.findings[:MOST_FINDINGS]),
        score_evidence=tuple(evidence),
        model=model,
        truth_score=scores["truth_score"],
        justice_score=scores["justice_score"],
        fraud_score=scores["fraud_score"],
        perjury_score=scores["perjury_score"],
        legal_credit_score=scores["legal_credit_score"],
    )


def clean(text: str) -> str:
    """What Claude says in its own words, without addresses; nothing when it recites its instructions."""
    words = text.split()
    runs = (" ".join(words[at : at + RECITED_WORDS]) for at in range(len(words) - RECITED_WORDS + 1))
    return "" if any(run in INSTRUCTIONS for run in runs) else ADDRESS.sub("(address left out)", text).strip()


def _find(quotes: QuoteFinder, judgement: JudgedScore) -> Found:
    return quotes.find(judgement.quote or "", judgement.page or 1)


def _finding(found: FoundFinding, quotes: QuoteFinder, pages: int, pictures: Collection[int]) -> Finding:
    place = quotes.find(found.quote, found.page)
    seen = place.state == QuoteState.NONE and found.only_in_picture and found.page in pictures
    return Finding(
        kind=found.kind,
        page=place.page if place.stands else min(max(1, found.page), max(1, pages)),
        quote=place.words if place.stands else found.quote.strip(),
        verified=place.stands,
        explanation=clean(found.explanation),
        score=min(100, max(0, found.score)),
        state=QuoteState.PICTURE if seen else place.state,
        differs=place.differs,
    )


def _evidence(name: str, judgement: JudgedScore, place: Found) -> ScoreEvidence:
    page, quote = (place.page, place.words) if place.stands else (judgement.page, (judgement.quote or "").strip())
    reason = clean(judgement.reason or "")
    return ScoreEvidence(name, page, quote or None, place.stands, reason, place.state, place.differs)


def _within(value: int | None, low: int, high: int) -> int | None:
    return None if value is None else min(high, max(low, value))


def _iso(text: str | None) -> str | None:
    try:
        return date.fromisoformat((text or "").strip()[:10]).isoformat()
    except ValueError:
        return None
