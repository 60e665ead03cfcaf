"""Documents over HTTP: the list, one document with its pages and findings, and short-lived links to its files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.database.rows import Custody, Document, ReadPage
from control_plane.documents.jobs import OF_CASE, PAGE
from control_plane.errors import NotFound
from control_plane.http.answers import to_json
from control_plane.http.requests import path_uuid, query_cursor, query_day, query_int, query_limit
from control_plane.http.schemas import DOCUMENT, WHOLE_DOCUMENT, listing
from control_plane.http.wiring import clients, describe

blueprint = Blueprint("documents", __name__)
LINK_SECONDS = 900
EXCERPT_CHARACTERS = 20_000
THUMBNAIL = "thumbnail.jpg"
NOT_LISTED = ("artifacts", "object_key", "score_evidence")
SEARCHABLE = "searchable.pdf"
SHOWN_BY_BROWSERS = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif")


@blueprint.get("/api/documents")
@describe(
    "List documents, newest first", "Documents",
    query={
        "q": ("string", "Part of a name, summary, case number or type."),
        "type": ("string", "One document type."),
        "min_relevancy": ("integer", "Only documents at least this relevant, 0 to 999."),
        **OF_CASE,
        **PAGE,
    },
    answer=listing("documents", DOCUMENT), errors=(400, 503),
)  # fmt: skip
def list_documents() -> Response:
    """A page of documents."""
    page = clients().database.list_documents(
        query_limit(),
        query_cursor(),
        request.args.get("q", "").strip(),
        request.args.get("type"),
        query_int("min_relevancy", 0, 0, 999),
        request.args.get("case_number"),
        query_day("since"),
    )
    return jsonify(documents=[_listed(document) for document in page.rows], next=page.next)


@blueprint.get("/api/documents/<document_id>")
@describe("One document, with links that live 15 minutes", "Documents", answer=WHOLE_DOCUMENT, errors=(404, 503))
def get_document(document_id: str) -> Response:
    """Scores, pages, findings, an excerpt of the text, and signed links to the artifacts and the original."""
    document = find_document(path_uuid(document_id, "document"))
    database = clients().database
    custody = database.verify_custody(document.id)
    text, pages = database.get_text(document.id), _pages(document)
    return jsonify(
        _listed(document)
        | {
            "pages": to_json(pages),
            "findings": to_json(database.list_document_findings(document.id)),
            "score_evidence": to_json(document.score_evidence),
            "text_excerpt": None if text is None else text[:EXCERPT_CHARACTERS],
            "artifacts": {name: _link(key, _download_name(document, name)) for name, key in document.artifacts.items()},
            "artifact_files": {
                name: {"bytes": file.bytes, "sha256": file.sha256} for name, file in custody.artifacts.items()
            },
            "custody": chain_of(custody),
            "original": _link(document.object_key, document.original_filename),
            "view": _view(document, lies_on_its_side=bool(pages and pages[0].rotation)),
        }
    )


def _pages(document: Document) -> list[ReadPage]:
    return clients().database.list_pages(document.job_id) if document.job_id else []


def find_document(document_id: str) -> Document:
    """A document, or the one that has the same bytes. Raises NotFound."""
    document = clients().database.get_document(document_id)
    if document is None:
        raise NotFound("There is no such document.")
    return find_document(document.duplicate_of) if document.duplicate_of else document


def chain_of(custody: Custody) -> dict[str, Any]:
    """What callers are told of a document's chain of events. Pure."""
    return {"events": custody.events, "intact": custody.intact, "broken_at": custody.broken_at}


def _listed(document: Document) -> dict[str, Any]:
    """A document as callers see it: keys of objects become links."""
    thumbnail = document.artifacts.get(THUMBNAIL)
    shown = {name: value for name, value in to_json(document).items() if name not in NOT_LISTED}
    return shown | {"thumbnail": _link(thumbnail) if thumbnail else None}


def _link(key: str, download_name: str | None = None) -> str:
    return clients().storage.presign_get(key, LINK_SECONDS, download_name)


def _view(document: Document, lies_on_its_side: bool) -> str | None:
    """A link that a browser opens in place: the original, or else its pages upright as a PDF; null without either."""
    turn = lies_on_its_side and SEARCHABLE in document.artifacts
    if document.mime_type in SHOWN_BY_BROWSERS and not turn:
        key, mime_type = document.object_key, document.mime_type
    elif SEARCHABLE in document.artifacts:
        key, mime_type = document.artifacts[SEARCHABLE], "application/pdf"
    else:
        return None
    return clients().storage.presign_view(key, LINK_SECONDS, mime_type)


def _download_name(document: Document, artifact: str) -> str:
    return f"{document.original_filename or document.id}.{artifact}"
