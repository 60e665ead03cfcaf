"""Check boxes on drawn forms: found, told apart from letters and cells, ticked or not, with their words."""

import random
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.artifacts import describe_page
from gpu_worker.ocr.page_text import Box, Line, PageText, Word
from gpu_worker.ocr.structure.boxes import BoxState, CheckBox, find_check_boxes
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import read_pages
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits
from scripts.bench.ocr_boxes import Tally, summary

SCRIPTS = str(Path(__file__).parents[4] / "scripts")
SIZE, ROW, SIDE = (700, 500), 60, 22


def line_of(text: str, left: float, top: float, letter: float = 14, height: float = 30) -> Line:
    words, at = [], left
    for word in text.split():
        box: Box = (at, top, at + letter * len(word), top + height)
        words.append(Word(word, box, 0.9))
        at = box[2] + letter
    right = at - letter
    quad = ((left, top), (right, top), (right, top + height), (left, top + height))
    return Line(tuple(words), text, quad, 0.9)


def page_of(lines: list[Line], rotation: int = 0, size: tuple[int, int] = SIZE) -> PageText:
    return PageText(tuple(lines), "\n".join(line.text for line in lines), "test", 0.9, *size, rotation)


def draw(*marks: str) -> tuple[np.ndarray, PageText]:
    """A box a row, with these marks, and a label of two words right of each."""
    image, lines = np.full(SIZE[::-1], 250, np.uint8), []
    for row, mark in enumerate(marks):
        left, top = 50, 40 + row * ROW
        right, bottom, middle = left + SIDE, top + SIDE, (left + SIDE // 2, top + SIDE // 2)
        if mark.startswith("ring"):
            cv2.circle(image, middle, SIDE // 2, 20, 2, cv2.LINE_AA)
            if mark == "ring, dot":
                cv2.circle(image, middle, SIDE // 4, 20, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(image, (left, top), (right, bottom), 20, 2)
        if mark == "cross":
            cv2.line(image, (left - 4, top - 4), (right + 4, bottom + 4), 20, 2, cv2.LINE_AA)
            cv2.line(image, (left - 4, bottom + 4), (right + 4, top - 4), 20, 2, cv2.LINE_AA)
        if mark == "tick":
            points = np.array([(left + 3, top + 10), (left + 9, bottom - 4), (right + 6, top - 6)])
            cv2.polylines(image, [points], False, 20, 2, cv2.LINE_AA)
        if mark == "filled":
            cv2.rectangle(image, (left, top), (right, bottom), 20, -1)
        lines.append(line_of(f"choice {'abcdefgh'[row]}one", right + 16, top - 4))
    return image, page_of(lines)


def test_each_mark_is_seen_whatever_the_box_and_each_box_has_its_words():
    marks = ("", "cross", "tick", "filled", "ring", "ring, dot")
    found = find_check_boxes(*draw(*marks))
    assert [box.state for box in found] == ["empty", "ticked", "ticked", "ticked", "empty", "ticked"]
    assert [box.round for box in found] == [False] * 4 + [True] * 2
    assert [box.label for box in found] == [f"choice {letter}one" for letter in "abcdef"]
    for row, box in enumerate(found):
        assert box.box == pytest.approx((50, 40 + row * ROW, 72, 62 + row * ROW), abs=5)


def test_a_faint_stroke_is_doubtful_and_not_guessed():
    image, page = draw("", "")
    cv2.line(image, (55, 60), (67, 48), 60, 1)
    states = [box.state for box in find_check_boxes(image, page)]
    assert states == [BoxState.DOUBTFUL, BoxState.EMPTY]


def test_a_black_square_is_a_bullet_unless_a_hollow_one_is_on_the_page():
    assert find_check_boxes(*draw("filled", "filled")) == ()


def test_cells_and_letters_are_no_boxes():
    image = np.full(SIZE[::-1], 250, np.uint8)
    for column in range(6):
        cv2.rectangle(image, (60 + 24 * column, 40), (84 + 24 * column, 64), 20, 2)
    cv2.rectangle(image, (50, 100), (600, 140), 20, 2)
    cv2.circle(image, (64, 215), 9, 20, 2, cv2.LINE_AA)
    lines = [line_of("123456", 60, 38, letter=24), line_of("NO OTHER", 60, 105), line_of("Oder", 54, 200, letter=22)]
    assert find_check_boxes(image, page_of(lines)) == ()
    ring_alone = [*lines[:2], line_of("Order", 90, 200, letter=22)]
    assert [box.round for box in find_check_boxes(image, page_of(ring_alone))] == [True]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_lies_on_its_side_has_the_same_boxes_with_the_same_words(rotation: int):
    image, page = draw("", "cross")
    turns = (360 - rotation) // 90  # `rotation` clockwise makes it stand upright
    turned = np.ascontiguousarray(np.rot90(image, -turns))
    lines = [turn_line(line, turns) for line in page.lines]
    found = find_check_boxes(turned, page_of(lines, rotation, (turned.shape[1], turned.shape[0])))
    assert {(box.state, box.label) for box in found} == {("empty", "choice aone"), ("ticked", "choice bone")}


def turn_line(line: Line, turns: int) -> Line:
    """The line of a page of `SIZE` that was turned clockwise so many times."""

    def turn(x: float, y: float) -> tuple[float, float]:
        width, height = SIZE
        for _ in range(turns):
            x, y, width, height = height - y, x, height, width
        return x, y

    def turn_box(box: Box) -> Box:
        (a, b), (c, d) = turn(*box[:2]), turn(*box[2:])
        return min(a, c), min(b, d), max(a, c), max(b, d)

    words = tuple(Word(word.text, turn_box(word.box), word.confidence) for word in line.words)
    a, b, c, d = (turn(*corner) for corner in line.quad)
    return Line(words, line.text, (a, b, c, d), line.confidence)


def test_nothing_that_can_be_drawn_or_read_makes_it_fail():
    noise = np.random.default_rng(3)
    for size in ((1, 1), (31, 30), (40, 4000), (600, 300)):
        image = noise.integers(0, 256, size, np.uint8)
        for lines in ([], [line_of("x", 0, 0)], [line_of("a b", -9, size[0] + 9, letter=0, height=0)]):
            found = find_check_boxes(image, page_of(lines, size=(size[1], size[0])))
            assert all(isinstance(box, CheckBox) for box in found)


def test_a_scanned_form_reaches_metadata_with_its_boxes(tmp_path: Path):
    """Through the worker's own parts: renderer, engine, batcher."""
    from gpu_worker.ocr.engines.engine import create_engine

    image = Image.new("L", (800, 420), 250)
    pen, letters = ImageDraw.Draw(image), ImageFont.truetype(f"{SCRIPTS}/fonts/Arimo-Regular.ttf", 30)
    for row, words in enumerate(("Joint custody", "Sole custody of the mother", "Supervised visitation")):
        top = 60 + 110 * row
        pen.rectangle((60, top, 86, top + 26), outline=20, width=3)
        pen.text((110, top - 4), words, 20, letters)
        if row == 1:
            pen.line((58, top - 4, 90, top + 30), 20, 4)
    image.save(tmp_path / "form.png")
    pool, batcher = RenderPool(RenderLimits(seconds=30)), OcrBatcher(create_engine("onnx"), None)
    with pool.open(tmp_path / "form.png", "image") as file:
        (page,) = read_pages(file, batcher, lambda: None)
    batcher.stop()
    pool.stop()
    told = describe_page(page)["boxes"]
    assert [(box["state"], box["label"]) for box in told] == [
        ("empty", "Joint custody"), ("ticked", "Sole custody of the mother"), ("empty", "Supervised visitation"),
    ]  # fmt: skip
    assert told[0]["box"] == pytest.approx([60, 60, 86, 86], abs=5)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[np.ndarray, PageText, list[dict]]]:
    """Forms of all looks with the words where they were written, as a recogniser that makes no mistake gives them."""
    sys.path.insert(0, SCRIPTS)
    import make_box_pages

    forms = []
    for seed in (2001, 2002, 2003, 2004):
        form = make_box_pages.draw_form(random.Random(f"boxes-{seed}"))
        image = make_box_pages.apply_look(np.asarray(form.image).copy(), "clean", seed)
        truth = [{"center": [x + side / 2, y + side / 2], "state": "ticked" if ticked else "empty", "label": label}
                 for x, y, side, ticked, label in form.boxes]  # fmt: skip
        lines = [line_of(text, left, top, (right - left) / len(text), form.text_size * 1.25)
                 for text, left, top, right in form.written]  # fmt: skip
        forms.append((image, page_of(lines, size=make_box_pages.SIZE), truth))
    return forms


def test_drawn_forms_are_read_as_docs_say(drawn: list[tuple[np.ndarray, PageText, list[dict]]]):
    tally = Tally()
    for image, page, truth in drawn:
        tally.add(truth, find_check_boxes(image, page))
    measured = summary(tally)
    assert measured["true"] > 40 and measured["recall"] >= 0.95 and measured["precision"] >= 0.9
    assert measured["wrong_state"] == 0, measured
