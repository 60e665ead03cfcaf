"""Files that were not taken in leave a trace: their name and the reason, until one of that name comes in."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Blueprint

from control_plane.database import Database
from control_plane.database.rows import RefusedFile
from control_plane.errors import ControlPlaneError
from control_plane.http.contract import describe
from control_plane.http.models import PageQuery
from control_plane.http.wiring import clients
from control_plane.intake.file_types import clean_filename

log = logging.getLogger(__name__)
blueprint = Blueprint("refusals", __name__)


@dataclass(frozen=True)
class RefusedPage:
    """A page of files that were not taken in, newest first."""

    refused: list[RefusedFile]
    next: int | None


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
    "Files that were not taken in, newest first", "Documents", query=PageQuery, answer=RefusedPage, errors=(400, 503)
)  # fmt: skip
def list_refused(query: PageQuery) -> RefusedPage:
    """A page of refusals; one whose file came in later, under the same name, is over."""
    page = clients().database.list_refused_files(query.limit, query.cursor)
    return RefusedPage(page.rows, page.next)
