"""The entry: who is it, then the pages. `python -m dashboard` starts it."""

import contextlib
import json
import os
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import alarms, answers, frame, markup, visitors, words
from dashboard.api_client import ApiClient
from dashboard.errors import DashboardError, SettingsError
from dashboard.settings import Settings

# Per section of the menu: address, title, icon; without an icon the page is not in the menu.
VIEWS: dict[str, list[tuple[str, str, str | None]]] = {
    "Your documents": [
        ("upload", "Upload & monitor", "upload_file"),
        ("documents", "Documents", "folder_open"),
        ("document", "Document", None),
    ],
    "What they say": [
        ("findings", "Fraud & findings", "flag"),
        ("global-analysis", "Global analysis", "timeline"),
        ("analytics", "Analytics", "bar_chart"),
        ("reports", "Reports", "picture_as_pdf"),
    ],
    "How it runs": [
        ("batches", "Batches", "inventory_2"),
        ("judging", "Judging", "gavel"),
        ("machines", "Machines", "memory"),
        ("costs", "Costs", "payments"),
        ("health", "Health", "stethoscope"),
    ],
    "Who comes in": [
        ("accounts", "Accounts", "group"),
        ("access-log", "Access log", "visibility"),
    ],
}
NEEDS = {
    "upload": "upload", "batches": "admin", "judging": "admin", "machines": "admin", "health": "admin",
    "accounts": "admin", "access-log": "admin",
}  # fmt: skip
"""What a person must be allowed for a page to make sense; reading is enough for the others."""


def main() -> None:
    """Show the page the visitor chose, or the way to the sign-in."""
    st.set_page_config(page_title="ASEAGI", page_icon=":material/balance:", layout="wide")
    st.html(Path(__file__).with_name("style.css"))
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        st.error(markup.md(error), icon=":material/settings:")
        return
    st.session_state["exports_dir"] = settings.exports_dir
    st.session_state["has_samples"] = settings.has_samples
    st.session_state["account_url"] = settings.account_url
    try:
        visitor = visitors.find_visitor(_cookie(), settings, lambda token: _client(settings, token).me())
    except DashboardError:  # the service is away: each page says so
        visitor = (settings.control_plane_token or "", None)
    if visitor is None:
        _doors(settings).run()
        return
    st.session_state["api"], st.session_state["me"] = _client(settings, visitor[0]), visitor[1]
    page = _pages(visitor[1])
    if settings.has_samples:
        st.info(words.SAMPLES, icon=":material/science:")
    if not page.url_path:  # the first one
        alarms.show()
    page.run()


def _cookie() -> str | None:
    cookie = st.context.cookies.get(visitors.COOKIE)
    return cookie if isinstance(cookie, str) else None  # Streamlit's own test runner gives neither a text nor nothing


def _client(settings: Settings, token: str) -> ApiClient:
    return _api_client(settings.control_plane_url, token)


@st.cache_resource(max_entries=50)
def _api_client(url: str, token: str) -> ApiClient:
    return ApiClient(url, token)


def _sign_in(settings: Settings) -> None:
    """Nobody gets here through nginx; who is here was signed in a moment ago."""
    wanted = urlsplit(st.context.url or "").path or "/"
    address = visitors.sign_in_address(settings, wanted)
    st.title("You are signed out", anchor=False)
    st.html(f'<p><a href="{escape(address)}">Sign in again</a></p>')
    st.html(f"<script>location.assign({json.dumps(address)});</script>", unsafe_allow_javascript=True)


def _doors(settings: Settings) -> Page:
    """Every address of the dashboard, each with the way to the sign-in, which leads back there."""
    doors = [
        st.Page(lambda: _sign_in(settings), title="Sign in", url_path=view, default=number == 0)
        for number, view in enumerate(view for section in VIEWS.values() for view, _, _ in section)
    ]
    return st.navigation(doors, position="hidden")


def _pages(me: answers.Me | None) -> Page:
    """The pages that a person may use; nobody is kept from one by that alone, the control plane decides."""
    scopes = set(me.scopes) if me else set(NEEDS.values()) | {"read"}
    first = "upload" if "upload" in scopes else "documents"
    pages = {
        name: [_page(*view, view[0] == first) for view in section if NEEDS.get(view[0], "read") in scopes]
        for name, section in VIEWS.items()
    }
    chosen = st.navigation({name: section for name, section in pages.items() if section}, expanded=True)
    if me is not None:
        with st.sidebar:
            st.caption(markup.md(f"{me.name} · {me.role}"))
            if me.by == "session":
                st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=_sign_out)
    return chosen


def _page(view: str, title: str, icon: str | None, is_first: bool) -> Page:
    return st.Page(
        f"views/{view.replace('-', '_')}.py", title=title, icon=f":material/{icon}:" if icon else None, url_path=view,
        default=is_first, visibility="visible" if icon else "hidden",
    )  # fmt: skip


def _sign_out() -> None:
    with contextlib.suppress(DashboardError):
        frame.client().sign_out()


main()
