"""Fraud & findings: what stands out, with the exact words and the page."""

import csv
import io

import streamlit as st

from dashboard import charts, frame, markup, tables, words
from dashboard.api_client import ApiClient, Row

SHOWN_AT_ONCE = 25
MOST_EXPORTED = 100_000


def show(api: ApiClient) -> None:
    """Filter by kind and strength; then one card per finding, strongest first."""
    st.caption(words.SCORE_NOTE)
    analytics = api.analytics()
    kind = st.pills("Kind", list(words.KIND), format_func=words.KIND.get, key="findings_kind")
    strength = st.slider("Strength, at least", 0, 100, 0, step=10, key="findings_strength")
    filters = {"kind": kind, "min_score": strength or None}
    shown = st.session_state.setdefault("findings_shown", SHOWN_AT_ONCE)
    findings = api.all_findings(shown + 1, **filters)
    if not findings:
        frame.html(markup.empty("Nothing found", words.nothing_found(analytics.get("judged") or {})))
        return
    st.caption(words.judged(analytics.get("judged") or {}))
    if strengths := analytics.get("finding_strengths"):
        st.plotly_chart(charts.finding_strengths(strengths), config=charts.CONFIG, key="findings_chart")
    _cards(*tables.standing(findings[:shown]))
    if len(findings) > shown:
        more = {"findings_shown": shown + SHOWN_AT_ONCE}
        st.button(f"Show more (these are the first {shown})", on_click=st.session_state.update, args=(more,))
    st.download_button(
        "Download as a table (CSV)",
        lambda: as_csv(tables.finding_rows(api.all_findings(MOST_EXPORTED, **filters))),
        "findings.csv",
        "text/csv",
        icon=":material/download:",
    )


def _cards(standing: list[Row], others: list[Row]) -> None:
    for row in standing:
        _card(row)
    if others:
        st.subheader("Not confirmed", anchor=False)
        st.caption(words.NOT_ON_THE_PAGE)
    for row in others:
        _card(row)


def _card(row: Row) -> None:
    with st.container(border=True, gap="xsmall"):
        frame.html(markup.quote(row))
        frame.document_link(row.get("document_id"), tables.name(row))


def as_csv(rows: list[Row]) -> str:
    """Rows as CSV for a spreadsheet; a cell that looks like a formula is quoted so that none runs."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"'{v}" if isinstance(v, str) and v[:1] in "=+-@" else v for k, v in row.items()})
    return buffer.getvalue()


frame.page("Fraud & findings", "What stands out in the documents, with the exact words and the page they are on.", show)
