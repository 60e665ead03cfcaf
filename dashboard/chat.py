"""A conversation as a conversation, on its document's page."""

import contextlib
from datetime import UTC, date, datetime

import streamlit as st

from dashboard import chat_markup, frame, markup, tables, transcript, words
from dashboard.answers import WholeDocument
from dashboard.api_client import ApiClient
from dashboard.errors import NotFound
from dashboard.talks import Talk, Talks

ARTIFACT = "conversation.json"
SHOWN_AT_ONCE = 200


def talks_of(api: ApiClient, document: WholeDocument) -> Talks | None:
    """The document's conversations, if it is one; None too where they are too many to be shown."""
    if ARTIFACT not in document.artifacts:
        return None
    with contextlib.suppress(NotFound):
        return api.conversations(document.id)
    return None


def show(talks: Talks, document: WholeDocument) -> None:
    """One of the conversations, from its first message."""
    talk = _choose(talks)
    _about(talk)
    shown = int(st.session_state.setdefault("messages_shown", SHOWN_AT_ONCE))
    frame.html(chat_markup.chat(talk.messages[:shown], _files(document)))
    frame.more_button("messages_shown", min(shown, len(talk.messages)), len(talk.messages), SHOWN_AT_ONCE)
    _downloads(talks, document)


def _choose(talks: Talks) -> Talk:
    if len(talks.conversations) == 1:
        return talks.conversations[0]
    titles = [f"{n}. {talk.title} ({words.count(len(talk.messages), 'message')})"
              for n, talk in enumerate(talks.conversations, 1)]  # fmt: skip
    chosen = st.selectbox("Conversation", titles)
    return talks.conversations[titles.index(chosen)]


def _about(talk: Talk) -> None:
    span = " to ".join(dict.fromkeys(words.day(date.fromisoformat(day)) for day in talk.days or ()))
    frame.html(markup.meta(talk.title, words.count(len(talk.messages), "message"), span))
    for sentence in talk.unread:
        st.warning(markup.md(sentence), icon=":material/warning:")
    if talk.doubts:
        st.caption(markup.md(" ".join(talk.doubts)))


def _files(document: WholeDocument) -> dict[str, str]:
    """The files sent that are documents of their own: those inside this one, else those beside it in its archive."""
    parts = document.parts
    if not parts and document.part_of:
        with contextlib.suppress(NotFound):
            parts = frame.client().document(document.part_of[0].parent_id).parts
    return {part.name.rpartition("/")[2]: part.document_id for part in parts if part.document_id}


def _downloads(talks: Talks, document: WholeDocument) -> None:
    name = tables.name(document.original_filename)
    with st.container(horizontal=True):
        st.download_button(
            "Transcript to print (PDF)",
            lambda: transcript.to_pdf(talks, name, document.sha256, datetime.now(UTC)),
            "transcript.pdf", "application/pdf", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Transcript as a table (CSV)", lambda: transcript.to_csv(talks), "transcript.csv", "text/csv",
            icon=":material/download:",
        )  # fmt: skip
