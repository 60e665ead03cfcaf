"""One document: its page, what it says, what stands out, its text, and the files to download."""

import functools
from collections.abc import Callable

import streamlit as st

from dashboard import binders, chat, family, frame, judgement, judging_words, markup, tables, words
from dashboard.answers import Evidence, Finding, WholeDocument
from dashboard.api_client import ApiClient
from dashboard.own_account import has_facts, own_account
from dashboard.talks import Talks


def show(api: ApiClient) -> None:
    """The document named in the address (`?id=`)."""
    document_id = st.query_params.get("id")
    st.page_link("views/documents.py", label="All documents", icon=":material/arrow_back:")
    if not document_id:
        frame.empty("No document chosen", "Pick one from the list of documents.")
        return
    document = api.document(document_id)
    _head(document)
    picture, content = st.columns([2, 3], gap="large")
    with picture:
        family.mail(document) if document.mail else _picture(document)
    with content:
        judgement.show(document)
        _tabs(document, chat.talks_of(api, document))


def _head(document: WholeDocument) -> None:
    with st.container(key="document-title"):
        st.title(markup.md(tables.name(document.original_filename)), anchor=False)
    status = document.status or ""
    is_container = bool(document.parts) and not document.pages  # nobody judges what has no words
    by = None if is_container else document.analyst
    analyst = f"Analysed by {words.label(judging_words.ANALYST, by)}" if by else None
    frame.html(
        markup.chips(
            markup.chip(words.document_type(document.document_type), "blue"),
            markup.chip(words.label(words.STATUS, status), words.STATUS_COLOR.get(status, "gray")),
            markup.chip(words.count(document.pages_total, "page")) if document.pages_total else "",
            markup.chip(analyst) if analyst else "",
            "" if is_container else _judging_chip(document),
            markup.chip("Important", "orange") if document.is_important else "",
            *(markup.chip(tag, "violet") for tag in document.tags),
        )
    )
    family.lies_in(document)
    binders.undo(document)
    if (document.mime_type or "").startswith(("audio/", "video/")):
        st.warning(words.RECORDING_LAW, icon=":material/gavel:")
    if document.error_message:
        st.error(markup.md(document.error_message), icon=":material/error:")


def _judging_chip(document: WholeDocument) -> str:
    state = document.analysis_status
    if document.status != "completed" or state is None or state == "judged":
        return ""
    return markup.chip(words.label(judging_words.ANALYSIS, state), judging_words.ANALYSIS_COLOR.get(state, "orange"))


def _picture(document: WholeDocument) -> None:
    original, preview = document.original, document.artifacts.get("thumbnail.jpg")
    if document.mime_type in ("image/jpeg", "image/png", "image/webp", "image/gif") and markup.is_link(original):
        frame.html(markup.page_image(original, _rotation(document), preview))
    elif markup.is_link(preview):
        frame.html(markup.page_image(preview))
    elif document.parts:
        frame.empty("No pages of its own", f"{words.count(len(document.parts), 'file')} inside.")
    else:
        frame.empty("No picture", "There is no picture of this document yet.")
    if document.view and markup.is_link(document.view):
        st.link_button("Open all pages", document.view, icon=":material/auto_stories:", width="stretch")
    if markup.is_link(original):
        st.link_button("Open the original", original, icon=":material/open_in_new:", width="stretch")


def _rotation(document: WholeDocument) -> int:
    """How far clockwise the picture must be turned to stand upright."""
    return (document.pages[0].rotation or 0) if document.pages else 0


