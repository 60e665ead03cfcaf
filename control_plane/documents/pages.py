"""One page of a document: its text, and where on its picture each word stands."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from control_plane.database.enums import PageOutcome
from control_plane.database.rows import Document, ReadPage
from control_plane.documents.lookup import find_document
from control_plane.documents.page_words import NOWHERE, PlacedLine, PlacedPage, find_page, read_places
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("pages", __name__)
METADATA = "metadata.json"
PAGE_SEPARATOR = "\f\n"
"""Between the pages of a stored text."""


@dataclass(frozen=True)
class PageOfWords:
    """A page of `pages`. Boxes are in its `width` × `height` units (0: no places are known), before `rotation` turns it
    clockwise to stand upright; `start` counts the characters of `text` before a word."""

    document_id: str
    page: int
    pages: int
    outcome: PageOutcome
    engine: str | None
    confidence: float | None
    reason: str | None
    rotation: int
    width: float
    height: float
    text: str
    lines: list[PlacedLine]


@blueprint.get("/api/documents/<document_id>/pages/<page>")
@describe("A page's text, and where its words stand", "Documents", answer=PageOfWords, errors=(404, 503))
def get_page(document_id: str, page: str) -> PageOfWords:
    """One page, from 1; without lines where nothing says where its words are."""
    document = find_document(path_id(document_id, "document"))
    pages = clients().database.list_pages(document.job_id) if document.job_id else []
    about = next((each for each in pages if str(each.page) == page), None)
    if about is None:
        raise NotFound("This document has no such page.")
    text = _text(document, about.page)
    places = _places(document, about, text)
    return PageOfWords(
        document.id, about.page, len(pages), about.outcome, about.engine, about.confidence, about.reason,
        about.rotation or 0, places.width, places.height, text, places.lines,
    )  # fmt: skip


def _text(document: Document, page: int) -> str:
    texts = (clients().database.get_text(document.id) or "").split(PAGE_SEPARATOR)
    return texts[page - 1] if page <= len(texts) else ""


def _places(document: Document, page: ReadPage, text: str) -> PlacedPage:
    key, storage = document.artifacts.get(METADATA), clients().storage
    if key is None:
        return NOWHERE
    line = find_page(lambda start, end: storage.read_range(key, start, end), storage.head(key).bytes, page.page)
    return read_places(line, text)
