"""Costs: what was spent, on what, and the limits nothing may pass."""

import streamlit as st

from dashboard import charts, frame, markup, price_quotes, tables, words
from dashboard.answers import AnalysisReport, CostReport, PriceCheck, Spent
from dashboard.api_client import ApiClient


def show(api: ApiClient) -> None:
    """Headline, the daily limits, the chart."""
    costs = api.costs()
    frame.html(
        markup.figures(
            [
                ("Today", words.dollars(costs.today.total_usd), split(costs.today)),
                ("This month", words.dollars(costs.month.total_usd), split(costs.month)),
                ("Per document", words.dollars(costs.usd_per_document), words.count(costs.documents, "document")),
                ("Per page", words.dollars(costs.usd_per_page), words.count(costs.pages, "page")),
            ]
        )
    )
    _limits(costs)
    _judging(api.analysis(), costs.claude_prices)
    price_quotes.show_past(api)
    st.subheader("Day by day", anchor=False)
    if any(day.total_usd for day in costs.days):
        figure = charts.spend_by_day(costs.days, costs.caps.max_dollars_per_day)
        st.plotly_chart(figure, config=charts.CONFIG, key="spend")
    else:
        frame.empty("Nothing spent yet", "Costs appear here as soon as a computer is rented or Claude is asked.")


def _limits(costs: CostReport) -> None:
    today, most, caps = costs.today, costs.today_at_most, costs.caps
    st.subheader("Limits", anchor=False)
    st.caption(
        "These are hard limits. When one is reached, work waits; it is never lost and never costs more. What is over "
        "counts what it was billed; what still runs counts the most that it can cost, until its bill is complete."
    )
    for title, spent, at_most, cap in (
        ("Rented computers today", today.machine_usd, most.machine_usd, caps.max_dollars_per_day),
        ("Claude today", today.claude_usd, most.claude_usd, caps.max_claude_dollars_per_day),
    ):
        share = tables.progress(at_most, cap)
        known = f"{title}: {words.dollars(spent)} spent, at most {words.dollars(at_most)}, of {words.dollars(cap)}"
        frame.html(
            markup.meta(known) + markup.meter(share, "red" if share >= 0.9 else "orange" if share >= 0.7 else "green")
        )
    frame.html(
        markup.facts(
            [
                ("Computers at once", words.count(caps.max_machines)),
                ("Dollars an hour", words.dollars(caps.max_dollars_per_hour)),
                ("Stop renting when credit falls to", words.dollars(caps.min_credit_dollars)),
            ]
        )
    )


def _judging(report: AnalysisReport, prices: PriceCheck) -> None:
    st.subheader("Claude", anchor=False)
    spent, judged = report.spent, words.count(report.spent.documents, "document")
    frame.html(
        markup.figures(
            [
                ("Per document judged", words.dollars(spent.usd_per_document), judged),
                ("Per 1,000 pages", words.dollars(spent.usd_per_1000_pages), words.count(spent.pages, "page")),
                ("Estimated", words.dollars(report.expected_usd_per_1000_pages), "per 1,000 pages of those to come"),
                ("Waiting", words.dollars(report.waiting_usd), words.count(report.waiting, "document")),
            ]
        )
    )
    if prices.is_old:
        st.warning(
            f"Claude's price list was last compared with Anthropic's on {words.day(prices.checked)}. What is said here "
            "may be wrong by now, and a model may be about to be retired: whoever runs the service compares the list "
            "again (docs/claude.md) every 45 days."
        )


def split(spent: Spent) -> str:
    """`$1.20 computers, $0.40 Claude`."""
    return f"{words.dollars(spent.machine_usd)} computers, {words.dollars(spent.claude_usd)} Claude"


frame.page("Costs", "What was spent, on what, and the limits that cannot be passed.", show)
