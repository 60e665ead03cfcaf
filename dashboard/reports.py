"""Story: gather what a report says, make the PDF, keep it in the exports folder."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path

from dashboard import judging_words, pair_words, report_pdf, tables, words
from dashboard.answers import Case, ListedDocument, ListedFinding, Pair
from dashboard.api_client import ApiClient
from dashboard.errors import NoRoom, NotFound
from dashboard.report_pdf import Report

MAX_DOCUMENTS = 20_000
MAX_FINDINGS, MAX_PAIRS = 5_000, 1_000
"""A report of more would be thousands of pages; what it leaves out it says, and its totals are of everything."""


def weekly(api: ApiClient, now: datetime) -> Report:
    """What came in, what stood out and what it cost in the last seven days."""
    since = (now - timedelta(days=7)).date()
    sums: Counter[str] = Counter()
    failed_of_week = takewhile(lambda job: job.created_at.date() >= since, api.every_failed_job())
    documents, documents_total = tables.keep(_documents_since(api, since, sums), MAX_DOCUMENTS)
    findings, findings_total = tables.keep(_findings_since(api, since, sums), MAX_FINDINGS)
    failed, failed_total = tables.keep(failed_of_week, MAX_DOCUMENTS)
    days = [day for day in api.costs().days if since < day.date <= now.date()]
    return Report(
        title="Weekly report",
        subtitle=f"The seven days up to {words.day(now)}",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[
            ("documents came in", words.count(documents_total)),
            ("pages", words.count(sums["pages"])),
            (pair_words.FINDINGS_WITHIN.lower(), words.count(sums["findings"])),
            ("could not be read", words.count(failed_total)),
            ("spent", words.dollars(sum(day.total_usd for day in days))),
        ],
        failed=failed,
        parties=[],
        judged={key: sums[key] for key in judging_words.NOTHING_FOUND},
        with_timeline=False,
        cuts=_cuts(
            words.cut(len(documents), documents_total, "document"),
            words.cut(len(findings), findings_total, "finding"),
            words.cut(len(failed), failed_total, "unread document"),
        ),
    )


def _documents_since(api: ApiClient, since: date, sums: Counter[str]) -> Iterator[ListedDocument]:
    """Documents received since a day; their pages, and how they were judged, are added to `sums` on the way."""
    for row in api.every_document(since=since.isoformat()):
        sums.update({"pages": row.pages_total or 0, row.judged: 1})
        yield row


def _findings_since(api: ApiClient, since: date, sums: Counter[str]) -> Iterator[ListedFinding]:
    """Findings received since a day, counted in `sums` on the way."""
    for row in api.every_finding(since=since.isoformat()):
        sums["findings"] += 1
        yield row


def case(api: ApiClient, now: datetime, case_number: str | None) -> Report:
    """Everything about one case: people, timeline, findings with quotes, all documents. None means all documents."""
    totals = _case(api, case_number) if case_number else _everything(api)
    documents = list(islice(api.every_document(case_number=case_number), MAX_DOCUMENTS))
    findings = list(islice(api.every_finding(case_number=case_number), MAX_FINDINGS))
    counted = list(_counted_pairs(api, documents if case_number else None))
    pairs, pairs_total = counted[:MAX_PAIRS], len(counted)
    accepted = sum(pair.state == "accepted" for pair in counted)
    return Report(
        title=f"Case {case_number}" if case_number else "Case report",
        subtitle=totals.court or "" if case_number else "All documents in the service",
        made_at=now,
        documents=documents,
        findings=findings,
        figures=[
            ("documents", words.count(totals.documents)),
            ("pages", words.count(totals.pages)),
            (pair_words.FINDINGS_WITHIN.lower(), words.count(totals.findings)),
            (f"differences ({pair_words.of_which(pairs_total, accepted)})", words.count(pairs_total)),
        ],
        failed=[],
        parties=tables.party_groups(party for row in documents for party in row.parties),
        judged={"all": totals.judged_all, "part": totals.judged_part, "none": totals.judged_none},
        with_timeline=True,
        cuts=_cuts(
            words.cut(len(documents), totals.documents, "document"),
            words.cut(len(findings), totals.findings, "finding"),
            words.cut(len(pairs), pairs_total, "difference"),
        ),
        pairs=pairs,
    )


def _counted_pairs(api: ApiClient, documents: list[ListedDocument] | None) -> Iterator[Pair]:
    """Pairs that every page counts; of these documents."""
    ids = None if documents is None else {row.id for row in documents}
    for pair in api.every_pair(counted="true"):
        if ids is None or {pair.a.document_id, pair.b.document_id} <= ids:
            yield pair


def _case(api: ApiClient, case_number: str) -> Case:
    known = {row.case_number: row for row in api.cases()}
    if case_number not in known:
        raise NotFound(404, "not_found", "No document is of this case any more.")
    return known[case_number]


def _everything(api: ApiClient) -> Case:
    """All documents as if they were one case."""
    every = api.analytics()
    return Case(
        case_number="",
        court=None,
        documents=every.documents,
        pages=every.pages,
        findings=sum(every.findings_by_kind.values()),
        unproven_findings=every.unproven_findings,
        judged_all=every.judged.get("all", 0),
        judged_part=every.judged.get("part", 0),
        judged_none=every.judged.get("none", 0),
    )


def _cuts(*said: str) -> tuple[str, ...]:
    return tuple(filter(None, said))


def save(report: Report, folder: Path) -> Path:
    """Write the PDF into the exports folder and return its path; an older one of the same name and day is replaced.

    Raises NoRoom; then the older one stands.
    """
    path, pdf = folder / file_name(report), report_pdf.render(report)
    unfinished = path.with_suffix(".unfinished")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(pdf)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise NoRoom from error
    return path


def file_name(report: Report) -> str:
    """`2026-11-22 Case FL-2024-001.pdf`, with nothing in it that a file system would mind."""
    return f"{report.made_at:%Y-%m-%d} {re.sub(r'[^A-Za-z0-9 ._-]+', '-', report.title).strip(' .-')}.pdf"


def saved(folder: Path) -> list[Path]:
    """The reports made so far, newest first."""
    return sorted(folder.glob("*.pdf"), key=lambda path: path.stat().st_mtime, reverse=True) if folder.exists() else []
