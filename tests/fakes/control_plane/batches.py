"""Batches: what a folder would cost, starting it, and steering it."""

from datetime import datetime, timedelta

from flask import Blueprint, request

from .answers import new_id, page_of, refusal, state

answers = Blueprint("batches", __name__)


@answers.get("/batch/estimate")
def estimate():
    if request.args.get("prefix", "").startswith("/"):
        return refusal(400, "bad_prefix", "A folder name does not start with a slash.")
    return {
        "prefix": request.args.get("prefix"),
        "folder_id": request.args.get("folder_id"),
        "documents": 1240,
        "known": 36,
        "new": 1198,
        "unsupported": 6,
        "empty": 0,
        "complete": True,
        "bytes": 3_412_000_000,
        "pages": 8320,
        "hours": 0.7,
        "machines": 2,
        "machine_usd": 0.38,
        "claude_usd": 12.5,
        "claude_basis": "measured",
        "claude_capped": False,
        "total_usd": 12.88,
        "total_documents": 1198,
        "batch_size": 100,
        "total_batches": 12,
        "total_hours": 0.7,
        "cost_per_hour": 0.27,
        "total_cost": 12.88,
        "seconds_per_document": 2.1,
        "needs_quote": request.args.get("prefix") == "all/",
    }


@answers.post("/api/estimates")
def ask_for_quote():
    quote = _quote("sampling", request.json.get("name") or request.json.get("prefix") or "A folder", state().now)
    state().quotes.insert(0, quote)
    return quote, 201


@answers.get("/api/estimates")
def list_quotes():
    only_open = request.args.get("only_open") == "true"
    found = [each for each in state().quotes if not only_open or each["status"] in ("sampling", "ready")]
    ended = [each for each in state().quotes if each["held"] is not None]
    held = sum(each["held"] for each in ended)
    return {"estimates": found, "ended": len(ended), "held": held, "above": len(ended) - held, "next": None}


@answers.post("/api/estimates/<quote_id>/confirm")
def confirm_quote(quote_id: str):
    quote = next(each for each in state().quotes if each["id"] == quote_id)
    batch = _row("scanning", quote["name"], state().now, 1158, 0)
    quote |= {"status": "confirmed", "batch_id": batch["id"], "decided_by": "owner", "spent_usd": 0.0}
    state().batches.insert(0, batch)
    return _told(batch, "The batch has started"), 201


@answers.post("/batch/start")
def start():
    name = request.json.get("name") or request.json.get("prefix") or "A folder of Google Drive"
    batch = _row("scanning", name, state().now, 1198, 0)
    state().batches.insert(0, batch)
    return _told(batch, "Session started successfully"), 201


@answers.get("/batch/status")
def list_batches():
    return page_of("batches", state().batches) | _session(state().batches[0] if state().batches else None)


@answers.get("/batch/skipped")
def list_skipped():
    batch = next(b for b in state().batches if b["id"] == request.args["batch_id"])
    file = {
        "source_id": "file-7",
        "name": "Visitation ledger",
        "code": "export_too_large",
        "message": "Google exports at most 10 MB as PDF.",
        "created_at": state().now.isoformat(),
    }
    return page_of("skipped", [file] * batch["unsupported"])


@answers.post("/batch/again")
def again():
    old = next(b for b in state().batches if b["id"] == request.json["batch_id"])
    batch = _row("running", old["name"], state().now, old["unread"], 0) | {"again_of": old["id"]}
    old["unread"] = 0
    state().batches.insert(0, batch)
    return _told(batch, "What was left unread is read"), 201


@answers.post("/batch/pause")
def pause():
    return _set_status("paused")


@answers.post("/batch/resume")
def resume():
    return _set_status("running")


@answers.post("/batch/stop")
def stop():
    batch = next(b for b in state().batches if b["id"] == request.json["batch_id"])
    batch["unread"] = batch["cancelled"] = batch["open"]
    batch["open"] = 0
    return _set_status("stopped")


def _set_status(new_status: str):
    batch = next(b for b in state().batches if b["id"] == request.json["batch_id"])
    batch["status"] = new_status
    return _told(batch, f"Session {new_status} successfully")


