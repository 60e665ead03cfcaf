"""What a file says of itself, each with what a person must know of it: a part of a document's page."""

from collections.abc import Sequence

import streamlit as st

from dashboard import frame, markup
from dashboard.answers import WholeDocument
from dashboard.file_facts import FileFact


def has_facts(document: WholeDocument) -> bool:
    """Whether the worker found any."""
    return "facts.json" in document.artifacts


def own_account(document: WholeDocument) -> None:
    """The facts in the order of the file, each warning once below them."""
    frame.guarded(lambda api: _show(api.own_account(document.id)), key="own-account")


def _show(facts: Sequence[FileFact]) -> None:
    frame.html(markup.facts([(fact.name, fact.value) for fact in facts]))
    for warning in dict.fromkeys(fact.warning for fact in facts if fact.warning):
        named = ", ".join(dict.fromkeys(fact.name for fact in facts if fact.warning == warning))
        st.caption(markup.md(f"{named}: {warning}"))
