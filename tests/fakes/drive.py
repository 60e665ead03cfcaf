"""A stand-in for Google Drive v3 and Google's token endpoint, over HTTP, for the real client library.

It checks tokens, pages `files.list`, honours `Range`, exports Google's own formats as PDF (at most 10 MB, no two
exports alike, the length not said), and fails on request: `faults` is a list of (path part, fault),
each used once, with the faults `rate_limit`, `server_error`, `cut_off`, `forbidden` and `edited` (after this answer
somebody saves another version). Until it is taken back, `refusal` is Google's reason for a 403 to everything, and
`file_refusals` the reason for which one file's bytes are not given out; `odd_rows` stand in every listing.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PDF = "application/pdf"
FOLDER = "application/vnd.google-apps.folder"
GOOGLE = "application/vnd.google-apps."
EXPORTABLE = {f"{GOOGLE}{kind}" for kind in ("document", "spreadsheet", "presentation", "drawing")}
MOST_EXPORT_BYTES = 10 * 1024 * 1024


@dataclass
class FakeDrive:
    """What the account has, what was asked, and what is to go wrong."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    revoked: bool = False
    refusal: str | None = None
    file_refusals: dict[str, str] = field(default_factory=dict)
    odd_rows: list[Any] = field(default_factory=list)
    edits: int = 0
    exports: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_folder(self, folder_id: str, name: str, parent: str = "") -> None:
        """A folder within a folder."""
        self.files[folder_id] = {"id": folder_id, "name": name, "mimeType": FOLDER, "parent": parent}

    def add_file(self, file_id: str, name: str, parent: str, content: bytes, mime_type: str = PDF) -> None:
        """A file with bytes; Google's own formats have none."""
        row = {"id": file_id, "name": name, "mimeType": mime_type, "parent": parent}
        self.edits += 1
        row |= {"owners": [{"displayName": "Dana W.", "emailAddress": "dana@example.org"}]}
        row |= {"webViewLink": f"https://drive.example/file/d/{file_id}/view"}
        row |= {"modifiedTime": f"2026-11-{self.edits // 24 + 1:02}T{self.edits % 24:02}:00:00.000Z"}
        if not mime_type.startswith(GOOGLE):
            row |= {"size": str(len(content)), "md5Checksum": hashlib.md5(content).hexdigest()}
        elif mime_type in EXPORTABLE:
            row |= {"size": "1024"}
        self.files[file_id] = row
        self.contents[file_id] = content

    def next_fault(self, path: str) -> str | None:
        """The fault for this request, used up."""
        with self.lock:
            self.requests.append(path)
            for number, (part, fault) in enumerate(self.faults):
                if part in path:
                    del self.faults[number]
                    return fault
        return None


def serve_drive(drive: FakeDrive) -> ThreadingHTTPServer:
    """A server on a free port of loopback, running; shut it down when done."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if drive.revoked:
                return self.answer(400, {"error": "invalid_grant", "error_description": "Token has been revoked."})
            self.answer(200, {"access_token": "good", "refresh_token": "again", "expires_in": 3600})

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if self.headers.get("Authorization") != "Bearer good" or drive.revoked:
                return self.fail(401, "authError")
            fault = drive.next_fault(self.path)
            if drive.refusal:
                return self.fail(403, drive.refusal)
            if fault == "rate_limit":
                return self.fail(403, "userRateLimitExceeded")
            if fault == "server_error":
                return self.fail(500, "backendError")
            if fault == "forbidden":
                return self.fail(403, "cannotDownloadFile")
            if fault == "not_enabled":
                return self.fail(403, "accessNotConfigured")
            path = url.path.removeprefix("/drive/v3/files").strip("/")
            if not path:
                return self.list(query)
            path, _, verb = path.partition("/")
            row = drive.files.get(unquote(path))
            if row is None:
                return self.fail(404, "notFound")
            if verb == "export":
                return self.export(row, query.get("mimeType"), fault == "cut_off")
            if query.get("alt") == "media" and path in drive.file_refusals:
                return self.fail(403, drive.file_refusals[path])
            if query.get("alt") == "media":
                if row["mimeType"].startswith(GOOGLE):
                    return self.fail(403, "fileNotDownloadable")
                self.send(drive.contents[row["id"]], fault == "cut_off")
                if fault == "edited":
                    content = drive.contents[row["id"]][::-1]
                    drive.add_file(row["id"], row["name"], row["parent"], content, row["mimeType"])
                return None
            self.answer(200, {name: value for name, value in row.items() if name in query["fields"]})

        def list(self, query: dict[str, str]) -> None:
            asked = re.search(r"'([^']+)' in parents", query["q"])
            if asked and asked.group(1) not in drive.files:
                return self.fail(404, "notFound")
            token = query.get("pageToken", "0")
            if not token.isdigit():
                return self.fail(400, "invalid")
            if asked:
                rows = [row for row in drive.files.values() if row["parent"] == asked.group(1)]
            else:  # every file the account may read, and the folders too unless the question leaves them out
                no_folders = f"mimeType != '{FOLDER}'" in query["q"]
                rows = [row for row in drive.files.values() if not (no_folders and row["mimeType"] == FOLDER)]
            rows.sort(key=lambda row: (row["mimeType"] != FOLDER, row["name"]))
            start, size = int(token), int(query["pageSize"])
            page = [row | {"parents": [row["parent"]]} for row in rows[start : start + size]]
            more = {"nextPageToken": str(start + size)} if len(rows) > start + size else {}
            self.answer(200, {"files": page + (drive.odd_rows if asked and not start else [])} | more)

        def export(self, row: dict[str, Any], mime_type: str | None, cut_off: bool) -> None:
            if row["mimeType"] not in EXPORTABLE:
                return self.fail(403, "fileNotExportable")
            if mime_type != PDF:
                return self.fail(400, "badRequest")
            if len(drive.contents[row["id"]]) > MOST_EXPORT_BYTES:
                return self.fail(403, "exportSizeLimitExceeded")
            drive.exports += 1
            content = drive.contents[row["id"]] + b"%%export %d" % drive.exports
            self.send_response(200)
            self.send_header("Content-Type", PDF)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content[: len(content) // 2] if cut_off else content))
            if cut_off:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")

        def send(self, content: bytes, cut_off: bool) -> None:
            given = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start = int(given.group(1)) if given else 0
            end = min(int(given.group(2)), len(content) - 1) if given and given.group(2) else len(content) - 1
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            piece = content[start : end + 1]
            self.send_response(206 if given else 200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(piece)))
            if given:
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
            self.end_headers()
            self.wfile.write(piece[: len(piece) // 2] if cut_off else piece)
            if cut_off:
                self.close_connection = True

        def fail(self, status: int, reason: str) -> None:
            error = {"code": status, "message": reason, "errors": [{"reason": reason, "message": reason}]}
            self.answer(status, {"error": error})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
