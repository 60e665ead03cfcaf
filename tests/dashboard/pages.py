"""The dashboard's pages on Streamlit's own test runner."""

import html
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
COOKIE = "aseagi_session"


def open_page(
    monkeypatch: pytest.MonkeyPatch, url: str, token: str, exports: Path, view: str | None,
    **query: str,
) -> AppTest:  # fmt: skip
    """Show that page of a dashboard over this control plane, as the owner at home (an empty token: as a stranger)."""
    monkeypatch.setenv("CONTROL_PLANE_URL", url)
    monkeypatch.setenv("CONTROL_PLANE_TOKEN", token)
    monkeypatch.setenv("EXPORTS_DIR", str(exports))
    app = AppTest.from_file(APP, default_timeout=60)
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
