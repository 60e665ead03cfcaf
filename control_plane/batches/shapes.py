"""How a batch is told (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta

from control_plane.batches.bucket_scan import SKIP_REASONS
from control_plane.batches.models import ListedBatch, ShownStatus, SkippedEntry
from control_plane.database.batch_rows import Batch, SkippedFile
from control_plane.database.enums import BatchStatus

COUNTS = ("documents", "completed", "failed", "cancelled", "open", "unread", "pages", "pages_done")
SCAN_COUNTS = ("scanned", "known", "unsupported", "empty")


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
        machine_usd=batch.machine_usd,
        claude_usd=batch.claude_usd,
        total_usd=batch.total_usd,
        max_cost_per_hour=limits.get("max_cost_per_hour"),
        finish_at=finish_at(batch, now),
        created_at=batch.created_at,
        **{name: getattr(point, name, 0) for name in SCAN_COUNTS},
        problem=point.error_message if point else None,
        failures=batch.failures,
    )


def describe_skipped(file: SkippedFile) -> SkippedEntry:
    """A file that was not taken in as callers see it, with what to do."""
    return SkippedEntry(
        file.source_id, file.name, file.code, SKIP_REASONS.get(file.code, file.code), file.created_at
    )


def shown_status(batch: Batch) -> ShownStatus:
    """`scanning` while objects are being found, `running` while jobs are open, else how it ended."""
    match batch.status:
        case BatchStatus.PAUSED:
            return "paused"
        case BatchStatus.STOPPED:
            return "stopped"
        case BatchStatus.COMPLETED:
            return "completed"
    is_scan = "prefix" in batch.limits or "folder_id" in batch.limits or batch.again_of
    if is_scan and (batch.checkpoint is None or batch.checkpoint.finished_at is None):
        return "scanning"
    return "running" if batch.jobs.open else "completed"


def finish_at(batch: Batch, now: datetime) -> datetime | None:
    """When the rest will be done at the pace of the last ten minutes; None without a pace."""
    left, recent = batch.jobs.pages - batch.jobs.pages_done, batch.jobs.recent_pages
    if shown_status(batch) != "running" or recent <= 0:
        return None
    return (now + timedelta(seconds=left * 600 / recent)).replace(microsecond=0)
