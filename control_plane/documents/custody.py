"""Whether a document is still what it was: its chain of events, the rows about it, and every stored byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask import Blueprint

from control_plane.database.rows import Custody, Document, Fault
from control_plane.documents.lookup import find_document
from control_plane.documents.routes import Chain, chain_of
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("custody", __name__)
FileStatus = Literal["unchanged", "changed", "missing", "not_recorded"]


@dataclass(frozen=True)
class CheckedFile:
    """A stored file against its hash in the chain of events."""

    name: str
    sha256: str | None
    status: FileStatus


@dataclass(frozen=True)
class CustodyReport:
    """Whether anything of a document was changed."""

    document_id: str
    unchanged: bool
    custody: Chain
    files: list[CheckedFile]
    faults: list[Fault]


@blueprint.get("/api/documents/<document_id>/custody")
@describe("Whether anything of a document was changed", "Documents", answer=CustodyReport, errors=(404, 503))
def verify_custody(document_id: str) -> CustodyReport:
    """Reads the original and all artifacts, and compares them with the hashes in the document's chain of events; and

    every row about it (arrivals, text, pages, claims, findings, what people decided) with what the newest event says.

    `not_recorded`: nobody has read the original yet, or the document was completed before hashes were kept.
    """
    document = find_document(path_id(document_id, "document"))
    custody = clients().database.verify_custody(document.id)
    files = list(_check_files(document, custody))
    unchanged = custody.intact and all(file.status in ("unchanged", "not_recorded") for file in files)
    return CustodyReport(document.id, unchanged, chain_of(custody), files, custody.faults)


def _check_files(document: Document, custody: Custody) -> Iterator[CheckedFile]:
    yield _check_file("original", document.object_key, custody.sha256, document.version_id)
    for name in {**document.artifacts, **custody.artifacts}:  # what one names and the other does not shows as well
        file = custody.artifacts.get(name)
        key = file.key if file and file.key else document.artifacts[name]
        yield _check_file(name, key, file.sha256 if file else None)


def _check_file(name: str, key: str, recorded: str | None, version_id: str | None = None) -> CheckedFile:
    found = _sha256(key, version_id)
    if found is None:
        return CheckedFile(name, recorded, "missing")
    if recorded is None:
        return CheckedFile(name, recorded, "not_recorded")
    return CheckedFile(name, recorded, "unchanged" if found == recorded else "changed")


def _sha256(key: str, version_id: str | None) -> str | None:
    """An object's hash, None when there is no such object. Raises StorageUnavailable."""
    digest = hashlib.sha256()
    try:
        for chunk in clients().storage.read_chunks(key, version_id):
            digest.update(chunk)
    except NotFound:
        return None
    return digest.hexdigest()
