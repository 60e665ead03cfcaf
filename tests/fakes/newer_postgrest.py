"""PostgREST 13 to 16 where they answer otherwise than 12: a proxy before the real 12, after their release notes.

- a token's `kid` must be that of a key (13); before, each key was tried
- what is wrong with a token's claims is PGRST303 (13), a role that is not there 401 (13), a table PGRST205 (13)
- every answer has its length, an error its name in `Proxy-Status` (13), and all of them a `Vary` (16)
- `Prefer: params=single-object` is gone (13)
"""

import json
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt

from local_cloud import Cloud
from local_cloud.keys import load_keys
from local_cloud.ports import LOOPBACK
from tests.deployment.front import free_port

NO_KEY = {"code": "PGRST301", "message": "No suitable key was found to decode the JWT", "details": None, "hint": None}
PASSED_ON = ("content-type", "content-range", "location", "preference-applied")
KEPT_BACK = ("host", "connection")
GONE = "params=single-object"


@contextmanager
def newer_postgrest(cloud: Cloud) -> Iterator[None]:
    """The cloud's gateway leads to a newer PostgREST."""
    service, keys = cloud.services["gateway"], load_keys(cloud.state_dir / "secrets.json")
    usual = service.environ
    known = {key["kid"] for key in json.loads(keys.key_set())["keys"] if "kid" in key}
    server = _proxy(f"http://{LOOPBACK}:{usual['GATEWAY_UPSTREAM_PORT']}", known)
    service.environ = {**usual, "GATEWAY_UPSTREAM_PORT": str(server.server_port)}
    service.restart()
    try:
        yield
    finally:
        service.environ = usual
        service.restart()
        server.shutdown()
        server.server_close()


def _proxy(upstream: str, known: Collection[str]) -> ThreadingHTTPServer:
    client = httpx.Client(base_url=upstream, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in KEPT_BACK}
            if names_no_key(headers.get("Authorization", ""), known) or GONE in headers.get("Prefer", ""):
                return self.tell(401, NO_KEY, {})
            reply = client.request(self.command, self.path, content=body, headers=headers)
            kept = {name: value for name, value in reply.headers.items() if name in PASSED_ON}
            if reply.is_error and reply.content:
                return self.tell(*renamed(reply.status_code, reply.json()), kept)
            return self.tell(reply.status_code, reply.content, kept)

        def tell(self, status: int, said: Mapping[str, Any] | bytes, headers: Mapping[str, str]) -> None:
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not isinstance(said, bytes):
                self.send_header("Proxy-Status", f"PostgREST; error={said['code']}")
            self.send_header("Vary", "Accept, Prefer, Range")
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, free_port()), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def names_no_key(authorization: str, known: Collection[str]) -> bool:
    """Whether a token names a key that is not there; one that names none is tried with each."""
    try:
        return jwt.get_unverified_header(authorization.removeprefix("Bearer ")).get("kid", None) not in (None, *known)
    except jwt.DecodeError:
        return False


def renamed(status: int, error: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """An error as they call it."""
    code, message = str(error.get("code")), str(error.get("message"))
    if status == 401 and message.startswith(("JWT expired", "JWT not", "JWT issued")):
        return 401, error | {"code": "PGRST303"}
    if code == "22023" and message.startswith("role") and message.endswith("does not exist"):
        return 401, error
    if code == "42P01":
        return 404, error | {"code": "PGRST205", "message": "Could not find the table in the schema cache"}
    return status, error
