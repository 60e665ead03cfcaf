"""Day by day: appends to the log, signs its head, and looks whether all of it is still what it was (story)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice

from control_plane.database import Database
from control_plane.database.rows import Fault
from control_plane.record.heads import append_all, find_newer_outside, sign_when_due
from control_plane.settings import Settings
from control_plane.storage.bucket import Storage

SIGN_LOOK_SECONDS = 600.0
SWEEP_SECONDS = 86_400.0
DOCUMENTS_A_TICK = 20  # of a few milliseconds each, beside the scans
TOLD_FAULTS = 3


@dataclass
class RecordSweep:
    """Where the sweep is; it begins anew with the program, and again a day after it ended."""

    sign_due: float = 0.0
    sweep_due: float = 0.0
    entries_after: int | None = None
    documents_after: int | None = None
    faults: list[Fault] = field(default_factory=list)

    def tick(self, settings: Settings, database: Database, storage: Storage) -> None:
        """A small step of all of it. Raises what database and storage raise: the next tick goes on here."""
        append_all(database)
        if time.monotonic() >= self.sign_due:
            self.sign_due = time.monotonic() + SIGN_LOOK_SECONDS
            sign_when_due(settings, database, storage)
        if time.monotonic() >= self.sweep_due and self.entries_after is None and self.documents_after is None:
            self.sweep_due = time.monotonic() + SWEEP_SECONDS
            self.entries_after, self.faults = 0, []
            self._look_outside(database, storage)
        if self.entries_after is not None:
            self._check_entries(database)
        elif self.documents_after is not None:
            self._check_documents(database)

    def _look_outside(self, database: Database, storage: Storage) -> None:
        if problem := find_newer_outside(database, storage):
            database.raise_alarm("record_older", problem)
        else:
            database.clear_alarm("record_older")

    def _check_entries(self, database: Database) -> None:
        checked = database.verify_record(self.entries_after or 0)
        self.faults += checked.faults
        is_end = checked.checked_to is None or checked.checked_to == self.entries_after
        self.entries_after = None if is_end else checked.checked_to
        if is_end:
            self.documents_after = 0

    def _check_documents(self, database: Database) -> None:
        documents = list(islice(database.list_recorded(self.documents_after or 0, DOCUMENTS_A_TICK), DOCUMENTS_A_TICK))
        for document in documents:
            self.faults += database.verify_custody(document.id).faults
        self.documents_after = documents[-1].seq if documents else None
        if not documents and not self.faults:
            database.clear_alarm("record_faults")
        elif not documents:
            told = "; ".join(f"{fault.subject}: {fault.fault}" for fault in self.faults[:TOLD_FAULTS])
            message = f"{len(self.faults)} things are not what the record says of them. {told}"
            database.raise_alarm("record_faults", message)
