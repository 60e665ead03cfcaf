"""Batches over HTTP: estimate a prefix, start it, watch it, pause, resume and stop it."""

from __future__ import annotations

import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint

from control_plane.batches.bucket_scan import BucketScan, Scan, Selection, Step
from control_plane.batches.estimates import (
    CLAUDE_OFF,
    ClaudeCost,
    PageSizes,
    Run,
    claude_cap,
    estimate_claude,
    estimate_run,
)
from control_plane.batches.models import (
    BatchBody,
    Batches,
    BatchQuery,
    Checkpoints,
    Estimate,
    EstimateQuery,
    ListedBatch,
    SkippedPage,
    SkippedQuery,
    StartBody,
)
from control_plane.batches.shapes import describe_batch, describe_skipped
from control_plane.clients import build_drive
from control_plane.database.enums import Source
from control_plane.errors import ControlPlaneError, NotFound
from control_plane.http.contract import describe
from control_plane.http.models import PageQuery
from control_plane.http.wiring import clients, settings
from control_plane.intake.origin import Origin
from control_plane.vast.errors import vast_answers

blueprint = Blueprint("batches", __name__)
SCAN_SECONDS = 50.0  # an estimate answers within a minute, whatever the size of the bucket
SNIFFERS = 8

@blueprint.get("/batch/estimate")
@describe(
    "What a prefix of the bucket or a folder of Drive would take", "Batches", query=EstimateQuery, answer=Estimate,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def estimate(query: EstimateQuery) -> Estimate:
    """Scan, queue nothing, and price what is new: machines at today's offers, Claude by what a page has cost here.

    `claude_capped`: the limits allow no more for Claude; plain rules sort the rest.
    """
    selection = query.selection()
    with ThreadPoolExecutor(SNIFFERS) as pool:
        if query.folder_id is None:
            scan: Scan = BucketScan(clients().storage, selection, _page_sizes(), pool, 1000)
        else:
            scan = open_survey(query.folder_id, selection, pool)
        found = _count(scan, query.max_documents)
    run = _estimate_run(found.pages, settings().max_dollars_per_hour)
    claude = _estimate_claude(found.new, found.pages, run.hours)
    return Estimate(
        prefix=selection.prefix if query.folder_id is None else None,
        folder_id=query.folder_id,
        **vars(found),
        hours=run.hours,
        machines=run.machines,
        machine_usd=run.usd,
        claude_usd=claude.usd,
        claude_basis=claude.basis,
        claude_capped=claude.capped,
        total_usd=None if run.usd is None else round(run.usd + claude.usd, 4),
    )


@blueprint.post("/batch/start")
@describe(
    "Take in a prefix of the bucket or a folder of Drive", "Batches", body=StartBody, status=201, answer=ListedBatch,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def start(body: StartBody) -> ListedBatch:
    """Make the batch; the importer scans it in the background and queues what has not entered before."""
    folder = build_drive(settings()).check_folder(body.folder_id) if body.folder_id else None
    return _batch(clients().database.start_batch(body.as_batch(folder)))


@blueprint.get("/batch/status")
@describe("How batches stand", "Batches", query=BatchQuery, answer=Batches, errors=(400, 404, 503))
def status(query: BatchQuery) -> Batches:
    """Progress, finish time, cost until now and failures by reason, newest batch first."""
    if query.batch_id:
        return Batches([_batch(query.batch_id)], None)
    found, now = clients().database.get_batches(None, query.limit + 1, query.cursor), datetime.now(UTC)
    following = found[query.limit - 1].seq if len(found) > query.limit else None
    return Batches([describe_batch(each, now) for each in found[: query.limit]], following)


@blueprint.post("/batch/pause")
@describe("Let a batch wait", "Batches", body=BatchBody, answer=ListedBatch, errors=(400, 404, 409, 503))
def pause(body: BatchBody) -> ListedBatch:
    """Claim and scan nothing more of it; what is being read is finished."""
    return _steer(body.batch_id, "paused")


@blueprint.post("/batch/resume")
@describe("Let a paused batch go on", "Batches", body=BatchBody, answer=ListedBatch, errors=(400, 404, 409, 503))
def resume(body: BatchBody) -> ListedBatch:
    """Go on scanning and claiming where it was."""
    return _steer(body.batch_id, "running")


@blueprint.post("/batch/stop")
@describe("End a batch", "Batches", body=BatchBody, answer=ListedBatch, errors=(400, 404, 409, 503))
def stop(body: BatchBody) -> ListedBatch:
    """Cancel what waits; what is being read is finished. `/batch/again` reads the rest later."""
    return _steer(body.batch_id, "stopped")


@blueprint.post("/batch/again")
@describe(
    "Read what a batch has left unread", "Batches", body=BatchBody, status=201, answer=ListedBatch,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def again(body: BatchBody) -> ListedBatch:
    """A new batch for the stopped and cancelled documents of an ended one; an unfinished scan goes on where it was."""
    return _batch(clients().database.read_again(body.batch_id))


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
    return Checkpoints(page.rows, page.next)


def open_survey(folder_id: str, selection: Selection, pool: Executor) -> Scan:
    """A Drive folder to be counted. Raises BadRequest while Drive is not set up."""
    from control_plane.batches.drive_scan import DriveScan, DriveSurvey

    scan = DriveScan(
        drive=build_drive(settings()), storage=clients().storage, selection=selection, folder_id=folder_id,
        sizes=_page_sizes(), pool=pool, entered=lambda _: set(), origin=Origin(Source.DRIVE, None), page=1000,
        most_bytes=settings().max_upload_bytes,
    )  # fmt: skip
    return DriveSurvey(scan)


@dataclass
class Found:
    """What a scan has found so far; bytes and pages are of the new documents."""

    documents: int = 0
    known: int = 0
    new: int = 0
    unsupported: int = 0
    empty: int = 0
    bytes: int = 0
    pages: int = 0
    complete: bool = False

    def add(self, step: Step, known: set[str], most: int) -> None:
        """Count one more step, up to `most` new documents."""
        new = [file for file in step.files if file.object_key not in known][: most - self.new]
        self.documents += len(known) + len(new)
        self.known += len(known)
        self.new += len(new)
        self.unsupported += step.unsupported
        self.empty += step.empty
        self.bytes += sum(file.bytes or 0 for file in new)
        self.pages += sum(file.pages_estimate or 0 for file in new)
        self.complete = step.finished or self.new >= most


def _count(scan: Scan, most: int) -> Found:
    """Count what a scan finds, for at most 50 seconds, up to `most` new documents."""
    deadline = time.monotonic() + SCAN_SECONDS
    found, place = Found(), ""
    while not found.complete and time.monotonic() < deadline:
        step = scan.read_step(place)
        place = step.place
        found.add(step, clients().database.find_known_objects(step.files), most)
    return found


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
    assumed = policy.prices.assumptions.usd(quick, careful, documents, pages)
    measured = clients().database.get_claude_statistics(policy.careful)
    cap = claude_cap(hours, now.max_claude_dollars_per_day, policy.max_usd_per_batch)
    return estimate_claude(documents, pages, assumed, measured, cap)


def _steer(batch_id: str, status: str) -> ListedBatch:
    clients().database.set_batch_status(batch_id, status)
    return _batch(batch_id)


def _batch(batch_id: str) -> ListedBatch:
    rows = clients().database.get_batches(batch_id)
    if not rows:
        raise NotFound("There is no such batch.")
    return describe_batch(rows[0], datetime.now(UTC))
