"""The verbs of who lives and what the doctor found: one method for each SQL function, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from control_plane.database.connection import Connection
from control_plane.database.health_rows import DatabaseFacts, Examination, Program
from control_plane.database.rows import Json


class HealthFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def note_program(self, name: str, late_after_seconds: int, version: str, problem: str | None = None) -> None:
        """A program lives."""
        self._do(
            "note_program", name=name, late_after_seconds=late_after_seconds, version=version, problem=problem
        )  # fmt: skip

    def get_programs(self) -> list[Program]:
        """How long each program has been silent."""
        return self._call(Program, "get_programs")

    def forget_program(self, name: str) -> bool:
        """This program is not expected any more; whether it was known."""
        return bool(self._do("forget_program", name=name))

    def keep_examination(self, probes: Sequence[Mapping[str, Any]], seconds: float) -> Examination:
        """Keep what the doctor found."""
        return self._one(Examination, "keep_examination", probes=list(probes), seconds=seconds)

    def get_database_facts(self) -> DatabaseFacts:
        """What the database is."""
        return self._one(DatabaseFacts, "get_database_facts")

    def fill_answer(self) -> int:
        """How many rows came of as many as an answer must hold. Raises AnswersCut when they are fewer."""
        return len(self._call(int, "fill_answer"))


class HealthViews(Connection):
    """Every method raises QueueUnavailable when there is no answer."""

    def find_oldest_document(self) -> datetime | None:
        """When the first document came in; None while there is none."""
        row = self._find(Json, self._view("master_document_registry", "created_at").order("seq"))
        return datetime.fromisoformat(row["created_at"]) if row else None

    def find_examination(self) -> Examination | None:
        """What the doctor found last."""
        return self._find(Examination, self._view("examinations").order("id", desc=True))
