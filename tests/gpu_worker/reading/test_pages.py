"""A page's own text and what was recognised, put together: nothing that the page says is lost or said twice."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from gpu_worker.artifacts import describe_page
from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import PageResult, read_pages
from gpu_worker.render.layer import PlainText
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.rendered_file import RenderedFile
from gpu_worker.settings import RenderLimits
from tests.gpu_worker import bad_files

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
GRADIENT = bad_files.pdf_that_hangs().split(b"5 0 obj\n")[1].split(b"\nendobj")[0]
NAMES = b"/Font << /F1 5 0 R >> /Shading << /S 6 0 R >>"
CODES = b"XQZT 4471 WLGRN 2989 RVTN 3201"
Read = Callable[[bytes, Sequence[str]], PageResult]


class Clerk:
    """An engine that reads the same lines on every page, each a tenth of the page below the last."""

    name, calls_at_once, pages_a_call = "clerk", 1, 1

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        return [self._read(*image.shape[:2]) for image in images]

    def _read(self, height: int, width: int) -> PageText:
        lines = []
        for number, text in enumerate(self._lines):
            left, top, right, bottom = 0.0, height * number / 10, width / 2, height * (number + 1) / 10
            words = tuple(Word(word, (left, top, right, bottom), 0.98) for word in text.split())
            lines.append(Line(words, text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.98))
        text = "\n".join(self._lines)
        return PageText(tuple(lines), text, self.name, 0.98 if lines else 0.0, width, height)


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """The only page of a PDF with this content, where an engine reads these lines."""
    pool = RenderPool(RenderLimits(seconds=2))
    batchers = []

    def read_page(content: bytes, lines: Sequence[str]) -> PageResult:
        batchers.append(OcrBatcher(Clerk(lines), None))
        path = tmp_path / "original.pdf"
        path.write_bytes(bad_files.pdf_of(content, FONT, GRADIENT, names=NAMES))
        with pool.open(path, "pdf") as file:
            (page,) = read_pages(file, batchers[-1], lambda: None)
        return page

    yield read_page
    for batcher in batchers:
        batcher.stop()
    pool.stop()


def text(words: bytes, mode: int = 0) -> bytes:
    return b"BT /F1 12 Tf %d Tr 72 700 Td (%s) Tj ET " % (mode, words)


def test_words_that_nobody_sees_on_a_page_that_shows_nothing_are_set_apart(read: Read):
    page = read(text(b"The hearing was held on May 1, 2024.", mode=3), [])
    assert (page.outcome, page.text.strip()) == ("blank", "")
    assert [(line.text, line.why) for line in page.hidden] == [
        ("The hearing was held on May 1, 2024.", "written without ink")
    ]
    assert page.reason is not None and page.reason.endswith("8 hidden words set apart (written without ink)")
    outcome = page.as_outcome()
    assert (outcome.words, outcome.hidden_words) == (0, 8)
    assert describe_page(page)["hidden"][0]["text"] == "The hearing was held on May 1, 2024."


def test_words_that_nobody_sees_on_a_page_that_cannot_be_drawn_are_set_apart(read: Read):
    page = read(text(b"The hearing was held.", mode=3) + b"/S sh\n" * 20_000, [])
    assert (page.outcome, page.text, len(page.hidden)) == ("unreadable", "", 1)


def test_hidden_text_that_the_page_contradicts_does_not_stand(read: Read):
    page = read(text(b"The mother agreed to everything.", mode=3), ["The mother refused and left the court."])
    assert (page.outcome, page.text) == ("ocr", "The mother refused and left the court.")


def test_pages_beyond_the_caps_are_skipped_and_say_why(read: Read):
    class Thick(RenderedFile):
        """A document that was drawn for too long after its second page."""

        pages, seconds = 4, 0.0

        def __init__(self) -> None:
            pass

        def read_text(self, page: int, look: bool = True) -> PlainText:
            self.seconds += 1801
            return PlainText(f"Page {page}")

    pages = list(read_pages(Thick(), OcrBatcher(Clerk([]), None), lambda: None))
    assert [page.outcome for page in pages] == ["text_layer", "text_layer", "skipped", "skipped"]
    assert "took over 60 minutes" in pages[2].reason


def test_a_page_that_cannot_be_drawn_keeps_its_own_text(read: Read):
    page = read(text(CODES) + b"/S sh\n" * 20_000, [])
    assert page.outcome == "text_layer" and page.text.strip() == CODES.decode()
    assert page.reason is not None and page.reason.startswith("render_timeout: ")


def test_what_is_recognised_beside_the_pages_own_text_follows_it_with_its_place(read: Read):
    page = read(text(CODES), [CODES.decode(), "FILED JUN 21"])
    assert page.text.split("\n\n") == [CODES.decode(), "FILED JUN 21"]
    assert page.reason == "what was recognised agrees with the page's own text; 1 recognised line was added"
    assert page.recognised is not None and [line.text for line in page.recognised.lines] == ["FILED JUN 21"]
    described = describe_page(page)
    assert (described["unit"], described["width"], described["height"]) == ("point", 612, 792)
    assert [line["source"] for line in described["lines"]] == ["layer", "ocr"]
    last = described["lines"][-1]
    assert (last["text"], last["box"]) == ("FILED JUN 21", pytest.approx([0, 79.2, 306, 158.4], abs=0.5))


SENTENCE = b"The mother shall have custody of the child."
CURVES = b"".join(b"%d 300 m %d 320 l %d 300 l S " % (x, x + 5, x + 9) for x in range(72, 200, 12))


@pytest.mark.parametrize(
    ("lines", "added", "reason"),
    [(["FILED"], "\n\nFILED", "1 recognised line was added"),
     ([], "", "something is drawn on the page in which no words could be read")],
)  # fmt: skip
def test_only_what_the_page_does_not_say_is_recognised_and_what_cannot_be_read_is_told(read, lines, added, reason):
    page = read(text(SENTENCE) + CURVES, lines)
    assert (page.outcome, page.text, page.reason) == ("text_layer", SENTENCE.decode() + added, reason)
    if lines:
        (line,) = page.recognised.lines
        assert line.quad[0] == pytest.approx((69, 469), abs=6), "where it is drawn, in points"


def bars(code: str) -> bytes:
    """A bar code as black rectangles, 3 points to a bar."""
    row = np.asarray(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code39).to_image(scale=1))[0]
    return b"".join(b"%d 400 3 90 re f " % (72 + 3 * at) for at in np.flatnonzero(row == 0))


def test_a_sheet_with_a_bar_code_says_what_the_bars_do(read: Read):
    page = read(bars("PATCHT"), ["Separator sheet"])
    assert (page.outcome, page.text) == ("ocr", "Separator sheet\n\n[bar code] PATCHT")
    assert page.merged is not None and [line.source for line in page.merged.lines] == ["ocr", "note"]
    assert read(bars("PATCHT"), []).text.strip() == "[bar code] PATCHT"


def test_a_page_of_many_words_is_not_looked_through_for_bars(read: Read):
    assert "bar code" not in read(bars("PATCHT"), ["one two three four five six"] * 8).text
