"""Rows of the originals: where each lies in the bucket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
