"""A control plane with a key for a stand-in Anthropic, over HTTP, and a document that is held to be judged."""

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from werkzeug.serving import make_server

from control_plane.http.tokens import sign_analyst_token
from local_cloud import Cloud
from tests.control_plane.desk import PDF, Desk, make_desk
from tests.fakes.anthropic_api import FakeAnthropic

SECRET = "the-analysis-worker-s-own-secret-0123456789"


@dataclass
class Gateway:
    """The gateway over HTTP, and the analysis worker with one document."""

    url: str
    desk: Desk
    token: str
    job: dict

    @property
    def headers(self) -> dict[str, str]:
        return {
            "x-api-key": self.token,
            "x-aseagi-job-id": self.job["job_id"],
            "x-aseagi-lease-token": self.job["lease_token"],
        }

    def ask(self, text: str = "What is this?", headers: dict | None = None, **changes) -> httpx.Response:
        body = {"kind": "careful", "content": text} | changes
        return httpx.post(f"{self.url}/claude/v1/messages", json=body, headers=headers or self.headers, timeout=60)

    def calls(self) -> list[dict]:
        names = ("status", "outcome", "reserved_usd", "cost_usd", "input_tokens", "output_tokens", "model")
        rows = self.desk.sql(f"select {', '.join(names)} from claude_calls order by created_at")
        return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def anthropic_api() -> Iterator[FakeAnthropic]:
    """The stand-in Messages API."""
    with FakeAnthropic() as fake:
        yield fake


@pytest.fixture
def make_gateway(clean_cloud: Cloud, anthropic_api: FakeAnthropic) -> Iterator[Callable[..., Gateway]]:
    """`make_gateway(NAME=value)`: the control plane with these settings, and one document held to be judged."""
    servers = []

    def make(**changes: str) -> Gateway:
        environ = {"ANTHROPIC_API_KEY": anthropic_api.key, "ANTHROPIC_URL": anthropic_api.url}
        desk = make_desk(clean_cloud, **(environ | {"ANALYSIS_WORKER_SECRET": SECRET} | changes))
        desk.http.post("/api/upload", headers=desk.auth, data={"file": _file()})
        worker = desk.add_machine("aseagi-test-00000001")
        server = make_server("127.0.0.1", 0, desk.http.application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        job = desk.claim(worker)
        desk.sql("update processing_jobs set kind = 'analyse', machine = null where id = %s", job["job_id"])
        token = sign_analyst_token(desk.settings.supabase_jwt_secret, datetime.now(UTC), 600).token
        return Gateway(f"http://127.0.0.1:{server.server_port}", desk, token, job)

    yield make
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def gateway(make_gateway) -> Gateway:
    """The gateway with its default caps."""
    return make_gateway()


@pytest.fixture
def office(gateway):
    """The gateway's house without a job: documents enter as the test says."""
    from tests.claude.office import Office  # which needs this module

    return Office.empty(gateway)


def _file():
    return io.BytesIO(PDF), "declaration.pdf"
