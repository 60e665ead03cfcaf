"""One page of a document: its text, where on its picture each word stands, and the file that shows the picture."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from control_plane.database.enums import PageOutcome
from control_plane.database.rows import Document, ReadPage
from control_plane.documents.lookup import find_document
from control_plane.documents.page_words import (
    NOWHERE,
    HiddenWords,
    PlacedBox,
    PlacedDoubt,
    PlacedLine,
    PlacedPage,
    ReadByLetter,
    find_page,
    read_places,
)
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients

blueprint = Blueprint("pages", __name__)
METADATA, SEARCHABLE = "metadata.json", "searchable.pdf"
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
PDF = "application/pdf"
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
    hidden: list[HiddenWords]
    """What the file holds there and nobody sees: no part of `text`."""
    rereadings: list[ReadByLetter]
    """Words of `text` that were taken for known ones, and what their letters read: look at the picture."""
    boxes: list[PlacedBox]
    """Check boxes and radio buttons that a machine saw there: look at the picture before you rely on one."""
    doubts: list[PlacedDoubt]
    """Names, dates, amounts, numbers, negations and check boxes that were read with doubt: a person should look."""
    picture: str | None
    """The type of what GET …/picture gives; null where nothing shows the page."""


@blueprint.get("/api/documents/<document_id>/pages/<page>")
@describe("A page's text, and where its words stand", "Documents", answer=PageOfWords, errors=(404, 503), trace="saw")
def get_page(document_id: str, page: str) -> PageOfWords:
    """One page, from 1; without lines where nothing says where its words are."""
    document = find_document(path_id(document_id, "document"))
    pages = clients().database.list_pages(document.job_id) if document.job_id else []
    about = next((each for each in pages if str(each.page) == page), None)
    if about is None:
        raise NotFound("This document has no such page.")
    text = _text(document, about.page)
    places, picture = _places(document, about, text), picture_of(document)
    return PageOfWords(
        document.id, about.page, len(pages), about.outcome, about.engine, about.confidence, about.reason,
        about.rotation or 0, places.width, places.height, text, places.lines, places.hidden,
        places.rereadings, places.boxes, places.doubts, picture[1] if picture else None,
    )  # fmt: skip


@blueprint.get("/api/documents/<document_id>/picture")
@describe(
    "The file that shows a document's pages", "Documents", answer=bytes, answer_type="application/octet-stream",
    errors=(404, 503), trace="saw",
)  # fmt: skip
def get_picture(document_id: str) -> Response:
    """A PDF, or a picture where the document is one; its pages as `rotation` finds them. Takes a Range of bytes."""
    picture = picture_of(find_document(path_id(document_id, "document")))
    if picture is None:
        raise NotFound("Nothing shows this document's pages.")
    key, mime_type, version_id = picture
    storage = clients().storage
    size = storage.head(key, version_id).bytes
    asked = request.range.range_for_length(size) if request.range else None
    start, end = asked or (0, size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = storage.stream_range(key, start, end, version_id) if size else iter(())
    return Response(body, 206 if asked else 200, headers, mimetype=mime_type)


def picture_of(document: Document) -> tuple[str, str, str | None] | None:
    """Key, type and version of what browsers show of a document: itself, or its pages as a PDF. Pure."""
    is_one_picture = document.mime_type in PICTURES and (document.pages_total or 1) == 1
    if document.mime_type and (document.mime_type == PDF or is_one_picture):
        return document.object_key, document.mime_type, document.version_id
    return (document.artifacts[SEARCHABLE], PDF, None) if SEARCHABLE in document.artifacts else None


def _text(document: Document, page: int) -> str:
    texts = (clients().database.get_text(document.id) or "").split(PAGE_SEPARATOR)
    return texts[page - 1] if page <= len(texts) else ""


def _places(document: Document, page: ReadPage, text: str) -> PlacedPage:
    key, storage = document.artifacts.get(METADATA), clients().storage
    if key is None:
        return NOWHERE
    line = find_page(lambda start, end: storage.read_range(key, start, end), storage.head(key).bytes, page.page)
    return read_places(line, text)
