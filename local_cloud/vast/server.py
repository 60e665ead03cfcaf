"""The emulator on a socket: reads requests, sends answers, lets only this machine administer (wire)."""

import ipaddress
import json
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local_cloud.vast.admin import Admin
from local_cloud.vast.api import Answer, Api, Request, encode

MAX_BODY_BYTES = 1 << 20


class Server(ThreadingHTTPServer):
    """Serves the API and the admin routes, one thread per request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, api: Api, admin: Admin, records: bool = False) -> None:
        super().__init__((host, port), Handler)
        self.api = api
        self.admin = admin
        self.requests: list[dict[str, Any]] | None = [] if records else None

    @property
    def base_url(self) -> str:
        """Where it is reached."""
        return f"http://{self.server_address[0]}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    server_version = "vast-emulator"
    sys_version = ""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET

    def _serve(self) -> None:
        try:
            request = self._read()
        except ValueError:
            self._send(Answer(400, {"success": False, "error": "invalid_args", "msg": "the body is not a JSON object"}))
            return
        self._send(self._answer(request))

    def _answer(self, request: Request) -> Answer:
        if not request.path.startswith("/admin/"):
            self._record(request)
            return self.server.api.answer(request)
        if not ipaddress.ip_address(self.client_address[0]).is_loopback:
            return Answer(403, {"error": "forbidden", "msg": "only this machine may administer"})
        if request.path == "/admin/requests":
            return self._recorded(request.method)
        return self.server.admin.answer(request)

    def _read(self) -> Request:
        url = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
        body = json.loads(self.rfile.read(length) or b"{}")
        if not isinstance(body, dict):
            raise ValueError("not an object")
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        values = {name: _json_or_text(value) for name, value in parse_qsl(url.query)}
        return Request(self.command, url.path, values, body, key or None, self.server.base_url)

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.delay_seconds)
        if answer.drop:
            self.close_connection = True
            return
        data = encode(answer)
        with suppress(ConnectionError):  # the caller may be gone: a worker that destroys itself, a killed CLI
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def _recorded(self, method: str) -> Answer:
        recorded = list(self.server.requests or [])
        if method == "DELETE" and self.server.requests is not None:
            self.server.requests.clear()
        return Answer(200, {"requests": recorded})

    def _record(self, request: Request) -> None:
        if self.server.requests is not None:
            row = {"method": request.method, "path": self.path, "body": dict(request.body)}
            self.server.requests.append(row | {"agent": self.headers.get("User-Agent", "")})

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: paths and bodies may carry what should not be in a log."""


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
