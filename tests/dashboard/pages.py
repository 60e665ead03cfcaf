"""The dashboard's pages on Streamlit's own test runner."""

import html
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
PASSWORD = "correct horse battery"


def open_page(
    monkeypatch: pytest.MonkeyPatch, url: str, token: str, exports: Path, view: str | None, signed_in: bool = True,
    **query: str,
) -> AppTest:  # fmt: skip
    """Sign in at a dashboard over this control plane and show that page."""
    monkeypatch.setenv("CONTROL_PLANE_URL", url)
    monkeypatch.setenv("CONTROL_PLANE_TOKEN", token)
    monkeypatch.setenv("DASHBOARD_PASSWORD", PASSWORD)
    monkeypatch.setenv("EXPORTS_DIR", str(exports))
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


def shown(app: AppTest) -> str:
    """Everything a page says, as one text."""
    kinds = (app.html, app.markdown, app.title, app.subheader, app.caption, app.warning, app.error, app.info)
    texts = [str(getattr(element, "value", None) or element.proto) for kind in kinds for element in kind]
    labelled = (app.page_link, app.button, app.expander, app.tabs, app.toggle)
    labels = [element.label for kind in labelled for element in kind]
    return html.unescape("\n".join([*texts, *labels]).replace("\\", ""))
