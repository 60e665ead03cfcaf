"""The real control plane and the real dashboard behind the real nginx."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from local_cloud import Cloud
from local_cloud.processes import Service, stop_all, wait_until_ready
from local_cloud.programs import programs
from tests.deployment.front import DOMAIN, REPOSITORY, Front

PDF = (REPOSITORY / "tests" / "documents" / "custody_order.pdf").read_bytes()


@dataclass(frozen=True)
class House:
    """nginx, what is behind it, and the key to it."""

    front: Front
    token: str

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str):
        return self.front.ask(method, path, body, headers={"Authorization": f"Bearer {self.token}", **headers})


@pytest.fixture(scope="module")
def house(cloud: Cloud, make_front: Callable[..., Front]) -> Iterator[House]:
    services: list[Service] = [programs(cloud, {})[name] for name in ("control_plane", "dashboard")]
    try:
        for service in services:
            service.start()
        wait_until_ready(services)
        control_plane = f"127.0.0.1:{cloud.control_plane_port}"
        front = make_front(CONTROL_PLANE=control_plane, DASHBOARD=f"127.0.0.1:{cloud.dashboard_port}")
        yield House(front, cloud.control_plane_token)
    finally:
        stop_all(services)


def test_a_document_goes_in_through_the_public_door(house: House) -> None:
    document = PDF + uuid4().bytes  # nobody has sent it before
    assert house.ask("GET", "/ready")[1]["ready"] is True
    status, error, _ = house.front.ask("GET", "/api/jobs")
    assert (status, "code" in error) == (401, True)
    boundary = "----aseagi"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="o.pdf"\r\n\r\n'.encode()
    body = head + document + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    status, entered, _ = house.ask("POST", "/api/upload", body, **kind)
    assert (status, entered["duplicate"]) == (201, False), entered
    assert house.ask("POST", "/api/upload", body, **kind)[1]["duplicate"] is True
    job = house.ask("GET", f"/api/jobs/{entered['job_id']}")[1]
    assert (job["original_filename"], job["bytes"], job["status"]) == ("o.pdf", len(document), "queued")
    assert house.ask("GET", "/docs")[0] == 200
    assert json.dumps(house.ask("GET", "/openapi.json")[1]).count("/api/") > 10


def test_the_dashboard_is_live_behind_nginx(house: House) -> None:
    status, page, _ = house.front.ask("GET", "/")
    assert status == 200 and "<title>" in page
    assert house.front.ask("GET", "/machines")[1] == page, "a page's own address opens the dashboard"
    with house.front.tls_socket() as connection:
        head = [
            "GET /_stcore/stream HTTP/1.1", f"Host: {DOMAIN}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Origin: https://{DOMAIN}",
        ]  # fmt: skip
        connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
