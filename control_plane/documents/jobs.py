"""Jobs over HTTP: read, retry, cancel, and the totals that must reconcile."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.database.enums import JobStatus
from control_plane.database.rows import Job
from control_plane.errors import BadRequest, NotFound
from control_plane.http.answers import to_json
from control_plane.http.requests import json_body, path_uuid, query_cursor, query_limit, query_uuid
from control_plane.http.schemas import BOOLEAN, CHOICES, INTEGER, JOB, listing, obj
from control_plane.http.wiring import clients, describe
from control_plane.intake.origin import PLACEMENTS, PRIORITIES, YES_OR_NO
from control_plane.intake.store import check_choice

blueprint = Blueprint("jobs", __name__)
OF_CASE = {
    "case_number": ("string", "Only of this case."),
    "since": ("string", "Only documents received on this day (YYYY-MM-DD) or later."),
}
PAGE = {"limit": ("integer", "Rows, 1 to 200; 50 if not said."), "cursor": ("integer", "`next` of the page before.")}


@blueprint.get("/api/jobs")
@describe(
    "List jobs, newest first", "Jobs",
    query={
        "status": ("string", "One of " + ", ".join(JobStatus)), "batch_id": ("string", "Jobs of one batch."),
        "choices_unsaid": ("string", "yes: only those for which nobody has said where they may be read."), **PAGE,
    },
    answer=listing("jobs", JOB), errors=(400, 503),
)  # fmt: skip
def list_jobs() -> Response:
    """A page of jobs."""
    status = check_choice(request.args.get("status"), tuple(JobStatus), "status")
    page = clients().database.list_jobs(
        query_limit(),
        query_cursor(),
        JobStatus(status) if status else None,
        query_uuid("batch_id"),
        check_choice(request.args.get("choices_unsaid"), YES_OR_NO, "choices_unsaid") == "yes",
    )
    return jsonify(jobs=with_costs(page.rows), next=page.next)


@blueprint.get("/api/jobs/latest")
@describe("The job created last", "Jobs", answer=JOB, errors=(404, 503))
def latest_job() -> Response:
    """The newest job, or 404 before the first."""
    rows = clients().database.list_jobs(1).rows
    if not rows:
        raise NotFound("There is no job yet.")
    return jsonify(with_costs(rows)[0])


@blueprint.get("/api/jobs/<job_id>")
@describe("One job", "Jobs", answer=JOB, errors=(404, 503))
def get_job(job_id: str) -> Response:
    """One job by its id."""
    return jsonify(_job(path_uuid(job_id, "job")))


@blueprint.post("/api/jobs/<job_id>/retry")
@describe("Queue a failed or cancelled job again", "Jobs", answer=JOB, errors=(404, 409, 503))
def retry_job(job_id: str) -> Response:
    """The job that is queued again, with all its attempts: a new one where the old one's batch was stopped."""
    return jsonify(_job(clients().database.retry_job(path_uuid(job_id, "job"))))


@blueprint.post("/api/jobs/<job_id>/choices")
@describe(
    "Say where a waiting document may be read, and whether Claude may see it", "Jobs",
    body={
        "type": "object", "required": ["placement", "allow_claude"],
        "properties": {**CHOICES, "allow_claude": BOOLEAN},
    },
    answer=JOB, errors=(400, 404, 409, 503),
)  # fmt: skip
def set_job_choices(job_id: str) -> Response:
    """The job in its new lane; 409 once a machine has it. By itself a document's choices only ever get stricter."""
    job_id, body = path_uuid(job_id, "job"), json_body()
    placement = check_choice(body.get("placement"), PLACEMENTS, "placement")
    priority = check_choice(body.get("priority"), PRIORITIES, "priority")
    allow_claude = body.get("allow_claude")
    if placement is None or not isinstance(allow_claude, bool):
        raise BadRequest("Say placement, and allow_claude as true or false.", "bad_argument")
    clients().database.set_job_choices(job_id, placement, allow_claude, priority)
    return jsonify(_job(job_id))


@blueprint.post("/api/jobs/<job_id>/cancel")
@describe("End a job that has not ended", "Jobs", answer=JOB, errors=(404, 409, 503))
def cancel_job(job_id: str) -> Response:
    """The job, cancelled; its worker learns it with the next heartbeat."""
    job_id = path_uuid(job_id, "job")
    clients().database.cancel_job(job_id)
    return jsonify(_job(job_id))


@blueprint.get("/api/totals")
@describe(
    "Documents and pages in, against documents and pages accounted for", "Jobs",
    query={"batch_id": ("string", "Totals of one batch.")},
    answer=obj(
        documents=INTEGER, completed=INTEGER, failed=INTEGER, cancelled=INTEGER, open=INTEGER,
        pages=INTEGER, pages_accounted=INTEGER, reconciled=BOOLEAN,
    ),
    errors=(400, 503),
)  # fmt: skip
def totals() -> Response:
    """The sums of everything, or of one batch."""
    return jsonify(to_json(clients().database.get_totals(query_uuid("batch_id"))))


def with_costs(jobs: list[Job]) -> list[dict[str, Any]]:
    """Jobs as callers see them, with `cost_usd`: null until the job has ended."""
    ended = [job.id for job in jobs if job.status in (JobStatus.COMPLETED, JobStatus.FAILED)]
    costs = clients().database.get_job_costs(ended) if ended else []
    by_job = {cost.job_id: round(cost.cost_usd, 6) for cost in costs}
    return [to_json(job) | {"cost_usd": by_job.get(job.id)} for job in jobs]


def _job(job_id: str) -> dict[str, Any]:
    job = clients().database.get_job(job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return with_costs([job])[0]
