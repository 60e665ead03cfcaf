"""One row per file of a run, and the sums under them (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

FINAL = ("completed", "failed", "cancelled")
REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one file; `status` is a job's, or `refused` for a file the front desk would not take."""

    filename: str
    status: str = "queued"
    document_id: str | None = None
    job_id: str | None = None
    is_duplicate: bool = False
    pages: int = 0
    page_outcomes: Mapping[str, int] | None = None
    document_type: str | None = None
    document_date: str | None = None
    case_number: str | None = None
    seconds: float | None = None
    total_usd: float | None = None
    reason: str | None = None

    @property
    def is_final(self) -> bool:
        return self.status in (*FINAL, REFUSED)

    def with_job(self, job: Mapping[str, Any]) -> "Outcome":
        """The same file with what its job says now."""
        error = f"{job['error_code']}: {job['error_message']}" if job.get("error_code") else None
        return replace(
            self,
            status=job["status"],
            pages=job.get("pages_total") or 0,
            page_outcomes=job.get("page_outcomes") or {},
            document_type=job.get("document_type"),
            document_date=job.get("document_date"),
            case_number=job.get("case_number"),
            seconds=job.get("seconds"),
            total_usd=job.get("total_usd"),
            reason=error,
        )


@dataclass(frozen=True)
class Sums:
    """The last line of a run: files, pages of distinct documents, and the files that lay inside them."""

    documents: int
    completed: int
    failed: int
    pages: int
    parts: int
    parts_left_out: int
    is_reconciled: bool

    def line(self) -> str:
        reconciled = "yes" if self.is_reconciled else "no"
        return (
            f"documents: {self.documents}  completed: {self.completed}  failed: {self.failed}  "
            f"pages: {self.pages}  {self._parts()}reconciled: {reconciled}"
        )

    def _parts(self) -> str:
        """Only where there are any: most folders hold none."""
        left_out = f" ({self.parts_left_out} not taken)" if self.parts_left_out else ""
        return f"inside: {self.parts}{left_out}  " if self.parts else ""


def refusal(filename: str, code: str, message: str) -> Outcome:
    """A file the front desk would not take."""
    return Outcome(filename, status=REFUSED, reason=f"{code}: {message}")


def sum_up(outcomes: Iterable[Outcome], totals: Mapping[str, Any] | None) -> Sums:
    """Reconciled when every file has an outcome and the queue's own totals agree that nothing is open or missing.

    `totals` is the answer of GET /api/totals, None when there was none.
    """
    outcomes = list(outcomes)
    completed = sum(outcome.status == "completed" for outcome in outcomes)
    failed = sum(outcome.is_final and outcome.status != "completed" for outcome in outcomes)
    pages = {outcome.document_id: outcome.pages for outcome in outcomes}
    agreed = bool(totals and totals["reconciled"] and totals["open"] == 0)
    return Sums(
        documents=len(outcomes),
        completed=completed,
        failed=failed,
        pages=sum(pages.values()),
        parts=totals["parts"] if totals else 0,
        parts_left_out=totals["parts_left_out"] if totals else 0,
        is_reconciled=agreed and completed + failed == len(outcomes),
    )


def pages_in_words(page_outcomes: Mapping[str, int] | None) -> str:
    """`3 ocr, 1 blank` from counts by outcome."""
    counts = sorted((page_outcomes or {}).items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts if count)
