"""The verbs of the record: its chain, signed heads, originals that are looked at, exports, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from control_plane.database.backup_rows import Backup
from control_plane.database.connection import Connection
from control_plane.database.metric_rows import Metrics
from control_plane.database.original_rows import (
    HeardChoices,
    KeptChoices,
    KeptObject,
    Original,
    OriginalFault,
)
from control_plane.database.record_rows import Head, LogEntry, Record, RecordCheck, Sealed
from control_plane.database.report_rows import Week
from control_plane.database.rows import Custody, Json


class RecordFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def verify_custody(self, document_id: str) -> Custody:
        """Check a document's chain of events, and every row about it against what they say."""
        return self._one(Custody, "verify_custody", document_id=document_id)

    def append_record(self) -> bool:
        """Put what was committed since into the log over all documents; whether more waits."""
        return bool(self._one(Json, "append_record")["waiting"])

    def verify_record(self, after: int = 0, most: int = 5000) -> RecordCheck:
        """Recompute a part of the log, from the entry `after` on."""
        return self._one(RecordCheck, "verify_record", after=after, most=most)

    def get_record(self, at: int | None = None) -> Record:
        """The end of the log, its hash at one entry, and which head was signed last."""
        return self._one(Record, "get_record", at=at)

    def keep_head(self, head: Head) -> None:
        """Keep a signed head, and tell whoever keeps it outside."""
        self._do("keep_head", head=asdict(head))

    def get_backups(self) -> list[Backup]:
        """The newest backup, trial and restore of each outcome; none where nothing was noted yet."""
        return self._call(Backup, "get_backups")

    def list_originals(self, after: Original | None, most: int) -> list[Original]:
        """What the bucket should hold, in the order of keys, behind one of them."""
        place = after and {"object_key": after.object_key, "document_id": after.document_id}
        return self._call(Original, "list_originals", after=place, most=most)

    def note_original(self, document_id: str, fault: OriginalFault | None) -> None:
        """A document's original is lost, or (None) is as it came; an event where that is news."""
        self._do("note_original", document_id=document_id, fault=fault)

    def keep_original(self, document_id: str, kept: KeptObject) -> None:
        """A document's original lies here from now on."""
        self._do("keep_original", document_id=document_id, kept=asdict(kept))

    def find_unknown_hashes(self, hashes: Sequence[str]) -> set[str]:
        """Those of these SHA-256 that are of no document."""
        return set(self._one(Json, "find_unknown_hashes", hashes=list(hashes))["unknown"]) if hashes else set()

    def list_unwritten_choices(self, most: int) -> list[KeptChoices]:
        """Choices that the bucket does not have yet."""
        return self._call(KeptChoices, "list_unwritten_choices", most=most)

    def note_choices_written(self, name: str, said_at: datetime, object_etag: str) -> None:
        """The bucket has those of this name that were said then."""
        self._do("note_choices_written", name=name, said_at=said_at.isoformat(), object_etag=object_etag)

    def find_unheard_choices(self, objects: Mapping[str, str]) -> set[str]:
        """Of these names, each with its object's ETag, those of which this database has not heard."""
        rows = [{"name": name, "object_etag": etag} for name, etag in objects.items()]
        return set(self._one(Json, "find_unheard_choices", objects=rows)["names"]) if rows else set()

    def miss_choices(self, written: Sequence[str]) -> int:
        """Have all but these written again; how many."""
        return self._do("miss_choices", written=list(written))

    def hear_choices(self, choices: Sequence[Mapping[str, Any]]) -> HeardChoices:
        """Obey what the bucket says. Raises BadRequest."""
        return self._one(HeardChoices, "hear_choices", choices=list(choices))

    def export_log(self, after: int, most: int = 500) -> list[LogEntry]:
        """Entries of the log in order, each with its event as it is hashed."""
        return self._call(LogEntry, "export_log", after=after, most=most)

    def export_sealed(self, document_id: str | None = None, after: str = "", most: int = 200) -> list[Sealed]:
        """The rows of the record about a document, or of what belongs to none, in order of `sealed`."""
        return self._call(Sealed, "export_sealed", document_id=document_id, after=after, most=most)

    def get_week(self, first_day: date) -> Week:
        """What happened in the seven days from this one on."""
        return self._one(Week, "get_week", first_day=first_day)

    def get_metrics(self) -> Metrics:
        """The house in numbers."""
        return self._one(Metrics, "get_metrics")
