"""Pages put together and apart: what is proposed, with a button for yes and one for no, and those that undo both."""

import functools

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import frame, markup, words
from dashboard.answers import Proposal, WholeDocument
from dashboard.api_client import ApiClient

MOST_SHOWN = 10
MOST_NAMES = 12
REASON = {
    "album": "They came as one album.",
    "numbered_names": "Their names follow one another, within minutes.",
    "page_1_of_n": "The pages count anew.",
    "bar_code": "A sheet with a bar code stands between them.",
    "blank_page": "A blank page stands between them.",
    "letter_begins": "A date and a salutation stand there again.",
}


def propose(api: ApiClient) -> None:
    """What could be put together or apart; nothing where there is nothing."""
    found = [*api.proposals("join").proposals, *api.proposals("split").proposals]
    if not found:
        _offer_dismissed(api)
        return
    title = f"Put together or apart: {words.count(len(found), 'proposal')}"
    with st.expander(title, icon=":material/auto_stories:"):
        st.caption("The originals stay as they came, and it can be undone on the new document's page.")
        for index, proposal in enumerate(found[:MOST_SHOWN]):
            with _card(proposal, key=f"proposal-{index}"):
                _decide(api, proposal, key=f"proposal-{index}")
        if cut := words.cut(min(len(found), MOST_SHOWN), len(found), "proposal"):
            st.caption(cut)
    _offer_dismissed(api)


def undo(document: WholeDocument) -> None:
    """That it is a binder, and the button that takes it apart."""
    if document.binder is None:
        return
    if document.binder.dissolved_at:
        st.warning("This was taken apart again and is in no list. Its originals are.", icon=":material/link_off:")
        return
    api = frame.client()
    frame.button(
        "Undo: back to the originals", "undo", functools.partial(api.dissolve_binder, document.id), "Undone.",
        key="dissolve",
    )  # fmt: skip


def _offer_dismissed(api: ApiClient) -> None:
    """What was proposed and not wanted, each with the button that proposes it again; nothing where there is nothing."""
    found = [*api.proposals("join", "dismissed").proposals, *api.proposals("split", "dismissed").proposals]
    if not found:
        return
    with st.expander(f"Not wanted: {words.count(len(found), 'proposal')}", icon=":material/do_not_disturb_on:"):
        for index, proposal in enumerate(found[:MOST_SHOWN]):
            with _card(proposal, key=f"dismissed-{index}"):
                _take_back(api, proposal, key=f"dismissed-{index}")
        if cut := words.cut(min(len(found), MOST_SHOWN), len(found), "proposal"):
            st.caption(cut)


def _card(proposal: Proposal, key: str) -> DeltaGenerator:
    """What is proposed and why, in a box that takes the buttons."""
    is_split = len(proposal.binders) > 1
    names = [each.name for each in proposal.binders]
    if not is_split:
        names = [member.original_filename for member in proposal.binders[0].members]
    box = st.container(border=True, key=key, gap="xxsmall")
    with box:
        what = f"{len(names)} documents of one scan" if is_split else f"One document of {len(names)} pictures"
        frame.html(markup.headline(what))
        more = f"and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        frame.html(markup.meta(*names[:MOST_NAMES], more, REASON[proposal.reason]))
    return box


def _decide(api: ApiClient, proposal: Proposal, key: str) -> None:
    label = "Take apart" if len(proposal.binders) > 1 else "Put together"
    with st.container(horizontal=True):
        make = functools.partial(api.make_binders, proposal)
        frame.button(label, "", make, "Done; it is being read.", key=f"make-{key}")
        dismiss = functools.partial(api.dismiss_proposal, proposal)
        frame.button("Not wanted", "", dismiss, "It is not proposed again.", key=f"dismiss-{key}", type="tertiary")


def _take_back(api: ApiClient, proposal: Proposal, key: str) -> None:
    """Who did not want it, and the button that undoes that."""
    if (dismissal := proposal.dismissed) is None:
        return
    frame.html(markup.meta(f"by {dismissal.decided_by}", words.day(dismissal.decided_at), dismissal.why or ""))
    undo = functools.partial(api.undo_decision, dismissal.decision_id)
    frame.button("Propose again", "undo", undo, "It is proposed again.", key=f"undo-{key}")
