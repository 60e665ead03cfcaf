"""What the routes of estimates with an id answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from control_plane.database.estimate_rows import Listing, StoredPrice
from control_plane.http.models import PageQuery

ShownEstimateStatus = Literal["sampling", "ready", "expired", "confirmed"]


class EstimatesQuery(PageQuery):
    """Which page."""

    limit: int = Field(20, ge=1, le=50, description="Estimates, 1 to 50; 20 if not said.")
    only_open: bool = Field(False, description="Only those that can be confirmed, or will be.")


@dataclass(frozen=True)
class FolderEstimate:
    """What a folder would cost before it is read, and what it cost in the end.

    `price` is null until the sample is read: `usd` with the interval in which nine of ten end, `low_usd` to `high_usd`,
    for the documents that are not in the sample. `sample_usd` is what the sample cost. `spent_usd` is what its batch
    has cost until now, `actual_usd` what it cost in the end, `held` whether that lies in the interval.
    """

    id: str
    name: str
    status: ShownEstimateStatus
    listing: Listing
    sample_documents: int
    sample_read: int
    sample_usd: float
    sample_batch_id: str
    price: StoredPrice | None
    expires_at: datetime | None
    batch_id: str | None
    decided_by: str | None
    spent_usd: float | None
    actual_usd: float | None
    held: bool | None
    created_at: datetime


@dataclass(frozen=True)
class FolderEstimates:
    """Estimates, newest first; of those whose batch is over, how many intervals held and how many cost more."""

    estimates: list[FolderEstimate]
    ended: int
    held: int
    above: int
    next: int | None
