"""Whether a document is still what it was: its chain of events, and every stored byte against the hashes in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify

from control_plane.database.rows import Custody, Document
from control_plane.documents.routes import chain_of, find_document
from control_plane.errors import NotFound
from control_plane.http.requests import path_uuid
from control_plane.http.schemas import BOOLEAN, CHAIN, STRING, nullable, obj
from control_plane.http.wiring import clients, describe

blueprint = Blueprint("custody", __name__)
CheckedFile = dict[str, str | None]
CHECKED_FILE = obj(
    name=STRING,
    sha256=nullable("string"),
    state={"enum": ["unchanged", "changed", "missing", "not_recorded"]},
)


@blueprint.get("/api/documents/<document_id>/custody")
@describe(
    "Whether anything of a document was changed", "Documents",
    answer=obj(document_id=STRING, unchanged=BOOLEAN, custody=CHAIN, files={"type": "array", "items": CHECKED_FILE}),
    errors=(404, 503),
)  # fmt: skip
def verify_custody(document_id: str) -> Response:
    """Reads the original and all artifacts, and compares them with the hashes in the document's chain of events.

    `not_recorded`: nobody has read the original yet, or the document was completed before hashes were kept.
    """
    document = find_document(path_uuid(document_id, "document"))
    custody = clients().database.verify_custody(document.id)
    files = list(_check_files(document, custody))
    unchanged = custody.intact and all(file["state"] in ("unchanged", "not_recorded") for file in files)
    return jsonify(document_id=document.id, unchanged=unchanged, custody=chain_of(custody), files=files)


def _check_files(document: Document, custody: Custody) -> Iterator[CheckedFile]:
    yield _check_file("original", document.object_key, custody.sha256)
    for name in {**document.artifacts, **custody.artifacts}:  # what one names and the other does not shows as well
        file = custody.artifacts.get(name)
        key = (file and file.key) or document.artifacts[name]
        yield _check_file(name, key, file and file.sha256)


def _check_file(name: str, key: str, recorded: str | None) -> CheckedFile:
    found = _sha256(key)
    if found is None:
        state = "missing"
    elif recorded is None:
        state = "not_recorded"
    else:
        state = "unchanged" if found == recorded else "changed"
    return {"name": name, "sha256": recorded, "state": state}


def _sha256(key: str) -> str | None:
    """An object's hash, None when there is no such object. Raises StorageUnavailable."""
    digest = hashlib.sha256()
    try:
        for chunk in clients().storage.read_chunks(key):
            digest.update(chunk)
    except NotFound:
        return None
    return digest.hexdigest()
