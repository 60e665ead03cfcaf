"""The list of documents over HTTP: searched, filtered, sorted, counted, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint

from control_plane.database.judgement_rows import FacetValue
from control_plane.documents.routes import ListedDocument, as_listed
from control_plane.documents.searching import DocumentQuery, SearchQuery, read_cursor, write_cursor
from control_plane.http.contract import describe
from control_plane.http.models import Total
from control_plane.http.wiring import clients

blueprint = Blueprint("document_lists", __name__)


@dataclass(frozen=True)
class DocumentPage:
    """A page of documents. `is_at_least`: the words are in so many that not all were looked at."""

    documents: list[ListedDocument]
    next: str | None
    total: Total
    is_at_least: bool


@dataclass(frozen=True)
class Facets:
    """What a search means, counted; under `value` null those without any, at most 100 values of each."""

    total: int
    is_at_least: bool
    facets: Mapping[str, list[FacetValue]]


@blueprint.get("/api/documents")
@describe(
    "List documents, newest first", "Documents", query=DocumentQuery, answer=DocumentPage, errors=(400, 503)
)  # fmt: skip
def list_documents(query: DocumentQuery) -> DocumentPage:
    """Those that words and filters mean, copies left out: by any name or folder that they ever had, sorted as asked."""
    database, filters = clients().database, query.filters()
    after = read_cursor(query.cursor)
    places = database.list_documents(filters, query.sort, query.order == "desc", after, query.limit + 1)
    documents = database.get_documents([place.document_id for place in places[: query.limit]])
    counted = database.count_documents(filters) if after is None else None
    return DocumentPage(
        [as_listed(document) for document in documents],
        write_cursor(places[query.limit - 1].place) if len(places) > query.limit else None,
        counted.total if counted else None,
        counted.is_at_least if counted else False,
    )


@blueprint.get("/api/facets")
@describe("Count documents by type, person, source, folder, tag, year, status and sensitivity", "Documents",
          query=SearchQuery, answer=Facets, errors=(400, 503))  # fmt: skip
def facets(query: SearchQuery) -> Facets:
    """Of those that words and filters mean."""
    database, filters = clients().database, query.filters()
    counted = database.count_documents(filters)
    told: dict[str, list[FacetValue]] = {name: [] for name in FACETS}
    for each in database.count_facets(filters):
        told[each.facet].append(FacetValue(each.value, each.documents))
    return Facets(counted.total, counted.is_at_least, told)


FACETS = ("type", "person", "source", "folder", "tag", "year", "status", "sensitivity")
