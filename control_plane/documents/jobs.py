"""Jobs over HTTP: read, retry, cancel, and the totals that must reconcile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import Blueprint
from pydantic import Field

from control_plane.database.enums import JobKind, JobStatus, Placement, Priority
from control_plane.database.rows import Job, Totals
from control_plane.errors import NotFound
from control_plane.http.contract import Body, Query, describe
from control_plane.http.models import Id, PageQuery, Total, path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("jobs", __name__)


@dataclass(frozen=True)
class JobPage:
    """A page of jobs, newest first; of all jobs /api/totals says how many there are."""

    jobs: list[Job]
    next: int | None
    total: Total


class JobQuery(PageQuery):
    """Which jobs."""

    status: JobStatus | None = Field(None, description="One of " + ", ".join(JobStatus) + ".")
    batch_id: Id | None = Field(None, description="Jobs of one batch.")
    kind: JobKind = Field(JobKind.READ, description="read (on a GPU; if not said) or analyse (Claude).")
    choices_unsaid: Literal["yes", "no"] = Field(
        "no", description="yes: only those for which nobody has said where they may be read."
    )


class TotalsQuery(Query):
    """Of what."""

    batch_id: Id | None = Field(None, description="Totals of one batch.")


class ChoicesBody(Body):
    """Where a document may be read, and whether Claude may see it."""

    placement: Placement
    allow_claude: bool
    priority: Priority | None = None


@blueprint.get("/api/jobs")
@describe("List jobs, newest first", "Jobs", query=JobQuery, answer=JobPage, errors=(400, 503))
def list_jobs(query: JobQuery) -> JobPage:
    """A page of jobs."""
    unsaid = query.choices_unsaid == "yes"
    page = clients().database.list_jobs(query.limit, query.cursor, query.status, query.batch_id, unsaid, query.kind)
    return JobPage(page.rows, page.next, page.total)


@blueprint.get("/api/jobs/latest")
@describe("The job created last", "Jobs", answer=Job, errors=(404, 503))
def latest_job() -> Job:
    """The newest job, or 404 before the first."""
    rows = clients().database.list_jobs(1).rows
    if not rows:
        raise NotFound("There is no job yet.")
    return rows[0]


@blueprint.get("/api/jobs/<job_id>")
@describe("One job", "Jobs", answer=Job, errors=(404, 503))
def get_job(job_id: str) -> Job:
    """One job by its id."""
    return _job(path_id(job_id, "job"))


@blueprint.post("/api/jobs/<job_id>/retry")
@describe("Queue a failed or cancelled job again", "Jobs", answer=Job, errors=(404, 409, 503), needs="decide")
def retry_job(job_id: str) -> Job:
    """The job that is queued again, with all its attempts: a new one where the old one's batch was stopped."""
    return _job(clients().database.retry_job(path_id(job_id, "job")))


@blueprint.post("/api/jobs/<job_id>/choices")
@describe(
    "Say where a waiting document may be read, and whether Claude may see it", "Jobs", body=ChoicesBody,
    answer=Job, errors=(400, 404, 409, 503), needs="decide",
)  # fmt: skip
def set_job_choices(job_id: str, body: ChoicesBody) -> Job:
    """The job in its new lane; 409 once a machine has it. By itself a document's choices only ever get stricter."""
    job_id = path_id(job_id, "job")
    clients().database.set_job_choices(job_id, body.placement, body.allow_claude, body.priority)
    return _job(job_id)


@blueprint.post("/api/jobs/<job_id>/cancel")
@describe("End a job that has not ended", "Jobs", answer=Job, errors=(404, 409, 503), needs="decide")
def cancel_job(job_id: str) -> Job:
    """The job, cancelled; its worker learns it with the next heartbeat."""
    job_id = path_id(job_id, "job")
    clients().database.cancel_job(job_id)
    return _job(job_id)


@blueprint.get("/api/totals")
@describe(
    "Documents and pages in, against documents and pages accounted for", "Jobs", query=TotalsQuery, answer=Totals,
    errors=(400, 503),
)  # fmt: skip
def totals(query: TotalsQuery) -> Totals:
    """The sums of everything, or of one batch."""
    return clients().database.get_totals(query.batch_id)


def _job(job_id: str) -> Job:
    job = clients().database.get_job(job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job
