"""Google Drive on the wire: folders listed page by page, files read in chunks with resume and backoff."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account

from control_plane.drive.refusals import QUOTA, RATE, read_reason, refusal_of
from control_plane.errors import BadRequest, Conflict, NotFound, Unavailable
from control_plane.odd_rows import read_sound

SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
ALL_OF_DRIVE = "root"  # as a folder's id: every file that our login may read, wherever it lies
FOLDER_TYPE = "application/vnd.google-apps.folder"
GOOGLE_PREFIX = "application/vnd.google-apps."  # Google's own formats: no bytes of their own
# Those that Drive makes a PDF of, with the pages one probably has: Drive does not tell.
EXPORTED_PAGES = {f"{GOOGLE_PREFIX}{kind}": pages for kind, pages in
                  (("document", 4), ("spreadsheet", 4), ("presentation", 15), ("drawing", 1))}  # fmt: skip
FILE_FIELDS = (
    "id,name,mimeType,size,md5Checksum,modifiedTime,createdTime,webViewLink,owners(displayName,emailAddress)"
)
FIELDS = f"nextPageToken,files({FILE_FIELDS})"
UNREADABLE = "Google Drive's answer cannot be read; the batch goes on by itself."
CHUNK_BYTES = 4 * 1024 * 1024
# Google's words for what is one file's own, and ours.
FILE_CODES = {
    "exportSizeLimitExceeded": "export_too_large", "cannotDownloadAbusiveFile": "flagged_by_google",
} | dict.fromkeys(
    ("cannotDownloadFile", "cannotExportFile", "fileNotDownloadable", "fileNotExportable", "notFound",
     "insufficientFilePermissions", "appNotAuthorizedToFile"), "not_given_out",
)  # fmt: skip
# Between two tries up to 2^n s, jittered, after 429, 5xx, rate-limit 403s and no answer: six tries are half a minute,
# a whole one at most. A connection cut within an answer is taken up at once.
TRIES = 6
TIMEOUT_SECONDS = 60


class DriveUnavailable(Unavailable):
    """Google Drive did not answer, or asked us to slow down for longer than we wait."""

    code = "drive_unavailable"


class DriveFileChanged(Unavailable):
    """Somebody saved another version meanwhile: the next listing has it."""

    code = "drive_file_changed"


class DriveQuota(Unavailable):
    """A quota of Google's is used up; it is filled up again within a day, and what waits goes on by itself."""

    code = "drive_quota"


