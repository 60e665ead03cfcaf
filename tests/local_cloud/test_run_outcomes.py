"""Rows and sums of a run."""

from local_cloud.outcomes import Outcome, pages_in_words, refusal, sum_up

TOTALS = {"reconciled": True, "open": 0, "parts": 0, "parts_left_out": 0}
JOB = {"status": "completed", "pages_total": 3, "page_outcomes": {"ocr": 2, "blank": 1}, "error_code": None}


def done(name: str, document: str, **job) -> Outcome:
    return Outcome(name, document_id=document, job_id=f"job of {document}").with_job(JOB | job)


def test_a_document_sent_twice_is_two_rows_and_its_pages_count_once():
    outcomes = [done("a.pdf", "1"), done("copy of a.pdf", "1"), done("b.pdf", "2", status="failed", pages_total=None)]
    outcomes.append(refusal("c.exe", "unsupported_type", "Send a PDF."))
    sums = sum_up(outcomes, TOTALS)
    assert sums.line() == "documents: 4  completed: 2  failed: 2  pages: 3  reconciled: yes"
    inside = sum_up(outcomes, {**TOTALS, "parts": 5, "parts_left_out": 1})
    assert inside.line() == "documents: 4  completed: 2  failed: 2  pages: 3  inside: 5 (1 not taken)  reconciled: yes"


def test_a_run_is_not_reconciled_while_anything_is_open_or_unaccounted():
    finished, waiting = done("a.pdf", "1"), Outcome("b.pdf", document_id="2")
    assert sum_up([finished], TOTALS).is_reconciled
    assert not sum_up([finished, waiting], TOTALS).is_reconciled
    assert not sum_up([finished], {**TOTALS, "open": 1}).is_reconciled
    assert not sum_up([finished], {**TOTALS, "reconciled": False}).is_reconciled
    assert not sum_up([finished], None).is_reconciled


def test_page_outcomes_in_words():
    assert pages_in_words({"blank": 1, "text_layer": 4, "ocr": 0}) == "4 text layer, 1 blank"
    assert pages_in_words(None) == ""


def test_a_failed_job_tells_why():
    outcome = done("a.pdf", "1", status="failed", error_code="corrupt_pdf", error_message="Scan it again.")
    assert outcome.is_final and outcome.reason == "corrupt_pdf: Scan it again."
