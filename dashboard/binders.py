"""Pages put together and apart: what is proposed, with one button each, and the button that undoes it."""

import functools

import streamlit as st

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
        return
    title = f"Put together or apart: {words.count(len(found), 'proposal')}"
    with st.expander(title, icon=":material/auto_stories:"):
        st.caption("The originals stay as they came, and it can be undone on the new document's page.")
        for index, proposal in enumerate(found[:MOST_SHOWN]):
            _card(api, proposal, key=f"proposal-{index}")
        if cut := words.cut(min(len(found), MOST_SHOWN), len(found), "proposal"):
            st.caption(cut)


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


def _card(api: ApiClient, proposal: Proposal, key: str) -> None:
    is_split = len(proposal.binders) > 1
    names = [each.name for each in proposal.binders]
    if not is_split:
        names = [member.original_filename for member in proposal.binders[0].members]
    with st.container(border=True, key=key, gap="xxsmall"):
        what = f"{len(names)} documents of one scan" if is_split else f"One document of {len(names)} pictures"
        frame.html(markup.headline(what))
        more = f"and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        frame.html(markup.meta(*names[:MOST_NAMES], more, REASON[proposal.reason]))
        label = "Take apart" if is_split else "Put together"
        make = functools.partial(api.make_binders, proposal)
        frame.button(label, "", make, "Done; it is being read.", key=f"make-{key}")
