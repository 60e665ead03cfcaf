"""Global analysis: the whole case at once: when things happened, who appears, what does not fit together."""

from itertools import islice

import streamlit as st

from dashboard import charts, frame, markup, pair_words, tables, words
from dashboard.answers import CountedPairs, DatedDocument, PartyCount
from dashboard.api_client import ApiClient

MOST_DATED = 5000
SHOWN_AT_ONCE = 50


def show(api: ApiClient) -> None:
    """Timeline, differences, people."""
    analytics = api.analytics()
    pairs = api.pair_counts()
    if not analytics.documents:
        frame.empty("Nothing to compare yet", "Send documents first; the timeline builds itself as they are read.")
        return
    of_which = pair_words.of_which(pairs.conflicts, pairs.conflicts_accepted)
    when, clash, who = st.tabs(["Timeline", f"Differences ({words.count(pairs.conflicts)}: {of_which})", "People"])
    with when:
        _timeline(list(islice(api.every_dated_document(), MOST_DATED)), analytics.dated)
    with clash:
        _differences(api, pairs)
    with who:
        _people(analytics.parties, analytics.named)


def _timeline(entries: list[DatedDocument], total: int) -> None:
    if not entries:
        frame.empty("No dates yet", "Documents with a date appear here in order.")
        return
    types = st.pills(
        "Only", tables.types_of(entries), selection_mode="multi", key="timeline_types", label_visibility="collapsed"
    )
    if cut := words.cut(len(entries), total, "dated document"):
        st.caption(cut)
    chosen = [row for row in entries if not types or words.document_type(row.document_type) in types]
    st.plotly_chart(charts.timeline(chosen), config=charts.CONFIG, key="timeline_chart")
    for row in chosen[-40:]:
        with st.container(border=True, gap="xxsmall"):
            frame.document_link(
                row.document_id, f"{words.day(row.date)} — {tables.name(row.original_filename)}", icon=None
            )
            frame.html(markup.meta(words.document_type(row.document_type)))
            frame.html(markup.summary(row.summary or ""))
    if len(chosen) > 40:
        st.caption(f"The latest 40 of {words.count(len(chosen))} are listed; the chart shows all of them.")


def _differences(api: ApiClient, counts: CountedPairs) -> None:
    """Pairs of statements with both quotes: those that conflict first, then those to check."""
    shown = st.session_state.setdefault("differences_shown", SHOWN_AT_ONCE)
    found, total = api.first_pairs(shown, verdict="conflict,cannot_tell,unjudged")
    st.caption(f"{counts.rule} {words.count(counts.to_check)} are to be checked.")
    if not found:
        frame.empty("No differences", "No two statements of different papers have been set against each other yet.")
    for pair in found:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{pair_words.pair_title(pair)}**")
            for side in (pair.a, pair.b):
                frame.html(markup.words_quoted(side.quote))
                name = f"{tables.name(side.original_filename)}, page {side.page}"
                frame.document_link(side.document_id, f"{side.speaker}: {name}" if side.speaker else name, icon=None)
            frame.html(markup.summary(pair_words.pair_reason(pair)))
    frame.more_button("differences_shown", len(found), total, SHOWN_AT_ONCE)


def _people(parties: list[PartyCount], total: int) -> None:
    if not parties:
        frame.empty("No names yet", "People and offices named in the documents appear here.")
        return
    named = {f"{row.name} ({row.role})" if row.role else row.name: row.documents for row in parties}
    cut = words.cut(len(parties), total, "name")
    st.caption(f"In how many documents each person or office is named. {cut}")
    st.plotly_chart(charts.counts_bar(named), config=charts.CONFIG, key="people_chart")


frame.page(
    "Global analysis", "Your whole case on one page: when things happened, what does not fit, and who appears.", show
)
