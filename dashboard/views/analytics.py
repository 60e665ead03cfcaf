"""Analytics: how the scores are spread over all documents."""

import streamlit as st

from dashboard import charts, frame, markup, words
from dashboard.api_client import ApiClient, Row


def show(api: ApiClient) -> None:
    """Headline counts, document types, one small chart per score."""
    analytics = api.analytics()
    if not analytics.get("documents"):
        frame.html(markup.empty("Nothing to count yet", "Charts appear here once documents have been read."))
        return
    _headline(analytics)
    types = {words.document_type(name): n for name, n in (analytics.get("by_type") or {}).items()}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Kinds of documents", anchor=False)
        st.plotly_chart(charts.counts_bar(types), config=charts.CONFIG, key="types")
    with right:
        st.subheader("Where they came from", anchor=False)
        sources = {words.label(words.SOURCE, key): n for key, n in (analytics.get("by_source") or {}).items()}
        st.plotly_chart(charts.counts_bar(sources), config=charts.CONFIG, key="sources")
    st.subheader("Scores", anchor=False)
    st.caption(words.SCORE_NOTE)
    _scores(analytics.get("scores") or {})


def _headline(analytics: Row) -> None:
    by_analyst = analytics.get("by_analyst") or {}
    unproven = words.count(analytics.get("unproven_findings") or 0)
    findings = sum((analytics.get("findings_by_kind") or {}).values())
    frame.html(
        markup.figures(
            [
                ("Documents", words.count(analytics.get("documents")), ""),
                ("Analysed", words.count(analytics.get("analysed")), ""),
                (
                    "By Claude",
                    words.count(by_analyst.get("claude", 0)),
                    f"{words.count(by_analyst.get('rules', 0))} by simple rules",
                ),
                ("Findings", words.count(findings), f"on quoted words; {unproven} more not confirmed"),
            ]
        )
        + markup.meta(words.judged(analytics.get("judged") or {}))
    )


def _scores(scores: dict[str, list[Row]]) -> None:
    judged = [key for key in words.SCORES if any(b["documents"] for b in scores.get(key) or [])]
    if not judged:
        frame.html(markup.empty("No scores yet", "Only Claude gives scores; without it, simple rules sort documents."))
        return
    for pair in (judged[i : i + 2] for i in range(0, len(judged), 2)):
        for key, column in zip(pair, st.columns(2), strict=False):
            title, _, _, meaning = words.SCORES[key]
            with column.container(border=True):
                st.markdown(f"**{title}**", help=meaning)
                st.plotly_chart(charts.score_histogram(key, scores[key]), config=charts.CONFIG, key=f"scores-{key}")


frame.page("Analytics", "How your documents and their scores are spread.", show)
