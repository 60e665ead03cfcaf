"""What decides and was read with doubt: which words, of what kind, and that it reaches `metadata.json`."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.artifacts import describe_page
from gpu_worker.ocr.engines.engine import create_engine
from gpu_worker.ocr.page_text import Line, PageText, Source, Word
from gpu_worker.ocr.structure.boxes import BoxState, CheckBox
from gpu_worker.ocr.structure.doubts import MOST_DOUBTS, Doubt, find_doubts
from gpu_worker.reading.merge import found_of
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import read_pages
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits
from scripts.bench.ocr_doubts import count_wrong

FONT = str(Path(__file__).parents[4] / "scripts" / "fonts" / "Arimo-Regular.ttf")
KNOWN = {"the", "child", "court", "paid", "declaration", "returned", "did", "may", "father", "rent", "for"}


def line_of(text: str, *weak: str, chance: float = 0.5, source: Source = Source.OCR) -> Line:
    words = tuple(
        Word(word, (10.0 * n, 0.0, 10.0 * n + 9, 8.0), 0.95, weakest=chance if word in weak else 0.99)
        for n, word in enumerate(text.split())
    )
    return Line(words, text, ((0, 0), (100, 0), (100, 8), (0, 8)), 0.95, source)


def page_of(*lines: Line) -> PageText:
    return PageText(lines, "\n".join(line.text for line in lines), "test", 0.95, 100, 100)


def asked(*lines: Line) -> list[tuple[str, str]]:
    return [(doubt.kind.value, doubt.text) for doubt in find_doubts(page_of(*lines), (), KNOWN.__contains__)]


@pytest.mark.parametrize("text, word, kind", [
    ("on 04/07/2024 at", "04/07/2024", "date"), ("of 2024.", "2024.", "date"), ("on May 7, 2024", "7,", "date"),
    ("on May 7, 2024", "May", "date"), ("paid $1,200.50 for", "$1,200.50", "amount"), ("paid $ 12 for", "12", "amount"),
    ("paid 1,200 for", "1,200", "amount"), ("was 40% of", "40%", "amount"), ("No. 24FL00117", "24FL00117", "number"),
    ("did not return", "not", "negation"), ("did nct return", "nct", "negation"), ("he didnt", "didnt", "negation"),
    ("the father, Lindsley, paid", "Lindsley,", "name"), ("MARY O'NEIL paid", "O'NEIL", "name"),
])  # fmt: skip
def test_what_decides_is_asked_about_where_a_letter_is_doubtful(text: str, word: str, kind: str):
    assert asked(line_of(text, word)) == [(kind, word)]
    assert asked(line_of(text)) == [], "nothing that was read surely"
    assert asked(line_of(text, word, source=Source.LAYER)) == [], "nothing that the file says itself"


@pytest.mark.parametrize("text, word", [
    ("the child returned", "child"), ("Declaration", "Declaration"), ("the xhild", "xhild"), ("the May court", "May"),
    ("Print for", "Print_"), ("--", "--"),
])  # fmt: skip
def test_what_decides_nothing_is_not(text: str, word: str):
    assert asked(line_of(text, word)) == []


def test_digits_are_asked_about_sooner_than_words():
    assert asked(line_of("Lindsley paid 12", "Lindsley", "12", chance=0.7)) == [("number", "12")]


def test_a_box_that_nobody_can_tell_is_among_them_and_of_too_many_the_least_sure_stay():
    boxes = [CheckBox((0, 0, 9, 9), state, False, 0.05, "Yes") for state in BoxState]
    (only,) = find_doubts(page_of(), boxes, KNOWN.__contains__)
    assert only == Doubt("check_box", "Yes", 0.5, (0, 0, 9, 9))
    lines = [line_of(str(n), str(n), chance=0.1 + n / 1000) for n in range(2 * MOST_DOUBTS)]
    random.Random(1).shuffle(lines)
    kept = find_doubts(page_of(*lines), (), KNOWN.__contains__)
    assert sorted(int(doubt.text) for doubt in kept) == list(range(MOST_DOUBTS))
    assert [doubt.text for doubt in kept] == [line.text for line in lines if int(line.text) < MOST_DOUBTS]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=12), st.floats(0, 1)), max_size=12))
def test_nothing_that_can_be_read_makes_it_fail(said: list[tuple[str, float]]):
    words = tuple(Word(text, (0, 0, 1, 1), 0.5, weakest=chance) for text, chance in said)
    line = Line(words, " ".join(text for text, _ in said), ((0, 0), (1, 0), (1, 1), (0, 1)), 0.5)
    doubts = find_doubts(page_of(line), (), KNOWN.__contains__)
    assert all(doubt.confidence < 0.81 for doubt in doubts) and {d.text for d in doubts} <= {text for text, _ in said}


def test_a_line_that_is_set_anew_keeps_its_doubts():
    (span,) = found_of(line_of("12", "12")).text.spans
    assert span.weakest == 0.5


def test_a_scan_reaches_metadata_with_its_doubts(tmp_path: Path):
    """Through the worker's own parts: an amount that was written over another one, under a number that is clear."""
    image = Image.new("L", (900, 300), 250)
    pen, letters = ImageDraw.Draw(image), ImageFont.truetype(FONT, 34)
    pen.text((60, 60), "Case number 24FL00117", 20, letters)
    pen.text((60, 160), "Support: $1,385.00", 20, letters)
    pen.text((60 + letters.getlength("Support: "), 160), "$1,245.00", 20, letters)
    image.save(tmp_path / "scan.png")
    pool, batcher = RenderPool(RenderLimits(seconds=30)), OcrBatcher(create_engine("onnx"), None)
    with pool.open(tmp_path / "scan.png", "image") as file:
        (page,) = read_pages(file, batcher, lambda: None)
    batcher.stop()
    pool.stop()
    (told,) = describe_page(page)["doubts"]  # type: ignore[misc]
    assert told["kind"] == "amount" and told["text"].startswith("$1,") and told["confidence"] < 0.8
    assert told["box"] == pytest.approx([200, 160, 355, 200], abs=20)


def test_wrong_digits_are_counted_where_they_stand():
    truth = [("A", (0, 0, 9, 8)), ("1975", (10, 0, 30, 8)), ("12", (40, 0, 50, 8)), ("7", (90, 50, 95, 58))]
    read = [("A", (0, 0, 9, 8)), ("1976", (10, 0, 30, 8)), ("1", (40, 0, 50, 8))]
    assert count_wrong(truth, read) == ([0, 1, 1], 1)
