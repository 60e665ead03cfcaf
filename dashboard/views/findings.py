"""Fraud & findings: what stands out, with the exact words and the page."""

from typing import Any

import streamlit as st

from dashboard import charts, frame, judging_words, pair_words, tables, words
from dashboard.api_client import ApiClient

SHOWN_AT_ONCE = 25
MOST_EXPORTED = 100_000


def show(api: ApiClient) -> None:
    """Filter by kind and strength; then one card per finding, strongest first."""
    st.caption(f"{pair_words.FINDINGS_COUNTED} {words.SCORE_NOTE}")
    analytics = api.analytics()
    kind = st.pills("Kind", list(words.KIND), format_func=words.KIND.__getitem__, key="findings_kind")
    strength = st.slider("Strength, at least", 0, 100, 0, step=10, key="findings_strength")
    filters: dict[str, Any] = {"kind": kind, "min_score": strength or None}
    shown = st.session_state.setdefault("findings_shown", SHOWN_AT_ONCE)
    findings, total = api.first_findings(shown, **filters)
    if not findings:
        frame.empty("Nothing found", judging_words.nothing_found(analytics.judged))
        return
    st.caption(judging_words.judged(analytics.judged))
    if analytics.finding_strengths:
        st.plotly_chart(
            charts.finding_strengths(analytics.finding_strengths), config=charts.CONFIG, key="findings_chart"
        )
    frame.finding_cards(findings, lambda row: tables.name(row.original_filename))
    frame.more_button("findings_shown", len(findings), total, SHOWN_AT_ONCE)
    st.download_button(
        "Download as a table (CSV)",
        lambda: tables.findings_csv(api.every_finding(**filters), MOST_EXPORTED),
        "findings.csv",
        "text/csv",
        icon=":material/download:",
    )


frame.page("Fraud & findings", "What stands out in the documents, with the exact words and the page they are on.", show)
