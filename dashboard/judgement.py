"""What a person says of one document: tags, what matters, its type and date, a note. The case room has all the rest."""

import functools
from datetime import date
from typing import Any

import streamlit as st

from dashboard import frame, markup, words
from dashboard.answers import WholeDocument
from dashboard.api_client import ApiClient


def show(document: WholeDocument) -> None:
    """The notes, and the form; what is saved stands over whatever is read later."""
    for note in document.judgement.notes:
        place = f"Page {note.page}: " if note.page else ""
        st.info(markup.md(f"{place}{note.text}"), icon=":material/sticky_note_2:")
    frame.guarded(functools.partial(_form, document), key="judgement")


def _form(document: WholeDocument, api: ApiClient) -> None:
    with (
        st.expander("Your tags, note and corrections", icon=":material/edit_note:"),
        st.form(f"judgement-{document.id}", border=False, clear_on_submit=False),
    ):
        known = sorted({*document.tags, *(each.tag for each in api.tags())})
        tags = st.multiselect("Tags", known, default=document.tags, accept_new_options=True)
        important = st.checkbox("Important", value=document.is_important)
        left, right = st.columns(2)
        kind = left.text_input("Type", value=document.document_type or "")
        day = right.text_input("Date", value=_iso(document.document_date), placeholder="YYYY-MM-DD")
        note = st.text_area("Add a note", max_chars=10_000)
        if document.corrected:
            st.caption(f"Corrected by hand: {', '.join(words.label(words.CORRECTED, n) for n in document.corrected)}.")
        if st.form_submit_button("Save", icon=":material/save:"):
            _save(api, document, changed(document, tags, important, kind.strip(), day.strip()), note.strip())


def changed(document: WholeDocument, tags: list[str], important: bool, kind: str, day: str) -> dict[str, Any]:
    """What the form says that the document does not, as POST /api/decisions takes it. Pure."""
    correct: dict[str, str | None] = {}
    if kind != (document.document_type or ""):
        correct["document_type"] = kind or None
    if day != _iso(document.document_date):
        correct["document_date"] = day or None
    said = {
        "add_tags": [each for each in tags if each not in document.tags],
        "remove_tags": [each for each in document.tags if each not in tags],
        "important": important if important != document.is_important else None,
        "correct": correct,
    }
    return {name: value for name, value in said.items() if value not in (None, [], {})}


def _save(api: ApiClient, document: WholeDocument, said: dict[str, Any], note: str) -> None:
    if said:
        api.say_of(document.id, **said)
    if note:
        api.write_note(document.id, note)
    st.session_state["notice"] = "Saved." if said or note else "Nothing was changed."
    st.rerun()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