def _tabs(document: WholeDocument, talks: Talks | None) -> None:
    findings = f"Findings within it ({words.count(document.findings_count)})"
    is_container = bool(document.parts) and not document.pages
    shown: list[tuple[str, Callable[[WholeDocument], None]]] = [("Summary", _about)]
    if document.parts:
        count = f"{len(document.parts)}{' and more' if document.parts_next else ''}"
        shown.insert(0 if is_container else 1, (f"Inside ({count})", family.inside))
    if len(document.thread) > 1:
        shown.append((f"Thread ({len(document.thread)})", family.thread))
    if not is_container:
        shown += [(findings, _findings), ("Quotes", _quotes), ("Text", _text), ("Pages", _pages)]
        shown.append(("Analyses", _guarded_judging))
    if has_facts(document):
        shown.append(("Its own account", own_account))
    if talks:
        shown.insert(0, (f"Conversation ({words.count(talks.count)})", functools.partial(chat.show, talks)))
    shown.append(("Downloads", _files))
    for tab, (_, show_tab) in zip(st.tabs([title for title, _ in shown]), shown, strict=True):
        with tab:
            show_tab(document)


def _guarded_judging(document: WholeDocument) -> None:
    frame.guarded(functools.partial(_judging, document), key="judging")


def _about(document: WholeDocument) -> None:
    for warning in (words.hidden_words(document.pages), words.not_read(document.pages)):
        if warning:
            st.warning(markup.md(warning), icon=":material/visibility_off:")
    if document.summary:
        st.markdown(markup.md(document.summary))
    for fact in document.key_facts:
        st.markdown(f"- {markup.md(fact)}")
    pairs = [
        ("Date", words.day(document.document_date)),
        ("Court", document.court),
        ("Case number", document.case_number),
        *tables.party_groups(document.parties),
        ("Came by", words.label(words.SOURCE, document.source)),
        ("Received", words.day(document.created_at)),
        ("Size", words.size(document.bytes)),
        ("Fingerprint (SHA-256)", document.sha256),
    ]
    frame.html(markup.facts(pairs))
    items = tables.score_items(document)
    if items:
        st.subheader("Scores", anchor=False)
        frame.html(markup.scores(items))
        _evidence(document.score_evidence)
        st.caption(words.SCORE_NOTE)
    elif document.status == "completed":
        st.caption("This document was not scored.")
    for row in document.disagreements:
        about, rules, claude = words.label(words.DISAGREED, row.about), row.rules, row.claude
        said = f"Two readers do not agree on {about}: the rules say {rules}, Claude says {claude}. Check the original."
        st.warning(markup.md(said), icon=":material/compare_arrows:")
    if document.analysis_status == "waiting":
        why = words.label(judging_words.WAITS_FOR, document.analysis_reason)
        st.info(markup.md(f"Waits to be judged by Claude: {why}."), icon=":material/hourglass_empty:")
    elif document.fallback_reason:
        st.info(markup.md(judging_words.not_by_claude(document.fallback_reason)), icon=":material/info:")


def _quotes(document: WholeDocument) -> None:
    """Everything that was taken from the document, each with its words; then what is not counted, and why."""
    counted, others = tables.counted(document.claims)
    if not counted and not others:
        frame.empty("Nothing was taken from it", "Names, dates, amounts and facts are listed here with their words.")
        return
    for row in counted:
        with st.container(border=True):
            frame.html(markup.claim(row))
    if others:
        st.caption(words.NOT_ON_THE_PAGE)
        for row in others:
            with st.container(border=True):
                frame.html(markup.claim(row))


def _judging(document: WholeDocument, api: ApiClient) -> None:
    """Who analysed it, when and for how much; and once more, with the price beforehand."""
    if document.analysis_status is None:
        frame.empty("Not analysed yet", "Every analysis of this document is listed here with what it cost.")
        return
    st.dataframe(tables.run_rows(api.runs(document.id)), hide_index=True)
    if document.analysis_status in ("waiting", "judging"):
        st.caption(words.label(judging_words.ANALYSIS, document.analysis_status))
        return
    anew = document.analysis_status == "judged"
    price = api.estimate_judging(document_id=document.id, force=anew)
    if price.not_allowed:
        st.caption("This document may not be shown to Claude.")
    elif price.documents and price.basis != "off":
        again = functools.partial(api.judge_again, document_id=document.id, force=anew, priority="high")
        label = f"Judge {'again' if anew else 'it'} (about {words.dollars(price.usd)})"
        frame.button(label, "gavel", again, "It will be judged within a few minutes.")


