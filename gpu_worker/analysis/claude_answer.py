"""The shape Claude must answer in, and how an answer becomes an `Analysis` (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel

from gpu_worker.analysis.analyst import Analysis, Finding, Party, ScoreEvidence
from gpu_worker.analysis.quotes import QuoteFinder

SCALES = {
    "truth_score": (0, 100),
    "justice_score": (0, 100),
    "fraud_score": (0, 100),
    "perjury_score": (0, 100),
    "legal_credit_score": (300, 850),
    "relevancy_score": (0, 999),
}
MOST_FINDINGS = 40
MOST_FACTS = 12
TYPE_CHARACTERS = re.compile(r"[^a-z0-9]+")


class FoundParty(BaseModel):
    """A person or body, with the role the document gives them."""

    name: str
    role: str


class FoundFinding(BaseModel):
    """Something a reader should look at, with the words on the page."""

    kind: Literal["contradiction", "perjury", "order_violation", "fraud_indicator"]
    page: int
    quote: str
    explanation: str
    score: int


class JudgedScore(BaseModel):
    """A score with the words it rests on; `score` null when the document gives no ground to judge."""

    score: int | None
    page: int | None
    quote: str | None
    reason: str | None


class ClaudeAnswer(BaseModel):
    """Everything Claude says about one document."""

    document_type: str
    document_date: str | None
    dates: list[str]
    parties: list[FoundParty]
    case_number: str | None
    court: str | None
    summary: str
    key_facts: list[str]
    findings: list[FoundFinding]
    truth: JudgedScore
    justice: JudgedScore
    fraud: JudgedScore
    perjury: JudgedScore
    legal_credit: JudgedScore
    relevancy: JudgedScore


def as_analysis(answer: ClaudeAnswer, texts: Sequence[str], model: str, rules: Analysis) -> Analysis:
    """The analysis, every quote looked up in the text; what Claude left open is taken from the rules, scores never."""
    judged = {name: _judged(getattr(answer, name.removesuffix("_score"))) for name in SCALES}
    scores = {name: _within(judgement.score, *SCALES[name]) for name, judgement in judged.items()}
    quotes = QuoteFinder(texts)
    evidence = [_evidence(name, judged[name], quotes) for name in SCALES if scores[name] is not None]
    relevancy_score = scores.pop("relevancy_score")
    return Analysis(
        analyst="claude",
        document_type=TYPE_CHARACTERS.sub("_", answer.document_type.lower()).strip("_")[:60] or rules.document_type,
        document_date=_iso(answer.document_date) or rules.document_date,
        dates=tuple(dict.fromkeys(iso for text in answer.dates if (iso := _iso(text)))) or rules.dates,
        parties=tuple(Party(p.name.strip(), p.role.strip().lower()) for p in answer.parties if p.name.strip()),
        case_number=(answer.case_number or "").strip() or rules.case_number,
        court=(answer.court or "").strip() or rules.court,
        summary=answer.summary.strip() or rules.summary,
        key_facts=tuple(fact.strip() for fact in answer.key_facts if fact.strip())[:MOST_FACTS],
        relevancy_score=rules.relevancy_score if relevancy_score is None else relevancy_score,
        findings=tuple(_finding(found, quotes, len(texts)) for found in answer.findings[:MOST_FINDINGS]),
        score_evidence=tuple(evidence),
        model=model,
        **scores,
    )


def _judged(score: JudgedScore) -> JudgedScore:
    """A score without a single word to rest on was not judged."""
    grounds = (score.quote or "").strip() or (score.reason or "").strip()
    return score if grounds else score.model_copy(update={"score": None})


def _finding(found: FoundFinding, quotes: QuoteFinder, pages: int) -> Finding:
    page = quotes.find(found.quote, found.page)
    return Finding(
        kind=found.kind,
        page=page or _within(found.page, 1, max(1, pages)),
        quote=found.quote.strip(),
        verified=page is not None,
        explanation=found.explanation.strip(),
        score=_within(found.score, 0, 100),
    )


def _evidence(name: str, judgement: JudgedScore, quotes: QuoteFinder) -> ScoreEvidence:
    quote = (judgement.quote or "").strip()
    page = quotes.find(quote, judgement.page or 1) if quote else None
    return ScoreEvidence(
        name, page or judgement.page, quote or None, page is not None, (judgement.reason or "").strip()
    )


def _within(value: int | None, low: int, high: int) -> int | None:
    return None if value is None else min(high, max(low, value))


def _iso(text: str | None) -> str | None:
    try:
        return date.fromisoformat((text or "").strip()[:10]).isoformat()
    except ValueError:
        return None
