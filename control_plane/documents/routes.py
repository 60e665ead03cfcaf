"""Documents over HTTP: the list, one document with its pages and findings, and short-lived links to its files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.documents.jobs import PAGE, newest_page
from control_plane.documents.stored import score_evidence, sound_document, sound_finding, sound_page
from control_plane.errors import NotFound
from control_plane.http.requests import path_uuid, query_int, query_limit
from control_plane.http.schemas import DOCUMENT, WHOLE_DOCUMENT, listing
from control_plane.http.wiring import clients, describe

blueprint = Blueprint("documents", __name__)
LINK_SECONDS = 900
EXCERPT_CHARACTERS = 20_000
THUMBNAIL = "thumbnail.jpg"
SEARCHABLE = "searchable.pdf"
NOT_LISTED = ("artifacts", "object_key", "score_evidence")
SHOWN_BY_BROWSERS = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif")


@blueprint.get("/api/documents")
@describe(
    "List documents, newest first", "Documents",
    query={
        "q": ("string", "Part of a name, summary, case number or type."),
        "type": ("string", "One document type."),
        "min_relevancy": ("integer", "Only documents at least this relevant, 0 to 999."),
        **PAGE,
    },
    answer=listing("documents", DOCUMENT), errors=(400, 503),
)  # fmt: skip
def list_documents() -> Response:
    """A page of documents."""
    limit = query_limit()
    query = clients().queue.table("document_list").select("*").is_("duplicate_of", "null")
    if words := request.args.get("q", "").strip():
        query = query.or_(_contains(words))
    if document_type := request.args.get("type"):
        query = query.eq("document_type", document_type)
    if least := query_int("min_relevancy", 0, 0, 999):
        query = query.gte("relevancy_score", least)
    rows, following = newest_page(query, limit)
    return jsonify(documents=[_listed(row) for row in rows], next=following)


@blueprint.get("/api/documents/<document_id>")
@describe("One document, with links that live 15 minutes", "Documents", answer=WHOLE_DOCUMENT, errors=(404, 503))
def get_document(document_id: str) -> Response:
    """Scores, pages, findings, an excerpt of the text, and signed links to the artifacts and the original."""
    row = find_document(path_uuid(document_id, "document"))
    document_id = row["id"]
    custody = clients().queue.call("verify_custody", document_id=document_id)[0]
    artifacts: dict[str, str] = row.get("artifacts") or {}
    text = _rows("document_repository", "document_id", document_id, "text")
    pages = [sound_page(page) for page in _rows("document_pages", "document_id", document_id, PAGE_COLUMNS, "page")]
    return jsonify(
        _listed(row)
        | {
            "pages": pages,
            "findings": [*map(sound_finding, _rows("document_findings", "document_id", document_id, FINDING_COLUMNS))],
            "score_evidence": score_evidence(row["score_evidence"]),
            "text_excerpt": (text[0]["text"] or "")[:EXCERPT_CHARACTERS] if text else None,
            "artifacts": {name: _link(key, _download_name(row, name)) for name, key in artifacts.items()},
            "artifact_files": {
                name: {"bytes": int(file["bytes"]), "sha256": file["sha256"]}
                for name, file in custody["artifacts"].items()
            },
            "custody": {name: custody[name] for name in ("events", "intact", "broken_at")},
            "original": _link(row["object_key"], row["original_filename"]),
            "view": _view(row, artifacts, lies_on_its_side=bool(pages and pages[0]["rotation"])),
        }
    )


PAGE_COLUMNS = "page,outcome,engine,confidence,reason,rotation"
FINDING_COLUMNS = "id,kind,page,quote,verified,explanation,score"


def find_document(document_id: str) -> dict[str, Any]:
    """A document's row, or the row of the one that has the same bytes. Raises NotFound."""
    rows = _rows("document_list", "id", document_id)
    if not rows:
        raise NotFound("There is no such document.")
    original_id = rows[0]["duplicate_of"]
    return find_document(original_id) if original_id else rows[0]


def _rows(table: str, column: str, value: str, columns: str = "*", order: str | None = None) -> list[dict[str, Any]]:
    query = clients().queue.table(table).select(columns).eq(column, value)
    return clients().queue.rows(query.order(order) if order else query)


def _contains(words: str) -> str:
    # Inside a quoted PostgREST value only the quote and the backslash are special, and * is its wildcard.
    pattern = words[:200].translate(str.maketrans({"\\": " ", '"': " ", "*": " ", "%": r"\\%", "_": r"\\_"}))
    columns = ("original_filename", "summary", "case_number", "document_type")
    return ",".join(f'{column}.ilike."*{pattern}*"' for column in columns)


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """A row as callers see it: keys of objects become links."""
    artifacts = row.get("artifacts") or {}
    shown = {name: value for name, value in sound_document(row).items() if name not in NOT_LISTED}
    return shown | {"thumbnail": _link(artifacts[THUMBNAIL]) if THUMBNAIL in artifacts else None}


def _link(key: str, download_name: str | None = None) -> str:
    return clients().storage.presign_get(key, LINK_SECONDS, download_name)


def _view(row: dict[str, Any], artifacts: dict[str, str], lies_on_its_side: bool) -> str | None:
    """A link that a browser opens in place: the original, or else its pages upright as a PDF; null without either."""
    if row["mime_type"] in SHOWN_BY_BROWSERS and not (lies_on_its_side and SEARCHABLE in artifacts):
        key, mime_type = row["object_key"], row["mime_type"]
    elif SEARCHABLE in artifacts:
        key, mime_type = artifacts[SEARCHABLE], "application/pdf"
    else:
        return None
    return clients().storage.presign_view(key, LINK_SECONDS, mime_type)


def _download_name(row: dict[str, Any], artifact: str) -> str:
    return f"{row['original_filename'] or row['id']}.{artifact}"
