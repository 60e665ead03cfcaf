"""Files that were not taken in leave a trace: their name and the reason, until one of that name comes in."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify

from control_plane.database import Database
from control_plane.errors import ControlPlaneError
from control_plane.http.answers import to_json
from control_plane.http.requests import query_cursor, query_limit
from control_plane.http.schemas import INTEGER, STRING, TIME, listing, nullable, obj
from control_plane.http.wiring import clients, describe
from control_plane.intake.file_types import clean_filename

log = logging.getLogger(__name__)
blueprint = Blueprint("refusals", __name__)

REFUSED = obj(
    id=INTEGER, original_filename=STRING, source=nullable("string"), code=STRING, message=STRING, created_at=TIME
)


def record_refusal(database: Database, filename: str, source: str, error: ControlPlaneError) -> None:
    """Remember a refused file. The refusal itself is the answer; without the queue only its trace is missing."""
    file = {"original_filename": clean_filename(filename), "source": source, "code": error.code,
            "message": error.message}  # fmt: skip
    try:
        database.record_refused_file(file)
    except ControlPlaneError as problem:
        log.warning("a refused file left no trace", extra={"code": problem.code})


@blueprint.get("/api/refused-files")
@describe(
    "Files that were not taken in, newest first", "Documents",
    query={
        "limit": ("integer", "Rows, 1 to 200; 50 if not said."),
        "cursor": ("integer", "`next` of the page before."),
    },
    answer=listing("refused", REFUSED), errors=(400, 503),
)  # fmt: skip
def list_refused() -> Response:
    """A page of refusals; one whose file came in later, under the same name, is over."""
    page = clients().database.list_refused_files(query_limit(), query_cursor())
    return jsonify(refused=to_json(page.rows), next=page.next)
