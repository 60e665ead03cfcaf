"""Analytics: how the scores are spread over all documents."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import charts, frame, judging_words, markup, pair_words, words
from dashboard.answers import Analytics, Bar, CountedPairs
from dashboard.api_client import ApiClient


def show(api: ApiClient) -> None:
    """Headline counts, document types, one small chart per score."""
    analytics = api.analytics()
    if not analytics.documents:
        frame.empty("Nothing to count yet", "Charts appear here once documents have been read.")
        return
    _headline(analytics, api.pair_counts())
    types = {words.document_type(name): n for name, n in analytics.by_type.items()}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Kinds of documents", anchor=False)
        st.plotly_chart(charts.counts_bar(types), config=charts.CONFIG, key="types")
    with right:
        st.subheader("Where they came from", anchor=False)
        sources = {words.label(words.SOURCE, key): n for key, n in analytics.by_source.items()}
        st.plotly_chart(charts.counts_bar(sources), config=charts.CONFIG, key="sources")
    st.subheader("Scores", anchor=False)
    st.caption(words.SCORE_NOTE)
    _scores(analytics.scores)


def _headline(analytics: Analytics, pairs: CountedPairs) -> None:
    by_analyst, findings = analytics.by_analyst, sum(analytics.findings_by_kind.values())
    unproven = words.count(analytics.unproven_findings)
    frame.html(
        markup.figures(
            [
                ("Documents", words.count(analytics.documents), ""),
                ("Analysed", words.count(analytics.analysed), ""),
                (
                    "By Claude",
                    words.count(by_analyst.get("claude", 0)),
                    f"{words.count(by_analyst.get('rules', 0))} by simple rules",
                ),
                (
                    pair_words.FINDINGS_WITHIN,
                    words.count(findings),
                    f"on quoted words; {unproven} more not confirmed",
                ),
                (
                    "Differences between two",
                    words.count(pairs.conflicts),
                    pair_words.of_which(pairs.conflicts, pairs.conflicts_accepted),
                ),
            ]
        )
        + markup.meta(judging_words.judged(analytics.judged))
    )


def _scores(scores: Mapping[str, Sequence[Bar]]) -> None:
    judged = [key for key in words.SCORES if any(bar.documents for bar in scores.get(key, []))]
    if not judged:
        frame.empty("No scores yet", "Only Claude gives scores; without it, simple rules sort documents.")
        return
    for pair in (judged[i : i + 2] for i in range(0, len(judged), 2)):
        for key, column in zip(pair, st.columns(2), strict=False):
            title, _, _, meaning = words.SCORES[key]
            with column.container(border=True):
                st.markdown(f"**{title}**", help=meaning)
                st.plotly_chart(charts.score_histogram(key, scores[key]), config=charts.CONFIG, key=f"scores-{key}")


frame.page("Analytics", "How your documents and their scores are spread.", show)
