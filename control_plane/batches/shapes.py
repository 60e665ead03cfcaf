"""What a request to start a batch may say, and how a batch is told. Pure."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from control_plane.batches.bucket_scan import SKIP_REASONS, Selection, overlaps_ours
from control_plane.database.enums import BatchStatus
from control_plane.database.rows import Batch, SkippedFile
from control_plane.errors import BadRequest
from control_plane.intake.file_types import FILE_TYPES
from control_plane.intake.origin import PLACEMENTS, PRIORITIES
from control_plane.intake.store import check_choice

MOST_DOCUMENTS = 10_000_000
MIME_TYPES = tuple(kind.mime_type for kind in FILE_TYPES)
FOLDER_ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{3,128}")
COUNTS = ("documents", "completed", "failed", "cancelled", "open", "unread", "pages", "pages_done")


def check_selection(prefix: Any, mime_types: Any) -> Selection:
    """A prefix and types as a request gives them. Raises BadRequest (`bad_argument`)."""
    if not isinstance(prefix, str) or len(prefix) > 900 or "\0" in prefix:
        raise BadRequest("prefix must be the beginning of the keys to take in, like 'inbox/'.", "bad_argument")
    prefix = prefix.lstrip("/")
    if overlaps_ours(prefix):
        raise BadRequest("raw/, processed/ and cache/ are our own; choose another prefix.", "bad_argument")
    if not isinstance(mime_types, list) or any(each not in MIME_TYPES for each in mime_types):
        raise BadRequest(f"mime_types must be of {', '.join(MIME_TYPES)}.", "bad_argument")
    return Selection(prefix, frozenset(mime_types))


def check_folder_id(folder_id: Any) -> str:
    """A Drive folder's id, as the address of the folder shows it. Raises BadRequest (`bad_argument`)."""
    if not isinstance(folder_id, str) or not FOLDER_ID_PATTERN.fullmatch(folder_id):
        raise BadRequest("folder_id must be the last part of the folder's address in Drive.", "bad_argument")
    return folder_id


def read_request(body: dict[str, Any]) -> dict[str, Any]:
    """A request to start, as `start_batch` takes it. Raises BadRequest."""
    if ("prefix" in body) == ("folder_id" in body):
        raise BadRequest("Say what to take in: either prefix (of the bucket) or folder_id (of Drive).", "bad_argument")
    selection = check_selection(body.get("prefix", ""), body.get("mime_types") or [])
    limits = {
        "prefix": selection.prefix if "prefix" in body else None,
        "folder_id": check_folder_id(body["folder_id"]) if "folder_id" in body else None,
        "mime_types": sorted(selection.mime_types),
        "max_documents": _number(body, "max_documents", int, 1, MOST_DOCUMENTS),
        "batch_size": _number(body, "batch_size", int, 1, 500),
        "max_cost_per_hour": _number(body, "max_cost_per_hour", float, 0.01, 1000.0),
    }
    return {
        "name": str(body.get("name") or selection.prefix or ("the whole bucket" if "prefix" in body else ""))[:200],
        "status": "running",
        "source": "bucket" if "prefix" in body else "drive",
        "priority": check_choice(body.get("priority"), PRIORITIES, "priority") or "low",
        "placement": check_choice(body.get("placement"), PLACEMENTS, "placement"),
        "limits": {name: value for name, value in limits.items() if value not in (None, [])},
    }


def describe_batch(batch: Batch, now: datetime) -> dict[str, Any]:
    """A batch as callers see it. Pure."""
    point, limits = batch.checkpoint, batch.limits
    return {
        "id": batch.id,
        "name": batch.name,
        "prefix": limits.get("prefix"),
        "folder_id": limits.get("folder_id"),
        "source": batch.source,
        "state": batch_state(batch),
        "again_of": batch.again_of,
        **{name: getattr(batch.jobs, name) for name in COUNTS},
        "cost_usd": batch.cost_usd,
        "max_cost_per_hour": limits.get("max_cost_per_hour"),
        "finish_at": finish_at(batch, now),
        "created_at": batch.created_at.isoformat(),
        **{name: getattr(point, name, 0) for name in ("scanned", "known", "unsupported", "empty")},
        "problem": point.error_message if point else None,
        "failures": [asdict(failure) for failure in batch.failures],
    }


def describe_skipped(file: SkippedFile) -> dict[str, Any]:
    """A file that was not taken in as callers see it, with what to do. Pure."""
    return {
        "source_id": file.source_id,
        "name": file.name,
        "code": file.code,
        "created_at": file.created_at.isoformat(),
        "message": SKIP_REASONS.get(file.code, file.code),
    }


def batch_state(batch: Batch) -> str:
    """`scanning` while objects are being found, `running` while jobs are open, else how it ended. Pure."""
    if batch.status in (BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.COMPLETED):
        return batch.status
    is_scan = "prefix" in batch.limits or "folder_id" in batch.limits or batch.again_of
    if is_scan and (batch.checkpoint is None or batch.checkpoint.finished_at is None):
        return "scanning"
    return "running" if batch.jobs.open else "completed"


def finish_at(batch: Batch, now: datetime) -> str | None:
    """When the rest will be done at the pace of the last ten minutes; null without a pace. Pure."""
    left, recent = batch.jobs.pages - batch.jobs.pages_done, batch.jobs.recent_pages
    if batch_state(batch) != "running" or recent <= 0:
        return None
    return (now + timedelta(seconds=left * 600 / recent)).isoformat(timespec="seconds")


def _number(body: dict[str, Any], name: str, kind: type, smallest: float, largest: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, kind)) or not smallest <= value <= largest:
        raise BadRequest(f"{name} must be a number from {smallest} to {largest:,}.", "bad_argument")
    return value
