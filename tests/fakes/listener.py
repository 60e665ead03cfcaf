"""A program of somebody's own that listens at an address: it keeps what it is sent and answers as it is told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """What came, in order; `answers` are used up one by one, then everything is 200."""

    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    server: Any = None

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()


def listen() -> Listener:
    """A listener on a free port of loopback."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            listener.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            listener.headers.append({name.lower(): value for name, value in self.headers.items()})
            status = listener.answers.pop(0) if listener.answers else 200
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{listener.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    listener.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{listener.server.server_port}/hook"
    threading.Thread(target=listener.server.serve_forever, daemon=True).start()
    return listener
