"""What becomes of a page: read, read a second way, blank, unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from gpu_worker.ocr.ink import is_blank
from gpu_worker.ocr.languages import is_foreign
from gpu_worker.ocr.layout.finish import MOSTLY_UNREADABLE
from gpu_worker.ocr.page_text import Line, PageText, Word


class Reads:
    """An engine that reads the same words at a confidence that depends on the image's width."""

    calls_at_once = pages_a_call = 1

    def __init__(
        self, name: str, confidences: dict[int, float], word: str = "Declaration", knows_more: bool = False
    ) -> None:
        self.name = name
        self.knows_more = knows_more
        self._confidences = confidences
        self._word = word

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        return [self._read(image) for image in images]

    def read_by_script(self, image: np.ndarray) -> tuple[str | None, PageText | None]:
        return None, None

    def _read(self, image: np.ndarray) -> PageText:
        height, width = image.shape[:2]
        confidence = self._confidences.get(width, 0.0)
        if not confidence:
            return PageText((), "", self.name, 0.0, width, height, 0, "no text found")
        box = (0.1 * width, 0.1 * height, 0.5 * width, 0.2 * height)
        quad = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
        line = Line((Word(self._word, box, confidence),), self._word, quad, confidence)
        return PageText((line,), line.text, self.name, confidence, width, height)


@pytest.fixture
def page() -> np.ndarray:
    image = np.full((400, 300), 255, np.uint8)
    image[100:110, 40:200] = 0
    image[140:150, 40:200] = 0
    return image


def test_a_page_read_well_is_read_once(read, page):
    reading = read(page, Reads("onnx", {300: 0.97}))
    assert (reading.outcome, reading.reason, reading.page.confidence) == ("ocr", None, 0.97)


def test_another_resolution_is_tried_and_its_boxes_lie_on_the_image_given(read, page):
    reading = read(page, Reads("onnx", {300: 0.6, 600: 0.95}))
    assert reading.outcome == "ocr_fallback"
    assert reading.reason == "read with confidence 0.60; better at 2 times the size"
    assert reading.page.words[0].box == pytest.approx((30, 40, 150, 80))
    assert (reading.page.width, reading.page.height) == (300, 400)


def test_the_second_engine_reads_what_the_first_cannot(read, page):
    reading = read(page, Reads("onnx", {}), Reads("tesseract", {300: 0.9}))
    assert (reading.outcome, reading.page.engine) == ("ocr_fallback", "tesseract")
    assert reading.reason == "nothing was read; tesseract read it better"


def test_the_first_reading_stays_when_no_other_is_better(read, page):
    reading = read(page, Reads("onnx", {300: 0.7, 600: 0.6}), Reads("tesseract", {300: 0.65}))
    assert (reading.outcome, reading.page.confidence, reading.page.engine) == ("ocr", 0.7, "onnx")


def test_ink_that_nobody_can_read_is_unreadable(read, page):
    reading = read(page, Reads("onnx", {}), Reads("tesseract", {}))
    assert reading.outcome == "unreadable" and reading.reason


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_page_is_blank_and_tried_once_only(read, level):
    reading = read(np.full((400, 300), level, np.uint8), Reads("onnx", {600: 0.9}))
    assert (reading.outcome, reading.reason) == ("blank", "the page is empty")


def test_paper_with_grain_shadow_and_dark_edges_is_blank_and_a_page_number_is_not():
    random = np.random.default_rng(1)
    paper = np.linspace(160, 250, 1700)[None, :] + random.normal(0, 5, (2200, 1700))
    paper[:, :20] = 10  # the scanner's lid
    for x, y in random.integers(100, 1600, (30, 2)):
        paper[y : y + 2, x : x + 2] = 0
    assert is_blank(paper.clip(0, 255).astype(np.uint8))
    paper[2000:2026, 800:805] = paper[2000:2026, 815:820] = paper[2000:2005, 800:820] = 20
    paper[2000:2026, 840:845] = paper[2000:2026, 855:860] = paper[2021:2026, 840:860] = 20
    assert not is_blank(paper.clip(0, 255).astype(np.uint8))


def test_letters_that_the_first_engine_cannot_write_are_the_second_ones_however_sure_the_first_was(read, page):
    russian = Reads("tesseract", {300: 0.9}, word="Заявление", knows_more=True)
    reading = read(page, Reads("onnx", {300: 0.98}, word="3aBn"), russian)
    assert (reading.outcome, reading.page.text) == ("ocr_fallback", "Заявление")
    assert reading.reason == "in letters that onnx cannot write; tesseract read it"


@pytest.mark.parametrize("word", ["Declaration", "Déclaração", "声明書", "Änderung № 12"])
def test_letters_that_the_first_engine_knows_stay_its_own(read, page, word):
    second = Reads("tesseract", {300: 0.9}, word=word, knows_more=True)
    reading = read(page, Reads("onnx", {300: 0.98}), second)
    assert (reading.outcome, reading.page.engine) == ("ocr", "onnx")


@pytest.mark.parametrize("letters", ["Tôi khai rằng đứa trẻ sống", "το παιδί ζει μαζί", "הילד גר איתי", "الطفل"])
def test_letters_beyond_the_networks_are_known_as_such(letters):
    words = tuple(Word(word, (0, 0, 1, 1), 0.9) for word in letters.split())
    quad = ((0, 0), (1, 0), (1, 1), (0, 1))
    assert is_foreign(PageText((Line(words, letters, quad, 0.9),), letters, "tesseract", 0.9, 10, 10))


class Unwritten(Reads):
    """Sees a page of letters that it cannot write."""

    def _read(self, image: np.ndarray) -> PageText:
        return replace(super()._read(image), reason=MOSTLY_UNREADABLE)


class Linguist(Reads):
    """Knows a page's writing, and reads it where it has the data."""

    def __init__(self, script: str, word: str | None) -> None:
        super().__init__("tesseract", {300: 0.9}, word or "12")
        self._script, self._has_data = script, word is not None

    def read_by_script(self, image: np.ndarray) -> tuple[str | None, PageText | None]:
        return self._script, self._read(image) if self._has_data else None


def test_a_page_in_letters_the_engine_lacks_is_read_in_its_own_writing_whatever_the_settings_say(read, page):
    reading = read(page, Unwritten("onnx", {300: 0.9}, "12"), Linguist("Cyrillic", "Заявление"))
    assert (reading.outcome, reading.page.text) == ("ocr_fallback", "Заявление")
    assert reading.reason == "in Cyrillic letters, which onnx cannot write; tesseract read it"


def test_a_page_in_a_writing_without_data_is_named_unread_and_never_empty(read, page):
    reading = read(page, Unwritten("onnx", {300: 0.9}, "12"), Linguist("Georgian", None))
    assert (reading.outcome, reading.page.text) == ("unreadable", "12")
    assert reading.reason.startswith("in Georgian letters, for which this machine has no language data")
