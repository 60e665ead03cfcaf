"""Documents: search, filter, and open one."""

from typing import Any

import streamlit as st

from dashboard import binders, frame, judging_words, markup, tables, words
from dashboard.answers import ListedDocument, SearchHit
from dashboard.api_client import ApiClient

Filters = dict[str, Any]
Cursors = list[str | None]
Hits = dict[str, SearchHit]  # by document

PAGE_ROWS = 20


def show(api: ApiClient) -> None:
    """The search box, the filters, the list."""
    filters, as_table = _filters(api)
    hits = _hits(api, **filters)
    cursors = _cursors(filters)
    answer = api.documents(**filters, limit=PAGE_ROWS, cursor=cursors[-1])
    documents = _found(api, hits, answer.documents) if len(cursors) == 1 else answer.documents
    if not documents:
        _nothing(filters)
        return
    if len(cursors) == 1 and not any(filters.values()):
        binders.propose(api)
    if as_table:
        _table(documents)
    else:
        for row in documents:
            _card(row, hits.get(row.id))
    _place(len(cursors) - 1, len(answer.documents), answer.total)
    _pager(cursors, answer.next)


def _filters(api: ApiClient) -> tuple[Filters, bool]:
    query = st.text_input(
        "Search",
        placeholder="A name, a case number, words on a page …",
        icon=":material/search:",
        key="documents_query",
    )
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    types = list(api.analytics().by_type)
    chosen_type = left.selectbox(
        "Type",
        ["", *types],
        format_func=lambda name: words.document_type(name) if name else "Any type",
        key="documents_type",
    )
    relevancy = middle.slider("Relevance to your case, at least", 0, 999, 0, step=25, key="documents_relevancy")
    shape = right.segmented_control("Show as", ["List", "Table"], default="List", required=True, key="documents_shape")
    return {"q": query.strip(), "type": chosen_type, "min_relevancy": relevancy or None}, shape == "Table"


def _cursors(filters: Filters) -> Cursors:
    if st.session_state.get("documents_filters") != filters:
        st.session_state.update(documents_filters=filters, documents_cursors=[None])
    cursors: Cursors = st.session_state["documents_cursors"]
    return cursors


def _hits(api: ApiClient, q: str, **filters: Any) -> Hits:
    """The best passage of each document whose text matches, best first."""
    found = api.search(q, limit=PAGE_ROWS, **filters) if q else []
    if found and found[0].matches > len(found):
        more = "more than " if found[0].capped else ""
        st.caption(f"The best {len(found)} of {more}{found[0].matches:,} documents.")
    return {hit.document_id: hit for hit in reversed(found)}


def _found(api: ApiClient, hits: Hits, named: list[ListedDocument]) -> list[ListedDocument]:
    """Documents whose words match, best first, then those whose name or summary does."""
    known = {row.id: row for row in named}
    by_words = [known.get(document_id) or api.document(document_id) for document_id in reversed(hits)]
    return by_words + [row for row in named if row.id not in hits]


def _nothing(filters: Filters) -> None:
    if any(filters.values()):
        frame.empty("Nothing matches", "Try fewer words, another spelling, or set the filters back.")
    else:
        frame.empty("No documents yet", "Send your first file on the page Upload & monitor.")


def _card(row: ListedDocument, hit: SearchHit | None) -> None:
    with st.container(border=True, key=f"document-{row.id}", horizontal=True, wrap=False, gap="medium"):
        st.html(markup.thumbnail(row.thumbnail), width="content")
        _text(row, hit)


def _text(row: ListedDocument, hit: SearchHit | None) -> None:
    with st.container(gap="xxsmall"):
        frame.document_link(row.id, tables.name(row.original_filename), icon=None)
        frame.html(markup.chips(*_labels(row)))
        frame.html(
            markup.meta(
                words.day(row.document_date), row.court, row.case_number,
                "" if row.pages_total == 0 else words.count(row.pages_total, "page"),
            )  # fmt: skip
        )
        frame.html(markup.summary(_passage(hit) if hit else row.summary or ""))


def _passage(hit: SearchHit) -> str:
    return f"Page {hit.page}: {hit.snippet}" if hit.page else hit.snippet


def _labels(row: ListedDocument) -> list[str]:
    status = row.status or ""
    labels = [markup.chip(words.document_type(row.document_type), "blue" if row.document_type else "gray")]
    if status != "completed":
        labels.append(markup.chip(words.label(words.STATUS, status), words.STATUS_COLOR.get(status, "gray")))
    elif row.judged in judging_words.JUDGED:
        labels.append(markup.chip(judging_words.JUDGED[row.judged]))
    if row.bound_set:
        labels.append(markup.chip("in a binder"))
    if row.lies_in:
        labels.append(markup.chip(f"in: {row.lies_in}"))
    if row.findings_count:
        labels.append(markup.chip(f"{words.count(row.findings_count, 'finding')} within it", "orange"))
    if row.relevancy_score is not None:
        labels.append(markup.chip(f"relevance {words.score(row.relevancy_score)}"))
    return labels


def _table(documents: list[ListedDocument]) -> None:
    chosen = st.dataframe(
        tables.document_rows(documents),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="documents_table",
        column_config={
            "Document": st.column_config.TextColumn(width="large"),
            "Relevance": st.column_config.ProgressColumn(min_value=0, max_value=999, format="%d", color="blue"),
        },
    )
    st.caption("Tick a row to open the document.")
    if chosen["selection"]["rows"]:
        st.switch_page(frame.DOCUMENT_PAGE, query_params={"id": documents[chosen["selection"]["rows"][0]].id})


def _place(pages_before: int, rows: int, total: int | None) -> None:
    """Which documents these are, of how many; the first page of the list is told the number."""
    total = st.session_state["documents_total"] = total or st.session_state.get("documents_total", 0)
    if total > rows:
        start = pages_before * PAGE_ROWS
        st.caption(f"Documents {words.count(start + 1)} to {words.count(start + rows)} of {words.count(total)}.")


def _pager(cursors: Cursors, following: str | None) -> None:
    if len(cursors) == 1 and not following:
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Back", disabled=len(cursors) == 1, on_click=lambda: cursors.__delitem__(-1), icon=":material/chevron_left:"
        )
        st.button(
            "More",
            disabled=not following,
            on_click=lambda: cursors.append(following),
            icon=":material/chevron_right:",
            icon_position="right",
        )


frame.page("Documents", "Everything that was sent in. Search the names, the people and the words on the pages.", show)