class FileRefused(Exception):
    """Drive does not give this one file out; `code` says why, as SKIP_REASONS has it.

    `is_final`: asking later would not help. Otherwise it may be the file's own quota, or a reason that we do not know.
    """

    def __init__(self, code: str, is_final: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


@dataclass(frozen=True)
class DriveFile:
    """One file or folder as Drive lists it.

    Its `version` is all that Drive says of its state. Google's own formats have no hash and no bytes to read: two
    exports of one document are never the same bytes.
    """

    id: str
    name: str
    mime_type: str
    bytes: int | None
    md5: str | None
    version: str | None = None
    modified_at: str | None = None
    created_at: str | None = None
    owner: str | None = None
    web_view_link: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it has files of its own."""
        return self.mime_type == FOLDER_TYPE

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> DriveFile:
        """Read one entry of `files.list`: without its type the bytes decide, without its size they are read to the end.

        Raises KeyError or TypeError without an id.
        """
        mime_type, modified_at = str(row.get("mimeType") or ""), _text(row, "modifiedTime")
        is_google_s = mime_type.startswith(GOOGLE_PREFIX)  # whose `size` is what it takes of the quota
        if not isinstance(row["id"], str):
            raise TypeError("id")
        return cls(
            row["id"], str(row.get("name") or ""), mime_type,
            bytes=None if is_google_s else _size(row),
            md5=None if is_google_s else _text(row, "md5Checksum"),
            version=modified_at if is_google_s else f"{row.get('md5Checksum')} {row.get('size')} {modified_at}",
            modified_at=modified_at,
            created_at=_text(row, "createdTime"),
            owner=_owner(row),
            web_view_link=_text(row, "webViewLink"),
        )  # fmt: skip

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

    def __init__(self, credentials: Credentials, api_url: str) -> None:
        self._credentials = credentials
        self._url = f"{api_url}/drive/v3/files"
        self._local = threading.local()

    def check_folder(self, folder_id: str) -> str:
        """The folder's name. Raises NotFound (`drive_folder_missing`)."""
        if folder_id == ALL_OF_DRIVE:
            return "all of Google Drive"
        row = _rows(self._get(folder_id, {"fields": "id,name,mimeType", "supportsAllDrives": "true"}))
        if row.get("mimeType") != FOLDER_TYPE:
            raise NotFound("This Drive id is a file and not a folder.", "drive_folder_missing")
        return str(row.get("name") or "")

    def try_out(self) -> None:
        """One short listing, as every scan begins with. Raises what listings raise."""
        self.list_page(ALL_OF_DRIVE, None, 1)

    def find(self, file_id: str) -> DriveFile | None:
        """One file as a listing tells it; None when it is gone."""
        try:
            row = _rows(self._get(file_id, {"fields": FILE_FIELDS, "supportsAllDrives": "true"}))
        except NotFound:
            return None
        return next(iter(read_sound([row], DriveFile.from_row, "Drive files")), None)

    def list_page(self, folder_id: str, token: str | None, count: int) -> DrivePage:
        """Up to `count` entries of a folder. Raises NotFound (`drive_folder_missing`, `drive_page_expired`).

        Of all of Drive every file and no folder, so that one listing is the whole.
        """
        where = f"mimeType != '{FOLDER_TYPE}'" if folder_id == ALL_OF_DRIVE else f"'{folder_id}' in parents"
        params = {
            "q": f"{where} and trashed = false", "pageSize": str(count), "fields": FIELDS,
            "orderBy": "folder,name", "includeItemsFromAllDrives": "true", "supportsAllDrives": "true",
        }  # fmt: skip
        reply = _rows(self._get("", params | ({"pageToken": token} if token else {})))
        if not isinstance(reply.get("files"), list):  # never an empty folder: that has an empty list
            raise DriveUnavailable(UNREADABLE)
        return DrivePage(
            tuple(read_sound(reply["files"], DriveFile.from_row, "Drive files")), reply.get("nextPageToken")
        )

    def read_chunks(self, file: DriveFile) -> Iterator[bytes]:
        """A file's bytes in pieces of 4 MiB; after a failure it goes on where it was. Raises FileRefused.

        Of Google's own formats the PDF that Drive exports, in one piece of at most 10 MB. A file that somebody changes
        meanwhile ends in DriveFileChanged: the next listing has the new one.
        """
        if file.is_exported:
            yield self._get(f"{file.id}/export", {"mimeType": "application/pdf"}, of_file=True).content
            return
        params = {"alt": "media", "supportsAllDrives": "true"}
        md5 = hashlib.md5(usedforsecurity=False)
        start, size = 0, file.bytes
        while size is None or start < size:
            window = {"Range": f"bytes={start}-{start + CHUNK_BYTES - 1}", "Accept-Encoding": "identity"}
            chunk = self._get(file.id, params, window, of_file=True).content
            if not chunk:
                break
            yield chunk
            md5.update(chunk)
            start += len(chunk)
        if file.md5 is not None and file.md5 != md5.hexdigest():
            raise DriveFileChanged("A file in Google Drive changed while it was read; the batch goes on by itself.")

    def _get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None, of_file: bool = False
    ) -> requests.Response:
        """Google's answer, after some tries; its errors as ours. Raises FileRefused for a file, else NotFound."""
        url = f"{self._url}/{quote(path)}" if path else self._url
        problem: Exception | None = None
        for tried in range(TRIES):
            if tried and not isinstance(problem, requests.exceptions.ChunkedEncodingError):
                time.sleep(random.random() * 2**tried)
            try:
                reply = self._session().get(url, params=params, headers=headers, timeout=TIMEOUT_SECONDS)
                if not _asks_to_wait(reply):
                    return _checked(reply, of_file)
            except (GoogleAuthError, requests.RequestException) as error:
                if isinstance(error, RefreshError) and not error.retryable:
                    raise _revoked() from error
                problem = error
        raise DriveUnavailable("Google Drive does not answer; the batch goes on by itself.") from problem

    def _session(self) -> AuthorizedSession:
        # A session's connections are not for two threads at once: each thread has its own.
        if not hasattr(self._local, "session"):
            self._local.session = AuthorizedSession(self._credentials)
        return cast(AuthorizedSession, self._local.session)


