"""Pairs of statements in the sample case, and their counts."""

import uuid

from flask import Blueprint, request

from .answers import page_of, state

answers = Blueprint("pairs", __name__)
RULE = "Counted are pairs whose two quotes stand: accepted ones, and undecided ones called a conflict."
SAMPLES = (
    ("order_violation", "order_place", "conflict", "rules", "It names Nevada; the order says only California.",
     ("Order after", "Neither party shall remove the minor children from the State of California"),
     ("IMG_4471", "Running late, we are still in Reno.")),
    ("contradiction", "denied", None, None, None,
     ("2024-05-14", "I have had no income since January 2024."), ("paystub", "Gross pay $2,140.00.")),
)  # fmt: skip


@answers.get("/api/case/pairs")
def list_pairs():
    verdicts = [word for word in request.args.get("verdict", "").split(",") if word]
    verdicts = ["conflict"] if request.args.get("counted") else verdicts
    return page_of("pairs", [p for p in _pairs() if not verdicts or (p["verdict"] or "unjudged") in verdicts])


@answers.get("/api/case/pairs/counts")
def count_pairs():
    found = len(_pairs())
    return {
        "open": found, "accepted": 0, "explained": 0, "dismissed": 0, "later": 0, "conflicts": found // 2,
        "conflicts_accepted": 0, "to_check": found, "unjudged": found,
        "by_kind": {"order_violation": found // 2}, "rule": RULE,
    }  # fmt: skip


def _pairs() -> list[dict]:
    return [_pair(number, *sample) for number, sample in enumerate(SAMPLES, 1) if len(state().documents) > 1]


def _pair(rank, kind, proposed_by, verdict, verdict_by, reason, a, b) -> dict:
    undecided = dict.fromkeys(("model", "judged_at", "decided_by", "decided_at", "why"))
    return undecided | {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, a[1])), "rank": rank, "kind": kind, "proposed_by": proposed_by,
        "score": 100, "verdict": verdict, "verdict_by": verdict_by, "reason": reason,
        "explained_by": reason and "A written consent that is not on file.", "state": "open", "stands": True,
        "people": [], "a": _side(*a), "b": _side(*b),
    }  # fmt: skip


def _side(name: str, quote: str) -> dict:
    document = next((d for d in state().documents if name in d["original_filename"]), state().documents[0])
    said = {"document_id": document["id"], "page": 1, "start": 0, "quote": quote, "voice": "record"}
    unknown = dict.fromkeys(("speaker", "speaker_id", "starts", "ends", "precision"))
    return said | unknown | {key: document[key] for key in ("original_filename", "document_type", "document_date")}
