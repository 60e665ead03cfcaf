"""`python -m control_plane import`: scans running batches step by step and keeps the bucket and the queue in line."""

from __future__ import annotations

import logging
import signal
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from control_plane.clients import build_storage, build_supabase
from control_plane.errors import Conflict, ControlPlaneError
from control_plane.estimates import PageSizes
from control_plane.job_queue import JobQueue, Row
from control_plane.objects import BucketScan, Selection, Step
from control_plane.settings import Settings
from control_plane.storage import Storage
from control_plane.strays import queue_strays

log = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0
STRAYS_SECONDS = 600.0
SNIFFERS = 16
DEFAULT_STEP = 1000


class Scan(Protocol):
    """A source of documents, read page by page from a place on."""

    def read_step(self, place: str) -> Step: ...


@dataclass
class Importer:
    """What the loop works with."""

    queue: JobQueue
    storage: Storage
    pool: Executor
    strays_due: float = field(default=0.0)


def run(settings: Settings) -> int:
    """Scan until SIGTERM or SIGINT; a kill at any moment loses and repeats nothing."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ThreadPoolExecutor(SNIFFERS) as pool:
        importer = Importer(JobQueue(build_supabase(settings)), build_storage(settings), pool)
        while not stop.is_set():
            if not tick(importer):
                stop.wait(PAUSE_SECONDS)
    return 0


def tick(importer: Importer) -> bool:
    """One step of every running scan; True while there is more to scan."""
    try:
        moved = [take_step(importer, batch) for batch in importer.queue.call("get_scans")]
        importer.queue.call("complete_batches")
        if time.monotonic() >= importer.strays_due:
            importer.strays_due = time.monotonic() + STRAYS_SECONDS
            queue_strays(importer.queue, importer.storage, datetime.now(UTC))
        return any(moved)
    except ControlPlaneError as error:
        log.warning("import waits", extra={"code": error.code})
    except Exception as error:  # a defect with one batch must not end the loop for the others
        log.error("import failed: %s", type(error).__name__, exc_info=True)
    return False


def take_step(importer: Importer, batch: Row) -> bool:
    """Read one page of a batch and queue it; True when the scan moved and is not finished."""
    place = batch["place"]
    try:
        step = open_scan(importer, batch).read_step(place)
        files = [file | choices(batch) for file in step.files]
        rows = importer.queue.enqueue_objects(batch["id"], place, files, step.as_row())
    except Conflict as error:  # paused or stopped meanwhile, or another importer was faster: look again
        log.info("scan step dropped: %s", error.message, extra={"batch_id": batch["id"]})
        return False
    except ControlPlaneError as error:
        log.warning("scan does not move", extra={"batch_id": batch["id"], "code": error.code})
        importer.queue.call("report_scan_problem", batch_id=batch["id"], code=error.code, message=error.message)
        return False
    return bool(rows) and rows[0]["finished_at"] is None


def open_scan(importer: Importer, batch: Row) -> Scan:
    """The scan that a batch's limits describe."""
    limits: dict[str, Any] = batch["limits"]
    sizes = PageSizes.from_rows(importer.queue.call("get_page_statistics"))
    selection = Selection(limits["prefix"], frozenset(limits.get("mime_types") or ()))
    return BucketScan(importer.storage, selection, sizes, importer.pool, limits.get("batch_size") or DEFAULT_STEP)


def choices(batch: Row) -> Row:
    """What every file of a batch inherits."""
    return {"priority": batch["priority"], "placement": batch["placement"]}
