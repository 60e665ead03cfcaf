"""Every sample document through a real worker, as `make run` does it: outcomes, words, artifacts and duplicates."""

import io
import json

import numpy as np
import pypdfium2
from PIL import Image

from tests.gpu_worker.workshop import DOCUMENTS, Workshop

TEXT, OCR, BLANK = "text_layer", "ocr", "blank"
EXPECTED = {
    "request_for_order.pdf": ([TEXT] * 3, "eleven telephone calls"),
    "declaration_scan.pdf": ([OCR] * 2, "never returned the child later"),
    "declaration_scan_bad_text_layer.pdf": ([OCR], "refused three of my requests"),
    "custody_order.pdf": ([TEXT, OCR], "IT IS SO ORDERED"),
    "attorney_letter_photo.jpg": ([OCR], "telephone records"),
    "exhibit_log_sideways.jpg": ([OCR], "returned at 9:40"),
    "police_report.tiff": ([OCR] * 2, "lost track of time"),
    "school_note.heic": ([OCR], "unexcused absence"),
    "care_receipt.png": ([OCR], "Late pick-up fee"),
    "text_messages.txt": ([TEXT], "I never agreed to that"),
    "blank_pages.pdf": ([BLANK, TEXT, BLANK], "follows an empty one"),
}
FAILURES = {"damaged.pdf": "corrupt_pdf", "password_protected.pdf": "password_protected"}


def test_every_sample_ends_as_its_readme_says(workshop):
    jobs = {name: workshop.upload((DOCUMENTS / name).read_bytes(), name) for name in [*EXPECTED, *FAILURES]}
    copy = "request_for_order (copy).pdf"
    assert workshop.upload((DOCUMENTS / copy).read_bytes(), copy) in (None, jobs["request_for_order.pdf"])
    messages = (DOCUMENTS / "text_messages.txt").read_bytes()
    bulk = [workshop.enqueue_object(f"raw/bulk/{number}.txt", messages, f"{number}.txt") for number in range(2)]
    assert {*bulk} <= {None, jobs["text_messages.txt"]}, "bytes that are known get no job of their own"
    worker = workshop.start_worker()
    for name, (outcomes, words) in EXPECTED.items():
        job = workshop.finish(jobs[name])
        assert job["status"] == "completed", worker.log
        assert [page["outcome"] for page in workshop.pages(job)] == outcomes, name
        assert words in " ".join(workshop.artifact(job, "ocr.txt").decode().split()), name
    for name, code in FAILURES.items():
        assert workshop.finish(jobs[name])["error_code"] == code
    (reads,) = workshop.sql("select count(*) as n from processing_jobs where kind = 'read'")
    assert reads["n"] == len(jobs), "bytes that were read already"
    (arrivals,) = workshop.sql(
        "select count(*) as n from document_journal where document_id = %s",
        workshop.job(jobs["text_messages.txt"])["document_id"],
    )
    assert arrivals["n"] == 3, "and each time they came in is kept"
    assert workshop.sql("select reconciled from get_totals()")[0]["reconciled"]
    check_artifacts(workshop, workshop.job(jobs["declaration_scan.pdf"]))
    check_thumbnail_is_upright(workshop, workshop.job(jobs["exhibit_log_sideways.jpg"]))


def check_thumbnail_is_upright(workshop: Workshop, job: dict) -> None:
    """The photo lies on its side; what people and Claude see does not."""
    (page,) = json.loads(workshop.artifact(job, "metadata.json"))["pages"]
    assert page["rotation"] in (90, 270)
    with Image.open(io.BytesIO(workshop.artifact(job, "thumbnail.jpg"))) as thumbnail:
        columns, rows = (np.asarray(thumbnail.convert("L"), float).mean(axis=axis) for axis in (0, 1))
    assert np.abs(np.diff(rows)).mean() > 1.2 * np.abs(np.diff(columns)).mean(), "lines lie level"


def check_artifacts(workshop: Workshop, job: dict) -> None:
    """Boxes lie on the page, and the searchable PDF can be searched."""
    first = json.loads(workshop.artifact(job, "metadata.json"))["pages"][0]
    assert first["engine"] == "onnx" and first["confidence"] > 0.9
    words = [word for line in first["lines"] for word in line["words"]]
    assert len(words) > 80
    for _, (left, top, right, bottom), _ in words:
        assert 0 <= left < right <= first["width"] and 0 <= top < bottom <= first["height"]
    with pypdfium2.PdfDocument(workshop.artifact(job, "searchable.pdf")) as document:
        page = document[0].get_textpage()
        assert "Executed" not in page.get_text_range()
        assert page.search("custody of").get_next() or page.search("Custody of").get_next()
