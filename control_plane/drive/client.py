"""Google Drive on the wire: folders listed page by page, files read in chunks with resume and backoff."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_auth_httplib2
import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

from control_plane.errors import BadRequest, Conflict, NotFound, Unavailable

SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
FOLDER_TYPE = "application/vnd.google-apps.folder"
GOOGLE_PREFIX = "application/vnd.google-apps."  # Google's own formats: no bytes of their own
# Those that Drive makes a PDF of, with the pages one probably has: Drive does not tell.
EXPORTED_PAGES = {f"{GOOGLE_PREFIX}{kind}": pages for kind, pages in
                  (("document", 4), ("spreadsheet", 4), ("presentation", 15), ("drawing", 1))}  # fmt: skip
FIELDS = "nextPageToken,files(id,name,mimeType,size,md5Checksum,modifiedTime)"
CHUNK_BYTES = 4 * 1024 * 1024
# The library waits 2^n s, jittered, after 429, 5xx and rate-limit 403s: five tries are about a minute.
TRIES = 5
TIMEOUT_SECONDS = 60
RATE_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "sharingRateLimitExceeded")


class DriveUnavailable(Unavailable):
    """Google Drive did not answer, or asked us to slow down for longer than we wait."""

    code = "drive_unavailable"


class FileRefused(Exception):
    """Drive does not give this one file out; `code` says why, as SKIP_REASONS has it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class DriveFile:
    """One file or folder as Drive lists it.

    Google's own formats have no hash and no bytes to read, but a `version` (when they were changed last): two exports
    of one document are never the same bytes.
    """

    id: str
    name: str
    mime_type: str
    bytes: int | None
    md5: str | None
    version: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it has files of its own."""
        return self.mime_type == FOLDER_TYPE

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> DriveFile:
        """Read one entry of `files.list`."""
        mime_type, size = row["mimeType"], row.get("size")
        if mime_type.startswith(GOOGLE_PREFIX):  # its `size` is what it takes of the quota
            return cls(row["id"], row.get("name", ""), mime_type, None, None, row.get("modifiedTime"))
        return cls(row["id"], row.get("name", ""), mime_type, int(size or 0), row.get("md5Checksum"))

    @property
    def is_google_s(self) -> bool:
        """Whether it is of one of Google's own formats."""
        return self.mime_type.startswith(GOOGLE_PREFIX)

    @property
    def is_exported(self) -> bool:
        """Whether Drive makes a PDF of it."""
        return self.mime_type in EXPORTED_PAGES


@dataclass(frozen=True)
class DrivePage:
    """A part of a folder; `next_token` is None at its end."""

    files: tuple[DriveFile, ...]
    next_token: str | None


class DriveClient:
    """One account's Drive, read only. Safe to use from several threads.

    Every method raises Conflict (`drive_token_revoked`) when Google refuses our credentials, and DriveUnavailable.
    """

    def __init__(self, credentials: Any, api_url: str) -> None:
        self._credentials = credentials
        self._endpoint = f"{api_url}/drive/v3/"
        self._local = threading.local()

    def check_folder(self, folder_id: str) -> str:
        """The folder's name. Raises NotFound (`drive_folder_missing`)."""
        request = self._files().get(fileId=folder_id, fields="id,name,mimeType", supportsAllDrives=True)
        with translated():
            row = request.execute(num_retries=TRIES)
        if row["mimeType"] != FOLDER_TYPE:
            raise NotFound("This Drive id is a file and not a folder.", "drive_folder_missing")
        return row["name"]

    def list_page(self, folder_id: str, token: str | None, count: int) -> DrivePage:
        """Up to `count` entries of a folder. Raises NotFound (`drive_folder_missing`, `drive_page_expired`)."""
        request = self._files().list(
            q=f"'{folder_id}' in parents and trashed = false", pageToken=token, pageSize=count, fields=FIELDS,
            orderBy="folder,name", includeItemsFromAllDrives=True, supportsAllDrives=True,
        )  # fmt: skip
        with translated():
            reply = request.execute(num_retries=TRIES)
        return DrivePage(tuple(DriveFile.from_row(row) for row in reply.get("files", ())), reply.get("nextPageToken"))

    def read_chunks(self, file: DriveFile) -> Iterator[bytes]:
        """A file's bytes in pieces of 4 MiB; after a failure it goes on where it was. Raises FileRefused.

        Of Google's own formats the PDF that Drive exports, in one piece of at most 10 MB.
        """
        window = io.BytesIO()
        download = MediaIoBaseDownload(window, self._media(file), chunksize=CHUNK_BYTES)
        done, cuts = False, 0
        while not done:
            with translated(of_file=True):
                try:
                    _, done = download.next_chunk(num_retries=TRIES)
                except http.client.HTTPException:  # cut in the middle of a chunk, which the library does not retry
                    cuts += 1
                    if cuts == TRIES:
                        raise
                    continue
            chunk = window.getvalue()
            window.seek(0)
            window.truncate()
            if chunk:
                yield chunk

    def _media(self, file: DriveFile) -> Any:
        if file.is_exported:
            return self._files().export_media(fileId=file.id, mimeType="application/pdf")
        return self._files().get_media(fileId=file.id, supportsAllDrives=True)

    def _files(self) -> Any:
        # httplib2 connections are not for two threads at once: each thread has its own.
        if not hasattr(self._local, "service"):
            authorized = google_auth_httplib2.AuthorizedHttp(self._credentials, httplib2.Http(timeout=TIMEOUT_SECONDS))
            options = {"api_endpoint": self._endpoint}
            self._local.service = build("drive", "v3", http=authorized, client_options=options, static_discovery=True)
        return self._local.service.files()


