"""Global analysis: the whole case at once: when things happened, who appears, what does not fit together."""

import streamlit as st

from dashboard import charts, frame, markup, tables, words
from dashboard.api_client import ApiClient, Row

MOST_DATED = 5000
SHOWN_AT_ONCE = 50


def show(api: ApiClient) -> None:
    """Timeline, contradictions, people."""
    analytics = api.analytics()
    total = (analytics.get("findings_by_kind") or {}).get("contradiction") or 0
    if not analytics.get("documents"):
        frame.html(
            markup.empty("Nothing to compare yet", "Send documents first; the timeline builds itself as they are read.")
        )
        return
    when, clash, who = st.tabs(["Timeline", f"Contradictions ({words.count(total)})", "People"])
    with when:
        _timeline(api.timeline(MOST_DATED), analytics.get("dated") or 0)
    with clash:
        _contradictions(api, analytics.get("judged") or {})
    with who:
        _people(analytics.get("parties") or [], analytics.get("named") or 0)


def _timeline(entries: list[Row], total: int) -> None:
    if not entries:
        frame.html(markup.empty("No dates yet", "Documents with a date appear here in order."))
        return
    types = st.pills(
        "Only",
        list(tables.types_of(entries)),
        selection_mode="multi",
        key="timeline_types",
        label_visibility="collapsed",
    )
    if cut := words.cut(len(entries), total, "dated document"):
        st.caption(cut)
    chosen = [row for row in entries if not types or words.document_type(row.get("document_type")) in types]
    st.plotly_chart(charts.timeline(chosen), config=charts.CONFIG, key="timeline_chart")
    for row in chosen[-40:]:
        with st.container(border=True, gap="xxsmall"):
            frame.document_link(row.get("document_id"), f"{words.day(row['date'])} — {tables.name(row)}", icon=None)
            frame.html(markup.meta(words.document_type(row.get("document_type"))))
            frame.html(markup.summary(row.get("summary") or ""))
    if len(chosen) > 40:
        st.caption(f"The latest 40 of {words.count(len(chosen))} are listed; the chart shows all of them.")


def _contradictions(api: ApiClient, judged: dict[str, int]) -> None:
    shown = st.session_state.setdefault("contradictions_shown", SHOWN_AT_ONCE)
    found = api.all_findings(shown + 1, kind="contradiction")
    standing, others = tables.standing(found[:shown])
    if standing:
        st.caption(f"{words.SCORE_NOTE} {words.judged(judged)}")
    else:
        frame.html(markup.empty("No contradictions listed", words.nothing_found(judged)))
    _cards(standing)
    if others:
        st.subheader("Not confirmed", anchor=False)
        st.caption(words.NOT_ON_THE_PAGE)
        _cards(others)
    if len(found) > shown:
        more = {"contradictions_shown": shown + SHOWN_AT_ONCE}
        st.button(f"Show more (these are the first {shown})", on_click=st.session_state.update, args=(more,))


def _cards(findings: list[Row]) -> None:
    for row in findings:
        with st.container(border=True, gap="xsmall"):
            frame.html(markup.quote(row))
            frame.document_link(row.get("document_id"), f"{tables.name(row)}, {words.day(row.get('document_date'))}")


def _people(parties: list[Row], total: int) -> None:
    if not parties:
        frame.html(markup.empty("No names yet", "People and offices named in the documents appear here."))
        return
    named = {
        f"{row['name']} ({row['role']})" if row.get("role") else row["name"]: row.get("documents") or 0
        for row in parties
    }
    cut = f" {words.cut(len(parties), total, 'name')}" if len(parties) < total else ""
    st.caption(f"In how many documents each person or office is named.{cut}")
    st.plotly_chart(charts.counts_bar(named), config=charts.CONFIG, key="people_chart")


frame.page(
    "Global analysis", "Your whole case on one page: when things happened, what does not fit, and who appears.", show
)
