"""A picture of many screens is read in overlapping strips at full scale: no letter smaller, no line lost or twice."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.enums import Outcome
from gpu_worker.ocr.page_text import Line, PageText
from gpu_worker.ocr.structure.boxes import MOST_BOXES, BoxState, CheckBox
from gpu_worker.reading.long_pages import StripReading, join_boxes, join_strips
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.pages import read_pages
from gpu_worker.reading.second_look import Reading
from gpu_worker.render.pixels import MOST_LONG_SIDE, choose_scale, shrink_to_page
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.strips import OVERLAP, cut_strips
from gpu_worker.settings import RenderLimits

FONT = Path(__file__).parents[3] / "scripts/fonts/Arimo-Regular.ttf"


def chat_picture(messages: int) -> Image.Image:
    """A dark chat, 200 px a message: its words on one line, its clock time below at the right of the bubble."""
    image = Image.new("RGB", (1080, 200 * messages), (11, 20, 26))
    pen, words, clock = ImageDraw.Draw(image), ImageFont.truetype(FONT, 40), ImageFont.truetype(FONT, 34)
    for number in range(messages):
        left, top = (40, 180)[number % 2], 200 * number + 20
        pen.rounded_rectangle((left, top, left + 840, top + 160), 24, fill=((32, 44, 51), (0, 92, 75))[number % 2])
        pen.text((left + 24, top + 24), f"What the judge said, number {number + 1:03}", font=words, fill="white")
        pen.text((left + 680, top + 104), clock_time(number), font=clock, fill=(160, 170, 176))
    return image


def clock_time(number: int) -> str:
    return f"{9 + number // 60}:{number % 60:02} PM"


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def pool():
    made = RenderPool(RenderLimits(seconds=5))
    yield made
    made.stop()


def test_a_long_picture_is_drawn_pixel_by_pixel_in_strips_of_bounded_size(pool, tmp_path):
    image = chat_picture(49)
    (tmp_path / "chat.png").write_bytes(png(image))
    with pool.open(tmp_path / "chat.png", "image") as file:
        strips = list(file.draw_strips(1))
    assert max(len(strip.image) for strip in strips) <= MOST_LONG_SIDE
    assert strips[0].top == 0 and strips[-1].is_last and {strip.page_height for strip in strips} == {9800}
    for before, after in zip(strips, strips[1:], strict=False):
        assert before.top + len(before.image) - after.top >= OVERLAP
    for strip in strips:
        assert np.array_equal(strip.image, np.asarray(image)[strip.top : strip.top + len(strip.image)])


def test_every_message_of_a_long_chat_is_read_with_its_time_and_its_place(pool, tmp_path):
    from gpu_worker.ocr.engines.engine import create_engine

    (tmp_path / "chat.png").write_bytes(png(chat_picture(18)))
    batcher = OcrBatcher(create_engine("onnx"), None)
    try:
        with pool.open(tmp_path / "chat.png", "image") as file:
            (page,) = read_pages(file, batcher, lambda: None)
    finally:
        batcher.stop()
    assert page.outcome == Outcome.OCR and page.reason and "strips" in page.reason
    said = [line for line in page.text.splitlines() if line]
    expected = [text for n in range(18) for text in (f"What the judge said, number {n + 1:03}", clock_time(n))]
    assert said == expected
    assert page.merged is not None and (page.merged.width, page.merged.height) == (1080, 3600)
    tops = [line.quad[0][1] for line in page.recognised.lines]
    assert all(abs(top - (200 * (n // 2) + (40, 120)[n % 2])) < 25 for n, top in enumerate(tops)), tops


def line(text: str, top: float, left: float = 100, confidence: float = 0.9) -> Line:
    right, bottom = left + 20 * len(text), top + 40
    return Line((), text, ((left, top), (right, top), (right, bottom), (left, bottom)), confidence)


def strip(top: int, *lines: Line, outcome: Outcome = Outcome.OCR) -> StripReading:
    page = PageText(lines, "\n".join(each.text for each in lines), "clerk", 0.9, 1080, 2400)
    return StripReading(top, Reading(outcome, page, None))


def test_a_line_cut_by_a_strip_s_edge_is_taken_from_the_strip_that_has_it_whole():
    joined = join_strips(
        [
            strip(0, line("first", 100), line("in both", 2150), line("c..t", 2380)),
            strip(2080, line("in both", 70), line("cut in two", 300), line("last", 2300)),
        ],
        4480,
    ).page
    assert [each.text for each in joined.lines] == ["first", "in both", "cut in two", "last"]
    assert [each.quad[0][1] for each in joined.lines] == [100, 2150, 2380, 4380]
    assert (joined.height, joined.width, joined.text.split("\n\n")) == (4480, 1080, [
        "first", "in both", "cut in two", "last"])  # fmt: skip


def test_a_line_that_one_strip_alone_could_read_is_kept_and_words_beside_each_other_stay_a_row():
    joined = join_strips([strip(0, line("only above", 2200)), strip(2080, line("beside", 120, 700))], 4480).page
    assert joined.text == "only above\tbeside"


def test_a_strip_that_cannot_be_read_is_named():
    joined = join_strips([strip(0, line("said", 100)), strip(2080, outcome=Outcome.UNREADABLE)], 4480)
    assert joined.outcome == Outcome.OCR and joined.reason
    assert "1 of them could not be read" in joined.reason and "2" in joined.reason


@pytest.mark.parametrize("height", [3401, 4800, 20_000, 200_000])
def test_strips_cover_every_row(height: int):
    strips = cut_strips(height, MOST_LONG_SIDE)
    assert strips[0].top == 0 and strips[-1].bottom == height
    assert all(a.bottom - b.top >= OVERLAP for a, b in zip(strips, strips[1:], strict=False))


def test_what_is_no_long_picture_is_no_larger_than_a_page():
    assert shrink_to_page(Image.new("L", (6000, 8000))).size == (2550, 3400)
    assert shrink_to_page(Image.new("L", (1080, 20_000))).size == (1080, 20_000)
    assert shrink_to_page(Image.new("L", (8000, 1200))).size == (8000, 1200)
    assert max(shrink_to_page(Image.new("L", (40, 800_000))).size) == 200_000
    assert round(390 * choose_scale(390, 7000)) == 1083, "an iPhone's full page as PDF at 200 dpi"
    assert choose_scale(612, 792) == 200 / 72


def test_a_check_box_that_two_strips_show_is_told_once_and_no_more_than_a_page_may_have():
    def box(top: float, state: BoxState = BoxState.EMPTY) -> CheckBox:
        return CheckBox((10, top, 30, top + 20), state, False, 0.0, "")

    seen_twice, first, last = box(1000, BoxState.TICKED), box(100), box(1900)
    joined = join_boxes([[first, seen_twice], [box(1002), last]])
    assert joined == (first, seen_twice, last)
    assert len(join_boxes([[box(30 * n) for n in range(MOST_BOXES)], [box(30 * MOST_BOXES)]])) == MOST_BOXES
