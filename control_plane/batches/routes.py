"""Batches over HTTP: estimate a prefix, start it, watch it, pause, resume and stop it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Blueprint

from control_plane.batches.estimates import run_at, usual_pages
from control_plane.batches.models import (
    BatchBody,
    Batches,
    BatchQuery,
    CheckpointFile,
    Checkpoints,
    Estimate,
    EstimateQuery,
    ListedBatch,
    ResumedSession,
    SessionBatch,
    SkippedPage,
    SkippedQuery,
    StartBody,
    SteerBody,
)
from control_plane.batches.session import NO_SESSION
from control_plane.batches.shapes import (
    Found,
    checkpoint_name,
    current_batch,
    describe_batch,
    describe_estimate,
    describe_session,
    describe_skipped,
)
from control_plane.batches.surveys import check_source, expect_claude, find_offers, plan_run, survey
from control_plane.database.enums import BatchStatus, Priority
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import MOST_ROWS, PageQuery
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("batches", __name__)
CHECKPOINT_FILE = re.compile(r"checkpoint_\d+\.json")


@blueprint.get("/batch/estimate")
@describe(
    "What a prefix of the bucket, a folder of Drive or of the mailbox would take", "Batches",
    query=EstimateQuery, answer=Estimate, errors=(400, 404, 409, 503), needs="admin",
)  # fmt: skip
def estimate(query: EstimateQuery) -> Estimate:
    """Scan, queue nothing, and price what is new: machines at today's offers, Claude by what a page has cost here.

    With `total_documents` nothing is scanned: so many documents of usual length. `claude_capped`: the limits allow no
    more for Claude; plain rules sort the rest.
    """
    found = _assume(query.total_documents) if query.total_documents else survey(query.folder(), query.max_documents)
    plan = plan_run(find_offers(), Priority.LOW)
    run = run_at(found.pages, query.cost_per_hour) if query.cost_per_hour else plan(found.pages)
    claude = expect_claude(found.new, found.pages, run.hours)
    return describe_estimate(query, found, run, claude, settings().estimate_above_documents)


@blueprint.post("/batch/start")
@describe(
    "Take in a prefix of the bucket, a folder of Drive or of the mailbox, or all of Drive", "Batches",
    body=StartBody, status=201, answer=SessionBatch, errors=(400, 404, 409, 503),
)  # fmt: skip
def start(body: StartBody) -> SessionBatch:
    """Make the batch; the importer scans it in the background and queues what has not entered before.

    Without a confirmed estimate it takes in ESTIMATE_ABOVE_DOCUMENTS documents and then says `estimate_needed`.
    """
    folder = check_source(body)
    batch = body.as_batch(folder, settings().estimate_above_documents)
    return told(clients().database.start_batch(batch), "Session started successfully")


@blueprint.get("/batch/status")
@describe("How batches stand", "Batches", query=BatchQuery, answer=Batches, errors=(400, 404, 503))
def status(query: BatchQuery) -> Batches:
    """Progress, finish time, cost until now and failures by reason, newest batch first.

    The session is the batch that is named, else the one that runs now, else the newest.
    """
    if query.batch_id:
        found, following = [_batch(query.batch_id)], None
    else:
        rows, now = clients().database.get_batches(None, query.limit + 1, query.cursor), datetime.now(UTC)
        following = rows[query.limit - 1].seq if len(rows) > query.limit else None
        found = [describe_batch(each, now) for each in rows[: query.limit]]
    session = current_batch(found)
    told = describe_session(session, _contract_id(session)) if session else NO_SESSION
    return Batches(**vars(told), batches=found, next=following)


@blueprint.post("/batch/pause")
@describe("Let a batch wait", "Batches", body=SteerBody, answer=SessionBatch, errors=(400, 404, 409, 503))
def pause(body: SteerBody) -> SessionBatch:
    """Claim and scan nothing more of it; what is being read is finished."""
    return _steer(body.batch_id, "paused", "Session paused successfully")


@blueprint.post("/batch/resume")
@describe("Let a paused batch go on", "Batches", body=SteerBody, answer=SessionBatch, errors=(400, 404, 409, 503))
def resume(body: SteerBody) -> SessionBatch:
    """Go on scanning and claiming where it was."""
    return _steer(body.batch_id, "running", "Session resumed successfully")


@blueprint.post("/batch/stop")
@describe("End a batch", "Batches", body=SteerBody, answer=SessionBatch, errors=(400, 404, 409, 503))
def stop(body: SteerBody) -> SessionBatch:
    """Cancel what waits; what is being read is finished. `/batch/again` reads the rest later."""
    return _steer(body.batch_id, "stopped", "Session stopped successfully")


@blueprint.post("/batch/again")
@describe(
    "Read what a batch has left unread", "Batches", body=BatchBody, status=201, answer=SessionBatch,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def again(body: BatchBody) -> SessionBatch:
    """A new batch for the stopped and cancelled documents of an ended one; an unfinished scan goes on where it was."""
    return told(clients().database.read_again(body.batch_id), "What was left unread is read")


@blueprint.post("/batch/resume/<checkpoint_file>")
@describe("Go on from a checkpoint", "Batches", answer=ResumedSession, errors=(404, 409, 503))
def resume_checkpoint(checkpoint_file: str) -> ResumedSession:
    """The batch that `/checkpoints` lists under this name goes on; a stopped one's rest becomes a new batch.

    A checkpoint is always its batch's last place, so a name that was never listed means the newest that can go on.
    """
    rows = clients().database.get_batches(None, MOST_ROWS, None)
    named = [each for each in rows if checkpoint_name(each.seq) == checkpoint_file]
    waiting = [each for each in rows if each.status in (BatchStatus.PAUSED, BatchStatus.STOPPED)]
    chosen = next(iter(named or waiting), None)
    if chosen is None or not CHECKPOINT_FILE.fullmatch(checkpoint_file):
        raise NotFound("There is no such checkpoint, and no batch is paused or stopped.")
    if chosen.status == BatchStatus.STOPPED:
        batch = _batch(clients().database.read_again(chosen.id))
    else:
        clients().database.set_batch_status(chosen.id, "running")
        batch = _batch(chosen.id)
    session = describe_session(batch, None)
    return ResumedSession(
        "Session resumed successfully", batch.id, session.completed_batches, session.total_batches
    )


@blueprint.get("/batch/skipped")
@describe("Files that a batch did not take in", "Batches", query=SkippedQuery, answer=SkippedPage, errors=(400, 503))
def list_skipped(query: SkippedQuery) -> SkippedPage:
    """Each with its name, where it is (object key, or Drive's id) and why, newest first."""
    page = clients().database.list_skipped_files(query.batch_id, query.limit, query.cursor)
    return SkippedPage([describe_skipped(file) for file in page.rows], page.next)


@blueprint.get("/checkpoints")
@describe("Where each scan stands", "Batches", query=PageQuery, answer=Checkpoints, errors=(400, 503))
def checkpoints(query: PageQuery) -> Checkpoints:
    """The last place of every scan, newest batch first; after a restart a scan goes on from there."""
    page = clients().database.list_checkpoints(query.limit, query.cursor)
    files = [CheckpointFile(**vars(each), file=checkpoint_name(each.seq)) for each in page.rows]
    return Checkpoints(files, page.next)


def _assume(documents: int) -> Found:
    pages = round(documents * usual_pages(clients().database.get_page_statistics()))
    return Found(documents, new=documents, pages=pages, complete=True)


def _steer(batch_id: str | None, status: str, message: str) -> SessionBatch:
    if batch_id is None:
        rows, now = clients().database.get_batches(None, MOST_ROWS, None), datetime.now(UTC)
        newest = current_batch([describe_batch(each, now) for each in rows])
        if newest is None:
            raise NotFound("There is no batch yet.")
        batch_id = newest.id
    clients().database.set_batch_status(batch_id, status)
    return told(batch_id, message)


def told(batch_id: str, message: str) -> SessionBatch:
    """A batch after what was done to it. Raises NotFound."""
    batch = _batch(batch_id)
    return SessionBatch(**{**vars(describe_session(batch, None)), **vars(batch), "message": message})


def _contract_id(batch: ListedBatch) -> int | None:
    """The contract of a machine that reads, while the batch is running."""
    if batch.status != "running":
        return None
    return clients().database.find_working_contract()


def _batch(batch_id: str) -> ListedBatch:
    rows = clients().database.get_batches(batch_id)
    if not rows:
        raise NotFound("There is no such batch.")
    return describe_batch(rows[0], datetime.now(UTC))
