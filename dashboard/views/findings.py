"""Fraud & findings: what stands out, with the exact words and the page."""

import csv
import io

import streamlit as st

from dashboard import charts, frame, markup, tables, words
from dashboard.api_client import ApiClient, Row

SHOWN_AT_ONCE = 25


def show(api: ApiClient) -> None:
    """Filter by kind and strength; then one card per finding, strongest first."""
    st.caption(words.SCORE_NOTE)
    kind = st.pills("Kind", list(words.KIND), format_func=words.KIND.get, key="findings_kind")
    strength = st.slider("Strength, at least", 0, 100, 0, step=10, key="findings_strength")
    findings = api.all_findings(kind=kind, min_score=strength or None)
    judged = api.analytics().get("judged") or {}
    if not findings:
        frame.html(markup.empty("Nothing found", words.nothing_found(judged)))
        return
    st.caption(words.judged(judged))
    standing, others = tables.standing(findings)
    if standing:
        st.plotly_chart(charts.finding_strengths(standing), config=charts.CONFIG, key="findings_chart")
    _list(standing, "findings_shown")
    if others:
        st.subheader(f"Not confirmed ({words.count(len(others))})", anchor=False)
        st.caption(words.NOT_ON_THE_PAGE)
        _list(others, "others_shown")
    st.download_button(
        "Download as a table (CSV)",
        as_csv(tables.finding_rows(findings)),
        "findings.csv",
        "text/csv",
        icon=":material/download:",
    )


def _list(findings: list[Row], key: str) -> None:
    shown = st.session_state.setdefault(key, SHOWN_AT_ONCE)
    for row in findings[:shown]:
        with st.container(border=True, gap="xsmall"):
            frame.html(markup.quote(row))
            frame.document_link(row.get("document_id"), tables.name(row))
    if len(findings) > shown:
        left = words.count(len(findings) - shown)
        more = {key: shown + SHOWN_AT_ONCE}
        st.button(f"Show more ({left} left)", key=f"more-{key}", on_click=st.session_state.update, args=(more,))


def as_csv(rows: list[Row]) -> str:
    """Rows as CSV for a spreadsheet; a cell that looks like a formula is quoted so that none runs."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"'{v}" if isinstance(v, str) and v[:1] in "=+-@" else v for k, v in row.items()})
    return buffer.getvalue()


frame.page("Fraud & findings", "What stands out in the documents, with the exact words and the page they are on.", show)
