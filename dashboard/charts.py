"""Pure: answers → plotly figures in the dashboard's own calm style.

Words and lines take the colours of Streamlit's theme; the data's own have 3:1 on paper and on slate.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from dashboard import words
from dashboard.answers import Bar, DatedDocument, DaySpent

GRID = "rgba(128, 128, 128, 0.25)"
BLUE, ORANGE, GREEN, RED, VIOLET, GRAY = "#4a86b0", "#c07a2c", "#5b9a6d", "#cc5a4c", "#8a78b0", "#7c8790"
SEQUENCE = [BLUE, ORANGE, GREEN, VIOLET, RED, GRAY]
SCORE_COLOR = {"fraud_score": RED, "perjury_score": RED, "relevancy_score": BLUE, "legal_credit_score": VIOLET}

LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left", "traceorder": "normal"}

# No tool bar over the figure, and a finger that scrolls the page is not caught by the chart.
CONFIG = {"displayModeBar": False, "scrollZoom": False}


def score_histogram(key: str, bars: Sequence[Bar]) -> go.Figure:
    """Documents per score range."""
    figure = go.Figure(
        go.Bar(
            x=[(bar.low + bar.high) / 2 for bar in bars],
            width=[0.88 * (bar.high - bar.low) for bar in bars],
            customdata=[f"{bar.low:g} to {bar.high:g}" for bar in bars],
            y=[bar.documents for bar in bars],
            marker_color=SCORE_COLOR.get(key, GREEN),
            hovertemplate="%{y} scored %{customdata}<extra></extra>",
        )
    )
    if bars:
        low, high = bars[0].low, bars[-1].high
        figure.update_xaxes(tickvals=[low, round((low + high) / 2), high], range=[low, high])
    return _styled(figure, height=190, y_whole=True)


def counts_bar(counts: Mapping[str, int], noun: str = "documents") -> go.Figure:
    """Horizontal bars, largest on top; at most twelve, the rest summed as Other."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    if len(ordered) > 12:
        ordered = [*ordered[:11], ("Other", sum(n for _, n in ordered[11:]))]
    names, values = [_short(name) for name, _ in ordered][::-1], [n for _, n in ordered][::-1]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker_color=BLUE,
            text=values,
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x}} {noun}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False)
    figure.update_layout(bargap=0.35)
    return _styled(figure, height=24 + 32 * len(ordered))


def timeline(entries: Iterable[DatedDocument]) -> go.Figure:
    """Documents by date, one lane per type."""
    lanes: defaultdict[str, list[tuple[date, str]]] = defaultdict(list)
    for entry in entries:
        if entry.date:
            lanes[words.document_type(entry.document_type)].append((entry.date, entry.original_filename))
    figure = go.Figure()
    for index, (lane, documents) in enumerate(lanes.items()):
        days, names = [day for day, _ in documents], [[name, words.day(day)] for day, name in documents]
        marker = {"size": 14, "color": SEQUENCE[index % len(SEQUENCE)], "opacity": 0.9}
        hover = "%{customdata[1]}<br>%{customdata[0]}<extra></extra>"
        at = [_short(lane)] * len(documents)
        figure.add_trace(go.Scatter(x=days, y=at, mode="markers", marker=marker, customdata=names, hovertemplate=hover))
    days = sorted(day for documents in lanes.values() for day, _ in documents)
    figure.update_xaxes(showgrid=True, gridcolor=GRID, nticks=5)
    # A margin around the first or last year that a calendar has would leave it.
    if days and days[0].year >= 1000 and days[-1].year <= 9000:
        margin = max(timedelta(days=10), (days[-1] - days[0]) * 0.06)
        figure.update_xaxes(range=[days[0] - margin, days[-1] + margin])
        figure.update_xaxes(tickformat="%b %Y" if (days[-1] - days[0]).days > 120 else "%d %b %Y")
    figure.update_yaxes(showgrid=True, gridcolor=GRID)
    return _styled(figure, height=max(180, 70 + 44 * len(lanes)))


def spend_by_day(days: Sequence[DaySpent], cap_usd: float | None = None) -> go.Figure:
    """Stacked dollars per day; the daily cap as a dotted line if near."""
    figure = go.Figure()
    dates = [day.date for day in days]
    for title, spent, color in (
        ("Rented computers", [day.machine_usd for day in days], BLUE),
        ("Claude", [day.claude_usd for day in days], ORANGE),
    ):
        hover = "%{x|%d %b}: $%{y:.2f}<extra>" + title + "</extra>"
        figure.add_trace(go.Bar(x=dates, y=spent, name=title, marker_color=color, hovertemplate=hover))
    highest = max((day.total_usd for day in days), default=0)
    if cap_usd and cap_usd <= 3 * highest:
        figure.add_hline(y=cap_usd, line_dash="dot", line_color=RED, annotation_text="daily limit for computers")
    figure.update_layout(barmode="stack", legend=LEGEND, showlegend=True, bargap=0.25)
    figure.update_yaxes(tickprefix="$", rangemode="tozero")
    figure.update_xaxes(tickformat="%d %b", nticks=7)
    return _styled(figure, height=300, legend=True)


def finding_strengths(strengths: Mapping[str, Sequence[int]]) -> go.Figure:
    """How many findings of each kind are weak, notable or strong: `{kind: [weak, notable, strong]}`."""
    bands = (("Weak", "#9c885e"), ("Notable (40 up)", ORANGE), ("Strong (70 up)", RED))
    kinds = [kind for kind in words.KIND if kind in strengths][::-1]
    figure = go.Figure()
    for band, (title, color) in enumerate(bands):
        figure.add_trace(
            go.Bar(
                y=[words.KIND[kind] for kind in kinds],
                x=[strengths[kind][band] for kind in kinds],
                name=title,
                orientation="h",
                marker_color=color,
                hovertemplate="%{y}: %{x}<extra>" + title + "</extra>",
            )
        )
    figure.update_layout(barmode="stack", legend=LEGEND, showlegend=True, bargap=0.4)
    figure.update_xaxes(dtick=1 if max(map(sum, strengths.values()), default=0) < 12 else None)
    return _styled(figure, height=100 + 46 * max(1, len(kinds)), legend=True)


def _styled(figure: go.Figure, height: int, y_whole: bool = False, legend: bool = False) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": 24, "t": 44 if legend else 10, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13},
        dragmode=False,
    )
    if not legend:
        figure.update_layout(showlegend=False)
    figure.update_xaxes(automargin=True, zeroline=False, fixedrange=True)
    figure.update_yaxes(automargin=True, zeroline=False, fixedrange=True)
    if y_whole:
        figure.update_yaxes(gridcolor=GRID, tickformat="d", rangemode="tozero", nticks=4)
    return figure


def _short(text: str, limit: int = 26) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
