"""The verbs of people, statements, events, terms, copies and matters, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.database.case_rows import (
    CaseEvent,
    CaseProgress,
    CopyState,
    Duplicate,
    EventState,
    KnownPerson,
    ListedPerson,
    Matter,
    Merged,
    OrderTerm,
    Split,
    Statement,
    TermState,
)
from control_plane.database.connection import Connection
from control_plane.database.rows import Json


class CaseFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def list_people(
        self, words: str = "", matter_id: str | None = None, before: int | None = None, most: int = 50
    ) -> list[ListedPerson]:
        """Persons, who stands in most documents first."""
        return self._call(ListedPerson, "list_people", words=words, matter_id=matter_id, before=before, most=most)

    def get_person(self, person_id: str, matter_id: str | None = None) -> KnownPerson:
        """A person with all names and decisions, and how many documents of a matter. Raises NotFound."""
        return self._one(KnownPerson, "get_person", person_id=person_id, matter_id=matter_id)

    def merge_people(self, person_id: str, other_id: str, decided_by: str, why: str | None) -> Merged:
        """Make two persons one. Raises NotFound, Conflict."""
        return self._one(
            Merged, "merge_people", person_id=person_id, other_id=other_id, decided_by=decided_by, why=why
        )

    def split_person(self, person_id: str, keys: Sequence[str], decided_by: str, why: str | None) -> Split:
        """Give some of a person's names to a new one. Raises NotFound, Conflict."""
        return self._one(
            Split, "split_person", person_id=person_id, keys=list(keys), decided_by=decided_by, why=why
        )

    def undo_people_decision(self, decision_id: str, decided_by: str) -> str:
        """Take a merge or a split back; the id of the person it was about. Raises NotFound."""
        return str(
            self._one(Json, "undo_people_decision", decision_id=decision_id, decided_by=decided_by)["person_id"]
        )

    def list_statements(
        self, person_id: str | None = None, document_id: str | None = None, event_id: str | None = None,
        matter_id: str | None = None, before: int | None = None, most: int = 50,
    ) -> list[Statement]:  # fmt: skip
        """What a person or a document says, or papers say of an event, in a matter, the newest first."""
        return self._call(
            Statement, "list_statements",
            person_id=person_id, document_id=document_id, event_id=event_id, matter_id=matter_id, before=before,
            most=most,
        )  # fmt: skip

    def list_case_events(
        self, filter: Mapping[str, Any], after_start: str | None = None, after_seq: int | None = None, most: int = 50
    ) -> list[CaseEvent]:
        """Events in the order of time, after the cursor."""
        return self._call(
            CaseEvent, "list_case_events", filter=filter, after_start=after_start, after_seq=after_seq, most=most
        )

    def decide_event(self, event_id: str, state: EventState, decided_by: str, why: str | None) -> None:
        """Say whether it happened so. Raises NotFound."""
        self._do("decide_event", event_id=event_id, state=state, decided_by=decided_by, why=why)

    def list_terms(
        self, state: TermState | None = None, document_id: str | None = None, matter_id: str | None = None,
        after: int | None = None, most: int = 50,
    ) -> list[OrderTerm]:  # fmt: skip
        """Terms of orders, in the order they came."""
        return self._call(
            OrderTerm, "list_terms",
            state=state, document_id=document_id, matter_id=matter_id, after=after, most=most,
        )  # fmt: skip

    def decide_term(self, term_id: str, state: TermState, decided_by: str, why: str | None) -> None:
        """Say whether the order says so. Raises NotFound."""
        self._do("decide_term", term_id=term_id, state=state, decided_by=decided_by, why=why)

    def list_duplicates(
        self, document_id: str | None = None, matter_id: str | None = None, before: str | None = None, most: int = 50
    ) -> list[Duplicate]:
        """Copies with their originals, the newest first."""
        return self._call(
            Duplicate, "list_duplicates", document_id=document_id, matter_id=matter_id, before=before, most=most
        )

    def decide_copy(
        self, copy_id: str, original_id: str, state: CopyState, decided_by: str, why: str | None
    ) -> None:
        """Say that one document is a copy of another, or that it is none. Raises NotFound."""
        self._do(
            "decide_copy", copy_id=copy_id, original_id=original_id, state=state, decided_by=decided_by, why=why
        )

    def make_matter(self, name: str, decided_by: str) -> Matter:
        """Another case. Raises BadRequest."""
        return self._one(Matter, "make_matter", name=name, decided_by=decided_by)

    def set_matter_documents(
        self, matter_id: str, belongs: bool, decided_by: str, documents: Sequence[str] | None,
        search: Mapping[str, Any] | None,
    ) -> int:  # fmt: skip
        """Put documents, else all that a search means, into a matter or out of it; how many. BadRequest, NotFound."""
        row = self._one(
            Json, "set_matter_documents",
            matter_id=matter_id, belongs=belongs, decided_by=decided_by, documents=documents, search=search,
        )  # fmt: skip
        return int(row["changed"])

    def get_case_progress(self) -> CaseProgress:
        """How much of the case is drawn."""
        return self._one(CaseProgress, "get_case_progress")
