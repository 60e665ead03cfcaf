"""The real control plane and the real dashboard behind the real nginx."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

import psutil
import pyotp
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
    dashboard: Service

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
        yield House(front, cloud.control_plane_token, services[1])
    finally:
        stop_all(services)


def test_a_document_goes_in_through_the_public_door(house: House) -> None:
    document = PDF + uuid4().bytes  # nobody has sent it before
    told = house.ask("GET", "/ready")[1]  # programs of other tests may be silent by now
    assert all(told[vendor]["ok"] for vendor in ("postgres", "storage", "vast"))
    assert house.front.ask("GET", "/ready")[1].keys() == {"ready"}
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


def test_a_stranger_reaches_no_window_and_fills_no_memory(house: House) -> None:
    """Before, 8 uploads of 150 MiB without a password took the dashboard from 82 to 1,284 MiB."""
    for path in ("/", "/machines?x=1&y=2", "/case/", "/case/papers"):
        status, _, headers = house.front.ask("GET", path)
        assert (status, headers["location"]) == (303, f"/account/sign-in?to={path}")
    before = memory_of(house.dashboard)
    for cookie in ("", "aseagi_session=ses_guessed", f"aseagi_session={house.token}"):
        assert upgrade(house, cookie).startswith(b"HTTP/1.1 401 ")
        assert house.front.ask("GET", "/_stcore/health", headers={"Cookie": cookie})[0] == 401
        assert house.front.ask("PUT", "/_stcore/upload_file/a/b", b"x" * 40_000, headers={"Cookie": cookie})[0] == 401
    assert memory_of(house.dashboard) - before < 2_000_000
    assert house.front.ask("GET", "/_signed_in")[0] == 404, "what nginx asks itself nobody else does"


def test_who_is_signed_in_has_the_dashboard_live_behind_nginx(house: House) -> None:
    cookie = enter(house)
    status, page, _ = house.front.ask("GET", "/", headers={"Cookie": cookie})
    assert status == 200 and "<title>" in page
    assert house.front.ask("GET", "/machines", headers={"Cookie": cookie})[1] == page, "an address opens its page"
    answer = upgrade(house, cookie)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
    out = house.front.ask("POST", "/account/sign-out", b"", headers={"Cookie": cookie})
    assert out[0] == 303 and upgrade(house, cookie).startswith(b"HTTP/1.1 401 ")


def enter(house: House) -> str:
    """Somebody joins and signs in through nginx; the cookie that is left."""
    kind = {"Content-Type": "application/json"}
    made = house.ask("POST", "/api/accounts", b'{"name": "Anna", "role": "lawyer"}', **kind)[1]
    path = "/account" + made["link"].partition("/account")[2]
    key = re.search(r'name="key" value="(\w+)"', house.front.ask("GET", path)[1])[1]
    password = "correct horse battery staple"
    form = {"key": key, "password": password, "again": password, "code": pyotp.TOTP(key).now()}
    assert send(house, path, form)[0] == 200
    status, _, headers = send(house, "/account/sign-in", {"name": "Anna", "password": password, "code": form["code"]})
    assert status == 303 and "Secure" in headers["set-cookie"] and "HttpOnly" in headers["set-cookie"]
    return headers["set-cookie"].partition(";")[0]


def send(house: House, path: str, form: dict[str, str]) -> tuple[int, object, dict[str, str]]:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{DOMAIN}"}
    return house.front.ask("POST", path, urlencode(form).encode(), headers=kind)


def memory_of(service: Service) -> int:
    return psutil.Process(service.process.pid).memory_info().rss


def upgrade(house: House, cookie: str) -> bytes:
    """What the dashboard's live connection answers."""
    with house.front.tls_socket() as connection:
        head = [
            "GET /_stcore/stream HTTP/1.1", f"Host: {DOMAIN}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Origin: https://{DOMAIN}",
            f"Cookie: {cookie}",
        ]  # fmt: skip
        connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        return connection.recv(4096)
