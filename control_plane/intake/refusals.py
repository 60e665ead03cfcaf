"""Files that were not taken in leave a trace: their name and the reason, until one of that name comes in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from control_plane.database.rows import RefusedFile
from control_plane.http.contract import describe
from control_plane.http.models import PageQuery, Total
from control_plane.http.wiring import clients

blueprint = Blueprint("refusals", __name__)


@dataclass(frozen=True)
class RefusedPage:
    """A page of files that were not taken in, newest first."""

    refused: list[RefusedFile]
    next: int | None
    total: Total


@blueprint.get("/api/refused-files")
@describe(
    "Files that were not taken in, newest first", "Documents", query=PageQuery, answer=RefusedPage, errors=(400, 503)
)  # fmt: skip
def list_refused(query: PageQuery) -> RefusedPage:
    """A page of refusals; one whose file came in later, under the same name, is over."""
    database = clients().database
    page = database.list_refused_files(query.limit, query.cursor)
    return RefusedPage(page.rows, page.next, database.count_refused_files() if query.cursor is None else None)
