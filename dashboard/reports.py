"""Story: gather what a report says, make the PDF, keep it in the exports folder."""

import itertools
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from dashboard import report_pdf, tables, words
from dashboard.api_client import ApiClient, Row
from dashboard.report_pdf import Report

TOTALS = ("documents", "pages", "findings", "unproven_findings", "judged_all", "judged_part", "judged_none")
MAX_DOCUMENTS = 20_000
MAX_FINDINGS = 5_000
"""A report of more would be thousands of pages; what it leaves out it says, and its totals are of everything."""


def weekly(api: ApiClient, now: datetime) -> Report:
    """What came in, what stood out and what it cost in the last seven days."""
    since = (now - timedelta(days=7)).date().isoformat()
    documents = api.all_documents(MAX_DOCUMENTS + 1, since=since)
    findings = api.all_findings(MAX_FINDINGS + 1, since=since)
    failed = _since(api.failed_jobs(MAX_DOCUMENTS), since)
    week_usd = sum(
        (row.get("machines_usd") or 0) + (row.get("claude_usd") or 0)
        for row in tables.within_days(api.costs().get("days") or [], now, days=7, key="date")
    )
    cuts = (_more(documents, MAX_DOCUMENTS, "document"), _more(findings, MAX_FINDINGS, "finding"))
    documents, findings = documents[:MAX_DOCUMENTS], findings[:MAX_FINDINGS]
    return Report(
        title="Weekly report",
        subtitle=f"The seven days up to {words.day(now.isoformat())}",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[
            ("documents came in", words.count(len(documents))),
            ("pages", words.count(sum(row.get("pages_total") or 0 for row in documents))),
            ("findings", words.count(len(tables.standing(findings)[0]))),
            ("could not be read", words.count(len(failed))),
            ("spent", words.dollars(week_usd)),
        ],
        failed=failed,
        parties=[],
        judged=tables.judged_counts(documents),
        with_timeline=False,
        cuts=tuple(filter(None, cuts)),
    )


def case(api: ApiClient, now: datetime, case_number: str | None) -> Report:
    """Everything about one case: people, timeline, findings with quotes, all documents. None means all documents."""
    totals = _case_totals(api, case_number) if case_number else _all_totals(api)
    documents = api.all_documents(MAX_DOCUMENTS, case_number=case_number)
    findings = api.all_findings(MAX_FINDINGS, case_number=case_number)
    cuts = (
        words.cut(len(documents), totals["documents"], "document"),
        words.cut(len(findings), totals["findings"] + totals["unproven_findings"], "finding"),
    )
    return Report(
        title=f"Case {case_number}" if case_number else "Case report",
        subtitle=totals.get("court") or "" if case_number else "All documents in the service",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[(noun, words.count(totals[noun])) for noun in ("documents", "pages", "findings")],
        failed=[],
        parties=tables.party_groups(party for row in documents for party in row.get("parties") or []),
        judged={key: totals[f"judged_{key}"] for key in ("all", "part", "none")},
        with_timeline=True,
        cuts=tuple(filter(None, cuts)),
    )


def case_numbers(api: ApiClient) -> list[str]:
    """Every case number that appears, in order."""
    return [row["case_number"] for row in api.cases()]


def _case_totals(api: ApiClient, case_number: str) -> Row:
    nothing = dict.fromkeys(TOTALS, 0)
    return next((row for row in api.cases() if row["case_number"] == case_number), nothing)


def _all_totals(api: ApiClient) -> Row:
    everything = api.analytics()
    judged = {f"judged_{key}": number for key, number in everything["judged"].items()}
    return everything | judged | {"findings": sum(everything["findings_by_kind"].values())}


def _more(rows: list[Row], most: int, noun: str) -> str:
    said = f"Only the first {words.count(most, noun)} are listed and counted; there are more."
    return said if len(rows) > most else ""


def _since(rows: Iterable[Row], day: str) -> list[Row]:
    """Rows that come newest first, down to a day."""
    return list(itertools.takewhile(lambda row: row["created_at"] >= day, rows))


def save(report: Report, folder: Path) -> Path:
    """Write the PDF into the exports folder and return its path; an older one of the same name and day is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(report)
    path.write_bytes(report_pdf.render(report))
    return path


def file_name(report: Report) -> str:
    """`2026-11-22 Case FL-2024-001.pdf`, with nothing in it that a file system would mind."""
    return f"{report.made_at:%Y-%m-%d} {re.sub(r'[^A-Za-z0-9 ._-]+', '-', report.title).strip(' .-')}.pdf"


def saved(folder: Path) -> list[Path]:
    """The reports made so far, newest first."""
    return sorted(folder.glob("*.pdf"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.exists() else []
