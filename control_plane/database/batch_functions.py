"""The verbs of batches and of what they scan, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.database.batch_rows import Batch, Checkpoint, NewBatch, PageStatistic, Scan
from control_plane.database.connection import Connection, as_given
from control_plane.database.rows import Json, NewFile


class BatchFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def start_batch(self, batch: NewBatch) -> str:
        """Make a batch, or find the one that has this id; its id. Raises BadRequest."""
        return str(self._one(Json, "start_batch", batch=as_given(batch))["id"])

    def set_batch_status(self, batch_id: str, status: str) -> None:
        """Pause, resume or stop a batch. Raises NotFound, Conflict."""
        self._do("set_batch_status", batch_id=batch_id, status=status)

    def get_batches(
        self, batch_id: str | None = None, max_batches: int = 50, before: int | None = None
    ) -> list[Batch]:
        """Batches, newest first, those begun before the cursor."""
        return self._call(Batch, "get_batches", batch_id=batch_id, max_batches=max_batches, before=before)

    def get_scans(self) -> list[Scan]:
        """Running batches whose scan has not come to its end."""
        return self._call(Scan, "get_scans")

    def find_known_objects(self, files: Sequence[NewFile]) -> set[str]:
        """The keys of those objects that a batch would not read again."""
        rows = [as_given(each) for each in files]
        return set(self._one(Json, "find_known_objects", files=rows)["object_keys"]) if rows else set()

    def find_entered_objects(self, files: Sequence[NewFile]) -> set[str]:
        """The keys of those objects whose bytes are in the journal, read or not."""
        rows = [as_given(each) for each in files]
        return set(self._one(Json, "find_entered_objects", files=rows)["object_keys"]) if rows else set()

    def read_again(self, batch_id: str) -> str:
        """Make a batch of what an ended one has left unread; its id. Raises NotFound, Conflict."""
        return str(self._one(Json, "read_again", batch_id=batch_id)["id"])

    def enqueue_unread(self, batch_id: str, most: int) -> Checkpoint:
        """Queue the next documents that an earlier batch has left unread. Raises Conflict."""
        return self._one(Checkpoint, "enqueue_unread", batch_id=batch_id, most=most)

    def enqueue_objects(
        self, batch_id: str, after: str, files: Sequence[NewFile], step: Mapping[str, Any]
    ) -> Checkpoint:
        """Queue one step of a scan and move its checkpoint from `after`. Raises Conflict when that cannot be."""
        rows = [as_given(file) for file in files]
        return self._one(Checkpoint, "enqueue_objects", batch_id=batch_id, after=after, files=rows, step=step)

    def report_scan_problem(self, batch_id: str, code: str, message: str) -> None:
        """Write why a scan does not move."""
        self._do("report_scan_problem", batch_id=batch_id, code=code, message=message)

    def complete_batches(self) -> int:
        """Complete each scanned batch whose jobs have all ended; how many."""
        return self._do("complete_batches")

    def pause_dear_batches(self, max_usd: float) -> int:
        """Park the batches whose share of their machines has reached this; how many."""
        return self._do("pause_dear_batches", max_usd=max_usd)

    def report_silent_analyst(self) -> int:
        """Tell people, once, that documents wait and the analysis worker is not heard of; 1 when they are told now."""
        return self._do("report_silent_analyst")

    def sweep_checks(self, share: float, sensitive_placement: str) -> int:
        """Queue what caught machines read to be read anew; `share` of the rest is checked. How many had any."""
        return self._do("sweep_checks", share=share, sensitive_placement=sensitive_placement)

    def get_page_statistics(self) -> list[PageStatistic]:
        """Bytes and pages per type of the last 5,000 completed documents."""
        return self._call(PageStatistic, "get_page_statistics")
