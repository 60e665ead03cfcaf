"""Pure: answers of the control plane → rows and sentences as people read them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from dashboard import answers, judging_words, words

Row = TypeVar("Row")
Found = TypeVar("Found", bound=answers.Finding)
Cells = dict[str, Any]  # a row of a table on the screen, by its columns' titles
JUDGED = {"all": "Yes", "part": "In part", "none": "No"}
OWN = "local"  # the hosting of our own computers


@dataclass(frozen=True)
class SentFile:
    """A file that was sent in this visit: what the service made of it, or why it was not sent."""

    name: str
    taken: answers.TakenFile | None
    problem: str = ""


def document_rows(documents: Iterable[answers.ListedDocument]) -> list[Cells]:
    """Columns: Document, Type, Date, Case, Pages, Relevance, Findings within it, Judged, Status."""
    return [
        {
            "Document": name(row.original_filename) + (f" · in: {row.lies_in}" if row.lies_in else ""),
            "Type": words.document_type(row.document_type),
            "Date": words.day(row.document_date),
            "Case": row.case_number or "–",
            "Pages": row.pages_total,
            "Relevance": row.relevancy_score,
            "Findings within it": row.findings_count or (0 if row.judged == "all" else None),
            "Judged": "Waits" if row.analysis_status in ("waiting", "judging") else JUDGED[row.judged],
            "Status": words.label(words.STATUS, row.status),
        }
        for row in documents
    ]


def finding_rows(findings: Iterable[answers.ListedFinding]) -> list[Cells]:
    """Columns: What, Strength, Quote, Document, Page, Date, Checked."""
    return [
        {
            "What": words.label(words.KIND, row.kind),
            "Strength": words.score(row.score),
            "Quote": row.quote or "–",
            "Document": name(row.original_filename),
            "Page": row.page,
            "Date": words.day(row.document_date),
            "Checked": words.label(words.CHECKED, row.state),
        }
        for row in findings
    ]


def findings_csv(findings: Iterable[answers.ListedFinding], most: int) -> str:
    """The first findings as CSV for a spreadsheet; where there are more, the first row says so."""
    kept, total = keep(findings, most)
    rows, cut = finding_rows(kept), words.cut(len(kept), total, "finding")
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows([{"What": cut}] if cut else [])
    for row in rows:
        writer.writerow({k: safe_cell(v) for k, v in row.items()})
    return buffer.getvalue()


def safe_cell(value: object) -> object:
    """A cell of a CSV; one that looks like a formula is quoted so that none runs."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def custody_rows(files: Iterable[answers.CheckedFile]) -> list[Cells]:
    """Each file of a document, whether it is what it was, and its fingerprint."""
    return [
        {
            "File": words.artifact(file.name),
            "State": words.FILE_STATUS[file.status],
            "Fingerprint (SHA-256)": file.sha256,
        }
        for file in files
    ]


def skipped_rows(files: Iterable[answers.SkippedEntry]) -> list[Cells]:
    """Files that a batch did not take in, and what to do about each."""
    return [{"File": file.name, "Why, and what to do": file.message} for file in files]


def quote_rows(quotes: Iterable[answers.FolderEstimate]) -> list[Cells]:
    """Columns: Folder, Confirmed by, Quote, Nine of ten end between, Cost, Within the quote."""
    return [
        {
            "Folder": name(each.name),
            "Confirmed by": each.decided_by or "–",
            "Quote": words.dollars(each.price.usd),
            "Nine of ten end between": f"{words.dollars(each.price.low_usd)} and {words.dollars(each.price.high_usd)}",
            "Cost": words.dollars(each.spent_usd) + ("" if each.actual_usd is not None else " so far"),
            "Within the quote": "not over yet" if each.held is None else "yes" if each.held else "no",
        }
        for each in quotes
        if each.price is not None
    ]


def run_rows(runs: Iterable[answers.Run]) -> list[Cells]:
    """Columns: When, By, Outcome, Cost, Model, Instructions, Why not by Claude, Calls."""
    return [
        {
            "When": words.day(run.created_at),
            "By": words.label(judging_words.ANALYST, run.analyst),
            "Outcome": words.label(judging_words.ANALYSIS, run.outcome) + (", shown" if run.is_shown else ""),
            "Cost": words.dollars(run.claude_usd),
            "Model": run.model or "–",
            "Instructions": run.prompt_version or "–",
            "Why not by Claude": words.label(judging_words.FALLBACK, run.reason) if run.reason else "",
            "Calls": run.calls,
        }
        for run in runs
    ]


def page_rows(pages: Iterable[answers.ReadPage]) -> list[Cells]:
    """Columns: Page, How it was read, Certainty, Note."""
    return [
        {
            "Page": row.page,
            "How it was read": words.label(words.OUTCOME, row.outcome).capitalize(),
            "Certainty": None if row.confidence is None else round(100 * row.confidence),
            "Note": row.reason or "",
        }
        for row in pages
    ]


def machine_line(row: answers.ListedMachine, now: datetime) -> str:
    """One sentence about a machine: a rented one, or one of our own computers."""
    since = words.ago(row.created_at, now)
    if row.hosting == OWN:
        return f"{words.label(words.HOSTING, OWN)} · costs nothing · joined {since}"
    parts = [
        row.gpu_name or "Machine",
        words.label(words.HOSTING, row.hosting),
        row.geolocation,
        f"{words.dollars(row.usd_per_hour)} an hour",
        f"rented {since}",
    ]
    return " · ".join(part for part in parts if part)


