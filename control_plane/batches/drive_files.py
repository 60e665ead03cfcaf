"""Google Drive over HTTP: which files a batch of it would find."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from pydantic import Field

from control_plane.clients import build_drive
from control_plane.drive.client import ALL_OF_DRIVE, DriveFile
from control_plane.http.contract import Query, describe
from control_plane.http.wiring import settings

blueprint = Blueprint("drive_files", __name__)
MOST_FILES = 1000  # as many as Drive lists in one answer


class FilesQuery(Query):
    """Which files, and how many."""

    folder_id: str = Field(
        ALL_OF_DRIVE, pattern=r"^[A-Za-z0-9_-]{3,128}$", description="A folder of Drive; all of it if not said."
    )
    max_results: int = Field(100, ge=1, le=MOST_FILES, description="Files, 1 to 1,000; 100 if not said.")


@dataclass(frozen=True)
class ListedFile:
    """A file as Drive lists it; one of Google's own formats has no size."""

    id: str
    name: str
    mime_type: str
    size_mb: float | None
    modified_time: str | None
    web_view_link: str | None


@dataclass(frozen=True)
class ListedFiles:
    """The first files of a folder; `more` when it has others."""

    total_documents: int
    documents: list[ListedFile]
    more: bool


@blueprint.get("/drive/documents")
@describe(
    "The first files of Google Drive or of a folder", "Documents", query=FilesQuery, answer=ListedFiles,
    errors=(400, 404, 409, 503), needs="admin",
)  # fmt: skip
def list_files(query: FilesQuery) -> ListedFiles:
    """What Drive lists, nothing read of it. 400 `drive_not_configured` while Drive is not set up."""
    page = build_drive(settings()).list_page(query.folder_id, None, query.max_results)
    files = [_describe(each) for each in page.files if not each.is_folder]
    return ListedFiles(len(files), files, page.next_token is not None)


def _describe(file: DriveFile) -> ListedFile:
    size = None if file.bytes is None else round(file.bytes / 1_000_000, 3)
    return ListedFile(file.id, file.name, file.mime_type, size, file.modified_at, file.web_view_link)
