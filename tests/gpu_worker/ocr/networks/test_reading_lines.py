"""From the networks' outputs to boxes, words and confidence, without the networks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout
from gpu_worker.ocr.layout.quads import lies_on_side, quads_of, turn_quads, upright_boxes
from gpu_worker.ocr.layout.typeset import typeset_page
from gpu_worker.ocr.networks.cpu_networks import BUCKET_STEP, LineClasses, batches_by_width, bucket_width
from gpu_worker.ocr.networks.ctc import LineText, Span, decode, settle_lookalikes
from gpu_worker.ocr.networks.detection import TILE, find_boxes, finer_scale, plan_detection, stitch

ALPHABET = "\0abcdefghijklmnopqrstuvwxyz0123456789 "


def columns(*marks: tuple[int, str], length: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Classes with the letters at the given columns, each seen twice, blanks between."""
    classes = np.zeros(length, int)
    for at, letter in marks:
        classes[at : at + 2] = ALPHABET.index(letter)
    return classes, np.full(length, 0.9, np.float32)


def test_repeats_fold_and_blanks_part_equal_letters():
    classes, chances = columns((2, "a"), (5, "l"), (8, "l"), (11, " "), (14, "b"))
    line = decode(classes, chances, 480, ALPHABET)
    assert line.text == "all b"
    assert line.confidence == pytest.approx(0.9)
    first, second = line.spans
    assert 0 < first.start < 2.5 / 60 < 9 / 60 < first.end <= second.start < 14.5 / 60 < second.end < 1


def test_a_wide_gap_parts_words_where_the_recogniser_saw_no_space():
    classes, chances = columns((2, "d"), (5, "a"), (8, "t"), (11, "e"), (24, "m"), (27, "a"), (30, "y"))
    assert decode(classes, chances, 480, ALPHABET).text == "date may"


def test_a_line_without_letters_is_empty():
    line = decode(np.zeros(10, int), np.ones(10, np.float32), 80, ALPHABET)
    assert (line.text, line.confidence) == ("", 0.0)
    assert LineClasses(np.zeros(10, int), np.ones(10, np.float32), 80).confidence() == (0.0, 0)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("l00", "100"),
        ("l,O00", "l,000"),
        ("mar1boro", "marlboro"),
        ("10mg", "10mg"),
        ("Il", "Il"),
        ("O", "O"),
        ("B1G1F", "B1G1F"),
    ],
)
def test_lookalikes_are_settled_by_their_neighbours(read, meant):
    assert settle_lookalikes(read) == meant


def test_boxes_are_found_where_the_map_is_bright_and_grown_to_the_letters():
    text_map = np.zeros((320, 640), np.uint8)
    text_map[100:112, 100:400] = 230
    text_map[200:203, 50:53] = 90  # too faint
    boxes = find_boxes(text_map, (1280, 640))
    assert len(boxes) == 1
    left, top = boxes.centres[0] - boxes.sizes[0] / 2
    right, bottom = boxes.centres[0] + boxes.sizes[0] / 2
    assert 170 < left < 195 and 800 < right < 830 and 175 < top < 195 and 225 < bottom < 250


def test_a_slanted_line_keeps_its_angle_and_a_short_word_takes_the_pages():
    text_map = np.zeros((400, 800), np.uint8)
    cv2.line(text_map, (100, 100), (700, 142), 255, 12)
    cv2.circle(text_map, (300, 300), 9, 255, -1)
    boxes = find_boxes(text_map, (800, 400))
    assert len(boxes) == 2
    assert np.allclose(boxes.angles, np.arctan2(42, 600), atol=0.01)


