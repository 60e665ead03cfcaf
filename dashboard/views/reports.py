"""Reports: printable PDFs for a week or a case."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard import frame, markup, reports, words
from dashboard.api_client import ApiClient
from dashboard.report_pdf import Report

MOST_SHOWN = 30


def show(api: ApiClient) -> None:
    """Make one, then the shelf of those made before."""
    folder = st.session_state["exports_dir"]
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.subheader("This week", anchor=False)
        st.markdown(
            "What came in during the last seven days, what stood out, what could not be read, and what it cost."
        )
        if st.button("Make the weekly report", type="primary", icon=":material/picture_as_pdf:"):
            _make(folder, lambda: reports.weekly(api, frame.now()))
    with right.container(border=True, height="stretch"):
        st.subheader("A case", anchor=False)
        st.markdown("People, timeline, findings with the quoted words and pages, and the list of all documents.")
        number = st.selectbox(
            "Case",
            [None, *(case.case_number for case in api.cases())],
            format_func=lambda n: n or "All documents",
            label_visibility="collapsed",
        )
        if st.button("Make the case report", type="primary", icon=":material/picture_as_pdf:"):
            _make(folder, lambda: reports.case(api, frame.now(), number))
    st.subheader("Made so far", anchor=False)
    _shelf(folder)


def _make(folder: Path, gather: Callable[[], Report]) -> None:
    with st.spinner("Writing the report …"):
        frame.attempt(lambda: reports.save(gather(), folder), "The report is ready below.")


def _shelf(folder: Path) -> None:
    paths = reports.saved(folder)
    if not paths:
        frame.empty("No reports yet", "Make one above; it is kept here and in the exports folder.")
    for path in paths[:MOST_SHOWN]:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            frame.html(markup.headline(path.stem) + markup.meta(words.size(path.stat().st_size)))
            st.download_button(
                "Download",
                path.read_bytes(),
                path.name,
                "application/pdf",
                key=f"report-{path.name}",
                icon=":material/download:",
                on_click="ignore",
            )
    if cut := words.cut(len(paths[:MOST_SHOWN]), len(paths), "report"):
        st.caption(f"{cut} The others are in the exports folder.")


frame.page("Reports", "Printable summaries for you, your lawyer or the court file.", show)
