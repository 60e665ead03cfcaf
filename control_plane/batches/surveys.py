"""Looks into a folder and into the market before anything is begun: counts, machines, Claude (story)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime

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
from control_plane.batches.mail_scan import MailScan, MailSurvey
from control_plane.batches.models import Folder, StartBody
from control_plane.batches.pricing import Guess
from control_plane.batches.sampling import Sampler
from control_plane.batches.shapes import Found
from control_plane.clients import build_drive, build_mailbox
from control_plane.database.enums import Priority, Source
from control_plane.errors import ControlPlaneError
from control_plane.http.wiring import clients, settings
from control_plane.intake.origin import Origin
from control_plane.vast.errors import vast_answers
from control_plane.vast.rows import Offer

SCAN_SECONDS = 50.0  # an estimate answers within a minute, whatever the size of the bucket
SNIFFERS = 8


def check_source(body: StartBody) -> str | None:
    """The name of a Drive's folder; a wrong folder or password of any source is said at once."""
    if body.mail_folder is not None:
        with build_mailbox(settings()).open(body.mail_folder):
            pass
    return build_drive(settings()).check_folder(body.drive_folder) if body.drive_folder else None


def survey(folder: Folder, most: int, sampler: Sampler | None = None) -> Found:
    """Count what a folder has, nothing read, up to `most` new documents; a sampler is shown each new one."""
    with ThreadPoolExecutor(SNIFFERS) as pool:
        if folder.mail_folder is not None:
            scan = open_mail_survey(folder.mail_folder)
        elif folder.folder_id is None:
            scan = BucketScan(clients().storage, folder.selection, _page_sizes(), pool, 1000)
        else:
            scan = open_survey(folder.folder_id, folder.selection, pool)
        return _count(scan, most, sampler)


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


def _count(scan: Scan, most: int, sampler: Sampler | None) -> Found:
    """Count what a scan finds, for at most 50 seconds, up to `most` new documents."""
    deadline = time.monotonic() + SCAN_SECONDS
    found, place = Found(), ""
    while not found.complete and time.monotonic() < deadline:
        step = scan.read_step(place)
        place = step.place
        for file in found.add(step, clients().database.find_known_objects(step.files), most):
            if sampler is not None:
                sampler.add(file.object_key, file.pages_estimate or 1)
    return found


def _page_sizes() -> PageSizes:
    return PageSizes.measured(clients().database.get_page_statistics())


def find_offers() -> list[Offer]:
    """What is for hire now; nothing while Vast.ai is away."""
    policy = settings().fleet
    try:
        with vast_answers():
            return clients().vast.search_offers(policy.query, policy.disk_gb)
    except ControlPlaneError:
        return []


def plan_run(offers: Sequence[Offer], priority: Priority) -> Callable[[int], Run]:
    """What so many pages take, at these offers, as punctual as promised and within the caps."""
    now, ledger = settings(), clients().database.get_fleet()
    policy = now.fleet
    due = {
        Priority.HIGH: policy.high_promise_seconds, Priority.NORMAL: policy.normal_promise_seconds,
        Priority.LOW: policy.low_promise_seconds,
    }[priority]  # fmt: skip
    return lambda pages: estimate_run(pages, offers, ledger, policy, due, now.max_machines, now.max_dollars_per_hour)


def expect_claude(documents: int, pages: int, hours: float) -> ClaudeCost:
    """What Claude would take, by what a page has cost here, within its limits; off without a key."""
    return _price_claude(documents, pages, most_for_claude(hours))


def guess_claude() -> Guess:
    """The same for one document and for one page of it, without a limit."""
    alone, whole = (_price_claude(1000, pages, math.inf).usd for pages in (0, 1000))
    return Guess(alone / 1000, max(0.0, whole - alone) / 1000)


def most_for_claude(hours: float) -> float:
    """The most that the limits allow Claude to take of a batch of so many hours."""
    now = settings()
    return claude_cap(hours, now.max_claude_dollars_per_day, now.claude.max_usd_per_batch)


def _price_claude(documents: int, pages: int, cap: float) -> ClaudeCost:
    now, policy, today = settings(), settings().claude, datetime.now(UTC).date()
    quick, careful = (policy.price(strength, today) for strength in ("quick", "careful"))
    if now.anthropic_api_key is None or quick is None or careful is None:
        return CLAUDE_OFF
    assumed = policy.prices.assumptions.usd(quick, careful, documents, pages) * policy.prices.batch_share
    return estimate_claude(documents, pages, assumed, clients().database.get_claude_statistics(), cap)