def load_credentials(credentials_file: Path | None, token_file: Path | None) -> Credentials:
    """A service account's credentials, or those that `drive-login` stored for a person.

    Raises BadRequest (`drive_not_configured`) with what to do.
    """
    if credentials_file is None:
        raise BadRequest("Set GOOGLE_DRIVE_CREDENTIALS_FILE; docs/bulk.md says how to get it.", "drive_not_configured")
    try:
        info = json.loads(credentials_file.read_text())
        if info.get("type") == "service_account":
            return cast(Credentials, service_account.Credentials.from_service_account_info(info, scopes=SCOPES))
        if token_file is None or not token_file.exists():
            raise BadRequest("Run `python -m control_plane drive-login` once, then try again.", "drive_not_configured")
        stored = json.loads(token_file.read_text())
        return cast(Credentials, user_credentials.Credentials.from_authorized_user_info(stored, SCOPES))
    except (OSError, ValueError, KeyError, GoogleAuthError) as error:
        raise BadRequest(
            "GOOGLE_DRIVE_CREDENTIALS_FILE or GOOGLE_DRIVE_TOKEN_FILE cannot be read; see docs/bulk.md.",
            "drive_not_configured",
        ) from error


def _checked(reply: requests.Response, of_file: bool) -> requests.Response:
    """The reply, unless it is an error."""
    if reply.ok or reply.status_code == requests.codes.requested_range_not_satisfiable:
        return reply
    if reply.status_code == requests.codes.unauthorized:
        raise _revoked()
    reason = read_reason(reply)
    if reason in QUOTA:
        raise DriveQuota("Google Drive's daily quota is used up; it is filled up within a day, and all goes on then.")
    if refusal := refusal_of(reason):
        raise refusal
    if of_file:
        raise file_refusal(reason, reply.status_code)
    if reply.status_code == requests.codes.bad_request:
        raise NotFound("This page of the folder has expired; the scan begins the folder anew.", "drive_page_expired")
    if reply.status_code == requests.codes.forbidden:
        raise DriveUnavailable("Google Drive refuses this and does not say why; the batch goes on by itself.")
    raise NotFound("There is no such Drive folder, or it is not shared with us.", "drive_folder_missing")


def file_refusal(reason: str, status: int) -> FileRefused:
    """Why one file is not given out: for a known reason of its own, or for one that may pass."""
    if reason in FILE_CODES:
        return FileRefused(FILE_CODES[reason])
    if reason == "downloadQuotaExceeded":
        return FileRefused("file_quota", is_final=False)
    return FileRefused("not_given_out", is_final=status != requests.codes.forbidden)


def _asks_to_wait(reply: requests.Response) -> bool:
    status = reply.status_code
    return status == requests.codes.too_many_requests or status >= 500 or read_reason(reply) in RATE


def _revoked() -> Conflict:
    return Conflict(
        "Google refuses our access: it was revoked or expired. Run `python -m control_plane drive-login` again. A "
        "login whose OAuth app is in Testing ends after 7 days each time: publish the app (docs/bulk.md).",
        "drive_token_revoked",
    )


def _owner(row: dict[str, Any]) -> str | None:
    """Who owns a file: name and address, as far as Drive tells; files of a shared drive have no owner."""
    owners = row.get("owners")
    first = owners[0] if isinstance(owners, list) and owners and isinstance(owners[0], dict) else {}
    name, address = _text(first, "displayName"), _text(first, "emailAddress")
    return f"{name} <{address}>" if name and address else name or address


def _text(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) else None


def _size(row: dict[str, Any]) -> int | None:
    size = str(row.get("size"))
    return int(size) if size.isascii() and size.isdigit() else None


def _rows(reply: requests.Response) -> dict[str, Any]:
    try:
        answer = reply.json()
    except ValueError as error:  # some proxy's page
        raise DriveUnavailable(UNREADABLE) from error
    if not isinstance(answer, dict):
        raise DriveUnavailable(UNREADABLE)
    return answer