def _told(batch: dict, message: str) -> dict:
    return _session(batch) | batch | {"message": message}


def _session(batch: dict | None) -> dict:
    """What is said of the newest batch in the words of a session."""
    return {
        "session_id": batch and batch["id"],
        "status": batch and batch["status"],
        "total_documents": batch["documents"] if batch else 0,
        "total_batches": 12 if batch else 0,
        "completed_batches": 0,
        "failed_batches": 0,
        "progress_percentage": 0.0,
        "started_at": batch and batch["created_at"],
        "estimated_completion": batch and batch["finish_at"],
        "vastai_instance_id": None,
        "total_cost": batch["total_usd"] if batch else 0.0,
        "current_batch": None,
    }


def _row(status: str, name: str, now: datetime, documents: int, done: int, failed: int = 0) -> dict:
    return {
        "id": new_id(),
        "name": name,
        "prefix": "inbox/",
        "folder_id": None,
        "source": "bucket",
        "status": status,
        "scanned": documents,
        "known": 0,
        "unsupported": 0,
        "empty": 0,
        "problem": None,
        "documents": documents,
        "completed": done,
        "failed": failed,
        "again_of": None,
        "cancelled": 0,
        "unread": 0,
        "open": documents - done - failed,
        "pages": documents * 7,
        "pages_done": done * 7,
        "judged": done // 3,
        "sorted": 0,
        "waiting_for_analysis": done - done // 3 if status == "running" else 0,
        "waiting_for": {"day_cap": done - done // 3} if status == "running" else {},
        "machine_usd": round(done * 0.00029, 4),
        "claude_usd": round(done * 0.00002, 4),
        "total_usd": round(done * 0.00031, 4),
        "max_cost_per_hour": 1.0,
        "batch_size": 100,
        "created_at": now.isoformat(),
        "finish_at": (now + timedelta(minutes=38)).isoformat() if status == "running" else None,
        "failures": [{"code": "encrypted", "message": "The PDF is locked with a password.", "documents": failed}]
        if failed
        else [],
    }


def _quote(status: str, name: str, now: datetime, actual_usd: float | None = None) -> dict:
    price = {
        "usd": 12.31, "low_usd": 9.92, "high_usd": 15.28, "machine_usd": 0.44, "claude_usd": 11.87, "documents": 1158,
        "pages": 8012, "hours": 0.8, "machines": 2,
    }  # fmt: skip
    is_confirmed = status == "confirmed"
    return {
        "id": new_id(),
        "name": name,
        "status": status,
        "listing": {"documents": 1240, "known": 36, "new": 1198, "unsupported": 6, "empty": 0, "bytes": 3_412_000_000,
                    "pages": 8320, "complete": True},
        "sample_documents": 40,
        "sample_read": 17 if status == "sampling" else 40,
        "sample_usd": 0.21 if status == "sampling" else 0.47,
        "sample_batch_id": new_id(),
        "price": None if status == "sampling" else price,
        "expires_at": None if status == "sampling" else (now + timedelta(hours=24)).isoformat(),
        "batch_id": new_id() if is_confirmed else None,
        "decided_by": "owner" if is_confirmed else None,
        "spent_usd": actual_usd,
        "actual_usd": actual_usd,
        "held": None if actual_usd is None else price["low_usd"] <= actual_usd <= price["high_usd"],
        "created_at": now.isoformat(),
    }  # fmt: skip


def sample_quotes(now: datetime) -> list[dict]:
    return [
        _quote("ready", "Discovery production 3", now),
        _quote("confirmed", "First box of papers", now - timedelta(days=6), 11.02),
        _quote("confirmed", "Grandmother's attic", now - timedelta(days=9), 17.4),
    ]


def sample_batches(now: datetime) -> list[dict]:
    return [
        _row("running", "Discovery production 2", now - timedelta(minutes=20), 2400, 910, 4),
        _row("paused", "Old phone photos", now - timedelta(days=1), 640, 120),
        _row("completed", "First box of papers", now - timedelta(days=6), 312, 311, 1),
    ]
