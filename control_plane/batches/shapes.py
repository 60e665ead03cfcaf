"""How a batch is told (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from control_plane.batches.bucket_scan import Step, explain_skip
from control_plane.batches.estimates import ClaudeCost, Run
from control_plane.batches.models import Estimate, EstimateQuery, ListedBatch, SkippedEntry
from control_plane.batches.session import BATCH_SIZE, CurrentBatch, Session, ShownStatus
from control_plane.database.batch_rows import Batch, SkippedFile
from control_plane.database.enums import BatchStatus
from control_plane.database.rows import NewFile

COUNTS = ("documents", "completed", "failed", "cancelled", "open", "unread", "pages", "pages_done")
SCAN_COUNTS = ("scanned", "known", "unsupported", "empty")


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

    def add(self, step: Step, known: set[str], most: int) -> list[NewFile]:
        """Count one more step, up to `most` new documents; the new ones."""
        new = [file for file in step.files if file.object_key not in known][: most - self.new]
        self.documents += len(known) + len(new)
        self.known += len(known)
        self.new += len(new)
        self.unsupported += step.unsupported
        self.empty += step.empty
        self.bytes += sum(file.bytes or 0 for file in new)
        self.pages += sum(file.pages_estimate or 0 for file in new)
        self.complete = step.finished or self.new >= most
        return new


def describe_estimate(
    query: EstimateQuery, found: Found, run: Run, claude: ClaudeCost, above_documents: int
) -> Estimate:
    """What was found and what it would take, also in the words of a session."""
    is_bucket = query.folder_id is None and query.mail_folder is None and not query.total_documents
    total = None if run.usd is None else round(run.usd + claude.usd, 4)
    hourly = run.usd / run.hours / run.machines if run.usd and run.hours and run.machines else None
    return Estimate(
        prefix=query.prefix if is_bucket else None,
        folder_id=query.folder_id,
        **vars(found),
        hours=run.hours,
        machines=run.machines,
        machine_usd=run.usd,
        claude_usd=claude.usd,
        claude_basis=claude.basis,
        claude_capped=claude.capped,
        total_usd=total,
        total_documents=found.new,
        batch_size=query.batch_size,
        total_batches=math.ceil(found.new / query.batch_size),
        total_hours=run.hours,
        cost_per_hour=query.cost_per_hour or (hourly and round(hourly, 4)),
        total_cost=total,
        seconds_per_document=round(run.hours * 3600 / found.new, 3) if found.new else None,
        needs_quote=found.new > above_documents,
    )


def describe_batch(batch: Batch, now: datetime) -> ListedBatch:
    """A batch as callers see it."""
    point, limits = batch.checkpoint, batch.limits
    return ListedBatch(
        id=batch.id,
        name=batch.name,
        prefix=limits.get("prefix"),
        folder_id=limits.get("folder_id"),
        source=batch.source,
        status=shown_status(batch),
        again_of=batch.again_of,
        **{name: getattr(batch.jobs, name) for name in COUNTS},
        judged=batch.analysis.judged,
        sorted=batch.analysis.sorted,
        waiting_for_analysis=batch.analysis.waiting,
        waiting_for=batch.analysis.waiting_for,
        machine_usd=batch.machine_usd,
        claude_usd=batch.claude_usd,
        total_usd=batch.total_usd,
        max_cost_per_hour=limits.get("max_cost_per_hour"),
        batch_size=limits.get("batch_size") or BATCH_SIZE,
        finish_at=finish_at(batch, now),
        created_at=batch.created_at,
        **{name: getattr(point, name, 0) for name in SCAN_COUNTS},
        problem=point.error_message if point else None,
        failures=batch.failures,
    )


def describe_skipped(file: SkippedFile) -> SkippedEntry:
    """A file that was not taken in as callers see it, with what to do."""
    return SkippedEntry(
        file.source_id, file.name, file.code, explain_skip(file.code, file.mime_type), file.created_at
    )


def shown_status(batch: Batch) -> ShownStatus:
    """`scanning` while objects are found, `running` while any is read, `judging` while Claude is; else how it ended."""
    match batch.status:
        case BatchStatus.PAUSED:
            return "paused"
        case BatchStatus.STOPPED:
            return "stopped"
        case BatchStatus.COMPLETED:
            return "completed"
    # A watched folder has no end: between two forwarded mails its batch is as good as completed.
    is_scan = batch.again_of or bool(batch.limits.keys() & {"prefix", "folder_id", "mail_folder"})
    if is_scan and not batch.limits.get("watch") and (batch.checkpoint is None or batch.checkpoint.finished_at is None):
        return "scanning"
    if batch.jobs.open:
        return "running"
    return "judging" if batch.analysis.waiting else "completed"


def finish_at(batch: Batch, now: datetime) -> datetime | None:
    """When the rest will be done at the pace of the last ten minutes; None without a pace."""
    left, recent = batch.jobs.pages - batch.jobs.pages_done, batch.jobs.recent_pages
    if shown_status(batch) != "running" or recent <= 0:
        return None
    return (now + timedelta(seconds=left * 600 / recent)).replace(microsecond=0)


def describe_session(batch: ListedBatch, contract_id: int | None) -> Session:
    """The session that a batch is; `contract_id` is of a machine that reads now."""
    size = batch.batch_size
    done = batch.completed + batch.failed + batch.cancelled
    total = math.ceil(batch.documents / size)
    completed = total if done == batch.documents else done // size
    return Session(
        session_id=batch.id,
        status=batch.status,
        total_documents=batch.documents,
        total_batches=total,
        completed_batches=completed,
        failed_batches=math.ceil(batch.failed / size),
        progress_percentage=round(100 * done / batch.documents, 2) if batch.documents else 0.0,
        started_at=batch.created_at,
        estimated_completion=batch.finish_at,
        vastai_instance_id=contract_id,
        total_cost=batch.total_usd,
        current_batch=None if completed == total else _slice(completed, size, batch, done),
    )


def _slice(completed: int, size: int, batch: ListedBatch, done: int) -> CurrentBatch:
    number = completed + 1
    return CurrentBatch(
        batch_id=f"batch_{number:04}",
        batch_number=number,
        document_count=min(size, batch.documents - completed * size),
        processed_count=done - completed * size,
        status="processing" if batch.status == "running" else batch.status,
    )


def current_batch(batches: Sequence[ListedBatch]) -> ListedBatch | None:
    """Of batches, newest first, the one that is meant when none is named: the newest open one, else the newest."""
    unfinished = [each for each in batches if each.status in ("scanning", "running", "paused")]
    return next(iter(unfinished or batches), None)


def checkpoint_name(seq: int) -> str:
    """The name of a batch's checkpoint, by the batch's `seq`."""
    return f"checkpoint_{seq}.json"
