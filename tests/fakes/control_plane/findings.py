"""What was found in the documents, and the counts over all of them."""

from collections import Counter

from flask import Blueprint, request

from .answers import page_of, state
from .case import SCORES

answers = Blueprint("findings", __name__)


@answers.get("/api/findings")
def list_findings():
    kind, least = request.args.get("kind"), int(request.args.get("min_score", 0))
    case_number = request.args.get("case_number")
    rows = [
        f
        for f in _all_findings()
        if f["verified"]
        and kind in (None, f["kind"]) and f["score"] >= least and case_number in (None, f["case_number"])
    ]
    return page_of("findings", rows)


@answers.get("/api/analytics")
def count_everything():
    parties = Counter((p["name"], p["role"]) for d in state().documents for p in d["parties"])
    return {
        "documents": len(state().documents),
        "analysed": len(state().documents),
        "by_type": Counter(d["document_type"] or "Unknown" for d in state().documents),
        "by_source": Counter(d["source"] for d in state().documents),
        "by_analyst": Counter(d["analyst"] for d in state().documents),
        "judged": {key: sum(d["judged"] == key for d in state().documents) for key in ("all", "part", "none")},
        "findings_by_kind": Counter(f["kind"] for f in _all_findings() if f["verified"]),
        "unproven_findings": sum(not f["verified"] for f in _all_findings()),
        "scores": {key: _buckets([d[key] for d in state().documents], *ends) for key, ends in SCORES.items()},
        "finding_strengths": _strengths(),
        "pages": sum(d["pages_total"] for d in state().documents),
        "dated": len(_timeline()),
        "named": len(parties),
        "parties": [{"name": n, "role": r, "documents": c} for (n, r), c in parties.most_common()],
    }


@answers.get("/api/timeline")
def show_timeline():
    return page_of("timeline", _timeline())


@answers.get("/api/cases")
def list_cases():
    numbers = sorted({d["case_number"] for d in state().documents if d["case_number"]})
    return {"cases": [_case(number) for number in numbers]}


def _case(number: str) -> dict:
    documents = [d for d in state().documents if d["case_number"] == number]
    findings = [finding for d in documents for finding in d["findings"]]
    return {
        "case_number": number,
        "court": documents[0]["court"],
        "documents": len(documents),
        "pages": sum(d["pages_total"] for d in documents),
        "findings": sum(f["verified"] for f in findings),
        "unproven_findings": sum(not f["verified"] for f in findings),
        **{f"judged_{key}": sum(d["judged"] == key for d in documents) for key in ("all", "part", "none")},
    }


def _timeline() -> list[dict]:
    names = ("original_filename", "document_type", "summary")
    dated = sorted((d for d in state().documents if d["document_date"]), key=lambda d: d["document_date"])
    return [
        {"place": place, "date": d["document_date"], "document_id": d["id"], **{n: d[n] for n in names}}
        for place, d in enumerate(dated)
    ]


def _strengths() -> dict[str, list[int]]:
    standing = [f for f in _all_findings() if f["verified"]]
    bands = [(0, 40), (40, 70), (70, 101)]
    return {
        kind: [sum(f["kind"] == kind and low <= f["score"] < high for f in standing) for low, high in bands]
        for kind in {f["kind"] for f in standing}
    }


def _all_findings() -> list[dict]:
    return [
        finding
        | {
            "document_id": d["id"],
            "original_filename": d["original_filename"],
            "document_type": d["document_type"],
            "document_date": d["document_date"],
            "case_number": d["case_number"],
            "rank": finding["id"],
        }
        for d in state().documents
        for finding in d["findings"]
    ]


def _buckets(values: list, low: int, high: int) -> list[dict]:
    step = -(-(high - low) // 10)
    edges = [(low + i * step, min(high, low + (i + 1) * step)) for i in range(10)]
    known = [v for v in values if v is not None]
    return [
        {"low": a, "high": b, "documents": sum(a <= v < b or (v == b == high) for v in known)}
        for a, b in edges
        if a < b
    ]
