"""Pure: rows as the control plane sends them → rows as people read them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from dashboard import words

Row = dict[str, Any]
OWN = "local"  # the hosting of our own computers


def document_rows(documents: Iterable[Row]) -> list[Row]:
    """Columns: Document, Type, Date, Case, Pages, Relevance, Findings, Judged, Status."""
    return [
        {
            "Document": name(row),
            "Type": words.document_type(row.get("document_type")),
            "Date": words.day(row.get("document_date")),
            "Case": row.get("case_number") or "–",
            "Pages": row.get("pages_total"),
            "Relevance": row.get("relevancy_score"),
            "Findings": row.get("findings_count") or (0 if row.get("judged") == "all" else None),
            "Judged": words.label({"all": "Yes", "part": "In part", "none": "No"}, row.get("judged") or "none"),
            "Status": words.label(words.STATUS, row.get("status")),
        }
        for row in documents
    ]


def finding_rows(findings: Iterable[Row]) -> list[Row]:
    """Columns: What, Strength, Quote, Document, Page, Date, Checked."""
    return [
        {
            "What": words.label(words.KIND, row.get("kind")),
            "Strength": words.score(row.get("score")),
            "Quote": row.get("quote") or "–",
            "Document": name(row),
            "Page": row.get("page"),
            "Date": words.day(row.get("document_date")),
            "Checked": "Found on the page" if row.get("verified") else "Not found on the page",
        }
        for row in findings
    ]


def custody_rows(files: list[Row]) -> list[Row]:
    """Each file of a document, whether it is what it was, and its fingerprint."""
    names = {"original": "Original file", **words.ARTIFACT}
    return [
        {
            "File": words.label(names, file["name"]),
            "State": words.label(words.FILE_STATE, file["state"]),
            "Fingerprint (SHA-256)": file["sha256"],
        }
        for file in files
    ]


def skipped_rows(files: list[Row]) -> list[Row]:
    """Files that a batch did not take in, and what to do about each."""
    return [{"File": file["name"], "Why, and what to do": file["message"]} for file in files]


def page_rows(pages: Iterable[Row]) -> list[Row]:
    """Columns: Page, How it was read, Certainty, Note."""
    return [
        {
            "Page": row.get("page"),
            "How it was read": words.label(words.OUTCOME, row.get("outcome")).capitalize(),
            "Certainty": None if row.get("confidence") is None else round(100 * row["confidence"]),
            "Note": row.get("reason") or "",
        }
        for row in pages
    ]


def instance_line(row: Row, now: datetime) -> str:
    """One sentence about a machine: a rented one, or one of our own computers."""
    if row.get("hosting") == OWN:
        return f"{words.label(words.HOSTING, OWN)} · costs nothing · joined {words.ago(row.get('created_at'), now)}"
    parts = [
        row.get("gpu_name") or "Machine",
        words.label(words.HOSTING, row.get("hosting")) if row.get("hosting") else None,
        row.get("geolocation"),
        f"{words.dollars(row.get('usd_per_hour'))} an hour",
        f"rented {words.ago(row.get('created_at'), now)}",
    ]
    return " · ".join(part for part in parts if part)


def offer_rows(offers: Iterable[Row]) -> list[Row]:
    """Columns: Graphics card, What waits costs, Hours, Dollars an hour, Reliability, Place, Kind of host, Download."""
    return [
        {
            "Graphics card": f"{row['num_gpus']} × {row['gpu_name']}"
            if (row.get("num_gpus") or 1) > 1
            else row["gpu_name"],
            "What waits costs": row.get("run_usd"),
            "Hours": row.get("run_hours"),
            "Dollars an hour": row.get("usd_per_hour"),
            "Reliability": None if row.get("reliability") is None else 100 * row["reliability"],
            "Place": row.get("geolocation") or "–",
            "Kind of host": words.label(words.HOSTING, row.get("hosting")),
            "Download speed": row.get("inet_down_mbps"),
        }
        for row in offers
    ]


def offer_line(row: Row) -> str:
    """One offer in a list to choose from."""
    limit = "" if row.get("within_caps", True) else " (beyond a limit)"
    cost = f"{words.dollars(row.get('run_usd'))} for what waits, {words.dollars(row.get('usd_per_hour'))} an hour"
    return f"{row['gpu_name']} in {row.get('geolocation') or 'an unknown place'}: {cost}{limit}"


def environment_file(environment: Row) -> str:
    """The text of a file for `docker run --env-file`."""
    return "".join(f"{name}={value}\n" for name, value in environment.items())


def progress(done: float | None, total: float | None) -> float:
    """A share between 0 and 1; 0 while the total is unknown."""
    return min(1.0, max(0.0, (done or 0) / total)) if total else 0.0


def job_sentence(job: Row) -> str:
    """What is happening to a file, in one sentence."""
    status = job.get("status")
    pages_total, pages_done = job.get("pages_total"), job.get("pages_done") or 0
    if status == "completed":
        if job.get("duplicate_of"):
            return "You already had this file, so it was not read again"
        return f"Done: {outcomes_sentence(job.get('page_outcomes') or {}) or words.count(pages_total, 'page')}"
    if status == "failed":
        return job.get("error_message") or "It could not be read"
    if status == "processing":
        return f"Reading page {min(pages_done + 1, pages_total)} of {pages_total}" if pages_total else "Reading"
    if status == "queued" and (job.get("attempt") or 0) > 0:
        return "Waiting for another try"
    return {"queued": "Waiting for a computer to read it", "cancelled": "Cancelled"}.get(status or "", "–")


def outcomes_sentence(outcomes: dict[str, int]) -> str:
    """`2 pages read from the image, 1 page blank`."""
    return ", ".join(f"{words.count(n, 'page')} {words.label(words.OUTCOME, key)}" for key, n in outcomes.items() if n)


def totals_sentence(totals: Row) -> str:
    """Whether every page is accounted for, in words."""
    documents = words.count(totals.get("documents"), "document")
    pages = words.count(totals.get("pages_accounted"), "page")
    if not totals.get("documents"):
        return "No documents yet."
    if totals.get("reconciled"):
        return f"All {documents} and {pages} are accounted for."
    still_open = words.count(totals.get("open"), "document")
    return f"{documents}, {pages} read so far; {still_open} still on the way."


def score_items(document: Row) -> list[tuple[str, int, float, str, bool]]:
    """(name, score, share of the scale, explanation, whether quoted words stand for it) of each judged score."""
    items, unproven = [], document.get("unproven_scores") or []
    for key, (title, low, high, meaning) in words.SCORES.items():
        if document.get(key) is not None:
            share = progress(document[key] - low, high - low)
            items.append((title, round(document[key]), share, meaning, key not in unproven))
    return items


def party_groups(parties: Iterable[Row]) -> list[tuple[str, str]]:
    """(role, names) with one line per role, roles in order of first mention."""
    groups: dict[str, list[str]] = {}
    for party in parties:
        names = groups.setdefault((party.get("role") or "mentioned").capitalize(), [])
        if party.get("name") and party["name"] not in names:
            names.append(party["name"])
    return [(role, ", ".join(names)) for role, names in groups.items()]


def types_of(documents: Iterable[Row]) -> dict[str, int]:
    """How many documents there are of each type, most frequent first."""
    return dict(Counter(words.document_type(row.get("document_type")) for row in documents).most_common())


def within_days(rows: Iterable[Row], now: datetime, days: int, key: str = "created_at") -> list[Row]:
    """Rows whose time is in the last `days` days."""
    start = now - timedelta(days=days)
    return [row for row in rows if (when := words.moment(row.get(key))) and start <= when <= now]


def standing(findings: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Findings whose words were found on the page, and the others; the strongest first in both."""
    ordered = sorted(findings, key=lambda row: -(row.get("score") or 0))
    return [row for row in ordered if row.get("verified")], [row for row in ordered if not row.get("verified")]


def judged_counts(documents: Iterable[Row]) -> dict[str, int]:
    """How many documents were judged: all of each, a part, none."""
    counts = Counter(row.get("judged") or "none" for row in documents)
    return {key: counts[key] for key in ("all", "part", "none")}


def name(row: Row) -> str:
    """What to call a document."""
    return row.get("original_filename") or "Unnamed document"
