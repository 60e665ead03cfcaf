"""Rows of the originals: where each lies in the bucket, and what was said of it later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from control_plane.database.enums import Placement, Priority


class OriginalFault(StrEnum):
    """`master_document_registry.original_fault`."""

    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True)
class Original:
    """What the bucket should hold of one document; parts of others have no `object_etag`."""

    document_id: str
    object_key: str
    version_id: str | None
    object_etag: str | None
    sha256: str
    md5: str | None
    bytes: int | None
    fault: OriginalFault | None

    @property
    def etag(self) -> str | None:
        """What the store should call its bytes; None where nobody knows."""
        return self.object_etag or self.md5


@dataclass(frozen=True)
class KeptObject:
    """Where the bytes of an original lie, read and found to have its hash."""

    object_key: str
    object_etag: str
    version_id: str | None


@dataclass(frozen=True)
class KeptChoices:
    """How a document (by its SHA-256), or what lies under a batch's prefix, may be read; the bucket has it as well."""

    name: str
    prefix: str | None
    priority: Priority
    placement: Placement
    allow_claude: bool
    said_at: datetime
    object_etag: str | None
    is_found: bool


@dataclass(frozen=True)
class HeardChoices:
    """How many of the bucket's choices were news, and how many waiting documents became stricter by them."""

    heard: int
    tightened: int