def _evidence(evidence: list[Evidence]) -> None:
    if not evidence:
        return
    with st.expander("What the scores rest on", icon=":material/format_quote:"):
        for row in evidence:
            frame.html(markup.evidence(row))


def _findings(document: WholeDocument) -> None:
    standing, others = tables.standing(document.findings)
    judged = document.judged
    if not standing:
        frame.empty(*judging_words.NOTHING_FOUND[judged])
    elif judged in judging_words.JUDGED:
        st.info(judging_words.NOTHING_FOUND[judged][1], icon=":material/info:")
    _finding_cards(standing, document.view)
    if others:
        st.caption(words.NOT_ON_THE_PAGE)
        _finding_cards(others, document.view)
    wrong = [row for row in document.findings if row.is_wrong]
    if wrong:
        st.caption(words.MARKED_WRONG)
        _finding_cards(wrong, document.view)


def _finding_cards(findings: list[Finding], view: str | None) -> None:
    for row in findings:
        with st.container(border=True):
            frame.html(markup.quote(row))
            if markup.is_link(view) and row.page:  # a PDF opens at the page; a picture has no other
                st.link_button(f"Open page {row.page}", f"{view}#page={row.page}", icon=":material/auto_stories:")


def _text(document: WholeDocument) -> None:
    if not document.text_excerpt:
        frame.empty("No text", "Nothing has been read from this document yet, or its pages are blank.")
    else:
        frame.html(markup.text_block(document.text_excerpt))
    if document.transcriptions:
        st.subheader("Transcribed by Claude from the picture: check the original", anchor=False)
        for row in document.transcriptions:
            frame.html(markup.transcription(row))
    link = document.artifacts.get("ocr.txt")
    if link and markup.is_link(link):
        st.link_button("Open the whole text", link, icon=":material/article:")


def _pages(document: WholeDocument) -> None:
    if not document.pages:
        frame.empty("No pages yet", "Each page is listed here with how it was read.")
        return
    st.dataframe(
        tables.page_rows(document.pages),
        hide_index=True,
        column_config={"Certainty": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d %%")},
    )


def _files(document: WholeDocument) -> None:
    st.caption("These links work for 15 minutes. Reload the page for fresh ones.")
    links = [("Original file", document.original)]
    links += [(words.artifact(name), url) for name, url in document.artifacts.items()]
    for title, url in links:
        if markup.is_link(url):
            st.link_button(title, url, icon=":material/download:", width="stretch")
    _arrivals(document)
    _custody(document)


def _arrivals(document: WholeDocument) -> None:
    st.subheader("How it came", anchor=False)
    for each in document.arrivals:
        door = words.label(words.SOURCE, each.source)
        st.markdown(f"{words.day(each.created_at.date())} · {door} · {markup.md(each.original_filename)}")
        said = {words.ARRIVAL.get(name, name): value for name, value in each.arrival.items()}
        st.caption("  \n".join(f"{title}: {markup.md(value)}" for title, value in said.items()))


def _custody(document: WholeDocument) -> None:
    st.subheader("Is it still what it was?", anchor=False)
    st.caption(
        "How it came, its files, its text, its pages, what was found in it and what people decided go into a record "
        "whose every entry seals the one before."
    )
    if not document.custody.intact:
        st.error("The record of this document was altered afterwards.", icon=":material/gpp_maybe:")
    if not st.button("Check every file", icon=":material/fingerprint:"):
        return
    checked = frame.client().check_custody(document.id)
    if checked.unchanged:
        st.success(words.AS_RECORDED, icon=":material/verified:")
    for fault in checked.faults:
        st.error(words.fault(fault.subject, fault.fault), icon=":material/gpp_maybe:")
    st.dataframe(tables.custody_rows(checked.files), hide_index=True)


frame.guarded(show)
