"""Batches over HTTP: estimate a prefix, start it, watch it, pause, resume and stop it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.batches.bucket_scan import BucketScan, Scan, Selection
from control_plane.batches.estimates import (
    CLAUDE_OFF,
    ClaudeCost,
    PageSizes,
    Run,
    claude_cap,
    estimate_claude,
    estimate_run,
)
from control_plane.batches.shapes import (
    MIME_TYPES,
    MOST_DOCUMENTS,
    check_folder_id,
    check_selection,
    describe_batch,
    describe_skipped,
    read_request,
)
from control_plane.clients import build_drive
from control_plane.documents.jobs import PAGE
from control_plane.errors import ControlPlaneError, NotFound
from control_plane.fleet.market_routes import vast_answers
from control_plane.fleet.shapes import Ledger
from control_plane.http.answers import to_json
from control_plane.http.requests import check_uuid, json_body, query_cursor, query_int, query_limit, query_uuid
from control_plane.http.schemas import BOOLEAN, CHOICES, INTEGER, NUMBER, STRING, TIME, listing, nullable, obj
from control_plane.http.wiring import clients, describe, settings
from control_plane.intake.origin import Origin
from control_plane.settings.claude_prices import find_price

blueprint = Blueprint("batches", __name__)
SCAN_SECONDS = 50.0  # an estimate answers within a minute, whatever the size of the bucket
SNIFFERS = 8

BATCH = obj(
    id=STRING, name=STRING, prefix=nullable("string"), folder_id=nullable("string"), source=STRING,
    state={"enum": ["scanning", "running", "paused", "stopped", "completed"]},
    again_of=nullable("string"), documents=INTEGER, completed=INTEGER, failed=INTEGER, cancelled=INTEGER, open=INTEGER,
    unread=INTEGER, pages=INTEGER, pages_done=INTEGER, cost_usd=nullable("number"),
    max_cost_per_hour=nullable("number"), finish_at=nullable("string"),
    created_at=STRING, scanned=INTEGER, known=INTEGER, unsupported=INTEGER, empty=INTEGER, problem=nullable("string"),
    failures={"type": "array", "items": obj(code=nullable("string"), message=nullable("string"), documents=INTEGER)},
)  # fmt: skip
CHECKPOINT = obj(
    batch_id=STRING, place=STRING, scanned=INTEGER, queued=INTEGER, known=INTEGER, unsupported=INTEGER, empty=INTEGER,
    bytes=INTEGER, pages_estimate=INTEGER, error_code=nullable("string"), error_message=nullable("string"),
    finished_at=nullable("string"), updated_at=TIME, again_after=nullable("integer"), seq=INTEGER,
)  # fmt: skip
SKIPPED = obj(source_id=STRING, name=STRING, code=STRING, message=STRING, created_at=TIME)
ONE_BATCH = {"type": "object", "required": ["batch_id"], "properties": {"batch_id": STRING}}


@blueprint.get("/batch/estimate")
@describe(
    "What a prefix of the bucket or a folder of Drive would take", "Batches",
    query={
        "prefix": ("string", "Objects whose key begins with this; the whole bucket if not said."),
        "folder_id": ("string", "Instead of a prefix: a folder of Google Drive, with its subfolders."),
        "mime_types": ("string", "Types to take, separated by commas; all that can be read if not said."),
        "max_documents": ("integer", "Estimate at most so many new documents."),
    },
    answer=obj(
        prefix=nullable("string"), folder_id=nullable("string"), documents=INTEGER, known=INTEGER, new=INTEGER,
        unsupported=INTEGER, empty=INTEGER, bytes=INTEGER, pages=INTEGER, hours=NUMBER, machines=INTEGER,
        machines_usd=nullable("number"), claude_usd=NUMBER, claude_basis={"enum": ["measured", "assumed", "off"]},
        claude_capped=BOOLEAN, total_usd=nullable("number"), complete=BOOLEAN,
    ),
    errors=(400, 404, 409, 503),
)  # fmt: skip
def estimate() -> Response:
    """Scan, queue nothing, and price what is new: machines at today's offers, Claude by what a page has cost here.

    `claude_capped`: the limits allow no more for Claude; plain rules sort the rest.
    """
    words = [word for word in request.args.get("mime_types", "").split(",") if word.strip()]
    selection = check_selection(request.args.get("prefix", ""), words)
    most = query_int("max_documents", MOST_DOCUMENTS, 1, MOST_DOCUMENTS)
    folder_id = request.args.get("folder_id")
    with ThreadPoolExecutor(SNIFFERS) as pool:
        if folder_id is None:
            scan: Scan = BucketScan(clients().storage, selection, _page_sizes(), pool, 1000)
        else:
            scan = open_survey(check_folder_id(folder_id), selection, pool)
        found = _count(scan, most)
    about = {"prefix": selection.prefix if folder_id is None else None, "folder_id": folder_id}
    return jsonify(**about, **found, **_price(found["new"], found["pages"]))


@blueprint.post("/batch/start")
@describe(
    "Take in a prefix of the bucket or a folder of Drive", "Batches",
    body={
        "type": "object",
        "properties": {
            "name": STRING, "prefix": STRING, "folder_id": STRING,
            "mime_types": {"type": "array", "items": {"enum": list(MIME_TYPES)}},
            "max_documents": INTEGER, "batch_size": INTEGER, "max_cost_per_hour": NUMBER, **CHOICES,
        },
    },
    status=201, answer=BATCH, errors=(400, 404, 409, 503),
)  # fmt: skip
def start() -> tuple[Response, int]:
    """Make the batch; the importer scans it in the background and queues what has not entered before."""
    batch = read_request(json_body())
    if "folder_id" in batch["limits"]:
        folder = build_drive(settings()).check_folder(batch["limits"]["folder_id"])
        batch["name"] = batch["name"] or folder
    return jsonify(_batch(clients().database.start_batch(batch))), 201


@blueprint.get("/batch/status")
@describe(
    "How batches stand", "Batches", query={"batch_id": ("string", "Only this one."), **PAGE},
    answer=listing("batches", BATCH), errors=(400, 404, 503),
)  # fmt: skip
def status() -> Response:
    """Progress, finish time, cost until now and failures by reason, newest batch first."""
    batch_id = query_uuid("batch_id")
    if batch_id:
        return jsonify(batches=[_batch(batch_id)], next=None)
    limit = query_limit()
    found = clients().database.get_batches(max_batches=limit + 1, before=query_cursor())
    following = found[limit - 1].seq if len(found) > limit else None
    return jsonify(batches=[describe_batch(each, datetime.now(UTC)) for each in found[:limit]], next=following)


@blueprint.post("/batch/pause")
@describe("Let a batch wait", "Batches", body=ONE_BATCH, answer=BATCH, errors=(400, 404, 409, 503))
def pause() -> Response:
    """Claim and scan nothing more of it; what is being read is finished."""
    return _steer("paused")


@blueprint.post("/batch/resume")
@describe("Let a paused batch go on", "Batches", body=ONE_BATCH, answer=BATCH, errors=(400, 404, 409, 503))
def resume() -> Response:
    """Go on scanning and claiming where it was."""
    return _steer("running")


@blueprint.post("/batch/stop")
@describe("End a batch", "Batches", body=ONE_BATCH, answer=BATCH, errors=(400, 404, 409, 503))
def stop() -> Response:
    """Cancel what waits; what is being read is finished. `/batch/again` reads the rest later."""
    return _steer("stopped")


@blueprint.post("/batch/again")
@describe(
    "Read what a batch has left unread", "Batches", body=ONE_BATCH, status=201, answer=BATCH,
    errors=(400, 404, 409, 503),
)  # fmt: skip
def again() -> tuple[Response, int]:
    """A new batch for the stopped and cancelled documents of an ended one; an unfinished scan goes on where it was."""
    batch_id = check_uuid(json_body().get("batch_id"), "batch_id")
    return jsonify(_batch(clients().database.read_again(batch_id))), 201


@blueprint.get("/batch/skipped")
@describe(
    "Files that a batch did not take in", "Batches", query={"batch_id": ("string", "Of this batch."), **PAGE},
    answer=listing("skipped", SKIPPED), errors=(400, 503),
)  # fmt: skip
def list_skipped() -> Response:
    """Each with its name, where it is (object key, or Drive's id) and why, newest first."""
    limit, batch_id = query_limit(), check_uuid(request.args.get("batch_id"), "batch_id")
    page = clients().database.list_skipped_files(batch_id, limit, query_cursor())
    return jsonify(skipped=[describe_skipped(file) for file in page.rows], next=page.next)


@blueprint.get("/checkpoints")
@describe(
    "Where each scan stands", "Batches", query=PAGE, answer=listing("checkpoints", CHECKPOINT), errors=(400, 503)
)  # fmt: skip
def checkpoints() -> Response:
    """The last place of every scan, newest batch first; after a restart a scan goes on from there."""
    page = clients().database.list_checkpoints(query_limit(), query_cursor())
    return jsonify(checkpoints=to_json(page.rows), next=page.next)


def open_survey(folder_id: str, selection: Selection, pool: Executor) -> Scan:
    """A Drive folder to be counted. Raises BadRequest while Drive is not set up."""
    from control_plane.batches.drive_scan import DriveScan, DriveSurvey

    scan = DriveScan(
        drive=build_drive(settings()), storage=clients().storage, selection=selection, folder_id=folder_id,
        sizes=_page_sizes(), pool=pool, entered=lambda _: set(), origin=Origin("drive", None), page=1000,
        most_bytes=settings().max_upload_bytes,
    )  # fmt: skip
    return DriveSurvey(scan)


def _count(scan: Scan, most: int) -> dict[str, Any]:
    """Count what a scan finds, for at most 50 seconds, up to `most` new documents."""
    deadline = time.monotonic() + SCAN_SECONDS
    found = {"documents": 0, "known": 0, "new": 0, "unsupported": 0, "empty": 0, "bytes": 0, "pages": 0}
    place, finished = "", False
    while not finished and found["new"] < most and time.monotonic() < deadline:
        step = scan.read_step(place)
        place, finished = step.place, step.finished
        known = _known_keys(step.files)
        new = [file for file in step.files if file["object_key"] not in known][: most - found["new"]]
        found["documents"] += len(known) + len(new)
        found["known"] += len(known)
        found["new"] += len(new)
        found["unsupported"] += step.unsupported
        found["empty"] += step.empty
        found["bytes"] += sum(file["bytes"] or 0 for file in new)
        found["pages"] += sum(file["pages_estimate"] for file in new)
    return found | {"complete": finished or found["new"] >= most}


def _known_keys(files: Iterable[dict[str, Any]]) -> set[str]:
    names = ("object_key", "google_drive_id", "google_drive_version", "md5", "bytes")
    probes = [{name: file.get(name) for name in names} for file in files]
    return clients().database.find_known_objects(probes)


def _page_sizes() -> PageSizes:
    return PageSizes.measured(clients().database.get_page_statistics())


def _estimate_run(pages: int, max_dollars_per_hour: float) -> Run:
    ledger = Ledger.from_row(clients().database.get_fleet())
    policy = settings().fleet
    try:
        with vast_answers():
            offers = clients().vast.search_offers(policy.query, policy.disk_gb)
    except ControlPlaneError:
        offers = []
    return estimate_run(pages, offers, ledger, policy, settings().max_machines, max_dollars_per_hour)


def _price(documents: int, pages: int) -> dict[str, Any]:
    run = _estimate_run(pages, settings().max_dollars_per_hour)
    claude = _estimate_claude(documents, pages, run.hours)
    return {
        "hours": run.hours,
        "machines": run.machines,
        "machines_usd": run.usd,
        "claude_usd": claude.usd,
        "claude_basis": claude.basis,
        "claude_capped": claude.capped,
        "total_usd": None if run.usd is None else round(run.usd + claude.usd, 4),
    }


def _estimate_claude(documents: int, pages: int, hours: float) -> ClaudeCost:
    now, policy = settings(), settings().claude
    price = find_price(policy.prices, policy.model, datetime.now(UTC).date())
    if now.anthropic_api_key is None or price is None:
        return CLAUDE_OFF
    measured = clients().database.get_claude_statistics(policy.model)
    cap = claude_cap(hours, now.max_claude_dollars_per_day, policy.max_usd_per_batch)
    return estimate_claude(documents, pages, price, policy.assumptions, measured, cap)


def _steer(status: str) -> Response:
    batch_id = check_uuid(json_body().get("batch_id"), "batch_id")
    clients().database.set_batch_status(batch_id, status)
    return jsonify(_batch(batch_id))


def _batch(batch_id: str) -> dict[str, Any]:
    rows = clients().database.get_batches(batch_id)
    if not rows:
        raise NotFound("There is no such batch.")
    return describe_batch(rows[0], datetime.now(UTC))
