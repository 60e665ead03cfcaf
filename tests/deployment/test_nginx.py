"""What the public face lets through, to whom, and what it refuses."""

import json
import re
import socket
import ssl
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.control_plane.desk import wait_until
from tests.deployment.front import DOMAIN, Front

REPOSITORY = Path(__file__).resolve().parents[2]


def test_plain_http_is_sent_to_https_and_certbots_challenge_is_served(front: Front) -> None:
    (front.folder / "acme/.well-known/acme-challenge").mkdir(parents=True)
    (front.folder / "acme/.well-known/acme-challenge/token").write_text("proof")
    assert "Location: https://aseagi.test/documents?q=1" in plain(front, "/documents?q=1")
    assert plain(front, "/.well-known/acme-challenge/token").endswith("proof")


def test_a_certificate_is_there_before_between_and_after_issuance(make_front: Callable[..., Front]) -> None:
    """Before: one of its own. Half written: what it had. Issued, renewed: that one, without a restart."""
    front = make_front(is_issued=False)
    (front.folder / "acme/.well-known/acme-challenge").mkdir(parents=True)
    (front.folder / "acme/.well-known/acme-challenge/token").write_text("proof")
    own = front.certificate()
    assert plain(front, "/.well-known/acme-challenge/token").endswith("proof")
    assert front.ask("GET", "/health")[0] == 200, "signed by itself, and nobody else vouches for it"
    issued = front.issue(90)
    wait_until(lambda: front.certificate().strip() == issued.strip(), 20)
    renewed = front.issue(89)
    wait_until(lambda: front.certificate().strip() == renewed.strip(), 20)
    (front.issued / "fullchain.pem").write_text(issued)  # its key is another: certbot is in the middle of it
    front.look_after_certificates()
    (front.issued / "fullchain.pem").write_text("")
    front.look_after_certificates()
    assert front.certificate().strip() == renewed.strip() != own.strip()
    assert plain(front, "/.well-known/acme-challenge/token").endswith("proof")
    assert (front.folder / "certificates" / "privkey.pem").stat().st_mode & 0o077 == 0


def plain(front: Front, path: str) -> str:
    with socket.create_connection(("127.0.0.1", front.http_port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {DOMAIN}\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


@pytest.mark.parametrize(
    ("path", "upstream"),
    [
        ("/", "dashboard"), ("/documents", "dashboard"), ("/batches", "dashboard"), ("/_stcore/health", "dashboard"),
        ("/case/", "case_room"), ("/case/papers?q=1", "case_room"), ("/cases", "dashboard"),
        ("/api/jobs?status=queued", "control_plane"), ("/batch/status", "control_plane"), ("/health", "control_plane"),
        ("/ready", "control_plane"), ("/docs", "control_plane"), ("/openapi.json", "control_plane"),
        ("/checkpoints", "control_plane"), ("/vastai/balance", "control_plane"), ("/drive/documents", "control_plane"),
        ("/telegram/webhook", "control_plane"), ("/claude/v1/messages", "control_plane"),
        ("/api/worker/urls", "control_plane"), ("/api/worker/complete", "control_plane"),
        ("/api/upload", "control_plane"),
    ],
)  # fmt: skip
def test_every_route_finds_its_program(front: Front, path: str, upstream: str) -> None:
    status, seen, headers = front.ask("GET", path)
    assert (status, seen["upstream"], seen["path"]) == (200, upstream, path)
    assert seen["headers"]["X-Forwarded-Proto"] == "https"
    assert headers["strict-transport-security"] and headers["x-content-type-options"] == "nosniff"


def test_every_route_of_the_interfaces_page_goes_to_the_control_plane(front: Front) -> None:
    page = (REPOSITORY / "docs" / "interfaces.md").read_text()
    paths = {
        re.sub(r"<\w+>", "x", path).partition("?")[0]
        for path in re.findall(r"`(?:GET|POST) (/[^`\s]*)`?", page.partition("## 4.")[2].partition("## 5.")[0])
    }
    assert len(paths) > 20

    found: dict[str, str] = {}

    def is_answered(path: str) -> bool:
        status, answer, _ = front.ask("GET", path)
        if status != 429:  # there are more paths than a caller may ask for at once
            found[path] = answer["upstream"]
        return path in found

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: wait_until(lambda: is_answered(path), 60), paths))
    # What the house measures of itself is asked on the droplet, not through its door.
    assert {path for path, upstream in found.items() if upstream != "control_plane"} == {"/metrics"}


def test_a_caller_cannot_forge_where_it_comes_from(front: Front) -> None:
    seen = front.ask("GET", "/api/jobs", headers={"X-Forwarded-For": "203.0.113.9"})[1]
    assert seen["headers"]["X-Forwarded-For"] == "127.0.0.1"


