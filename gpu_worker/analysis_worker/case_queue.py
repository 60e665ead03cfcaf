"""The verbs of documents whose facts are drawn: SQL functions called through PostgREST (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from pydantic import TypeAdapter

from gpu_worker.case.events import NearTime, NewTime
from gpu_worker.case.people import Decision, Group, KnownName
from gpu_worker.case.shapes import Facts, Source
from gpu_worker.clients.rpc import ROWS, Rpc


@dataclass(frozen=True)
class DueDocument:
    """A document to draw, with its text and the header of its e-mail."""

    document_id: str
    text: str
    text_md5: str
    original_filename: str
    document_type: str | None
    document_date: date | None
    sender: str | None
    recipients: list[str] | None
    sent: str | None
    thread_key: str | None

    @property
    def source(self) -> Source:
        """As the rules are given it."""
        return Source(
            self.text, self.original_filename, self.document_type, self.document_date, self.sender,
            tuple(self.recipients or ()), self.sent, self.thread_key,
        )  # fmt: skip


@dataclass(frozen=True)
class NearDocument:
    """A document that shares bands with another."""

    document_id: str
    text: str


@dataclass(frozen=True)
class _Near:
    id: int
    document_id: str
    witness_id: str
    starts: datetime
    ends: datetime
    precision: str
    people: list[str]
    words: list[str]
    is_held: bool


@dataclass(frozen=True)
class _New(_Near):
    near: list[_Near]


@dataclass(frozen=True)
class _Status:
    status: str


DUE, NEAR, STATUS = TypeAdapter(list[DueDocument]), TypeAdapter(list[NearDocument]), TypeAdapter(list[_Status])
NAMES, DECISIONS, TIMES = TypeAdapter(list[KnownName]), TypeAdapter(list[Decision]), TypeAdapter(list[_New])
JSON, NUMBER = TypeAdapter(object), TypeAdapter(int)


class CaseQueue:
    """Gives out what is to be drawn and settled, and keeps it. Raises `TransientError`, `TokenDead`."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def claim(self, facts_version: int, max_documents: int, lease_seconds: int) -> list[DueDocument]:
        """Documents to draw. One attempt only: the caller's loop is the retry."""
        arguments = {"facts_version": facts_version, "max_documents": max_documents, "lease_seconds": lease_seconds}
        return self._rpc.call("claim_case_documents", arguments, DUE, retry_seconds=0)

    def find_near(self, document_id: str, bands: Sequence[int]) -> list[NearDocument]:
        """Documents that may be copies."""
        return self._rpc.call("find_near_documents", {"document_id": document_id, "bands": list(bands)}, NEAR)

    def store(self, document: DueDocument, facts_version: int, facts: Facts) -> bool:
        """Keep the facts; False when the text has changed meanwhile."""
        arguments = {
            "document_id": document.document_id, "text_md5": document.text_md5, "facts_version": facts_version,
            "facts": JSON.dump_python(asdict(facts), mode="json"),
        }  # fmt: skip
        return any(row.status == "stored" for row in self._rpc.call("store_case_facts", arguments, STATUS))

    def names_to_settle(self, max_names: int) -> list[KnownName]:
        """Names of whom it is not known who they are, and all that could be the same; none when all are settled."""
        return self._rpc.call("get_names_to_settle", {"max_names": max_names}, NAMES)

    def decisions(self, keys: Sequence[str]) -> list[Decision]:
        """What people decided about these names."""
        return self._rpc.call("get_people_decisions", {"keys": list(keys)}, DECISIONS)

    def settle_names(self, groups: Sequence[Group], nobody: Sequence[int], names: Sequence[int]) -> None:
        """Say who is who."""
        arguments = {"groups": [asdict(group) for group in groups], "nobody": list(nobody), "names": list(names)}
        self._rpc.call("settle_names", arguments, ROWS)

    def times_to_settle(self, max_times: int) -> list[NewTime]:
        """Times of which it is not known what event they are of, with those around."""
        rows = self._rpc.call("get_times_to_settle", {"max_times": max_times}, TIMES)
        return [NewTime(_time(row), tuple(map(_time, row.near))) for row in rows]

    def settle_times(self, linked: Mapping[int, Sequence[int]]) -> None:
        """Say which times are of one event."""
        times = [{"id": each, "linked": list(others)} for each, others in linked.items()]
        self._rpc.call("settle_times", {"times": times}, ROWS)

    def propose_pairs(self, max_documents: int) -> int:
        """Draw the pairs of documents whose facts have changed; how many, 0 when all are drawn."""
        return self._rpc.call("propose_pairs", {"max_documents": max_documents}, NUMBER)


def _time(row: _Near) -> NearTime:
    return NearTime(
        row.id, row.document_id, row.witness_id, row.starts, row.ends, row.precision, frozenset(row.people),
        frozenset(row.words), row.is_held,
    )  # fmt: skip
