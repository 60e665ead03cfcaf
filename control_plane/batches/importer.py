"""`python -m control_plane import`: scans running batches, indexes texts, keeps bucket and queue in line."""

from __future__ import annotations

import logging
import signal
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from control_plane.batches.bucket_scan import BucketScan, Scan, Selection, Step
from control_plane.batches.estimates import PageSizes
from control_plane.batches.mail_scan import MailScan, begin_watch, watch_name
from control_plane.batches.strays import StraysSweep, queue_strays
from control_plane.clients import build_drive, build_mailbox, build_storage, build_supabase
from control_plane.database import Database
from control_plane.database.batch_rows import Scan as RunningScan
from control_plane.database.door_rows import Door
from control_plane.database.enums import DoorName, Source
from control_plane.database.heartbeat import Heartbeat
from control_plane.doors.keeper import Probe, ask_about, keep_doors, pause_for
from control_plane.errors import Conflict, ControlPlaneError, QueueUnavailable
from control_plane.intake.origin import Choices, Origin
from control_plane.intake.store import discard
from control_plane.record.choices import ChoicesLook
from control_plane.record.originals import OriginalsSweep
from control_plane.record.sweep import RecordSweep
from control_plane.record.weeks import WeeklyReport
from control_plane.settings import Settings
from control_plane.storage.bucket import Storage

log = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0
INDEX_SECONDS = 2.0  # at most, a tick: some thousands of short texts
LATE_AFTER_SECONDS = 900  # a step may read fifty files of Drive, each with its tries
STRAYS_SECONDS = 600.0
SIZES_SECONDS = 60.0  # they are told from the last 5,000 documents: some 25,000 blocks
WATCH_SECONDS = 180.0
SNIFFERS = 16
DEFAULT_STEP = 500
SMALLEST_STEP = 20
# A step of Drive reads its files, 16 MiB in memory for each reader: 4 readers, and no more files than a minute takes.
DRIVE_READERS = 4
DRIVE_STEP = 50
SOURCE_DOORS = {Source.DRIVE: DoorName.DRIVE, Source.MAIL: DoorName.MAILBOX}
MAIL_STEP = 50  # one by one over one connection: a minute where each takes a second


@dataclass
class Importer:
    """What the loop works with."""

    settings: Settings
    database: Database
    storage: Storage
    pool: Executor
    drive_pool: Executor
    strays_due: float = 0.0
    watch_due: float = 0.0  # when the folder of forwarded mail is looked into next
    record: RecordSweep = field(default_factory=RecordSweep)
    originals: OriginalsSweep = field(default_factory=OriginalsSweep)
    strays: StraysSweep = field(default_factory=StraysSweep)
    choices: ChoicesLook = field(default_factory=ChoicesLook)
    weeks: WeeklyReport = field(default_factory=WeeklyReport)
    sizes: PageSizes | None = None
    sizes_due: float = 0.0
    paused: dict[DoorName, Door] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)  # batches that wait for a door, and its code
    most: int = DEFAULT_STEP  # objects a step: halved when the queue does not manage one in time, doubled when it does


