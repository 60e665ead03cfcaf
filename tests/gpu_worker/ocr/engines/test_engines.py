"""Real engines on drawn pages: text, boxes, rotation, tones, and input that is no page."""

from __future__ import annotations

from itertools import count

import cv2
import numpy as np
import pytest
from ocr_page_canvas import font
from PIL import Image, ImageDraw

from gpu_worker.ocr.engines.engine import choose_engine, create_engine
from gpu_worker.ocr.engines.onnx_engine import OnnxNetworks
from gpu_worker.ocr.engines.page_reader import PageReader
from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine
from gpu_worker.ocr.errors import EngineUnavailable, LanguagePackMissing
from gpu_worker.ocr.layout.finish import MOSTLY_UNREADABLE
from gpu_worker.reading.ocr_batcher import sound_page
from gpu_worker.reading.second_look import read_at_two_sizes
from scripts.bench.ocr_metrics import score_page


def words_of(lines: list[str]) -> list[str]:
    return " ".join(lines).split()


def test_a_note_is_read_word_by_word_with_boxes_around_the_ink(onnx_engine, note):
    image, lines = note
    (page,) = onnx_engine.read_pages([image])
    assert page.text.split() == words_of(lines)
    assert [word.text for word in page.words] == words_of(lines)
    assert page.confidence > 0.95 and (page.width, page.height, page.rotation) == (1000, 420, 0)
    for word in page.words:
        left, top, right, bottom = (round(edge) for edge in word.box)
        assert (image[max(top, 0) : bottom, max(left, 0) : right] < 128).any(), word
    first = page.words[0]
    assert abs(first.box[0] - 60) < 12 and 30 < first.box[1] < 60 < first.box[3] < 100


@pytest.mark.parametrize(
    ("turn", "rotation"), [(cv2.ROTATE_90_CLOCKWISE, 270), (cv2.ROTATE_180, 180), (cv2.ROTATE_90_COUNTERCLOCKWISE, 90)]
)
def test_a_turned_page_is_read_and_its_boxes_lie_on_the_turned_image(onnx_engine, note, turn, rotation):
    image, lines = note
    turned = cv2.rotate(image, turn)
    (page,) = onnx_engine.read_pages([turned])
    assert page.rotation == rotation
    assert page.text.split() == words_of(lines)
    left, top, right, bottom = (round(edge) for edge in page.words[0].box)
    assert (turned[max(top, 0) : bottom, max(left, 0) : right] < 128).mean() > 0.03


