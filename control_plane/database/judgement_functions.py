"""The verbs of what people say of documents, their fields, views and reminders, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from control_plane.database.connection import Connection, parse_rows
from control_plane.database.judgement_rows import Change, CustomField, Decided, Reminder, SavedView, as_row
from control_plane.database.rows import Json


class JudgementFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def decide(self, documents: Sequence[str], changes: Sequence[Change], decided_by: str, why: str | None) -> Decided:
        """Say something of documents, all or none. Raises BadRequest, NotFound, Conflict."""
        rows = [as_row(change) for change in changes]
        return self._one(Decided, "decide", documents=list(documents), changes=rows, decided_by=decided_by, why=why)

    def decide_search(
        self, search: Mapping[str, Any], changes: Sequence[Change], decided_by: str, why: str | None
    ) -> Decided:
        """Say something of every document that a search means, all or none. Raises BadRequest, Conflict."""
        rows = [as_row(change) for change in changes]
        return self._one(Decided, "decide_search", search=search, changes=rows, decided_by=decided_by, why=why)

    def undo_decision(self, decision_id: str, decided_by: str, why: str | None) -> Decided:
        """Take a decision back. Raises NotFound, Conflict."""
        return self._one(Decided, "undo_decision", decision_id=decision_id, decided_by=decided_by, why=why)

    def mark_finding(
        self, document_id: str, finding_id: int, is_wrong: bool, decided_by: str, why: str | None
    ) -> Decided:
        """Say that a finding is wrong, or right after all. Raises NotFound."""
        return self._one(
            Decided, "mark_finding",
            document_id=document_id, finding_id=finding_id, is_wrong=is_wrong, decided_by=decided_by, why=why,
        )  # fmt: skip

    def get_next_exhibit(self, matter_id: str) -> str:
        """The letter that follows the last exhibit of a matter."""
        return str(self._one(Json, "get_next_exhibit", matter_id=matter_id)["letter"])

    def add_field(self, field: Mapping[str, Any], decided_by: str) -> CustomField:
        """Make a field. Raises BadRequest, Conflict."""
        return self._one(CustomField, "add_field", field=field, decided_by=decided_by)

    def end_field(self, field_id: str) -> bool:
        """Offer a field no more; whether it was offered."""
        return bool(self._do("end_field", field_id=field_id))

    def save_view(self, view_id: str | None, view: Mapping[str, Any], decided_by: str) -> SavedView:
        """Keep a view, or keep one anew. Raises BadRequest, NotFound, Conflict."""
        return self._one(SavedView, "save_view", view_id=view_id, view=view, decided_by=decided_by)

    def end_view(self, view_id: str) -> bool:
        """Keep a view no more; whether it was kept."""
        return bool(self._do("end_view", view_id=view_id))

    def list_reminders(
        self, wanted: str, today: date, after: list[Any] | None, most: int, matter_id: str | None = None
    ) -> tuple[list[Reminder], int]:
        """Days to keep in mind, the nearest first, and how many there are. Raises BadRequest."""
        rows = self._call(
            Json, "list_reminders",
            wanted=wanted, today=today.isoformat(), after=after, most=most, matter_id=matter_id,
        )  # fmt: skip
        return parse_rows(Reminder, rows), rows[0]["total"] if rows else 0

    def add_reminder(self, day: str, text: str, document_id: str | None, decided_by: str) -> str:
        """Write a day down; its id. Raises BadRequest, NotFound."""
        row = self._one(Json, "add_reminder", day=day, text=text, document_id=document_id, decided_by=decided_by)
        return str(row["id"])

    def set_reminder(self, reminder_id: str, is_done: bool, decided_by: str) -> None:
        """Be done with a day, or not. Raises NotFound."""
        self._do("set_reminder", reminder_id=reminder_id, is_done=is_done, decided_by=decided_by)
