"""Costs: what was spent, on what, and the limits nothing may pass."""

import streamlit as st

from dashboard import charts, frame, markup, tables, words
from dashboard.api_client import ApiClient, Row


def show(api: ApiClient) -> None:
    """Headline, the daily limits, the chart."""
    costs = api.costs()
    today, month = costs.get("today") or {}, costs.get("month") or {}
    frame.html(
        markup.figures(
            [
                ("Today", words.dollars(today.get("total_usd")), split(today)),
                ("This month", words.dollars(month.get("total_usd")), split(month)),
                (
                    "Per document",
                    words.dollars(costs.get("usd_per_document")),
                    words.count(costs.get("documents"), "document"),
                ),
                ("Per page", words.dollars(costs.get("usd_per_page")), words.count(costs.get("pages"), "page")),
            ]
        )
    )
    _limits(today, costs.get("caps") or {})
    st.subheader("Day by day", anchor=False)
    days = costs.get("days") or []
    if any((row.get("machines_usd") or 0) + (row.get("claude_usd") or 0) for row in days):
        figure = charts.spend_by_day(days, (costs.get("caps") or {}).get("max_dollars_per_day"))
        st.plotly_chart(figure, config=charts.CONFIG, key="spend")
    else:
        frame.html(
            markup.empty("Nothing spent yet", "Costs appear here as soon as a computer is rented or Claude is asked.")
        )


def _limits(today: Row, caps: Row) -> None:
    st.subheader("Limits", anchor=False)
    st.caption("These are hard limits. When one is reached, work waits; it is never lost and never costs more.")
    for title, spent, cap in (
        ("Rented computers today", today.get("machines_usd"), caps.get("max_dollars_per_day")),
        ("Claude today", today.get("claude_usd"), caps.get("max_claude_dollars_per_day")),
    ):
        if cap is not None:
            share = tables.progress(spent, cap)
            frame.html(
                markup.meta(f"{title}: {words.dollars(spent or 0)} of {words.dollars(cap)}")
                + markup.meter(share, "red" if share >= 0.9 else "orange" if share >= 0.7 else "green")
            )
    frame.html(
        markup.facts(
            [
                ("Computers at once", words.count(caps.get("max_machines"))),
                ("Dollars an hour", words.dollars(caps.get("max_dollars_per_hour"))),
                ("Stop renting when credit falls to", words.dollars(caps.get("min_credit_dollars"))),
            ]
        )
    )


def split(spent: Row) -> str:
    """`$1.20 computers, $0.40 Claude`."""
    machines, claude = (words.dollars(spent.get(key) or 0) for key in ("machines_usd", "claude_usd"))
    return f"{machines} computers, {claude} Claude"


frame.page("Costs", "What was spent, on what, and the limits that cannot be passed.", show)