@pytest.mark.parametrize("look", ["white on black", "skewed", "color", "large"])
def test_tones_skew_and_size_do_not_matter(onnx_engine, note, look):
    image, lines = note
    height, width = image.shape
    if look == "white on black":
        image = 255 - image
    elif look == "skewed":
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 5, 0.9)
        image = cv2.warpAffine(image, matrix, (width, height), borderValue=255)
    elif look == "color":
        image = np.stack([image, np.minimum(image + 40, 255), np.maximum(image, 90)], axis=2).astype(np.uint8)
    else:
        image = cv2.resize(image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    (page,) = onnx_engine.read_pages([image])
    score = score_page("\n".join(lines), page.text, ordered=True)
    assert score.order_distance < 0.03


def test_a_note_up_the_margin_is_read_and_comes_last(onnx_engine, note):
    image, lines = note
    page = np.full((1000, 1000), 255, np.uint8)
    page[290:710] = image
    label = cv2.putText(np.full((60, 420), 255, np.uint8), "EXHIBIT 7", (40, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 0, 3)
    for turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
        page[290:710, 920:980] = cv2.rotate(label, turn)
        (read,) = onnx_engine.read_pages([page])
        assert read.text.split() == [*words_of(lines), "EXHIBIT", "7"] and read.rotation == 0


def test_many_pages_at_once_come_back_in_order(onnx_engine, note):
    image, lines = note
    strips = [image[:130], np.full((80, 60), 255, np.uint8), image[120:220]]
    first, blank, second = onnx_engine.read_pages(strips)
    assert first.text.split() == lines[0].split() and blank.text == "" and second.text.split() == lines[1].split()
    assert blank.reason == "no text found" and not blank.lines


def test_tesseract_reads_the_same_note(tesseract_engine, note):
    image, lines = note
    (page,) = tesseract_engine.read_pages([image])
    assert score_page("\n".join(lines), page.text, ordered=True).order_distance < 0.05
    assert abs(page.words[0].box[0] - 60) < 12 and page.engine == "tesseract"


def test_real_engines_read_the_page_that_tells_a_dead_machine_from_a_bad_page(onnx_engine, tesseract_engine):
    for engine in (onnx_engine, tesseract_engine):
        (reading,) = read_at_two_sizes([sound_page()], engine)
        assert (reading.outcome, reading.page.text.strip()) == ("ocr", "The engine can read this.")


def test_tesseract_names_the_language_pack_that_is_missing():
    with pytest.raises(LanguagePackMissing, match="tesseract-ocr-tlh") as error:
        TesseractEngine("eng+tlh")
    assert error.value.code == "language_pack_missing"


def test_a_page_that_takes_tesseract_too_long_is_given_up(note):
    (page,) = TesseractEngine(page_seconds=0.001).read_pages([note[0]])
    assert not page.lines and "Tesseract took over" in page.reason


def test_auto_is_the_best_engine_of_this_machine():
    import torch

    assert choose_engine("auto") == ("torch" if torch.cuda.is_available() else "onnx")
    with pytest.raises(EngineUnavailable, match="must be one of"):
        create_engine("abbyy")


def bad_page(kind: str) -> np.ndarray:
    random = np.random.default_rng(4)
    if kind == "noise":
        return random.integers(0, 255, (900, 700), np.uint8)
    if kind == "one pixel wide":
        return random.integers(0, 255, (1200, 1), np.uint8)
    if kind == "one pixel":
        return np.zeros((1, 1), np.uint8)
    if kind == "very long":
        page = np.full((20_000, 300), 255, np.uint8)
        cv2.putText(page, "end of roll", (20, 19_900), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 2)
        return page
    return np.zeros((1100, 850), np.uint8)


@pytest.mark.parametrize(
    ("kind", "outcomes"),
    [
        ("noise", {"unreadable"}),
        ("one pixel wide", {"unreadable", "blank"}),
        ("one pixel", {"blank"}),
        ("very long", {"ocr"}),
        ("black", {"blank"}),
    ],
)
def test_what_is_no_page_has_an_outcome(read, onnx_engine, tesseract_engine, kind, outcomes):
    reading = read(bad_page(kind), onnx_engine, tesseract_engine)
    assert reading.outcome in outcomes, reading
    assert reading.outcome == "ocr" or reading.reason
    if kind == "very long":
        assert reading.page.text == "end of roll"


def test_a_page_whose_time_ends_keeps_what_was_read_and_says_what_is_missing(read, note):
    networks = OnnxNetworks(threads=1)
    networks.clock = count().__next__  # a second passes each time it is asked
    networks.batch_columns, networks.page_seconds = 64, 2.0
    reading = read(note[0], PageReader("onnx", networks))
    assert reading.outcome == "ocr" and len(reading.page.lines) == 2
    assert reading.reason == "the page's time ended: 2 of its 4 lines were not read"
    networks.page_seconds = 0.0
    reading = read(note[0], PageReader("onnx", networks))
    assert (reading.outcome, reading.reason) == (
        "unreadable",
        "the page's time ended: 4 of its 4 lines were not read",
    )


def test_a_russian_page_is_read_whether_russian_was_asked_for_or_not(read, onnx_engine):
    lines = ("Настоящим заявляю, что ребёнок живёт со мной с марта 2021 года.",
             "Отец вправе видеться с ребёнком каждую субботу с десяти часов.",
             "Решение вступает в силу немедленно и подлежит исполнению.")  # fmt: skip
    page = Image.new("L", (1400, 400), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((40, 60 + 80 * number), line, fill=0, font=font("sans", 32))
    image = np.asarray(page).copy()
    assert read(image, onnx_engine).reason == MOSTLY_UNREADABLE
    for languages in ("eng+rus", "eng"):
        reading = read(image, onnx_engine, TesseractEngine(languages))
        assert reading.outcome == "ocr_fallback"
        assert [line for line in reading.page.text.splitlines() if line] == [*lines]
    assert reading.reason == "in Cyrillic letters, which onnx cannot write; tesseract read it"