def load_credentials(credentials_file: Path | None, token_file: Path | None) -> Any:
    """A service account's credentials, or those that `drive-login` stored for a person.

    Raises BadRequest (`drive_not_configured`) with what to do.
    """
    if credentials_file is None:
        raise BadRequest("Set GOOGLE_DRIVE_CREDENTIALS_FILE; docs/bulk.md says how to get it.", "drive_not_configured")
    try:
        info = json.loads(credentials_file.read_text())
        if info.get("type") == "service_account":
            return service_account.Credentials.from_service_account_info(info, scopes=SCOPES)
        if token_file is None or not token_file.exists():
            raise BadRequest("Run `python -m control_plane drive-login` once, then try again.", "drive_not_configured")
        stored = json.loads(token_file.read_text())
        return user_credentials.Credentials.from_authorized_user_info(stored, SCOPES)
    except (OSError, ValueError, KeyError, GoogleAuthError) as error:
        raise BadRequest(
            "GOOGLE_DRIVE_CREDENTIALS_FILE or GOOGLE_DRIVE_TOKEN_FILE cannot be read; see docs/bulk.md.",
            "drive_not_configured",
        ) from error


@contextmanager
def translated(of_file: bool = False) -> Iterator[None]:
    """Turn Google's errors into ours."""
    try:
        yield
    except RefreshError as error:
        raise Conflict(
            "Google refuses our access: it was revoked or expired. Run `python -m control_plane drive-login` again.",
            "drive_token_revoked",
        ) from error
    except HttpError as error:
        _raise_http(error, of_file)
    except (TransportError, httplib2.HttpLib2Error, http.client.HTTPException, OSError) as error:
        raise DriveUnavailable("Google Drive does not answer; the batch goes on by itself.") from error


def _raise_http(error: HttpError, of_file: bool) -> None:
    status, reason = int(error.resp.status), _reason(error)
    if status == 401:
        raise Conflict("Google refuses our access token; run `python -m control_plane drive-login`.",
                       "drive_token_revoked") from error  # fmt: skip
    if status == 429 or status >= 500 or reason in RATE_REASONS:
        raise DriveUnavailable("Google Drive asks us to slow down; the batch goes on by itself.") from error
    if of_file:
        raise FileRefused("export_too_large" if reason == "exportSizeLimitExceeded" else "not_given_out") from error
    if status == 400:
        raise NotFound("This page of the folder has expired; the scan begins the folder anew.",
                       "drive_page_expired") from error  # fmt: skip
    raise NotFound("There is no such Drive folder, or it is not shared with us.", "drive_folder_missing") from error


def _reason(error: HttpError) -> str:
    try:
        return json.loads(error.content)["error"]["errors"][0]["reason"]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