def test_of_a_balancer_it_is_believed_who_calls_and_each_is_counted_alone(make_front: Callable[..., Front]) -> None:
    front = make_front(BALANCER="127.0.0.0/8")
    seen = front.ask("GET", "/api/jobs", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})[1]
    assert seen["headers"]["X-Forwarded-For"] == "203.0.113.9", "what a visitor wrote before it is not believed"
    assert front.ask("GET", "/api/jobs")[1]["headers"]["X-Forwarded-For"] == "127.0.0.1"


def test_an_upload_is_passed_on_while_it_comes(front: Front) -> None:
    control_plane = front.upstreams["control_plane"]
    control_plane.first_byte.clear()
    with front.tls_socket() as connection:
        head = f"POST /api/upload HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 2000000\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1_000_000)
        assert control_plane.first_byte.wait(10), "nginx kept the upload to itself"
        connection.sendall(b"x" * 1_000_000)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["bytes"] == 2_000_000


def test_a_body_that_is_too_large_gets_a_clear_answer(front: Front) -> None:
    status, error, _ = front.ask("POST", "/api/upload", b"x" * (3 * 1024**2 + 1))
    assert (status, error["code"]) == (413, "file_too_large")
    assert "3m" in error["message"]
    assert front.ask("POST", "/api/jobs/create", b"x" * (2 * 1024**2 + 1))[0] == 413
    assert front.ask("POST", "/claude/v1/messages", b"x" * (4 * 1024**2))[1]["bytes"] == 4 * 1024**2


def test_the_dashboards_live_connection(front: Front) -> None:
    with front.tls_socket() as connection:
        head = f"GET /_stcore/stream HTTP/1.1\r\nHost: {DOMAIN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        connection.sendall(head.encode())
        answer = b""
        while b"hello" not in answer:
            part = connection.recv(4096)
            assert part, answer
            answer += part
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"hello from dashboard" in answer


def test_one_address_cannot_flood_the_control_plane(make_front: Callable[..., Front]) -> None:
    """All through one connection, which is faster than the limit on the slowest machine."""
    call = f"GET /api/jobs HTTP/1.1\r\nHost: {DOMAIN}\r\n"
    with make_front().tls_socket() as connection:
        connection.sendall((f"{call}\r\n" * 399 + f"{call}Connection: close\r\n\r\n").encode())
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)
    assert len(statuses) == 400
    assert statuses.count(b"200") >= 100 and statuses.count(b"200") + statuses.count(b"429") == 400
    assert b'"too_many_requests"' in answers and b"429" in statuses


def test_a_program_that_is_down_is_said_so(make_front: Callable[..., Front]) -> None:
    status, error, _ = make_front(CONTROL_PLANE="127.0.0.1:1").ask("GET", "/api/jobs")
    assert (status, error["code"]) == (502, "away")


def test_no_log_repeats_a_signature(make_front: Callable[..., Front]) -> None:
    front = make_front(CONTROL_PLANE="127.0.0.1:1")
    assert front.ask("GET", "/api/jobs?X-Amz-Signature=abcdef")[0] == 502
    logs = [front.folder / name for name in ("stdout.log", "stderr.log")]
    wait_until(lambda: "/api/jobs" in logs[0].read_text(), 10, lambda: "nginx wrote no line")
    assert not any("abcdef" in log.read_text() for log in logs)


def test_other_names_learn_nothing(front: Front) -> None:
    for host in ("other.test", f"db.{DOMAIN}"):
        with pytest.raises(ssl.SSLError):
            front.ask("GET", "/", host=host)


@pytest.mark.parametrize(("version", "works"), [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_only_sound_tls_is_spoken(front: Front, version: str, works: bool) -> None:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{front.https_port}", "-servername", DOMAIN, version]
    tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    assert ("Cipher is (NONE)" not in tried.stdout) is works


def test_self_hosted_database_and_storage(selfhosted_front: Front) -> None:
    seen = selfhosted_front.ask("POST", "/rest/v1/rpc/claim_jobs?x=1", b"{}", host=f"db.{DOMAIN}")[1]
    assert (seen["upstream"], seen["path"]) == ("postgrest", "/rpc/claim_jobs?x=1")
    assert selfhosted_front.ask("GET", "/", host=f"db.{DOMAIN}")[0] == 404
    name = f"s3.{DOMAIN}:8443"  # the signature covers name and port
    seen = selfhosted_front.ask("PUT", "/b/raw/a%20b?X-Amz-Signature=s", b"data", f"s3.{DOMAIN}", {"Host": name})[1]
    assert (seen["upstream"], seen["path"], seen["bytes"]) == ("storage", "/b/raw/a%20b?X-Amz-Signature=s", 4)
    assert seen["headers"]["Host"] == name
    assert selfhosted_front.ask("GET", "/health")[1]["upstream"] == "control_plane"
