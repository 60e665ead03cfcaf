"""The report of each week, in the bucket from the Monday after: written once, whoever looks (story)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from control_plane.database import Database
from control_plane.database.report_rows import Week
from control_plane.errors import NotFound
from control_plane.storage.bucket import Storage

LOOK_SECONDS = 3600.0
WEEK = timedelta(days=7)
WEEKLY = "exports/weekly/"
KINDS = {
    "contradiction": "Contradiction", "perjury": "Possible false testimony", "order_violation": "Order not followed",
    "fraud_indicator": "Sign of fraud",
}  # fmt: skip
STYLE = "body{font:16px/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem} td{padding:.2rem .8rem}"


@dataclass
class WeeklyReport:
    """When it is looked for next; the bucket itself says whether it is written."""

    due: float = 0.0

    def tick(self, database: Database, storage: Storage, today: date) -> None:
        """Write last week's report where there is none. Raises what database and storage raise."""
        if time.monotonic() < self.due:
            return
        first_day = today - timedelta(days=today.weekday()) - WEEK
        try:
            storage.head(key_of(first_day))
        except NotFound:
            self._write(storage, first_day, database.get_week(first_day))
        self.due = time.monotonic() + LOOK_SECONDS

    def _write(self, storage: Storage, first_day: date, week: Week) -> None:
        """Of a week in which nothing came and nothing was spent there is nothing to tell."""
        if week.came or week.machine_usd or week.claude_usd:
            writer = storage.open_writer(key_of(first_day), "text/html; charset=utf-8", {})
            writer.write(render(first_day, week).encode())
            writer.finish()


def key_of(first_day: date) -> str:
    """`exports/weekly/2026-W48.html` (pure)."""
    year, week, _ = first_day.isocalendar()
    return f"{WEEKLY}{year}-W{week:02}.html"


def render(first_day: date, week: Week) -> str:
    """The report as one page that needs nothing else (pure); every text of a document is escaped."""
    last_day = first_day + WEEK - timedelta(days=1)
    rows = (
        ("Files came in", f"{week.came:,}"), ("of them known before", f"{week.known:,}"), ("read", f"{week.read:,}"),
        ("still waiting", f"{week.waiting:,}"), ("could not be read", f"{len(week.unread):,}"),
        ("findings within, none marked wrong", f"{week.findings:,}"),
        ("spent on machines", f"${week.machine_usd:,.2f}"), ("spent on Claude", f"${week.claude_usd:,.2f}"),
    )  # fmt: skip
    table = "".join(f"<tr><td>{what}</td><td>{number}</td></tr>" for what, number in rows)
    title = f"Week of {first_day:%d %B %Y} to {last_day:%d %B %Y}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><table>{table}</table>{_findings(week)}{_unread(week)}"
        "<p>The dashboard's <i>Reports</i> has the same as a PDF, with every paper.</p></html>\n"
    )


def _findings(week: Week) -> str:
    said = "".join(
        f"<li>{escape(KINDS.get(each.kind, each.kind))}: “{escape(each.quote or '')}” "
        f"({escape(each.original_filename or 'Document')}{f', page {each.page}' if each.page else ''})</li>"
        for each in week.gravest
    )
    return f"<h2>The gravest findings</h2><ul>{said}</ul>" if said else ""


def _unread(week: Week) -> str:
    said = "".join(f"<li>{escape(each.name)}: {escape(each.why or 'not known why')}</li>" for each in week.unread)
    return f"<h2>Could not be read</h2><ul>{said}</ul>" if said else ""
