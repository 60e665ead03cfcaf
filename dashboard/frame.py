"""Streamlit helpers every page shares: the frame, the errors, the link to a document."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboard import markup, words
from dashboard.answers import ListedFinding
from dashboard.api_client import ApiClient
from dashboard.errors import ControlPlaneAway, DashboardError, NotAllowed, NotFound

KEY_CODES = ("database_key_refused", "storage_key_refused", "storage_bucket_missing", "drive_access_refused",
             "drive_api_off", "drive_scope_missing", "vast_key_refused", "telegram_key_refused")  # fmt: skip
DOCUMENT_PAGE = "views/document.py"


def page(title: str, lead: str, body: Callable[[ApiClient], None]) -> None:
    """Show a page: title, one sentence, and the body; an error of the service becomes a readable message."""
    st.title(title, anchor=False)
    html(markup.lead(lead))
    guarded(body)


def guarded(body: Callable[[ApiClient], object], key: str = "page") -> None:
    """Run a part of a page; when the service is away or says no, explain and offer to try again."""
    _show_notice()
    try:
        body(client())
    except DashboardError as error:
        show_error(error)
        if not isinstance(error, NotFound | NotAllowed) and not is_wrong_key(error):
            st.button("Try again", icon=":material/refresh:", key=f"again-{key}")


def html(*parts: str) -> None:
    """Show pieces made by markup.py; nothing at all when they are all empty."""
    if any(parts):
        st.html("".join(parts))


def empty(title: str, advice: str) -> None:
    """What to show instead of an empty list."""
    html(markup.empty(title, advice))


def client() -> ApiClient:
    """The client that app.py built for this process."""
    api: ApiClient = st.session_state["api"]
    return api


def is_wrong_key(error: DashboardError) -> bool:
    """Whether the service's own key was refused by something it needs: only whoever runs it can mend that."""
    return error.code in KEY_CODES


def show_error(error: DashboardError) -> None:
    """One message that says what happened and what to do."""
    if isinstance(error, ControlPlaneAway):
        st.warning(markup.md(error), icon=":material/cloud_off:")
    elif isinstance(error, NotAllowed):
        st.error("You are signed out, or were. Load the page anew to sign in again.", icon=":material/lock:")
    elif is_wrong_key(error):
        st.error(f"{markup.md(error)} Trying again does not help; nothing is lost.", icon=":material/key_off:")
    elif isinstance(error, NotFound):
        st.info(markup.md(error), icon=":material/search_off:")
    else:
        st.error(markup.md(error), icon=":material/error:")


def attempt(action: Callable[[], object], done: str) -> bool:
    """Do something a button asked for; a toast when it worked, the reason when it did not."""
    try:
        action()
    except DashboardError as error:
        show_error(error)
        return False
    st.toast(markup.md(done), icon=":material/check_circle:")
    return True


def button(label: str, icon: str, action: Callable[[], object], done: str, **look: Any) -> None:
    """A button that asks the service for something."""
    st.button(label, icon=f":material/{icon}:" if icon else None, on_click=do, args=(action, done), **look)


def do(action: Callable[[], object], done: str) -> None:
    """What a button's callback does; how it went is said by the next drawing, since a callback cannot draw."""
    try:
        action()
        st.session_state["notice"] = done
    except DashboardError as error:
        st.session_state["notice"] = error


def _show_notice() -> None:
    notice = st.session_state.pop("notice", None)
    if isinstance(notice, DashboardError):
        show_error(notice)
    elif notice:
        st.toast(markup.md(notice), icon=":material/check_circle:")


def may_take_files() -> bool:
    """Whether a person's own files may go in: among the samples only after they have said so."""
    return not st.session_state["has_samples"] or st.checkbox(words.AMONG_SAMPLES, key="among_samples")


def document_link(document_id: str | None, label: str, icon: str | None = ":material/description:") -> None:
    """A link that opens a document's page."""
    if document_id:
        st.page_link(DOCUMENT_PAGE, label=markup.md(label), icon=icon, query_params={"id": document_id})
    else:
        html(markup.headline(label))


def finding_cards(findings: list[ListedFinding], title: Callable[[ListedFinding], str]) -> None:
    """A card for each finding with a link to its document; lists have only those whose words stand."""
    for row in findings:
        with st.container(border=True, gap="xsmall"):
            html(markup.quote(row))
            document_link(row.document_id, title(row))


def more_button(key: str, shown: int, total: int, step: int) -> None:
    """Lets `step` rows more be shown where there are more; `key` is where the session keeps how many are."""
    if shown < total:
        label = f"Show more (these are the first {words.count(shown)} of {words.count(total)})"
        st.button(label, on_click=st.session_state.update, args=({key: shown + step},))


def now() -> datetime:
    """The time pages are shown relative to."""
    return datetime.now(UTC)
