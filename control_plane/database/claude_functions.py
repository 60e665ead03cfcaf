"""The verbs of calls to Claude and of what waits to be judged, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from control_plane.database.analysis_rows import Analysis, Judgeable
from control_plane.database.batch_rows import ClaudeStatistics
from control_plane.database.claude_rows import CallRequest, Reservation, Settlement
from control_plane.database.connection import Connection, as_given
from control_plane.database.enums import MessageBatchStatus, Priority


class ClaudeFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def reserve_claude(
        self, machine: str | None, requests: Sequence[CallRequest], caps: Mapping[str, float | None],
        hold_seconds: int, in_batch: bool,
    ) -> list[Reservation]:  # fmt: skip
        """Reserve the worst cases of calls, all of a job's or none; one row each, in order. Raises BadRequest."""
        rows = [as_given(request) for request in requests]
        return self._call(
            Reservation, "reserve_claude",
            machine=machine, requests=rows, caps=caps, hold_seconds=hold_seconds, in_batch=in_batch,
        )  # fmt: skip

    def settle_claude(self, calls: Sequence[Settlement]) -> None:
        """Write what reserved calls cost; what was settled before stays."""
        self._do("settle_claude", calls=[asdict(call) for call in calls])

    def note_message_batch(
        self, message_batch_id: str, status: MessageBatchStatus, vendor_id: str | None = None
    ) -> None:
        """Say that a message batch was `sent` (Anthropic's name for it), has `ended`, or is `lost`."""
        self._do("note_message_batch", message_batch_id=message_batch_id, status=status, vendor_id=vendor_id)

    def get_claude_statistics(self) -> ClaudeStatistics:
        """What Claude judged, and for how much."""
        return self._one(ClaudeStatistics, "get_claude_statistics")

    def announce_claude(self, has_key: bool, caps: Mapping[str, float | None]) -> None:
        """Say whether there is a key, and Claude's caps by day, batch and document."""
        self._do("announce_claude", has_key=has_key, caps=caps)

    def get_analysis(self) -> Analysis:
        """The door, counts, and what Claude's judgements cost."""
        return self._one(Analysis, "get_analysis")

    def find_judgeable(self, filter: Mapping[str, Any]) -> Judgeable:
        """What `judge_again` would queue. Raises BadRequest."""
        return self._one(Judgeable, "find_judgeable", filter=filter)

    def judge_again(self, filter: Mapping[str, Any], max_documents: int, priority: Priority) -> int:
        """Queue documents to be judged; how many. Raises BadRequest."""
        (queued,) = self._call(int, "judge_again", filter=filter, max_documents=max_documents, priority=priority)
        return queued

    def cancel_analyses(self, filter: Mapping[str, Any], max_documents: int) -> int:
        """Take documents that wait to be judged out of the line; how many. Raises BadRequest."""
        (cancelled,) = self._call(int, "cancel_analyses", filter=filter, max_documents=max_documents)
        return cancelled