def offer_rows(offers: Iterable[answers.PricedOffer]) -> list[Cells]:
    """Columns: Graphics card, What waits costs, Hours, Dollars an hour, Reliability, Place, Kind of host, Download."""
    return [
        {
            "Graphics card": f"{row.num_gpus} × {row.gpu_name}" if row.num_gpus > 1 else row.gpu_name,
            "What waits costs": row.run_usd,
            "Hours": row.run_hours,
            "Dollars an hour": row.usd_per_hour,
            "Reliability": 100 * row.reliability,
            "Place": row.geolocation or "–",
            "Kind of host": words.label(words.HOSTING, row.hosting),
            "Download speed": row.inet_down_mbps,
        }
        for row in offers
    ]


def offer_line(row: answers.PricedOffer) -> str:
    """One offer in a list to choose from."""
    limit = "" if row.within_caps else " (beyond a limit)"
    cost = f"{words.dollars(row.run_usd)} for what waits, {words.dollars(row.usd_per_hour)} an hour"
    return f"{row.gpu_name} in {row.geolocation or 'an unknown place'}: {cost}{limit}"


def environment_file(environment: Mapping[str, str]) -> str:
    """The text of a file for `docker run --env-file`."""
    return "".join(f"{name}={value}\n" for name, value in environment.items())


def progress(done: float | None, total: float | None) -> float:
    """A share between 0 and 1; 0 while the total is unknown."""
    return min(1.0, max(0.0, (done or 0) / total)) if total else 0.0


def job_sentence(job: answers.Job) -> str:
    """What is happening to a file, in one sentence."""
    match job.status:
        case "completed" if job.duplicate_of:
            return words.ALREADY_HERE
        case "completed" if job.pages_total == 0:
            return "Done: the files inside are read one by one"
        case "completed":
            return f"Done: {outcomes_sentence(job.page_outcomes) or words.count(job.pages_total, 'page')}"
        case "failed":
            return job.error_message or "It could not be read"
        case "processing" if job.pages_total:
            return f"Reading page {min((job.pages_done or 0) + 1, job.pages_total)} of {job.pages_total}"
        case "processing":
            return "Reading"
        case "queued":
            return "Waiting for another try" if job.attempt > 0 else "Waiting for a computer to read it"
        case "cancelled":
            return "Cancelled"


def outcomes_sentence(outcomes: Mapping[str, int]) -> str:
    """`2 pages read from the image, 1 page blank`."""
    return ", ".join(f"{words.count(n, 'page')} {words.label(words.OUTCOME, key)}" for key, n in outcomes.items() if n)


def totals_sentence(totals: answers.Totals) -> str:
    """Whether every page is accounted for, in words."""
    documents, pages = words.count(totals.documents, "document"), words.count(totals.pages_accounted, "page")
    if not totals.documents:
        return "No documents yet."
    if totals.reconciled:
        left_out = f" {words.count(totals.parts_left_out, 'file')} inside others could not be taken."
        return f"All {documents} and {pages} are accounted for.{left_out if totals.parts_left_out else ''}"
    return f"{documents}, {pages} read so far; {words.count(totals.open, 'document')} still on the way."


def score_items(document: answers.ListedDocument) -> list[tuple[str, int, float, str, bool]]:
    """(name, score, share of the scale, explanation, whether quoted words stand for it) of each judged score."""
    items = []
    for key, (title, low, high, meaning) in words.SCORES.items():
        score: float | None = getattr(document, key)
        if score is not None:
            share = progress(score - low, high - low)
            items.append((title, round(score), share, meaning, key not in document.unproven_scores))
    return items


def party_groups(parties: Iterable[answers.Party]) -> list[tuple[str, str]]:
    """(role, names) with one line per role, roles in order of first mention."""
    groups: dict[str, list[str]] = {}
    for party in parties:
        names = groups.setdefault((party.role or "mentioned").capitalize(), [])
        if party.name and party.name not in names:
            names.append(party.name)
    return [(role, ", ".join(names)) for role, names in groups.items()]


def types_of(documents: Iterable[answers.DatedDocument]) -> list[str]:
    """The types of documents, most frequent first."""
    return [kind for kind, _ in Counter(words.document_type(row.document_type) for row in documents).most_common()]


def keep(rows: Iterable[Row], most: int) -> tuple[list[Row], int]:
    """The first rows, and how many there are in all."""
    kept, total = [], 0
    for row in rows:
        total += 1
        if total <= most:
            kept.append(row)
    return kept, total


def standing(findings: Iterable[Found]) -> tuple[list[Found], list[Found]]:
    """Findings whose words were found on the page, and the others; the strongest first in both.

    Those that a person marked wrong are in neither.
    """
    ordered = sorted((row for row in findings if not row.is_wrong), key=lambda row: -(row.score or 0))
    return [row for row in ordered if row.verified], [row for row in ordered if not row.verified]


def counted(claims: Iterable[answers.Claim]) -> tuple[list[answers.Claim], list[answers.Claim]]:
    """Claims other than findings and scores, which stand beside them: those that count, and the others."""
    shown = [row for row in claims if row.kind not in ("finding", "score")]
    return [row for row in shown if row.accepted], [row for row in shown if not row.accepted]


def name(filename: str) -> str:
    """What to call a document."""
    return filename or "Unnamed document"
