"""The sample documents through everything: upload, rent, read, publish, return; and each ends as its README says."""

import io
import json
from collections import Counter

import httpx
import numpy as np
import pypdfium2
from PIL import Image

from local_cloud.folder import File, find_entries
from local_cloud.house import House
from local_cloud.outcomes import Outcome, sum_up
from local_cloud.run import NOTES_ABOUT_SAMPLES, SAMPLES
from tests.end_to_end.harness import market, open_test_house, rows, run_files

TEXT, OCR, BLANK = "text_layer", "ocr", "blank"
ORDER, COPY = "request_for_order.pdf", "request_for_order (copy).pdf"
READ = {
    ORDER: ([TEXT] * 3, "eleven telephone calls"),
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
FAILED = {"damaged.pdf": "corrupt_pdf", "password_protected.pdf": "password_protected"}


def test_sample_documents_reach_an_outcome_each(clean_cloud):
    """One of each kind, good and bad; every page accounted for, every artifact there; at the end no machine left."""
    with open_test_house(clean_cloud) as house:
        files = [each for each in find_entries(SAMPLES, NOTES_ABOUT_SAMPLES) if isinstance(each, File)]
        outcomes = {outcome.filename: outcome for outcome in run_files(house, files)}
        assert set(outcomes) == {*READ, *FAILED, COPY}
        check_sums(house, outcomes)
        for name, (pages, words) in READ.items():
            check_read(house, outcomes[name], pages, words)
        check_artifacts(house, outcomes["declaration_scan.pdf"])
        check_thumbnail_is_upright(house, outcomes["exhibit_log_sideways.jpg"])
        machines = rows(clean_cloud, "select label from machines where contract_id is not null")
        assert machines and market(clean_cloud)["open_contracts"], "it was a rented machine that did the work"
    books = market(clean_cloud)
    assert books["open_contracts"] == [] and books["processes"] == {}
    assert sum(contract["dollars"]["total"] for contract in books["contracts"]) > 0
    assert rows(clean_cloud, "select distinct status from machines") == [("destroyed",)]


def check_sums(house: House, outcomes: dict[str, Outcome]) -> None:
    """Bytes that were read already are not read again, and that they came is kept."""
    sums = sum_up(outcomes.values(), house.desk.get("/api/totals"))
    assert sums.is_reconciled and (sums.documents, sums.failed) == (len(outcomes), len(FAILED))
    for name, code in FAILED.items():
        assert outcomes[name].reason.startswith(f"{code}: ")
    assert Counter(outcome.is_duplicate for outcome in outcomes.values()) == {False: len(READ) + len(FAILED), True: 1}
    assert outcomes[COPY].document_id == outcomes[ORDER].document_id
    (reads,) = rows(house.cloud, "select count(*) from processing_jobs where kind = 'read'")
    assert reads == (len(READ) + len(FAILED),)
    journal = "select count(*) from document_journal where document_id = %s"
    assert rows(house.cloud, journal, outcomes[ORDER].document_id) == [(2,)]


def check_read(house: House, outcome: Outcome, pages: list[str], words: str) -> None:
    ask = "select outcome from document_pages where document_id = %s order by page"
    assert [page for (page,) in rows(house.cloud, ask, outcome.document_id)] == pages, outcome
    assert words in " ".join(artifacts_of(house, outcome)["ocr.txt"].decode().split()), outcome


def artifacts_of(house: House, outcome: Outcome) -> dict[str, bytes]:
    """Everything that a person can download of a document, by name."""
    document = house.desk.get(f"/api/documents/{outcome.document_id}")
    assert document["analyst"] == "rules"
    links = document["artifacts"].items()
    return {name: httpx.get(link, timeout=60).raise_for_status().content for name, link in links}


def check_artifacts(house: House, outcome: Outcome) -> None:
    """Boxes lie on the page, and the searchable PDF can be searched."""
    found = artifacts_of(house, outcome)
    assert {"ocr.txt", "metadata.json", "thumbnail.jpg", "analysis.json", "searchable.pdf"} <= set(found)
    first = json.loads(found["metadata.json"])["pages"][0]
    assert first["engine"] == "onnx" and first["confidence"] > 0.9
    words = [word for line in first["lines"] for word in line["words"]]
    assert len(words) > 80
    for _, (left, top, right, bottom), _ in words:
        assert 0 <= left < right <= first["width"] and 0 <= top < bottom <= first["height"]
    with pypdfium2.PdfDocument(found["searchable.pdf"]) as document:
        page = document[0].get_textpage()
        assert "Executed" not in page.get_text_range()
        assert page.search("custody of").get_next() or page.search("Custody of").get_next()


def check_thumbnail_is_upright(house: House, outcome: Outcome) -> None:
    """The photo lies on its side; what people and Claude see does not."""
    found = artifacts_of(house, outcome)
    (page,) = json.loads(found["metadata.json"])["pages"]
    assert page["rotation"] in (90, 270)
    with Image.open(io.BytesIO(found["thumbnail.jpg"])) as thumbnail:
        across, down = (np.asarray(thumbnail.convert("L"), float).mean(axis=axis) for axis in (0, 1))
    assert np.abs(np.diff(down)).mean() > 1.2 * np.abs(np.diff(across)).mean(), "lines lie level"
