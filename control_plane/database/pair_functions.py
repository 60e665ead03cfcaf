"""The verbs of pairs: one method for each SQL function, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.connection import Connection
from control_plane.database.enums import PairKind, PairState, Verdict
from control_plane.database.pair_rows import Around, Comparable, Pair, PairCounts, PairDecision
from control_plane.database.rows import Page

MOST_DECISIONS = 200


class PairFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def decide_pairs(self, pair_ids: Sequence[str], state: PairState, why: str | None, decided_by: str) -> int:
        """Write a person's decision on pairs; how many there were. Raises BadRequest."""
        arguments = {"pair_ids": list(pair_ids), "state": state, "why": why, "decided_by": decided_by}
        (decided,) = self._call(int, "decide_pairs", **arguments)
        return decided

    def get_pair_counts(self, matter_id: str | None = None) -> PairCounts:
        """How many pairs there are, of everything or of one matter."""
        return self._one(PairCounts, "get_pair_counts", matter_id=matter_id)

    def find_comparable(self) -> Comparable:
        """What `judge_pairs` would queue, and what comparing has cost."""
        return self._one(Comparable, "find_comparable")

    def judge_pairs(self, max_documents: int) -> int:
        """Queue documents to have their pairs judged by Claude; how many. Raises BadRequest."""
        (queued,) = self._call(int, "judge_pairs", max_documents=max_documents)
        return queued

    def get_words_around(self, document_id: str, page: int, start: int, length: int) -> Around | None:
        """The words around a quote; None when the document has no such page."""
        arguments = {"document_id": document_id, "page": page, "start": start, "length": length}
        return self._first(Around, "get_words_around", **arguments)


class PairViews(Connection):
    """The lists of pairs. Every method raises QueueUnavailable when there is no answer."""

    def list_pairs(
        self, limit: int, before: int | None = None, states: Sequence[PairState] = (),
        verdicts: Sequence[Verdict] = (), unjudged: bool = False, kinds: Sequence[PairKind] = (),
        person_id: str | None = None, document_id: str | None = None, matter_id: str | None = None,
        stands: bool = False, counted: bool = False,
    ) -> Page[Pair]:  # fmt: skip
        """A page of pairs, the gravest first; the cursor is the rank. `unjudged`: those without a verdict, too."""
        query = self._view("pair_list", counted=before is None)
        if states:
            query = query.in_("state", states)
        if kinds:
            query = query.in_("kind", kinds)
        if verdicts or unjudged:
            wanted = [f"verdict.in.({','.join(verdicts)})"] if verdicts else []
            query = query.or_(",".join(wanted + (["verdict.is.null"] if unjudged else [])))
        if person_id:
            query = query.contains("people", [person_id])
        if matter_id:
            query = query.contains("matters", [matter_id])
        if stands:
            query = query.eq("stands", True)
        if counted:
            query = query.eq("is_counted", True)
        if document_id:
            query = query.or_(f"a_document.eq.{document_id},b_document.eq.{document_id}")
        if before is not None:
            query = query.lt("rank", before)
        rows, total = self._counted_rows(Pair, query.order("rank", desc=True).limit(limit + 1))
        return Page(rows[:limit], rows[limit - 1].rank if len(rows) > limit else None, total)

    def get_pair(self, pair_id: str) -> Pair | None:
        """One pair."""
        return self._find(Pair, self._view("pair_list").eq("id", pair_id))

    def list_pair_decisions(self, pair_id: str) -> list[PairDecision]:
        """What persons decided on a pair, the newest first."""
        query = self._view("pair_decisions").eq("pair_id", pair_id).order("id", desc=True).limit(MOST_DECISIONS)
        return self._rows(PairDecision, query)
