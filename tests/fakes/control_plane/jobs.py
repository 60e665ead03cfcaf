"""Jobs: sending a file, following it, trying it again; and the jobs of the sample case."""

from collections import Counter
from datetime import datetime, timedelta

from flask import Blueprint, request

from .answers import new_id, page_of, refusal, state

answers = Blueprint("jobs", __name__)


@answers.post("/api/upload")
def upload():
    file = request.files["file"]
    known = next((d for d in state().documents if d["original_filename"] == file.filename), None)
    if known:
        return {
            "journal_id": new_id(),
            "document_id": known["id"],
            "job_id": None,
            "duplicate": True,
            "status": "completed",
        }, 200
    document_id, job_id = new_id(), new_id()
    state().jobs.insert(0, _row(job_id, document_id, file.filename, "queued", state().now, pages_total=3))
    return {
        "journal_id": new_id(),
        "document_id": document_id,
        "job_id": job_id,
        "duplicate": False,
        "status": "queued",
    }, 201


@answers.get("/api/jobs")
def list_jobs():
    unsaid = request.args.get("choices_unsaid") == "yes"
    for job in state().jobs:
        if job["id"] not in state().still and not unsaid:
            _step(job)
    status = request.args.get("status")
    rows = [job for job in state().jobs if status in (None, job["status"]) and job["choices_unsaid"] >= unsaid]
    return page_of("jobs", rows)


@answers.get("/api/refused-files")
def list_refused():
    return page_of("refused", state().refused)


@answers.get("/api/jobs/<job_id>")
def show_job(job_id: str):
    row = next((job for job in state().jobs if job["id"] == job_id), None)
    return row or refusal(404, "not_found", "There is no such job.")


@answers.post("/api/jobs/<job_id>/retry")
def retry_job(job_id: str):
    return _set_status(job_id, "queued")


@answers.post("/api/jobs/<job_id>/choices")
def set_job_choices(job_id: str):
    job = next(job for job in state().jobs if job["id"] == job_id)
    job |= request.json | {"choices_unsaid": False}
    return job


@answers.post("/api/jobs/<job_id>/cancel")
def cancel_job(job_id: str):
    return _set_status(job_id, "cancelled")


@answers.get("/api/placement")
def placement():
    return {"sensitive_placement": "datacenter_only"}


@answers.get("/api/totals")
def totals():
    by_status = Counter(job["status"] for job in state().jobs)
    pages = sum(d["pages_total"] for d in state().documents)
    still_open = by_status["queued"] + by_status["processing"]
    return {
        "documents": len(state().jobs),
        "completed": by_status["completed"],
        "failed": by_status["failed"],
        "cancelled": by_status["cancelled"],
        "open": still_open,
        "pages": pages,
        "pages_accounted": pages,
        "parts": 0,
        "parts_left_out": 0,
        "reconciled": still_open == 0,
        "judged": 290,
        "sorted": 1204,
        "waiting_for_analysis": sum(state().waits.values()),
        "waiting_for": state().waits,
    }


def _set_status(job_id: str, status: str):
    for job in state().jobs:
        if job["id"] == job_id:
            job["status"] = status
            return job
    return refusal(404, "not_found", "There is no such job.")


def _step(job: dict) -> None:
    if job["status"] == "queued":
        job.update(status="processing", pages_done=1)
    elif job["status"] == "processing":
        job["pages_done"] += 1
        if job["pages_done"] >= job["pages_total"]:
            job.update(status="completed", page_outcomes={"ocr": job["pages_total"]})


def _row(job_id, document_id, name, status, created_at, **more) -> dict:
    return {
        "id": job_id,
        "seq": 0,
        "kind": "read",
        "document_id": document_id,
        "batch_id": None,
        "status": status,
        "priority": "normal",
        "placement": "any_host",
        "attempt": 1,
        "max_attempts": 3,
        "original_filename": name,
        "source": "upload",
        "object_key": f"raw/2026/11/22/{document_id}.pdf",
        "mime_type": "application/pdf",
        "bytes": 120_000,
        "pages_done": 0,
        "pages_total": None,
        "page_outcomes": {},
        "document_type": None,
        "document_date": None,
        "case_number": None,
        "error_code": None,
        "error_message": None,
        "machine": None,
        "created_at": created_at.isoformat(),
        "started_at": None,
        "finished_at": None,
        "run_after": None,
        "seconds": None,
        "machine_usd": None,
        "claude_usd": 0.0,
        "total_usd": None,
        "duplicate_of": None,
        "analyst": None,
        "allow_claude": True,
        "choices_unsaid": False,
    } | more


def sample_jobs(now: datetime, documents: list[dict]) -> list[dict]:
    done = [
        _row(
            d["job_id"],
            d["id"],
            d["original_filename"],
            "completed",
            datetime.fromisoformat(d["created_at"]),
            pages_done=d["pages_total"],
            pages_total=d["pages_total"],
            document_type=d["document_type"],
            page_outcomes=dict(Counter(p["outcome"] for p in d["pages"])),
        )
        for d in documents
    ]
    failed = _row(
        new_id(),
        new_id(),
        "bank_statement_locked.pdf",
        "failed",
        now - timedelta(hours=3),
        error_code="encrypted",
        error_message="The PDF is locked with a password. Remove the password and send it again.",
    )
    reading = _row(
        new_id(),
        new_id(),
        "deposition transcript vol 2.pdf",
        "processing",
        now - timedelta(minutes=2),
        pages_done=31,
        pages_total=118,
    )
    waiting = _row(
        new_id(),
        new_id(),
        "therapist notes.heic",
        "queued",
        now - timedelta(seconds=40),
        attempt=0,
    )
    return [waiting, reading, failed, *done]
