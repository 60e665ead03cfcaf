"""Documents as a ZIP: files with their numbers, and an index with what they are and their hashes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

from flask import Blueprint, Response
from pydantic import Field

from control_plane.clients import Clients
from control_plane.database.enums import Action
from control_plane.database.rows import Document
from control_plane.documents.searching import SearchBody
from control_plane.errors import BadRequest, NotFound
from control_plane.http.auth import caller
from control_plane.http.contract import Body, describe
from control_plane.http.models import MOST_ROWS, Id
from control_plane.http.traces import trace_documents
from control_plane.http.wiring import clients
from control_plane.storage.zipping import Outbox

blueprint = Blueprint("zipping", __name__)
MOST_CHOSEN = 5000
SEARCHABLE = "searchable.pdf"
COLUMNS = ("File", "Name", "Type", "Date", "Case number", "Exhibit", "Bytes", "SHA-256 of this file",
           "SHA-256 of the original", "Number here", "Remark")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets."""


class ZipBody(Body):
    """Which documents, and which file of each."""

    documents: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHOSEN)] | None = None
    search: SearchBody | None = None
    what: Literal["original", "searchable"] = Field(
        "original", description="searchable: the PDF with the words that were read; the original where there is none."
    )


@dataclass(frozen=True)
class Member:
    """A file of the ZIP: how it is called there, and where it lies."""

    name: str
    key: str
    version_id: str | None
    document: Document


@blueprint.post("/api/documents/zip")
@describe(
    "Documents as a ZIP", "Documents", body=ZipBody, answer=bytes, answer_type="application/zip", errors=(400, 503),
    needs="read", trace="downloaded",
)  # fmt: skip
def zip_documents(body: ZipBody) -> Response:
    """Chosen ones in their order, or all that a search means, the oldest first, with index.csv at the end; streamed."""
    parts = clients()
    if body.documents is not None and body.search is None:
        found = _chosen(parts, body.documents)
    elif body.search is not None and body.documents is None:
        found = _found(parts, body.search)
    else:
        raise BadRequest("Say documents or search.", "bad_argument")
    members = name_members(found, body.what == "searchable")
    pieces = stream_zip(parts, members, trace_documents(caller(), Action.DOWNLOADED))
    headers = {"Content-Disposition": 'attachment; filename="documents.zip"'}
    return Response(pieces, mimetype="application/zip", headers=headers)


def name_members(documents: Iterable[Document], searchable: bool) -> Iterator[Member]:
    """Numbered in their order, so that no two have one name. Pure."""
    for number, document in enumerate(documents, 1):
        name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "_", document.original_filename or "document").strip(" .")[-120:]
        key, version_id = document.object_key, document.version_id
        if searchable and SEARCHABLE in document.artifacts:
            key, version_id = document.artifacts[SEARCHABLE], None
            name = name if name.lower().endswith(".pdf") else f"{name}.pdf"
        yield Member(f"{number:05} {name}", key, version_id, document)


def stream_zip(parts: Clients, members: Iterable[Member], trace: Callable[[str], None]) -> Iterator[bytes]:
    """The ZIP in pieces, never more than one in memory; a file that is missing is said in the index."""
    outbox, rows = Outbox(), [_line(COLUMNS)]
    with outbox.open_zip(zipfile.ZIP_STORED) as folder:
        for member in members:
            trace(member.document.id)
            digest, size, remark = sha256(), 0, ""
            try:
                with (
                    parts.storage.open_reader(member.key, member.version_id) as source,
                    folder.open(member.name, "w", force_zip64=True) as file,
                ):
                    for piece in source.chunks:
                        digest.update(piece)
                        size += len(piece)
                        file.write(piece)
                        yield outbox.take()
            except NotFound:
                remark = "The file is not in the storage."
            rows.append(_row(member, size, "" if remark else digest.hexdigest(), remark))
        folder.writestr("index.csv", "\ufeff" + "".join(rows), zipfile.ZIP_DEFLATED)
        yield outbox.take()
    yield outbox.take()


def _chosen(parts: Clients, ids: list[str]) -> Iterator[Document]:
    wanted = list(dict.fromkeys(ids))
    for first in range(0, len(wanted), MOST_ROWS):
        yield from parts.database.get_documents(wanted[first : first + MOST_ROWS])


def _found(parts: Clients, search: SearchBody) -> Iterator[Document]:
    after = None
    while places := parts.database.list_documents(search.filters(), "date", False, after, MOST_ROWS):
        yield from parts.database.get_documents([place.document_id for place in places])
        after = places[-1].place


def _row(member: Member, size: int, digest: str, remark: str) -> str:
    about = member.document
    said = (member.name, about.original_filename, about.document_type, about.document_date, about.case_number,
            about.exhibit, size, digest, about.sha256, about.id, remark)  # fmt: skip
    return _line([_safe(str(cell if cell is not None else "")) for cell in said])


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
