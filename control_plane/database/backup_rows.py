"""Rows of backups and restores (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.database.enums import BackupKind, BackupOutcome


@dataclass(frozen=True)
class Backup:
    """What became of a backup, a trial of one or a restore; `name` is the backup's, `bytes` what it added.

    `counts`: documents, rows and objects in it, new and damaged objects.
    """

    kind: BackupKind
    name: str
    started_at: datetime
    finished_at: datetime
    outcome: BackupOutcome
    message: str | None
    bytes: int | None
    sha256: str | None
    counts: dict[str, int]
