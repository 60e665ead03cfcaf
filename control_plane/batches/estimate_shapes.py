"""How an estimate is told, and the batch that reads its sample (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from control_plane.batches.estimate_models import FolderEstimate, ShownEstimateStatus
from control_plane.batches.sampling import Draw
from control_plane.database.batch_rows import NewBatch
from control_plane.database.enums import Priority
from control_plane.database.estimate_rows import StoredEstimate

SOURCE_LIMITS = ("prefix", "folder_id", "mail_folder", "mime_types")


def sample_of(whole: NewBatch, draws: Sequence[Draw]) -> NewBatch:
    """The batch that reads the draws of a folder: somebody waits for its price, so it is not put behind others."""
    limits = {name: value for name, value in (whole.limits or {}).items() if name in SOURCE_LIMITS}
    sample = {"sample": [each.key for each in draws]}
    return replace(whole, name=f"Sample of {whole.name}"[:200], priority=Priority.NORMAL, limits=limits | sample)


def shown_status(estimate: StoredEstimate) -> ShownEstimateStatus:
    """As people see it: a price has an end."""
    if estimate.status == "ready" and estimate.expires_at is not None and estimate.expires_at <= estimate.now:
        return "expired"
    return estimate.status


def describe_folder_estimate(estimate: StoredEstimate) -> FolderEstimate:
    """An estimate as callers see it."""
    price, actual = estimate.price, estimate.actual_usd
    return FolderEstimate(
        id=estimate.id,
        name=str(estimate.request.get("name") or "folder"),
        status=shown_status(estimate),
        listing=estimate.listing,
        sample_documents=len(estimate.draws),
        sample_read=sum(not each.is_open for each in estimate.sample),
        sample_usd=estimate.sample_usd,
        sample_batch_id=estimate.sample_batch_id,
        price=price,
        expires_at=estimate.expires_at,
        batch_id=estimate.batch_id,
        decided_by=estimate.decided_by,
        spent_usd=estimate.spent_usd,
        actual_usd=actual,
        held=None if price is None or actual is None else price.low_usd <= actual <= price.high_usd,
        created_at=estimate.created_at,
    )
