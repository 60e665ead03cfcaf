"""One document by its id, whoever asks for it."""

from __future__ import annotations

from control_plane.database.rows import Document
from control_plane.errors import NotFound
from control_plane.http.wiring import clients


def find_document(document_id: str) -> Document:
    """A document, or the one that has the same bytes. Raises NotFound."""
    document = clients().database.get_document(document_id)
    if document is None:
        raise NotFound("There is no such document.")
    return find_document(document.duplicate_of) if document.duplicate_of else document
