"""Analyses as a worker sends them: claims, made of what a test wants to see of the document."""

from collections.abc import Sequence
from typing import Any

BOX = [0, 0, 1000, 1000]


def new_analysis(
    words: str | None = "In the matter of",
    analyst: str = "rules",
    document_type: str | None = "motion",
    summary: str | None = None,
    model: str | None = None,
    fallback_reason: str | None = None,
    findings: Sequence[dict[str, Any]] = (),
    claims: Sequence[dict[str, Any]] = (),
    **stated: Any,
) -> dict[str, Any]:
    """`stated`: document_date, dates, parties, case_number, court, key_facts and scores by their columns.

    Scores stand on `words`, which must stand in the text; values were seen in a picture, so that no text is needed.
    """
    made = [*_values(stated, analyst), *_scores(stated, words, analyst)]
    made += [new_claim("finding", stated_by=analyst, **finding) for finding in findings]
    about = {"analyst": analyst, "document_type": document_type, "summary": summary, "model": model}
    return {**about, "fallback_reason": fallback_reason, "claims": [*made, *claims]}


def new_claim(kind: str, state: str = "exact", **more: Any) -> dict[str, Any]:
    """A claim as SQL takes it."""
    place = {"box": BOX} if state == "picture" else {"start": 0} if state != "none" else {}
    claim = {"kind": kind, "state": state, "page": 1, "quote": "words", "stated_by": "rules", **place, **more}
    if kind == "date" and claim.get("value"):
        claim.setdefault("readings", [claim["value"]])
    return claim


def _values(stated: dict[str, Any], analyst: str) -> list[dict[str, Any]]:
    values = [("case_number", None, stated.get("case_number")), ("court", None, stated.get("court"))]
    values += [("date", "event", day) for day in stated.get("dates", ())]
    values += [("party", party.get("role"), party["name"]) for party in stated.get("parties", ())]
    made = [_seen(kind, role=role, value=value, stated_by=analyst) for kind, role, value in values if value]
    if day := stated.get("document_date"):
        made.insert(0, _seen("date", role="signed", value=day, is_own=True, stated_by=analyst))
    return made + [_seen("fact", value=fact, quote=fact, stated_by=analyst) for fact in stated.get("key_facts", ())]


def _scores(stated: dict[str, Any], words: str | None, analyst: str) -> list[dict[str, Any]]:
    scores = {name: score for name, score in stated.items() if name.endswith("_score") and score is not None}
    return [
        new_claim("score", role=name, number=score, quote=words, reason="y", stated_by=analyst)
        for name, score in scores.items()
        if words
    ]


def _seen(kind: str, **more: Any) -> dict[str, Any]:
    return new_claim(kind, state="picture", **more)
