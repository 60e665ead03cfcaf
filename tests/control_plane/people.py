"""People of a house under test: how one joins and signs in, over HTTP as a browser does."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pyotp
from flask.testing import FlaskClient

from control_plane.accounts.pages import COOKIE
from tests.control_plane.desk import Desk

PASSWORD = "correct horse battery staple"


@dataclass
class Person:
    """Somebody with a password and a telephone."""

    name: str
    id: str
    key: str
    recovery_codes: list[str] = field(default_factory=list)
    used_steps: int = 0

    def code(self) -> str:
        """The next code that was not used: this minute's, then the one after, which a clock may already show."""
        now = int(time.time()) // 30 + self.used_steps
        self.used_steps += 1
        return pyotp.TOTP(self.key).at(now * 30)


def invite(desk: Desk, name: str, role: str) -> tuple[str, str]:
    """The person's id, and the path of the link."""
    made = desk.post("/api/accounts", name=name, role=role)
    assert made.status_code == 201, made.json
    link = urlsplit(made.json["link"])
    return made.json["account"]["id"], f"{link.path}?{link.query}"


def join(desk: Desk, name: str, role: str = "helper") -> Person:
    """Add somebody, who opens the link and chooses a password and a second factor."""
    account_id, path = invite(desk, name, role)
    return accept(desk, name, account_id, path)


def accept(desk: Desk, name: str, account_id: str, path: str) -> Person:
    key = re.search(r'name="key" value="(\w+)"', desk.http.get(path).text)[1]
    form = {"key": key, "password": PASSWORD, "again": PASSWORD, "code": pyotp.TOTP(key).now()}
    page = desk.http.post(path, data=form)
    assert page.status_code == 200, page.text
    return Person(name, account_id, key, re.findall(r"<code>([a-z2-7]{5}-[a-z2-7]{5})</code>", page.text))


def sign_in(desk: Desk, person: Person, code: str | None = None, password: str = PASSWORD, **headers: str):
    """The answer to the form, with a browser of its own."""
    form = {"name": person.name, "password": password, "code": code or person.code(), "to": "/documents"}
    return browser(desk).post("/account/sign-in", data=form, headers=headers)


def browser(desk: Desk) -> FlaskClient:
    return desk.http.application.test_client()


def session_of(answer) -> str:
    """The session that an answer leaves in the browser."""
    assert answer.status_code == 303, answer.text
    return re.search(rf"{COOKIE}=([\w-]+);", answer.headers["Set-Cookie"])[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
