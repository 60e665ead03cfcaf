"""Accounts: who may come in, by a link that is handed over, and the tokens of programs."""

import streamlit as st

from dashboard import frame, markup, words
from dashboard.answers import ListedAccount, ListedToken
from dashboard.api_client import ApiClient

ROLES = {
    "helper": "Helper: reads, brings files in, judges and corrects",
    "lawyer": "Lawyer: reads, and changes nothing",
    "owner": "Owner: everything, money and people included",
}
SCOPES = {"read": "Read", "upload": "Bring files in", "decide": "Judge and correct", "admin": "Everything else"}
STATUS = {"invited": ("Has a link", "orange"), "joined": ("Signs in", "green"), "removed": ("Removed", "gray")}


def body(api: ApiClient) -> None:
    """Adding first, then everybody there is."""
    me = st.session_state.get("me")
    if me is not None and me.by == "root":
        st.info(words.NO_SIGN_IN, icon=":material/person:")
    _add(api)
    _show_link()
    for account in api.accounts():
        _account(account)
    st.subheader("Tokens of programs", anchor=False)
    st.caption("A scanner or a script of yours calls the API with a token of its own, which you can end alone.")
    _add_token(api)
    for token in api.tokens():
        _token(token)


def _add(api: ApiClient) -> None:
    with st.form("add-account", border=True, clear_on_submit=True):
        st.markdown("**Add a person**")
        name = st.text_input("Name", max_chars=60, help="Decisions are stored with it: it stays one person's.")
        role = st.radio("What they may do", list(ROLES), format_func=ROLES.__getitem__)
        pressed = st.form_submit_button("Make a link for them", type="primary")
    if pressed and name.strip():
        frame.attempt(lambda: _keep_link(name, api.add_account(name, role).link), f"{name} can come in by the link.")
    elif pressed:
        st.warning("Type a name first.")


def _keep_link(name: str, link: str) -> None:
    st.session_state["link"] = (name, link)


def _show_link() -> None:
    name, link = st.session_state.pop("link", (None, None))
    if link:
        st.success(markup.md(f"Hand this link to {name}, and to nobody else. It opens once, within seven days, and is "
                             "not shown again."), icon=":material/key:")  # fmt: skip
        st.code(link, language=None, wrap_lines=True)


def _account(account: ListedAccount) -> None:
    label, color = STATUS[account.status]
    with st.container(border=True, gap="xsmall"):
        frame.html(markup.headline(account.name), markup.chips(markup.chip(label, color), markup.chip(account.role)))
        st.caption(f"Invited by {markup.md(account.invited_by)} on {words.day(account.created_at.date())}")
        with st.popover("Change", icon=":material/edit:"):
            role = st.selectbox("Role", list(ROLES), index=list(ROLES).index(account.role), key=f"role-{account.id}")
            frame.button("A fresh link, with this role", "key", lambda: _invite(account, role),
                         "The link is above.", key=f"invite-{account.id}")  # fmt: skip
            st.caption("For a lost password or telephone, and to let somebody in again.")
            if account.status != "removed":
                frame.button("Remove", "person_remove", lambda: frame.client().remove_account(account.id),
                             f"{account.name} can do nothing more.", key=f"remove-{account.id}")  # fmt: skip


def _invite(account: ListedAccount, role: str) -> None:
    _keep_link(account.name, frame.client().invite_again(account.id, role).link)


def _add_token(api: ApiClient) -> None:
    with st.form("add-token", border=True, clear_on_submit=True):
        name = st.text_input("What it is for", max_chars=60, placeholder="scanner in the hall")
        scopes = st.multiselect("What it may do", list(SCOPES), default=["upload"], format_func=SCOPES.__getitem__)
        pressed = st.form_submit_button("Make a token")
    if pressed and name.strip() and scopes:
        made: list[str] = []
        if frame.attempt(lambda: made.append(api.add_token(name, scopes)), "The token is made."):
            st.success("Copy it now: it is not shown again.", icon=":material/key:")
            st.code(made[0], language=None, wrap_lines=True)
    elif pressed:
        st.warning("Say what it is for and what it may do.")


def _token(token: ListedToken) -> None:
    used = "never used" if token.used_at is None else f"last used {words.day(token.used_at.date())}"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        may = ", ".join(SCOPES[scope].lower() for scope in token.scopes)
        frame.html(markup.headline(token.name), markup.meta(f"may {may}", used, f"made by {token.made_by}"))
        frame.button("End", "delete", lambda: frame.client().end_token(token.id), "It opens nothing more.",
                     key=f"end-{token.id}")  # fmt: skip


frame.page("Accounts", "Who may come in, and what they may do here.", body)