def run(settings: Settings) -> int:
    """Scan until SIGTERM or SIGINT; a kill at any moment loses and repeats nothing."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ThreadPoolExecutor(SNIFFERS) as pool, ThreadPoolExecutor(DRIVE_READERS) as drive_pool:
        database = Database(build_supabase(settings))
        importer = Importer(settings, database, build_storage(settings), pool, drive_pool)
        beat = Heartbeat(database, "import", LATE_AFTER_SECONDS)
        while not stop.is_set():
            moved = tick(importer)
            beat()
            if not moved:
                stop.wait(PAUSE_SECONDS)
    return 0


def tick(importer: Importer) -> bool:
    """One step of every running scan; True while there is more to scan."""
    try:
        index_texts(importer.database)
        keep_doors(importer.database, door_probes(importer))
        hear_first(importer)
        moved = take_steps(importer)
        importer.database.complete_batches()
        importer.database.settle_estimates()
        if DoorName.STORAGE not in importer.paused:
            look_after_storage(importer)
        return moved
    except ControlPlaneError as error:
        log.warning("import waits", extra={"code": error.code})
        ask_about(importer.database, error)
    except Exception as error:  # a defect with one batch must not end the loop for the others
        log.error("import failed: %s", type(error).__name__, exc_info=True)
    return False


def index_texts(database: Database) -> None:
    """Make findable what was read since the last tick."""
    until = time.monotonic() + INDEX_SECONDS
    while database.index_texts() and time.monotonic() < until:
        pass


def hear_first(importer: Importer) -> None:
    """Before anything is taken in, what the bucket says of it: the database may be older than the bucket, or new."""
    if importer.choices.is_heard:
        return
    try:
        importer.choices.hear(importer.database, importer.storage)
    except QueueUnavailable:
        raise
    except ControlPlaneError as error:
        if pause_for(importer.database, error) is None:
            raise


def look_after_storage(importer: Importer) -> None:
    """A small step of each daily look. Raises what database and storage raise: the next tick goes on there."""
    importer.choices.tick(importer.database, importer.storage)
    importer.record.tick(importer.settings, importer.database, importer.storage)
    if time.monotonic() >= importer.strays_due:
        importer.strays_due = time.monotonic() + STRAYS_SECONDS
        queue_strays(importer.database, importer.storage, datetime.now(UTC))
    importer.strays.tick(importer.database, importer.storage, datetime.now(UTC))
    importer.originals.tick(importer.database, importer.storage)
    importer.weeks.tick(importer.database, importer.storage, datetime.now(UTC).date())


def take_steps(importer: Importer) -> bool:
    """One step of every scan, forwarded mail every few minutes only; True when any has more to do."""
    looks, settings = time.monotonic() >= importer.watch_due, importer.settings
    if looks:
        begin_watch(importer.database, settings.imap_url, settings.imap_watch_folder)
    scans = behind_open_doors(importer, importer.database.get_scans())
    moved = [take_step(importer, batch) for batch in scans if not batch.limits.get("watch")]
    if looks:
        name = watch_name(settings.imap_url, settings.imap_watch_folder)
        watched = [batch for batch in scans if name and batch.limits.get("watch") == name]
        has_more = any([take_step(importer, batch) for batch in watched])
        importer.watch_due = 0.0 if has_more else time.monotonic() + WATCH_SECONDS
        moved.append(has_more)
    return any(moved)


def behind_open_doors(importer: Importer, scans: list[RunningScan]) -> list[RunningScan]:
    """The scans that may go on; each of the others says, once, for which door it waits."""
    paused = importer.paused = {door.name: door for door in importer.database.list_paused_doors()}
    waiting = {batch.id: paused[min(doors)] for batch in scans if (doors := doors_of(batch) & paused.keys())}
    for batch_id, door in waiting.items():
        if importer.waiting.get(batch_id) != door.code:
            importer.database.report_scan_problem(batch_id, str(door.code), door.message or str(door.code))
    importer.waiting = {batch_id: str(door.code) for batch_id, door in waiting.items()}
    return [batch for batch in scans if batch.id not in waiting]


def doors_of(batch: RunningScan) -> set[DoorName]:
    """What a batch's scan goes through: the storage always, for that is where the files go."""
    return {DoorName.STORAGE} | ({SOURCE_DOORS[batch.source]} if batch.source in SOURCE_DOORS else set())


def door_probes(importer: Importer) -> dict[DoorName, Probe]:
    """The first calls of this program's work, for the doors it goes through."""
    settings = importer.settings
    return {
        DoorName.STORAGE: lambda: try_storage(importer),
        DoorName.DRIVE: lambda: build_drive(settings).try_out(),
        DoorName.MAILBOX: lambda: build_mailbox(settings).try_out(settings.imap_watch_folder),
    }


def try_storage(importer: Importer) -> None:
    """The careful call; after a restore the door opens only when the bucket's choices have been heard."""
    importer.storage.try_out()
    importer.choices.hear(importer.database, importer.storage)


def take_step(importer: Importer, batch: RunningScan) -> bool:
    """Read one page of a batch and queue it; True when the scan moved and is not finished.

    A fault of the whole house pauses its door: until it opens, no scan of its kind is tried.
    """
    try:
        if batch.again:
            return enqueue_unread(importer, batch)
        step = open_scan(importer, batch).read_step(batch.place)
        return queue_step(importer, batch, step) and step.place != batch.place
    except QueueUnavailable:
        raise
    except ControlPlaneError as error:
        log.warning("scan does not move", extra={"batch_id": batch.id, "code": error.code})
        importer.database.report_scan_problem(batch.id, error.code, error.message)
        pause_for(importer.database, error)
        return False


