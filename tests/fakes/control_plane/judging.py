"""Judging: how it stands, what it would cost, judging again, and the door to Claude."""

from flask import Blueprint, request

from .answers import new_id, state

answers = Blueprint("judging", __name__)


@answers.get("/api/analysis")
def show_analysis():
    waiting = sum(state().waits.values())
    return {
        "door": _door(),
        "judged": 290,
        "sorted": 1204 if state().documents else 0,
        "failed": 2,
        "waiting": waiting,
        "waiting_pages": 6 * waiting,
        "waiting_for": state().waits,
        "without_key": _estimate(1204 if state().documents else 0),
        "waiting_usd": round(0.0035 * waiting, 4),
        "waiting_basis": "measured",
        "expected_usd_per_1000_pages": 1.17,
        "spent": {
            "documents": 290,
            "pages": 2030,
            "usd": 2.26,
            "usd_per_document": 0.007793,
            "usd_per_1000_pages": 1.1133,
        },
        "today_usd": 1.4,
        "max_usd_per_day": 3.0,
    }


@answers.get("/api/analysis/estimate")
def estimate():
    return _estimate(1 if request.args.get("document_id") else 1204)


@answers.post("/api/analysis/again")
def again():
    return {"queued": 1204, "left": 0}


@answers.post("/api/analysis/cancel")
def cancel():
    cancelled, state().waits = sum(state().waits.values()), {}
    return {"cancelled": cancelled}


@answers.get("/api/documents/<document_id>/runs")
def runs(document_id: str):
    rules = {
        "id": new_id(),
        "seq": 1,
        "job_id": new_id(),
        "analyst": "rules",
        "model": None,
        "prompt_version": None,
        "inputs_sha256": None,
        "outcome": "sorted",
        "reason": "claude_off",
        "accepted": True,
        "is_shown": False,
        "seconds": 0.2,
        "created_at": state().now.isoformat(),
        "claude_usd": 0.0,
        "calls": 0,
    }
    claude = {
        "id": new_id(),
        "seq": 2,
        "analyst": "claude",
        "model": "claude-sonnet-5-5",
        "prompt_version": "2026-11-26",
        "inputs_sha256": "a" * 64,
        "outcome": "judged",
        "reason": None,
        "is_shown": True,
        "claude_usd": 0.0061,
        "calls": 1,
    }
    return {"runs": [rules | claude, rules]}


@answers.post("/api/claude/pause")
def pause():
    state().door = {"status": "paused", "code": "by_hand", "message": None}
    return _door()


@answers.post("/api/claude/resume")
def resume():
    state().door = {"status": "open", "code": None, "message": None}
    return _door()


def _door() -> dict:
    now = state().now.isoformat()
    named = {"name": "claude", "next_try_at": None, "tries": 0} | state().door
    return named | {"since": now, "prompt_version": "2026-11-26", "claimed_at": now}


def _estimate(documents: int) -> dict:
    return {
        "documents": documents,
        "pages": 3 * documents,
        "waiting": 0,
        "judged": 0,
        "not_allowed": 3 if documents > 1 else 0,
        "usd": round(0.0034 * documents, 4),
        "basis": "measured",
        "days": 1 if documents > 1 else 0,
    }
