"""The entry: sign in, then the pages. `python -m dashboard` starts it."""

import os
import time
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import frame, login, markup, words
from dashboard.api_client import ApiClient
from dashboard.errors import SettingsError
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
    ],
}


def main() -> None:
    """Show the sign-in page, or the page the visitor chose."""
    st.set_page_config(page_title="ASEAGI", page_icon=":material/balance:", layout="wide")
    st.html(Path(__file__).with_name("style.css"))
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        st.error(markup.md(error), icon=":material/settings:")
        return
    st.session_state["api"] = _api_client(settings.control_plane_url, settings.control_plane_token)
    st.session_state["exports_dir"] = settings.exports_dir
    st.session_state["has_samples"] = settings.has_samples
    if _signed_in(settings.password):
        page = _pages(settings.password, settings.case_room_url)
        if settings.has_samples:
            st.info(words.SAMPLES, icon=":material/science:")
        page.run()
    else:
        _doors(settings).run()


@st.cache_resource
def _api_client(url: str, token: str) -> ApiClient:
    return ApiClient(url, token)


@st.cache_resource
def _guesses() -> login.Guesses:
    return login.Guesses()


def _signed_in(password: str) -> bool:
    if not st.session_state.get("signed_in") and not st.session_state.get("signed_out"):
        st.session_state["signed_in"] = login.pass_is_valid(st.context.cookies.get(login.COOKIE), password, time.time())
    return bool(st.session_state.get("signed_in"))


def _sign_in(settings: Settings) -> None:
    if st.session_state.pop("forget_pass", False):
        frame.set_cookie(login.COOKIE, "", 0)
    _, middle, _ = st.columns([1, 1.3, 1])
    with middle:
        st.space("large")
        st.title("ASEAGI", anchor=False)
        st.html(markup.lead("Your documents, read and put in order. Sign in to see them."))
        with st.form("sign-in", border=True):
            given = st.text_input("Password", type="password", autocomplete="current-password")
            pressed = st.form_submit_button("Sign in", type="primary", width="stretch")
        if pressed:
            forwarded = st.context.headers.get("X-Forwarded-For") if settings.behind_proxy else None
            _check(given, settings.password, login.visitor_address(forwarded, st.context.ip_address))


def _check(given: str, password: str, address: str) -> None:
    wait_seconds = _guesses().wait_seconds(address, time.time())
    if wait_seconds:
        st.error(f"Too many wrong passwords. Please wait {wait_seconds} seconds, then try again.")
    elif login.password_matches(given, password):
        st.session_state.update(signed_in=True, signed_out=False, leave_pass=True)
        st.rerun()
    else:
        _guesses().record_wrong(address, time.time())
        st.error("That password is not right. Please try again.", icon=":material/key_off:")


def _doors(settings: Settings) -> Page:
    """Every address of the dashboard, each with the sign-in behind it: whoever signs in is where the link led."""
    doors = [
        st.Page(lambda: _sign_in(settings), title="Sign in", url_path=view, default=number == 0)
        for number, view in enumerate(view for section in VIEWS.values() for view, _, _ in section)
    ]
    return st.navigation(doors, position="hidden")


def _pages(password: str, case_room_url: str) -> Page:
    if st.session_state.pop("leave_pass", False):
        frame.set_cookie(login.COOKIE, login.sign_pass(password, time.time()), login.PASS_SECONDS)
    pages = {name: [_page(*view) for view in section] for name, section in VIEWS.items()}
    chosen = st.navigation(pages, expanded=True)
    with st.sidebar:
        st.link_button("Case room", case_room_url, icon=":material/gavel:", width="stretch")
        st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=_sign_out)
    return chosen


def _page(view: str, title: str, icon: str | None) -> Page:
    return st.Page(
        f"views/{view.replace('-', '_')}.py", title=title, icon=f":material/{icon}:" if icon else None, url_path=view,
        default=view == "upload", visibility="visible" if icon else "hidden",
    )  # fmt: skip


def _sign_out() -> None:
    st.session_state.clear()
    st.session_state.update(signed_out=True, forget_pass=True)


main()
