"""Who comes to the house of an evening: a person with a browser, five at once, a sender of large files, and Vast.ai."""

import json
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyotp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from scripts.containers.droplet import CHECKOUT, DOMAIN, EVENING, VAST_ADDRESS
from scripts.containers.engine import HOME, REPOSITORY, STANDINS

HOUSE = f"https://{DOMAIN}"
PASSWORD = "correct horse battery staple"
SECONDS = 120
PAGES = ("", "documents", "machines", "costs", "batches")
_person: dict[str, str] = {}


def client() -> httpx.Client:
    """Trusts the stand-in authority and nobody else."""
    context = ssl.create_default_context(cafile=str(HOME / "authority" / "authority.pem"))
    return httpx.Client(base_url=HOUSE, verify=context, timeout=SECONDS, headers={"Origin": HOUSE})


def settings() -> dict[str, str]:
    """What stands in `.env` now."""
    lines = (CHECKOUT / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _token() -> dict[str, str]:
    return {"Authorization": f"Bearer {settings()['CONTROL_PLANE_TOKEN']}"}


def status_with(token: str) -> int:
    """What the house answers to who shows this token."""
    with client() as house:
        return house.get("/api/jobs", headers={"Authorization": f"Bearer {token}"}).status_code


def is_ready() -> bool:
    """Without a token, as an uptime monitor asks."""
    with client() as house:
        return house.get("/ready").status_code == 200


def job(job_id: str) -> dict[str, Any]:
    with client() as house:
        told: dict[str, Any] = house.get(f"/api/jobs/{job_id}", headers=_token()).raise_for_status().json()
    return told


def count_documents() -> int:
    with client() as house:
        told = house.get("/api/documents", headers=_token()).raise_for_status().json()
    return len(told["documents"])


def original(job_id: str) -> bytes:
    """The bytes that came in for this job, by a signed link to the bucket."""
    document = job(job_id)["document_id"]
    with client() as house:
        told = house.get(f"/api/documents/{document}", headers=_token()).raise_for_status().json()
        return house.get(told["original"]).raise_for_status().content


def send(path: Path) -> str:
    """A file comes in; its job."""
    with client() as house, path.open("rb") as file:
        sent = house.post("/api/upload", files={"file": (path.name, file)}, headers=_token())
    return str(sent.raise_for_status().json()["job_id"])


def enter(link: str) -> str:
    """Take up an invitation and sign in; the cookie that is left."""
    address = urlsplit(link)
    path = f"{address.path}?{address.query}" if address.query else address.path
    with client() as house:
        _person["key"] = re.findall(r'name="key" value="(\w+)"', house.get(path).raise_for_status().text)[0]
        code = pyotp.TOTP(_person["key"]).now()
        form = {"key": _person["key"], "password": PASSWORD, "again": PASSWORD, "code": code}
        house.post(path, data=form).raise_for_status()
        return _sign_in(house, code)


def sign_in_again() -> bool:
    """Whether the person of before still comes in; waits for a code that was not used yet."""
    totp, used = pyotp.TOTP(_person["key"]), _person.get("used")
    while totp.now() == used:
        time.sleep(1)
    with client() as house:
        return bool(_sign_in(house, totp.now()))


def _sign_in(house: httpx.Client, code: str) -> str:
    _person["used"] = code
    answer = house.post("/account/sign-in", data={"name": "Your Name", "password": PASSWORD, "code": code})
    cookie: str = answer.headers.get("set-cookie", "").partition(";")[0]
    return cookie if answer.status_code == 303 else ""


def look(path: str, cookie: str) -> str:
    with client() as house:
        return house.get(path, headers={"Cookie": cookie}).raise_for_status().text


class Sessions:
    """Live connections to the dashboard, each of which has its pages drawn."""

    def __init__(self, connections: list[ClientConnection]) -> None:
        self._connections = connections

    def look_around(self) -> None:
        """Everybody opens every page, all at once; raises where a page is not drawn to its end."""
        problems: list[Exception] = []
        threads = [threading.Thread(target=_open_pages, args=(each, problems)) for each in self._connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]


@contextmanager
def sessions(number: int, cookie: str) -> Iterator[Sessions]:
    """So many people with the dashboard open."""
    context = ssl.create_default_context(cafile=str(HOME / "authority" / "authority.pem"))
    address, told = f"wss://{DOMAIN}/_stcore/stream", {"Cookie": cookie, "Origin": HOUSE}
    opened = [
        connect(address, ssl=context, additional_headers=told, max_size=None, open_timeout=SECONDS, origin=None)
        for _ in range(number)
    ]
    try:
        people = Sessions(opened)
        people.look_around()
        yield people
    finally:
        for each in opened:
            each.close()


def _open_pages(connection: ClientConnection, problems: list[Exception]) -> None:
    try:
        for page in PAGES:
            asked = BackMsg()
            asked.rerun_script.page_name = page
            connection.send(asked.SerializeToString())
            while ForwardMsg.FromString(_bytes(connection.recv(SECONDS))).WhichOneof("type") != "script_finished":
                pass
    except Exception as problem:  # told by the thread that waits for us
        problems.append(problem)


def _bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


def send_300_megabytes() -> None:
    """One file through nginx, for no rented machine to read."""
    large = EVENING / "large.pdf"
    with large.open("wb") as file:
        file.write((REPOSITORY / "tests" / "documents" / "custody_order.pdf").read_bytes())
        file.truncate(300 * 10**6)
    with client() as house, large.open("rb") as file:
        files = {"file": ("large.pdf", file, "application/pdf")}
        sent = house.post("/api/upload", data={"placement": "local_only"}, files=files, headers=_token())
    sent.raise_for_status()
    large.unlink()


def start_vast(environ: Mapping[str, str], key: str) -> "subprocess.Popen[bytes]":
    """The stand-in for Vast.ai, whose machines are containers of the worker's image."""
    passed = [f"{name}={value}" for name, value in environ.items() if name.startswith(("CONTAINERS_", "DISABLE_HC"))]
    rented = ["env", *passed, f"EVENING={EVENING}", str(STANDINS / "bin" / "rented")]
    command = [sys.executable, "-m", "local_cloud.vast", "--host", VAST_ADDRESS, "--port", "8080",
               "--state", str(EVENING / "vast.json"), "--worker-command", json.dumps(rented)]  # fmt: skip
    with (EVENING / "vast.log").open("w") as log:
        return subprocess.Popen(command, env={**environ, "VAST_API_KEY": key}, cwd=REPOSITORY, stdout=log, stderr=log)
