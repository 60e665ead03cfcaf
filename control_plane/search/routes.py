"""Search over the text and the meaning of all documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint
from pydantic import Field

from control_plane.database.rows import SearchHit
from control_plane.errors import BadRequest
from control_plane.http.contract import Query, describe
from control_plane.http.models import Id
from control_plane.http.wiring import clients
from control_plane.search.meaning import embed_query

blueprint = Blueprint("search", __name__)
LONGEST_QUERY = 1000


class SearchQuery(Query):
    """What to look for, and among which documents."""

    q: str = Field("", description='Words; "a phrase"; -not; days, amounts and numbers in any usual writing.')
    limit: int = Field(20, ge=1, le=200, description="Results, 1 to 200; 20 if not said.")
    type: str | None = Field(None, description="One document type.")
    case_number: str | None = Field(None, description="One case.")
    source: str | None = Field(None, description="upload, telegram, bucket or drive.")
    min_relevancy: int = Field(0, ge=0, le=999, description="Only documents at least this relevant, 0 to 999.")
    date_from: date | None = Field(None, description="Documents dated this day (YYYY-MM-DD) or later.")
    date_to: date | None = Field(None, description="Documents dated this day or before.")
    batch_id: Id | None = Field(None, description="Only documents of one batch.")

    def filters(self) -> dict[str, Any]:
        """The filters as `search_documents` takes them."""
        given = self.model_dump(mode="json", exclude={"q", "limit", "type"}) | {"document_type": self.type}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Found:
    """What was found, best first, of how many documents; `capped`: of at least so many."""

    results: list[SearchHit]
    matches: int
    capped: bool


@blueprint.get("/api/search")
@describe("Find documents", "Documents", query=SearchQuery, answer=Found, errors=(400, 503), trace="searched")
def search(query: SearchQuery) -> Found:
    """The best documents, each with the page and the words around what was found."""
    words = query.q.strip()[:LONGEST_QUERY]
    if not words:
        raise BadRequest("Say in q what to search for.", "bad_argument")
    database, filters = clients().database, query.filters()
    hits = database.search_documents(words, embed_query(words), query.limit, filters)
    if not hits:
        return Found([], 0, database.search_is_cut(words, filters))
    return Found(hits, hits[0].matches, any(hit.capped for hit in hits))
