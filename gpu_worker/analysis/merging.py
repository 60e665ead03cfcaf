"""The analyses of a long document's parts as one (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import mean
from typing import TypeVar

from gpu_worker.analysis.accepting import MOST_FACTS, MOST_FINDINGS
from gpu_worker.analysis.analyst import Analysis, ScoreEvidence

# The strongest sign anywhere counts; what describes the whole is averaged over the parts that judged it.
MERGED_BY: Mapping[str, Callable[[Sequence[int]], int]] = {
    "fraud_score": max,
    "perjury_score": max,
    "relevancy_score": max,
    "truth_score": lambda scores: round(mean(scores)),
    "justice_score": lambda scores: round(mean(scores)),
    "legal_credit_score": lambda scores: round(mean(scores)),
}
T = TypeVar("T")


def merge_parts(parts: Sequence[Analysis]) -> Analysis:
    """One analysis of all parts, in order: what a document is, its first part says; the rest is collected."""
    first = parts[0]
    if len(parts) == 1:
        return first
    scores = {name: _merge(name, parts) for name in MERGED_BY}
    return replace(
        first,
        dates=tuple(dict.fromkeys(date for part in parts for date in part.dates)),
        parties=tuple(
            {(p.name.casefold(), p.role): p for part in reversed(parts) for p in reversed(part.parties)}.values()
        )[::-1],
        case_number=next((part.case_number for part in parts if part.case_number), None),
        court=next((part.court for part in parts if part.court), None),
        summary="\n\n".join(part.summary for part in parts if part.summary),
        key_facts=_share([part.key_facts for part in parts], 2 * MOST_FACTS),
        findings=_share([part.findings for part in parts], 2 * MOST_FINDINGS),
        score_evidence=_evidence(parts, scores),
        fraud_score=scores["fraud_score"],
        perjury_score=scores["perjury_score"],
        truth_score=scores["truth_score"],
        justice_score=scores["justice_score"],
        legal_credit_score=scores["legal_credit_score"],
        relevancy_score=max(part.relevancy_score for part in parts),
    )


def _merge(name: str, parts: Sequence[Analysis]) -> int | None:
    judged = [score for part in parts if (score := getattr(part, name)) is not None]
    return MERGED_BY[name](judged) if judged else None


def _share(lists: Sequence[Sequence[T]], most: int) -> tuple[T, ...]:
    """At most `most` items, each part giving its first ones, in order."""
    each = max(1, most // len(lists))
    return tuple(item for items in lists for item in items[:each])


def _evidence(parts: Sequence[Analysis], scores: Mapping[str, int | None]) -> tuple[ScoreEvidence, ...]:
    """Per score, what the part nearest to the merged score rests on."""
    kept: list[ScoreEvidence] = []
    for name, score in scores.items():
        judged = [part for part in parts if getattr(part, name) is not None]
        if score is None or not judged:
            continue
        nearest = min(judged, key=lambda part: abs(getattr(part, name) - score))
        kept += [evidence for evidence in nearest.score_evidence if evidence.score == name]
    return tuple(kept)
