"""The dashboard on Streamlit's own test runner, against a stand-in control plane over real HTTP."""

import html
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes.control_plane import TOKEN, FakeControlPlane

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
PASSWORD = "correct horse battery"


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

    def open_page(fake: FakeControlPlane, view: str | None = None, signed_in: bool = True, **query: str) -> AppTest:
        monkeypatch.setenv("CONTROL_PLANE_URL", fake.url)
        monkeypatch.setenv("CONTROL_PLANE_TOKEN", TOKEN)
        monkeypatch.setenv("DASHBOARD_PASSWORD", PASSWORD)
        monkeypatch.setenv("EXPORTS_DIR", str(tmp_path / "exports"))
        st.cache_resource.clear()  # wrong passwords of an earlier test
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state["signed_in"] = signed_in
        app.run()
        if view:
            app.switch_page(view)
            app.query_params.update(query)
            app.run()
        assert not app.exception, app.exception
        return app

    return open_page


@pytest.fixture
def shown() -> Callable[[AppTest], str]:
    """`shown(app)`: everything a page says, as one text."""
    return _shown


def _shown(app: AppTest) -> str:
    kinds = (app.html, app.markdown, app.title, app.subheader, app.caption, app.warning, app.error, app.info)
    texts = [str(getattr(element, "value", None) or element.proto) for kind in kinds for element in kind]
    labels = [element.label for kind in (app.page_link, app.button, app.expander, app.tabs) for element in kind]
    return html.unescape("\n".join([*texts, *labels]).replace("\\", ""))
