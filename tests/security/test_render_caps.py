"""A file that is too much costs what the caps allow, the rest says why it was not read, and nothing hides behind it."""

from pathlib import Path

from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import MOST_PAGES, PageResult, read_pages
from gpu_worker.render.own_words import MOST_OBJECTS
from gpu_worker.render.pdf_pages import PdfPages
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits
from scripts.make_sample_documents import number_objects
from tests.gpu_worker import bad_files
from tests.gpu_worker.reading.test_pages import Clerk

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def empty_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    pages = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids)
    return number_objects([b"<< /Type /Catalog /Pages 2 0 R >>", pages, *[page] * count])


def read(path: Path) -> list[PageResult]:
    """All pages, by a real child in its sandbox."""
    pool, batcher = RenderPool(RenderLimits(seconds=5)), OcrBatcher(Clerk([]), None)
    try:
        with pool.open(path, "pdf") as file:
            return list(read_pages(file, batcher, lambda: None))
    finally:
        batcher.stop()
        pool.stop()


def test_of_5_001_pages_5_000_are_read_and_the_last_says_why_it_was_not(tmp_path):
    (tmp_path / "long.pdf").write_bytes(empty_pages(MOST_PAGES + 1))
    *first, last = read(tmp_path / "long.pdf")
    assert [page.page for page in first] == list(range(1, 5001))
    assert {page.outcome for page in first} == {"blank"}
    assert (last.page, last.outcome) == (5001, "skipped")
    assert last.reason == "not tried: of 5,001 pages the first 5,000 are read; take it apart to read the others"
    outcome = last.as_outcome()
    assert (outcome.outcome, outcome.reason) == ("skipped", last.reason), "and so the queue is told"


def layer(tmp_path: Path, content: bytes) -> tuple[PageText, str]:
    """What a page says, and what of it is set apart."""
    (tmp_path / "page.pdf").write_bytes(bad_files.pdf_of(content, FONT, names=b"/Font << /F1 5 0 R >>"))
    found = PdfPages(str(tmp_path / "page.pdf")).read_text(1)
    return found.page, " ".join(line.text for line in found.hidden)


def test_words_in_white_are_set_apart_also_behind_more_objects_than_are_looked_at(tmp_path):
    white = b"BT /F1 12 Tf 1 g 72 700 Td (Agreed to everything.) Tj ET 0 g "
    lines = b"0 0 m 1 1 l S\n" * (MOST_OBJECTS + 1)
    for content in (white + lines, lines + white):
        page, hidden = layer(tmp_path, content)
        assert ("Agreed" in page.text, hidden) == (False, "Agreed to everything.")
