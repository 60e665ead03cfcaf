"""What tests of the control plane share: the app over the embedded cloud, and shorthand for its use."""

import base64
import io
import subprocess
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import md5, sha256
from pathlib import Path

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from control_plane.app import build_routes, wire
from control_plane.clients import Clients, build_clients
from control_plane.http.tokens import sign_worker_token
from control_plane.record.choices import PREFIX as CHOICES
from control_plane.record.heads import HEADS
from control_plane.settings import Settings
from local_cloud import Cloud
from tests.connections import lend
from tests.patience import LOOK_SECONDS
from tests.queue.claims import new_analysis

REPOSITORY = Path(__file__).parents[2]
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass
class Desk:
    """The app with its clients, and shorthand for what tests do over and over."""

    settings: Settings
    clients: Clients
    http: FlaskClient
    postgres_url: str
    environ: dict[str, str]

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.control_plane_token}"}

    def documented(self) -> dict:
        """The API document with each reference to a component replaced by it."""
        document = self.http.get("/openapi.json").json
        return inline(document, document["components"]["schemas"])

    def get(self, path: str, **query):
        return self.http.get(path, headers=self.auth, query_string=query or None)

    def post(self, path: str, **body):
        return self.http.post(path, headers=self.auth, json=body)

    def upload(self, content: bytes, name: str = "letter.pdf", **fields):
        form = {"file": (io.BytesIO(content), name), **fields}
        return self.http.post("/api/upload", headers=self.auth, data=form)

    def upload_many(self, *files: tuple[str, bytes], **fields):
        form = {"files": [(io.BytesIO(content), name) for name, content in files], **fields}
        return self.http.post("/api/batch-upload", headers=self.auth, data=form)

    def sql(self, statement: str, *values) -> list[tuple]:
        with lend(self.postgres_url) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def make_doors_due(self) -> None:
        """It is time for a careful call at every paused door."""
        self.sql("update doors set next_try_at = now() where status = 'paused'")

    def doors(self) -> dict[str, str]:
        """The codes of the paused doors."""
        return dict(self.sql("select name, code from doors where status = 'paused'"))

    def keys(self) -> list[str]:
        """Every object of the bucket but signed heads and kept choices, which the importer adds when it comes to it."""
        listed = self.clients.storage.list_page("")
        return [each.key for each in listed if not each.key.startswith((HEADS, CHOICES))]

    def add_machine(self, label: str, status: str = "ready") -> dict[str, str]:
        """Put a machine into the ledger; returns the headers of its requests."""
        self.sql("insert into machines (label, status) values (%s, %s)", label, status)
        return self.worker(label)

    def worker(self, label: str, seconds: int = 600, secret: str | None = None) -> dict[str, str]:
        secret = secret or self.settings.supabase_jwt_secret
        token = sign_worker_token(label, secret, datetime.now(UTC), seconds)
        return {"Authorization": f"Bearer {token.token}"}

    def claim(self, worker: dict[str, str]) -> dict:
        """Claim one job the way a worker does: through PostgREST, with its own token."""
        reply = httpx.post(
            f"{self.settings.supabase_url}/rest/v1/rpc/claim_jobs",
            headers={"apikey": self.settings.supabase_publishable_key, **worker},
            json={"max_jobs": 1, "lease_seconds": 60},
            timeout=20,
        )
        return reply.raise_for_status().json()[0]


def declare(contents: dict[str, bytes]) -> list[dict]:
    """Artifacts as a machine declares them when it asks where to put them."""
    return [
        {"name": name, "bytes": len(content), "md5": base64.b64encode(md5(content).digest()).decode()}
        for name, content in contents.items()
    ]


def complete_a_document(desk: Desk) -> str:
    """Upload a document and finish its job, with artifacts put through presigned URLs and with what Claude found."""
    document_id = desk.upload(PDF, "Bürgschaft.pdf").json["document_id"]
    worker = desk.add_machine("aseagi-local-00000001")
    job = desk.claim(worker)
    contents = {"ocr.txt": b"MOTION text", "metadata.json": b"{}", "thumbnail.jpg": b"jpeg", "analysis.json": b"{}"}
    lease = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
    urls = desk.http.post("/api/worker/urls", headers=worker, json={**lease, "put": declare(contents)}).json
    assert httpx.get(urls["get"]).content == PDF
    for name, content in contents.items():
        target = urls["put"][name]
        httpx.put(target["url"], content=content, headers=target["headers"]).raise_for_status()
    result = {
        "sha256": job["sha256"], "md5": None, "mime_type": "application/pdf", "pages_total": 2, "seconds": 1.5,
        "pages": [
            {"page": 1, "outcome": "ocr", "engine": "onnx", "confidence": 0.9, "seconds": 1, "words": 2},
            {"page": 2, "outcome": "blank", "engine": None, "confidence": None, "seconds": 0, "words": 0},
        ],
        "artifacts": {
            name: {"key": put["key"], "bytes": len(contents[name]), "sha256": sha256(contents[name]).hexdigest()}
            for name, put in urls["put"].items()
        },
        "text": "MOTION text: he was not there",
        "chunks": [],
        "analysis": new_analysis(
            "MOTION text", document_date="2024-05-01", case_number="1:24-cv-7", summary="A motion.",
            relevancy_score=700, findings=[
                {"role": "perjury", "quote": "he was not there", "reason": "He was.", "number": 80},
            ],
        ),
    }  # fmt: skip
    desk.clients.database.complete_job("aseagi-local-00000001", job["job_id"], job["lease_token"], result)
    desk.clients.database.index_texts()  # as the importer does
    return document_id


@cache
def routes() -> Flask:
    """To compile 160 routes takes a quarter of a second, and they are the same for every app."""
    return build_routes()


def client_of(settings: Settings, clients: Clients) -> FlaskClient:
    """A client of an app of its own, in this process."""
    app = copy(routes())
    app.extensions = {}
    wire(app, settings, clients)
    return app.test_client()


def make_desk(cloud: Cloud, **changes: str) -> Desk:
    environ = {**cloud.control_plane_environ(), **changes}
    settings = Settings.from_env(environ)
    clients = build_clients(settings)
    return Desk(settings, clients, client_of(settings, clients), cloud.postgres_url, environ)


@dataclass
class Server:
    """`python -m control_plane serve`, running."""

    url: str
    port: int
    process: subprocess.Popen
    log: Path
    auth: dict[str, str]

    def children(self) -> list[int]:
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listing.split()]


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float, explain: Callable[[], str] = lambda: "") -> None:
    """Look as often as a machine that is free does in so many seconds, then fail with an explanation."""
    for _ in range(round(seconds / LOOK_SECONDS)):
        if condition():
            return
        time.sleep(LOOK_SECONDS)
    pytest.fail(f"not within {seconds} s of looking. {explain()}")


def inline(value, components: dict):
    if isinstance(value, list):
        return [inline(each, components) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return inline(components[value["$ref"].rpartition("/")[2]], components)
    return {name: inline(each, components) for name, each in value.items()}
