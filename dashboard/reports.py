"""Story: gather what a report says, make the PDF, keep it in the exports folder."""

import re
from datetime import datetime
from pathlib import Path

from dashboard import report_pdf, tables, words
from dashboard.api_client import ApiClient, Row
from dashboard.report_pdf import Report

MAX_DOCUMENTS = 2000
MAX_FINDINGS = 500


def weekly(api: ApiClient, now: datetime) -> Report:
    """What came in, what stood out and what it cost in the last seven days."""
    documents = tables.within_days(api.all_documents(limit=MAX_DOCUMENTS), now, days=7)
    ids = {row["id"] for row in documents}
    failed = tables.within_days(api.jobs(status="failed", limit=200)["jobs"], now, days=7)
    findings = [row for row in _all_findings(api) if row.get("document_id") in ids]
    week_usd = sum(
        (row.get("machines_usd") or 0) + (row.get("claude_usd") or 0)
        for row in tables.within_days(api.costs().get("days") or [], now, days=7, key="date")
    )
    return Report(
        title="Weekly report",
        subtitle=f"The seven days up to {words.day(now.isoformat())}",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[
            ("documents came in", words.count(len(documents))),
            ("pages", words.count(_pages(documents))),
            ("findings", words.count(len(tables.standing(findings)[0]))),
            ("could not be read", words.count(len(failed))),
            ("spent", words.dollars(week_usd)),
        ],
        failed=failed,
        parties=[],
        judged=tables.judged_counts(documents),
        with_timeline=False,
    )


def case(api: ApiClient, now: datetime, case_number: str | None) -> Report:
    """Everything about one case: people, timeline, findings with quotes, all documents. None means all documents."""
    documents = [row for row in api.all_documents(limit=MAX_DOCUMENTS) if case_number in (None, row.get("case_number"))]
    ids = {row["id"] for row in documents}
    findings = [row for row in _all_findings(api) if row.get("document_id") in ids]
    parties = [party for row in documents for party in row.get("parties") or []]
    return Report(
        title=f"Case {case_number}" if case_number else "Case report",
        subtitle=_court(documents) if case_number else "All documents in the service",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[
            ("documents", words.count(len(documents))),
            ("pages", words.count(_pages(documents))),
            ("findings", words.count(len(tables.standing(findings)[0]))),
        ],
        failed=[],
        parties=tables.party_groups(parties),
        judged=tables.judged_counts(documents),
        with_timeline=True,
    )


def case_numbers(api: ApiClient) -> list[str]:
    """Every case number that appears, in order."""
    return sorted({row["case_number"] for row in api.all_documents(limit=MAX_DOCUMENTS) if row.get("case_number")})


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


def _court(documents: list[Row]) -> str:
    return next((row["court"] for row in documents if row.get("court")), "")


def _all_findings(api: ApiClient) -> list[Row]:
    return api.all_findings(limit=MAX_FINDINGS)


def _pages(documents: list[Row]) -> int:
    return sum(row.get("pages_total") or 0 for row in documents)