def enqueue_unread(importer: Importer, batch: RunningScan) -> bool:
    """Queue some of what an earlier batch has left unread; True when the batch has more to do."""
    try:
        point = importer.database.enqueue_unread(batch.id, importer.most)
    except Conflict as error:
        log.info("step of unread documents dropped: %s", error.message, extra={"batch_id": batch.id})
        return False
    return point.finished_at is None


def queue_step(importer: Importer, batch: RunningScan, step: Step) -> bool:
    """Queue what a step found and move the checkpoint; True when the scan is not finished."""
    files = [
        replace(file, priority=batch.priority, placement=batch.placement, allow_claude=batch.allow_claude)
        for file in step.files
    ]
    try:
        point = importer.database.enqueue_objects(batch.id, batch.place, files, step.as_row())
        importer.most = min(DEFAULT_STEP, importer.most * 2)
    except QueueUnavailable:
        importer.most = max(SMALLEST_STEP, importer.most // 2)
        raise
    except Conflict as error:  # paused or stopped meanwhile, or another importer was faster: look again
        log.info("scan step dropped: %s", error.message, extra={"batch_id": batch.id})
        for file in step.files:
            if file.object_key.startswith("raw/"):  # we stored it for this step, and no row knows it
                discard(importer.storage, file.object_key)
        return False
    return point.finished_at is None


def open_scan(importer: Importer, batch: RunningScan) -> Scan:
    """The scan that a batch's limits describe."""
    limits: dict[str, Any] = batch.limits
    sizes = page_sizes(importer)
    only = frozenset(limits["sample"]) if "sample" in limits else None
    selection = Selection(limits.get("prefix", ""), frozenset(limits.get("mime_types") or ()), only)
    if "folder_id" in limits:
        return open_drive_scan(importer, batch, sizes, selection)
    if "mail_folder" in limits:
        return open_mail_scan(importer, batch, sizes, only)
    size = min(limits.get("batch_size") or DEFAULT_STEP, importer.most)
    entered = importer.database.find_entered_objects
    return BucketScan(importer.storage, selection, sizes, importer.pool, size, entered)


def page_sizes(importer: Importer) -> PageSizes:
    """What a page takes, as measured a minute ago at most: a step is made every few seconds."""
    if importer.sizes is None or time.monotonic() >= importer.sizes_due:
        importer.sizes = PageSizes.measured(importer.database.get_page_statistics())
        importer.sizes_due = time.monotonic() + SIZES_SECONDS
    return importer.sizes


def open_mail_scan(
    importer: Importer, batch: RunningScan, sizes: PageSizes, only: frozenset[str] | None
) -> Scan:
    """The scan of a folder of the mailbox. Raises BadRequest while there is none."""
    limits: dict[str, Any] = batch.limits
    most = limits.get("max_documents")
    return MailScan(
        mailbox=build_mailbox(importer.settings),
        storage=importer.storage,
        folder=limits["mail_folder"],
        sizes=sizes,
        entered=importer.database.find_entered_objects,
        origin=Origin(Source.MAIL, Choices.of(batch.priority, batch.placement, batch.allow_claude), batch.id),
        page=min(limits.get("batch_size") or MAIL_STEP, MAIL_STEP),
        most_bytes=importer.settings.max_upload_bytes,
        most_files=None if most is None else most - batch.queued,
        is_watched="watch" in limits,
        only=only,
    )


def open_drive_scan(importer: Importer, batch: RunningScan, sizes: PageSizes, selection: Selection) -> Scan:
    """The scan of a Drive folder. Raises BadRequest while Drive is not set up."""
    from control_plane.batches.drive_scan import DriveScan  # Google's libraries: 20 MB that most houses never need

    limits: dict[str, Any] = batch.limits
    most = limits.get("max_documents")
    return DriveScan(
        drive=build_drive(importer.settings),
        storage=importer.storage,
        selection=selection,
        folder_id=limits["folder_id"],
        origin=Origin(Source.DRIVE, Choices.of(batch.priority, batch.placement, batch.allow_claude), batch.id),
        sizes=sizes,
        pool=importer.drive_pool,
        entered=importer.database.find_entered_objects,
        page=min(limits.get("batch_size") or DRIVE_STEP, DRIVE_STEP),
        most_bytes=importer.settings.max_upload_bytes,
        most_files=None if most is None else most - batch.queued,
        gave_any=batch.queued > 0,
    )
