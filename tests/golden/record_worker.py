"""What a real worker says to a real house: `python -m tests.golden.record_worker tests/golden/worker_2.json`.

Two proxies stand between them and write it down. The worker reads an e-mail with a letter in it and a letter, gives up
a damaged file and a locked one, and is stopped while it holds another, which it hands back; a second one has nothing to
do and says goodbye. Besides the calls the file has the papers and what was stored, so that `test_worker_versions.py`
can say it all again.
"""

import base64
import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt

import local_cloud
from local_cloud.ports import LOOPBACK
from tests.conftest import make_open_folder
from tests.front_desk import FrontDesk
from tests.gpu_worker.workshop import Workshop, free_port
from tests.patience import wait_until

LETTER = b"SUPERIOR COURT\nCase No. FL-2024-001234\nMay 1, 2024. He was not there on Monday.\n"
MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: Bo <bo@example.org>\r\nSubject: The letter\r\nMessage-ID: <1@example.org>\r\n"
    b"Date: Wed, 01 May 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--x\r\nContent-Type: text/plain; name=inside.txt\r\n"
    b"Content-Disposition: attachment; filename=inside.txt\r\n\r\nThe letter itself, of May 2, 2024.\r\n--x--\r\n"
)
DAMAGED = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\n"
LOCKED = Path(__file__).parents[1] / "documents" / "password_protected.pdf"
WAITING = "select 1 from processing_jobs where status in ('queued', 'processing')"
HELD = b"Nobody gets to read this to its end.\n"
LEASE = ("x-aseagi-job-id", "x-aseagi-lease-token")
SENT_ON = ("authorization", "apikey", "content-type", "prefer", *LEASE)
HALF_USED_SECONDS = 1000


@dataclass
class Recording:
    """The calls in their order, and when to keep one waiting."""

    said: list[dict[str, Any]] = field(default_factory=list)
    holds: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, call: dict[str, Any]) -> None:
        """Polls of an empty queue say nothing, and one beat of the heart is like the next."""
        name = call["path"].rpartition("/")[2]
        with self.lock:
            is_poll = name == "claim_jobs" and not call["answer"]
            is_next_beat = name == "heartbeat_jobs" and self.said[-1].get("path") == call["path"]
            if not is_poll and not is_next_beat:
                self.said.append(call)

    def has(self, name: str) -> bool:
        """Whether this call was made."""
        return any(call.get("path", "").endswith(f"/{name}") for call in self.said)


def proxy(upstream: str, recording: Recording) -> ThreadingHTTPServer:
    """A server that passes POSTs on and writes them down."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if recording.holds.is_set() and self.path.endswith("/urls"):
                recording.held.set()
                recording.goes_on.wait(60)
                self.close_connection = True  # unheard: it is given back by now
                return
            headers = {name: value for name in SENT_ON if (value := self.headers.get(name))}
            reply = httpx.post(upstream + self.path, content=body, headers=headers, timeout=60)
            lease = {name: headers[name] for name in LEASE if name in headers}
            recording.note({
                "path": self.path, "headers": lease, "body": json.loads(body), "status": reply.status_code,
                "answer": reply.json() if reply.content else None,
            })  # fmt: skip
            self.send_response(reply.status_code)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, free_port()), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def record(workshop: Workshop) -> dict[str, Any]:
    """Have the workers do all that a worker does."""
    recording = Recording()
    desk = proxy(workshop.control_plane_url, recording)
    queue = proxy(workshop.cloud.supabase_url, recording)
    urls = {"CONTROL_PLANE_URL": f"http://{LOOPBACK}:{desk.server_port}",
            "SUPABASE_URL": f"http://{LOOPBACK}:{queue.server_port}", "HEARTBEAT_SECONDS": "0.3"}  # fmt: skip
    worker = workshop.start_worker(**half_used(workshop), **urls)
    locked = LOCKED.read_bytes()
    papers = {"the mail.eml": MAIL, "letter.txt": LETTER, "damaged.pdf": DAMAGED, "locked.pdf": locked}
    for name, content in papers.items():
        enter(workshop, recording, name, content)
        wait_until(lambda: not workshop.sql(WAITING), name)
    recording.holds.set()
    enter(workshop, recording, "held.txt", HELD)
    recording.held.wait(60)
    worker.process.send_signal(signal.SIGTERM)
    wait_until(lambda: recording.has("release_jobs"), "it is handed back")
    worker.kill()
    recording.holds.clear()
    recording.goes_on.set()
    workshop.sql("update processing_jobs set status = 'cancelled' where status = 'queued'")
    idle = workshop.start_worker(IDLE_SECONDS="0.5", **urls)
    wait_until(lambda: recording.has("goodbye"), "it says goodbye")
    idle.kill()
    for server in (desk, queue):
        server.shutdown()
        server.server_close()
    return {"said": recording.said, "stored": stored(workshop, recording.said)}


def half_used(workshop: Workshop) -> dict[str, str]:
    """A token that is renewed at the first beat."""
    environ = workshop.environ()
    claims = jwt.decode(environ["WORKER_TOKEN"], options={"verify_signature": False})
    now = int(time.time())
    claims |= {"iat": now - HALF_USED_SECONDS, "exp": now + HALF_USED_SECONDS - 60}
    return {"WORKER_TOKEN": jwt.encode(claims, workshop.cloud.jwt_secret, algorithm="HS256")}


def enter(workshop: Workshop, recording: Recording, name: str, content: bytes) -> None:
    recording.said.append({"upload": name, "content": base64.b64encode(content).decode()})
    workshop.upload(content, name)


def stored(workshop: Workshop, said: list[dict[str, Any]]) -> dict[str, str]:
    """What the worker put into the bucket, by the keys it was given."""
    urls = [call["answer"]["put"] for call in said if call.get("path", "").endswith("/urls")]
    keys = sorted({put["key"] for puts in urls for put in puts.values()})
    return {key: base64.b64encode(workshop.object(key)).decode() for key in keys}


def without_secrets(value: Any, known: dict[str, str]) -> Any:
    """The same without tokens and presigned addresses, each by a name of its own."""
    if isinstance(value, Mapping):
        return {name: without_secrets(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [without_secrets(each, known) for each in value]
    if isinstance(value, str) and value.startswith("http://"):
        return known.setdefault(value, f"https://x/{len(known)}")
    if isinstance(value, str) and value.startswith("ey") and value.count(".") == 2:
        return known.setdefault(value, f"token.{len(known)}.x")
    return value


def main() -> None:
    target = Path(sys.argv[1])
    with (
        make_open_folder() as folder,
        local_cloud.cloud(folder / "cloud") as cloud,
        tempfile.TemporaryDirectory() as room,
        closing(FrontDesk(cloud, Path(room) / "desk.log")) as desk,
    ):
        recorded = record(Workshop(cloud, desk.open(), Path(room)))
    target.write_text(json.dumps(without_secrets(recorded, {}), indent=1) + "\n")
    print(f"{len(recorded['said'])} calls, {target.stat().st_size:,} bytes: {target}")


if __name__ == "__main__":
    main()
