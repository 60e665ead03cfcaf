"""The case room over the real control plane, both in this process, on the emptied test cloud."""

from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.case_room.app import build_app
from dashboard.settings import Settings
from local_cloud import Cloud
from tests.control_plane.desk import Desk, make_desk


class Forms(HTMLParser):
    """The forms of a page, each with its action, the fields that it sends by itself, and the names of all."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], set[str]]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((said.get("action", ""), {}, set()))
            self._is_open = True
        elif self._is_open and said.get("name"):
            _, fields, names = self.found[-1]
            names.add(said["name"])
            if tag == "input" and said.get("type") not in ("checkbox", "radio"):
                fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and tag != "form"


@dataclass
class Room:
    """A visitor of the case room."""

    http: FlaskClient

    def open(self, path: str, status: int = 200) -> str:
        """What a page says, as its source without entities."""
        answer = self.http.get(f"/case{path}", follow_redirects=True)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def form(self, path: str, action: str, *fields: str) -> dict[str, str]:
        """What the form of a page with this action and these fields sends by itself."""
        parser = Forms()
        parser.feed(self.http.get(f"/case{path}").text)
        return next(sent for to, sent, names in parser.found if to == f"/case{action}" and names >= set(fields))

    def send(self, page: str, action: str, **fields: object) -> str:
        """Fill in the form of a page and send it; the page that answers."""
        return unescape(self.post(page, action, **fields).text)

    def post(self, page: str, action: str, **fields: object) -> TestResponse:
        form = self.form(page, action, *fields)
        return self.http.post(f"/case{action}", data=form | fields, follow_redirects=True)


def open_room(desk: Desk, **changes: str) -> Room:
    """A visitor at home, the owner; with an empty CONTROL_PLANE_TOKEN a stranger."""
    environ = {"CONTROL_PLANE_URL": "http://desk", "CONTROL_PLANE_TOKEN": desk.settings.control_plane_token}
    return Room(build_app(Settings.from_env(environ | changes), transport_to(desk)).test_client())


def transport_to(desk: Desk) -> httpx.WSGITransport:
    """The control plane of this process, as over HTTP."""
    return httpx.WSGITransport(app=desk.http.application, raise_app_exceptions=False)


@pytest.fixture
def make_room() -> Callable[..., Room]:
    """See `open_room`."""
    return open_room


@pytest.fixture
def desk(clean_cloud: Cloud) -> Desk:
    return make_desk(clean_cloud)


@pytest.fixture
def room(make_room: Callable[..., Room], desk: Desk) -> Room:
    """The owner at home."""
    return make_room(desk)
