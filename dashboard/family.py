"""What a document lies in, what lies in it, and an e-mail as an e-mail: the parts of its page that show them."""

import streamlit as st

from dashboard import frame, markup, words
from dashboard.answers import InnerFile, WholeDocument

MOST_PARENTS_SHOWN = 5


def lies_in(document: WholeDocument) -> None:
    """The files that this one was found in, and the other file of a live photo, each with its link."""
    for parent in document.part_of[:MOST_PARENTS_SHOWN]:
        label = f"{words.label(words.ROLE, parent.role)} of {parent.parent_filename}"
        frame.document_link(parent.parent_id, label, icon=":material/attach_file:")
    if len(document.part_of) > MOST_PARENTS_SHOWN:
        st.caption(f"… and of {len(document.part_of) - MOST_PARENTS_SHOWN} more.")
    for companion in document.belongs_with:
        label = f"{words.companion(companion.mime_type)} of this live photo: {companion.original_filename}"
        frame.document_link(companion.document_id, label, icon=":material/link:")


def mail(document: WholeDocument) -> None:
    """The e-mail as its reader saw it: who, when, what about, and the words."""
    if document.mail is None:
        return
    body = (document.text_excerpt or "").partition("\n\n")[2]
    frame.html(markup.mail(document.mail, body))
    st.caption(words.MAIL_CLAIMS)


def inside(document: WholeDocument) -> None:
    """The files inside, in their order."""
    taken = [part for part in document.parts if part.code is None]
    left_out = [part for part in document.parts if part.code is not None]
    for part in taken:
        _taken(part)
    if document.parts_next:
        st.caption(f"These are the first {len(document.parts)}; search finds all of them.")
    if left_out:
        st.subheader("Not taken", anchor=False)
        for part in left_out:
            with st.container(border=True, gap="xxsmall"):
                frame.html(markup.headline(part.name or "More files"), markup.meta(part.reason, words.size(part.bytes)))


def thread(document: WholeDocument) -> None:
    """The e-mails of the same exchange, in order of time."""
    for each in document.thread:
        with st.container(border=True, gap="xxsmall"):
            is_this = each.document_id == document.id
            frame.document_link(None if is_this else each.document_id, each.subject or "No subject", icon=None)
            frame.html(markup.meta(each.sender, words.moment(each.sent), "this e-mail" if is_this else ""))


def _taken(part: InnerFile) -> None:
    status = part.status or ""
    with st.container(border=True, gap="xxsmall"):
        frame.document_link(part.document_id, part.name, icon=None)
        frame.html(
            markup.chips(
                markup.chip(words.label(words.ROLE, part.role)),
                markup.chip(words.document_type(part.document_type), "blue") if part.document_type else "",
                ""
                if status == "completed"
                else markup.chip(words.label(words.STATUS, status), words.STATUS_COLOR.get(status, "gray")),
            ),
            markup.meta(words.count(part.pages_total, "page") if part.pages_total else "", words.size(part.bytes)),
            markup.summary(part.error_message or ""),
        )
