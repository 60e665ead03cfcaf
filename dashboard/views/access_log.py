"""Access log: who saw, searched, downloaded, decided."""

import streamlit as st

from dashboard import frame, words
from dashboard.answers import AccessLine
from dashboard.api_client import ApiClient

STEP = 100
ACTIONS = {
    "saw": "Saw", "searched": "Searched", "downloaded": "Downloaded", "uploaded": "Sent a file in",
    "decided": "Decided", "managed": "Changed how it runs", "refused": "Was refused", "signed_in": "Signed in",
    "signed_out": "Signed out", "wrong_code": "Right password, wrong code", "joined": "Accepted an invitation",
}  # fmt: skip
VIA = {"root": "the owner's own token", "session": "signed in", "token": "an API token", "none": "at the door"}


def body(api: ApiClient) -> None:
    """The newest lines; a name or a document narrows them."""
    names = [account.name for account in api.accounts()]
    person = st.selectbox("Whose", ["", *names, "owner"], format_func=lambda name: name or "Everybody's")
    place = st.session_state.get("access_place", (person, None))
    cursor = place[1] if place[0] == person else None
    page = api.access_log(person=person, limit=STEP, cursor=cursor)
    if not page.lines:
        frame.empty("Nobody was here", "What people see, search, download and decide is written down here.")
        return
    st.dataframe([_row(line) for line in page.lines], hide_index=True, width="stretch")
    st.caption("Looking at the same again within five minutes is one line. What somebody searched for is in none.")
    if page.next:
        st.button("Older ones", on_click=st.session_state.update, args=({"access_place": (person, page.next)},))
    if cursor:
        st.button("The newest", on_click=st.session_state.pop, args=("access_place",))


def _row(line: AccessLine) -> dict[str, str]:
    when = f"{words.day(line.created_at.date())}, {line.created_at:%H:%M}"
    status = "" if line.status is None else str(line.status)
    return {
        "When (UTC)": when, "Who": line.person, "What": ACTIONS.get(line.action, line.action),
        "Where": line.route, "Document": line.document_id or "", "Known by": VIA.get(line.via, line.via),
        "Answer": status, "From": line.address or "",
    }  # fmt: skip


frame.page("Access log", "Who saw, searched, downloaded and decided, the newest first.", body)
