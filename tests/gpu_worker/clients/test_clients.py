"""What the clients make of answers that are none: a proxy's page, half an answer, a token that says nothing."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.worker_token import WorkerToken, read_claims
from gpu_worker.errors import TransientError
from gpu_worker.job import Job, Lease
from gpu_worker.result import MachineReport

JOB = Job("job", "document", "lease", 1, "letter.pdf", "0" * 64, False)
REPORT = MachineReport(None, "onnx", None, 0, 0)
PROXY_PAGE = b"<html>Please sign in to this network.</html>"


class Answer(http.server.BaseHTTPRequestHandler):
    """Says the same words to everybody, with one status."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.status, server.body = 200, b""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("body", [PROXY_PAGE, b"", b'{"code": "odd"}', b'[{"job_id": 7}]', b'[{"job_id": "a", "held"'])
def test_an_answer_that_is_none_is_an_outage_and_ends_no_worker(server, body):
    server.body = body
    url, token = f"http://127.0.0.1:{server.server_port}", WorkerToken("token")
    with httpx.Client() as client:
        queue = JobQueue(Rpc(client, url, "key", token, retry_seconds=0))
        control_plane = ControlPlaneClient(client, url, token, retry_seconds=0)
        for call in (
            lambda: queue.claim_jobs(1, 60),
            lambda: queue.heartbeat_jobs([Lease(JOB)], 60, REPORT),
            lambda: control_plane.add_parts(JOB, []),
            lambda: control_plane.get_download_url(JOB),
            control_plane.renew_token,
        ):
            with pytest.raises(TransientError):
                call()
    assert token.value == "token"


@pytest.mark.parametrize("status", [402, 521, 540, 544])
def test_a_project_that_is_paused_or_restricted_is_an_outage(server, status):
    """Supabase's own: 540 is a paused project, 402 one whose bill is open, 52x its proxy that finds nobody."""
    server.status, server.body = status, b'{"message": "Project paused"}'
    with httpx.Client() as client:
        url = f"http://127.0.0.1:{server.server_port}"
        queue = JobQueue(Rpc(client, url, "key", WorkerToken("token"), retry_seconds=0))
        with pytest.raises(TransientError) as outage:
            queue.fail_job(JOB, "corrupt_pdf", "It is damaged.", retry=False)
    assert outage.value.code == "queue_unavailable"


def test_a_failure_that_nobody_heard_is_not_told(server):
    server.body = PROXY_PAGE
    with httpx.Client() as client:
        queue = JobQueue(
            Rpc(client, f"http://127.0.0.1:{server.server_port}", "key", WorkerToken("token"), retry_seconds=0)
        )
        with pytest.raises(TransientError):
            queue.fail_job(JOB, "corrupt_pdf", "It is damaged.", retry=False)


@pytest.mark.parametrize("claims", [None, [], {"exp": "soon"}, {"machine": 7}])
def test_a_token_that_says_nothing_has_no_instance_and_no_end(claims):
    token = f"a.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()}.c"
    assert (read_claims(token).machine, read_claims(token).exp) == ("", None)
    assert not WorkerToken(token).is_half_used(0, 0)
    assert read_claims("no token").machine == ""


def test_a_token_is_half_used_half_way():
    claims = {"machine": "aseagi-test", "iat": 1000, "exp": 2000}
    token = WorkerToken(f"a.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c")
    assert [token.is_half_used(now, 0) for now in (1499, 1500)] == [False, True]


@pytest.mark.parametrize(
    "wall", [lambda ticks: 1000 + ticks, lambda ticks: -2600 + ticks, lambda ticks: 1400 - 50 * ticks]
)
def test_a_token_is_renewed_in_time_by_a_host_whose_clock_is_wrong_or_is_set(wall):
    """Right; an hour behind; ahead, and set back while it works. The server's clock goes as the ticks do."""
    claims = {"machine": "aseagi-test", "iat": 1000, "exp": 2000}
    token = WorkerToken(f"a.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c")
    renewed = next(ticks for ticks in range(0, 2000, 20) if token.is_half_used(wall(ticks), ticks))
    assert 20 <= renewed <= 500
