"""What tests of the control plane share: the app over the embedded cloud, and shorthand for its use."""

import io
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from flask.testing import FlaskClient

from control_plane.app import build_app
from control_plane.clients import Clients, build_clients
from control_plane.settings import Settings
from control_plane.tokens import sign_worker_token
from local_cloud import Cloud

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
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def keys(self) -> list[str]:
        return [each.key for each in self.clients.storage.list_page("")]

    def add_machine(self, label: str, state: str = "ready") -> dict[str, str]:
        """Put a machine into the ledger; returns the headers of its requests."""
        self.sql("insert into instances (label, state) values (%s, %s)", label, state)
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


def make_desk(cloud: Cloud, **changes: str) -> Desk:
    environ = {**cloud.control_plane_environ(), **changes}
    settings = Settings.from_env(environ)
    clients = build_clients(settings)
    return Desk(settings, clients, build_app(settings, clients).test_client(), cloud.postgres_url, environ)


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
    """Wait for a condition; fail with an explanation when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s. {explain()}")
        time.sleep(0.05)
