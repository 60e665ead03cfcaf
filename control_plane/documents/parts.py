"""The files inside a document, all of them, and what it is made of: an e-mail, a conversation, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from control_plane.documents.family import InnerFile, explain
from control_plane.documents.lookup import find_document
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import PageQuery, path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("parts", __name__)
MOST_STRUCTURE_BYTES = 16 * 1024**2
STRUCTURES = ("mail.json", "conversation.json", "tables.json", "facts.json")


@dataclass(frozen=True)
class InnerFiles:
    """A page of the files inside a document, in their order."""

    parts: list[InnerFile]
    next: int | None


@blueprint.get("/api/documents/<document_id>/parts")
@describe("The files inside a document", "Documents", query=PageQuery, answer=InnerFiles, errors=(400, 404, 503))
def list_parts(document_id: str, query: PageQuery) -> InnerFiles:
    """A page of them, in their order: each a document of its own, or with the reason why it was not taken."""
    document = find_document(path_id(document_id, "document"))
    page = clients().database.list_parts(document.id, query.limit, query.cursor)
    return InnerFiles([explain(part) for part in page.rows], page.next)


@blueprint.get("/api/documents/<document_id>/structure/<name>")
@describe("What a document is made of", "Documents", answer=Mapping[str, Any], errors=(404, 503), trace="downloaded")
def get_structure(document_id: str, name: str) -> Response:
    """`mail.json`, `conversation.json`, `tables.json` or `facts.json` of a document that has it, up to 16 MiB."""
    document = find_document(path_id(document_id, "document"))
    key = document.artifacts.get(name) if name in STRUCTURES else None
    if key is None:
        raise NotFound("This document has no such structure.")
    content = bytearray()
    for chunk in clients().storage.read_chunks(key):
        content += chunk
        if len(content) > MOST_STRUCTURE_BYTES:
            raise NotFound("This structure is too large to be shown; its artifact can be downloaded.")
    return Response(bytes(content), mimetype="application/json")
