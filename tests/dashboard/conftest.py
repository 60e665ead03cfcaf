"""The dashboard on Streamlit's own test runner, against a stand-in control plane over real HTTP."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard import pages
from tests.fakes.control_plane import TOKEN, FakeControlPlane


@pytest.fixture
def control_plane() -> Iterator[FakeControlPlane]:
    """A stand-in with a small custody case in it."""
    with FakeControlPlane() as fake:
        yield fake


@pytest.fixture
def empty_control_plane() -> Iterator[FakeControlPlane]:
    """A stand-in with nothing in it."""
    with FakeControlPlane(empty=True) as fake:
        yield fake


@pytest.fixture
def open_page(monkeypatch, tmp_path) -> Callable[..., AppTest]:
    """`open_page(fake, "views/x.py", **query)` signs in and shows that page."""

    def open_page(fake: FakeControlPlane, view: str | None = None, token: str = TOKEN, **query: str) -> AppTest:
        return pages.open_page(monkeypatch, fake.url, token, tmp_path / "exports", view, **query)

    return open_page


@pytest.fixture
def shown() -> Callable[[AppTest], str]:
    """`shown(app)`: everything a page says, as one text."""
    return pages.shown
