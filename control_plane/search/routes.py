"""Search over the text and the meaning of all documents."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from control_plane.errors import BadRequest
from control_plane.http.answers import to_json
from control_plane.http.requests import query_date, query_int, query_uuid
from control_plane.http.schemas import ID, NUMBER, STRING, nullable, obj
from control_plane.http.wiring import clients, describe
from control_plane.search.meaning import embed_query

blueprint = Blueprint("search", __name__)
LONGEST_QUERY = 1000

RESULT = obj(
    document_id=ID, original_filename=STRING, page=nullable("integer"), snippet=STRING, score=NUMBER,
    matched={"enum": ["words", "meaning", "both"]}, document_type=nullable("string"),
    document_date=nullable("string"), relevancy_score=nullable("number"),
)  # fmt: skip


@blueprint.get("/api/search")
@describe(
    "Find documents", "Documents",
    query={
        "q": ("string", 'Words; "a phrase", or, -not.'),
        "limit": ("integer", "Results, 1 to 200; 20 if not said."),
        "type": ("string", "One document type."),
        "case_number": ("string", "One case."),
        "source": ("string", "upload, telegram, bucket or drive."),
        "min_relevancy": ("integer", "Only documents at least this relevant, 0 to 999."),
        "date_from": ("string", "Documents dated this day (YYYY-MM-DD) or later."),
        "date_to": ("string", "Documents dated this day or before."),
        "batch_id": ("string", "Only documents of one batch."),
    },
    answer=obj(results={"type": "array", "items": RESULT}), errors=(400, 503),
)  # fmt: skip
def search() -> Response:
    """The best documents, each with the page and the words around what was found."""
    words = request.args.get("q", "").strip()
    if not words or "\0" in words:
        raise BadRequest("Say in q what to search for.", "bad_argument")
    hits = clients().database.search_documents(
        query=words[:LONGEST_QUERY],
        embedding=embed_query(words[:LONGEST_QUERY]),
        max_results=query_int("limit", 20, 1, 200),
        filters=_filters(),
    )
    return jsonify(results=to_json(hits))


def _filters() -> dict[str, Any]:
    given = {
        "document_type": request.args.get("type"),
        "min_relevancy": query_int("min_relevancy", 0, 0, 999) or None,
        "batch_id": query_uuid("batch_id"),
        **{name: request.args.get(name) for name in ("case_number", "source")},
        **{name: query_date(name) for name in ("date_from", "date_to")},
    }
    return {name: value for name, value in given.items() if value}