def test_a_page_lying_on_its_side_is_noticed_and_read_upwards():
    text_map = np.zeros((800, 400), np.uint8)
    for x in (100, 150, 200):
        text_map[100:700, x : x + 12] = 255
    boxes = find_boxes(text_map, (400, 800))
    assert lies_on_side(boxes)
    quads, across = quads_of(boxes, 90)
    assert not across.any()
    for quad in quads:
        assert quad[0, 1] > 690 and quad[1, 1] < 110, "reading starts at the lower end"
    assert np.allclose(turn_quads(quads, 180)[:, 0], quads[:, 2])


def test_a_line_found_across_a_gutter_is_cut_there():
    columns = [
        FoundLine(rectangle(x, 24 * n, 300), LineText((Span("line", 0.0, 1.0, 0.9),), 0.9))
        for n in range(9)
        for x in (0, 330)
        if n != 4
    ]
    across = LineText(
        tuple(
            Span(w, a, b, 0.9)
            for w, a, b in (("ends", 0.0, 0.2), ("here", 0.21, 0.47), ("begins", 0.525, 0.8), ("there", 0.81, 1.0))
        ),
        0.9,
    )
    page = typeset_page(PageLayout((*columns, FoundLine(rectangle(0, 96, 630), across)), 700, 300), "onnx")
    texts = [line.text for line in page.lines]
    assert (texts[4], texts[13]) == ("ends here", "begins there")
    assert page.lines[4].quad[1][0] < 310 and page.lines[13].quad[0][0] > 320


def rectangle(left: float, top: float, width: float) -> np.ndarray:
    return np.array([(left, top), (left + width, top), (left + width, top + 20), (left, top + 20)], float)


def test_rows_of_a_photo_taken_from_the_side_are_level():
    tops = np.arange(-900, 900, 60.0)
    ends = [(x, top + x * 2e-5 * top) for top in tops for x in (-600.0, -100.0, 100.0, 600.0)]
    corners = np.array(ends).reshape(-1, 2, 2)
    quads = np.concatenate([corners - (0, 10), corners[:, ::-1] + (0, 10)], axis=1) + (700, 1000)
    bounds = upright_boxes(quads, 0, 1400, 2000, 0.0)
    middles = (bounds[:, 1] + bounds[:, 3]).reshape(-1, 2) / 2
    assert np.abs(middles[:, 0] - middles[:, 1]).max() < 1 < np.abs(quads[::2, 0, 1] - quads[1::2, 1, 1]).max()


@pytest.mark.parametrize("size", [(1700, 2200), (700, 900), (800, 20_000), (1, 500), (9000, 9000), (40_000, 1)])
def test_every_pixel_of_a_page_is_in_a_tile_and_none_is_too_large(size):
    plan = plan_detection(*size)
    seen = np.zeros((plan.height, plan.width), bool)
    for tile in plan.tiles:
        assert max(tile.right - tile.left, tile.bottom - tile.top) <= TILE
        seen[tile.top : tile.bottom, tile.left : tile.right] = True
    assert seen.all()
    parts = [np.full((t.bottom - t.top, t.right - t.left), 7, np.uint8) for t in plan.tiles]
    assert (stitch(plan, parts) == 7).all()


def test_small_type_is_looked_at_more_closely():
    text_map = np.zeros((1280, 990), np.uint8)
    for y in range(50, 1200, 9):
        text_map[y : y + 3, 50:900] = 255
    plan = plan_detection(1980, 2560)
    scale = finer_scale(find_boxes(text_map, (1980, 2560)), plan, 1980)
    assert scale is not None and scale > 1.4 * plan.width / 1980


def test_width_buckets_waste_little_and_batches_hold_every_line_once():
    widths = np.array([8, 64, 65, 300, 301, 4000, 4096.0])
    assert all(bucket_width(w) >= w and bucket_width(w) <= max(64, w * BUCKET_STEP + 8) for w in widths)
    batches = batches_by_width(widths, pixels=700)
    assert sorted(i for _, members in batches for i in members) == list(range(len(widths)))
    assert all(len(members) == 1 or bucket * len(members) <= 700 for bucket, members in batches)
