"""A stand-in for a container registry's HTTP API (v2): a realm that gives tokens for a login, an index, layers.

`users` may pull; with none everybody may. `tags` maps a tag to its layers' sizes; `asks` is what it challenges with.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "pull-token"


@dataclass
class FakeRegistry:
    """What it has and whom it lets in."""

    tags: dict[str, list[int]] = field(default_factory=lambda: {"1": [2_000_000_000, 500_000_000]})
    users: dict[str, str] = field(default_factory=dict)
    asks: str = "bearer"
    platform: str = "amd64"
    trouble: int | None = None
    host: str = ""

    def image(self, tag: str = "1") -> str:
        """How it is named."""
        return f"{self.host}/me/worker:{tag}"


@contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    """On a free port of loopback, which is asked without TLS as Docker does."""
    registry = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_) -> None:
            pass

        def do_GET(self) -> None:  # noqa: N802
            status, body, headers = respond(registry, self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            data = json.dumps(body).encode()
            for name, value in (headers | {"Content-Length": str(len(data))}).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_HEAD = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    registry.host = f"127.0.0.1:{server.server_port}"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()


def respond(registry: FakeRegistry, path: str, authorization: str) -> tuple[int, dict, dict[str, str]]:
    url = urlsplit(path)
    if registry.trouble:
        return registry.trouble, {}, {}
    if url.path == "/token":
        if parse_qs(url.query)["scope"] != ["repository:me/worker:pull"] or not may(registry, authorization):
            return 401, {"errors": [{"code": "DENIED"}]}, {}
        return 200, {"token": TOKEN}, {}
    is_in = authorization == f"Bearer {TOKEN}" if registry.asks == "bearer" else may(registry, authorization)
    if registry.users and not is_in:
        realm = f'Bearer realm="http://{registry.host}/token",service="registry",scope="repository:me/worker:pull"'
        return 401, {}, {"WWW-Authenticate": realm if registry.asks == "bearer" else 'Basic realm="registry"'}
    _, _, what, reference = url.path.removeprefix("/v2/").split("/")
    if what == "blobs":
        return 200, {}, {}
    tag, _, is_manifest = reference.partition("-manifest")
    if tag not in registry.tags:
        return 404, {"errors": [{"code": "MANIFEST_UNKNOWN"}]}, {}
    if not is_manifest and not reference.endswith("-manifest"):
        platform = {"os": "linux", "architecture": registry.platform}
        return 200, {"manifests": [{"digest": f"{tag}-manifest", "platform": platform}]}, {}
    return 200, {"layers": [{"digest": f"sha256:{size}", "size": size} for size in registry.tags[tag]]}, {}


def may(registry: FakeRegistry, authorization: str) -> bool:
    kind, _, words = authorization.partition(" ")
    user, _, password = base64.b64decode(words).decode().partition(":") if kind == "Basic" else ("", "", "")
    return not registry.users or registry.users.get(user) == password and bool(password)
