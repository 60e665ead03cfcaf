"""Batches over HTTP: estimate a prefix, start it, watch it, pause, resume and stop it."""

from __future__ import annotations

import re
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime

from flask import Blueprint

from control_plane.batches.bucket_scan import BucketScan, Scan, Selection
from control_plane.batches.estimates import (
    CLAUDE_OFF,
    ClaudeCost,
    PageSizes,
    Run,
    claude_cap,
    estimate_claude,
    estimate_run,
    run_at,
    usual_pages,
)
from control_plane.batches.mail_scan import MailScan, MailSurvey
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
from control_plane.clients import build_drive, build_mailbox
from control_plane.database.enums import BatchStatus, Source
from control_plane.errors import ControlPlaneError, NotFound
from control_plane.http.contract import describe
from control_plane.http.models import MOST_ROWS, PageQuery
from control_plane.http.wiring import clients, settings
from control_plane.intake.origin import Origin
from control_plane.vast.errors import vast_answers

blueprint = Blueprint("batches", __name__)
SCAN_SECONDS = 50.0  # an estimate answers within a minute, whatever the size of the bucket
SNIFFERS = 8
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
    found = _assume(query.total_documents) if query.total_documents else _survey(query)
    if query.cost_per_hour:
        run = run_at(found.pages, query.cost_per_hour)
    else:
        run = _estimate_run(found.pages, settings().max_dollars_per_hour)
    return describe_estimate(query, found, run, _estimate_claude(found.new, found.pages, run.hours))


@blueprint.post("/batch/start")
@describe(
    "Take in a prefix of the bucket, a folder of Drive or of the mailbox, or all of Drive", "Batches",
    body=StartBody, status=201, answer=SessionBatch, errors=(400, 404, 409, 503),
)  # fmt: skip
def start(body: StartBody) -> SessionBatch:
    """Make the batch; the importer scans it in the background and queues what has not entered before."""
    folder = build_drive(settings()).check_folder(body.drive_folder) if body.drive_folder else None
    if body.mail_folder is not None:
        with build_mailbox(settings()).open(body.mail_folder):
            pass  # a wrong password or folder is said at once
    return _told(clients().database.start_batch(body.as_batch(folder)), "Session started successfully")


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
    return _told(clients().database.read_again(body.batch_id), "What was left unread is read")


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


def open_survey(folder_id: str, selection: Selection, pool: Executor) -> Scan:
    """A Drive folder to be counted. Raises BadRequest while Drive is not set up."""
    from control_plane.batches.drive_scan import DriveScan, DriveSurvey

    scan = DriveScan(
        drive=build_drive(settings()), storage=clients().storage, selection=selection, folder_id=folder_id,
        sizes=_page_sizes(), pool=pool, entered=lambda _: set(), origin=Origin(Source.DRIVE, None), page=1000,
        most_bytes=settings().max_upload_bytes,
    )  # fmt: skip
    return DriveSurvey(scan)


def open_mail_survey(mail_folder: str) -> Scan:
    """A folder of the mailbox to be counted. Raises BadRequest while there is none."""
    scan = MailScan(
        mailbox=build_mailbox(settings()), storage=clients().storage, folder=mail_folder, sizes=_page_sizes(),
        entered=lambda _: set(), origin=Origin(Source.MAIL, None), page=1000, most_bytes=settings().max_upload_bytes,
    )  # fmt: skip
    return MailSurvey(scan)


def _count(scan: Scan, most: int) -> Found:
    """Count what a scan finds, for at most 50 seconds, up to `most` new documents."""
    deadline = time.monotonic() + SCAN_SECONDS
    found, place = Found(), ""
    while not found.complete and time.monotonic() < deadline:
        step = scan.read_step(place)
        place = step.place
        found.add(step, clients().database.find_known_objects(step.files), most)
    return found


def _survey(query: EstimateQuery) -> Found:
    selection = query.selection()
    with ThreadPoolExecutor(SNIFFERS) as pool:
        if query.mail_folder is not None:
            scan = open_mail_survey(query.mail_folder)
        elif query.folder_id is None:
            scan = BucketScan(clients().storage, selection, _page_sizes(), pool, 1000)
        else:
            scan = open_survey(query.folder_id, selection, pool)
        return _count(scan, query.max_documents)


def _assume(documents: int) -> Found:
    pages = round(documents * usual_pages(clients().database.get_page_statistics()))
    return Found(documents, new=documents, pages=pages, complete=True)


def _page_sizes() -> PageSizes:
    return PageSizes.measured(clients().database.get_page_statistics())


def _estimate_run(pages: int, max_dollars_per_hour: float) -> Run:
    ledger, policy = clients().database.get_fleet(), settings().fleet
    try:
        with vast_answers():
            offers = clients().vast.search_offers(policy.query, policy.disk_gb)
    except ControlPlaneError:
        offers = []
    return estimate_run(pages, offers, ledger, policy, settings().max_machines, max_dollars_per_hour)


def _estimate_claude(documents: int, pages: int, hours: float) -> ClaudeCost:
    now, policy, today = settings(), settings().claude, datetime.now(UTC).date()
    quick, careful = (policy.price(strength, today) for strength in ("quick", "careful"))
    if now.anthropic_api_key is None or quick is None or careful is None:
        return CLAUDE_OFF
    assumed = policy.prices.assumptions.usd(quick, careful, documents, pages) * policy.prices.batch_share
    measured = clients().database.get_claude_statistics()
    cap = claude_cap(hours, now.max_claude_dollars_per_day, policy.max_usd_per_batch)
    return estimate_claude(documents, pages, assumed, measured, cap)


def _steer(batch_id: str | None, status: str, message: str) -> SessionBatch:
    if batch_id is None:
        rows, now = clients().database.get_batches(None, MOST_ROWS, None), datetime.now(UTC)
        newest = current_batch([describe_batch(each, now) for each in rows])
        if newest is None:
            raise NotFound("There is no batch yet.")
        batch_id = newest.id
    clients().database.set_batch_status(batch_id, status)
    return _told(batch_id, message)


def _told(batch_id: str, message: str) -> SessionBatch:
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
