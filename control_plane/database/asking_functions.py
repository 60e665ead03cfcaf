"""The verbs of questions to the case: one method for each SQL function, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from control_plane.database.asking_rows import FoundStatement, ReservedQuestion
from control_plane.database.connection import Connection


class AskingFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def find_statements(
        self, question: str, embedding: Sequence[float] | None, matter_id: str | None, max_results: int
    ) -> list[FoundStatement]:
        """Statements that could answer a question, the best first, each on words that stand now. Raises BadRequest."""
        return self._call(
            FoundStatement, "find_statements",
            question=question, embedding=embedding, matter_id=matter_id, max_results=max_results,
        )  # fmt: skip

    def reserve_question(
        self, asked_sha256: str, asked_by: str, model: str, worst_usd: float, caps: Mapping[str, float | None],
        hold_seconds: int,
    ) -> ReservedQuestion:  # fmt: skip
        """Reserve what a question costs at worst, or get back what was chosen for the same one. Raises BadRequest."""
        return self._one(
            ReservedQuestion, "reserve_question", asked_sha256=asked_sha256, asked_by=asked_by, model=model,
            worst_usd=worst_usd, caps=caps, hold_seconds=hold_seconds,
        )  # fmt: skip

    def keep_chosen(self, call_id: str, chosen: Sequence[int]) -> None:
        """Keep which quotes Claude chose, so that the same is not paid twice."""
        self._do("keep_chosen", call_id=call_id, chosen=list(chosen))
