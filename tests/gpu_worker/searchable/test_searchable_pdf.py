"""The text layer of searchable.pdf is found where the words are seen; what it was made from stays as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

from gpu_worker.ocr.errors import SearchablePdfFailed
from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.searchable.searchable_pdf import make_searchable_pdf

WIDTH, HEIGHT = 800, 1000


def page_text(words: list[tuple[str, tuple[float, float, float, float]]]) -> PageText:
    """A page of one-word lines."""
    lines = []
    for text, (left, top, right, bottom) in words:
        quad = ((left, top), (right, top), (right, bottom), (left, bottom))
        lines.append(Line((Word(text, (left, top, right, bottom), 0.9),), text, quad, 0.9))
    return PageText(tuple(lines), "", "onnx", 0.9, WIDTH, HEIGHT)


WORDS = [("Plaintiff", (100.0, 100.0, 300.0, 140.0)), ("Ünïcode日本", (500.0, 900.0, 760.0, 940.0))]


def text_at(path: Path, number: int, box: tuple[float, float, float, float]) -> str:
    """The text a reader selects by dragging over `box`, in pixels of the page as shown."""
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[number]
        width, height = page.get_size()
        rotation = page.get_rotation()
        left, top, right, bottom = box[0] / WIDTH, box[1] / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT
        if rotation == 90:
            left, top, right, bottom = top, 1 - right, bottom, 1 - left
            width, height = height, width
        elif rotation == 180:
            left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
        elif rotation == 270:
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
            width, height = height, width
        x0, y0, _, _ = page.get_cropbox()
        slack = 6
        bounds = (x0 + left * width - slack, y0 + (1 - bottom) * height - slack)
        return page.get_textpage().get_text_bounded(
            *bounds, x0 + right * width + slack, y0 + (1 - top) * height + slack
        )


def _content(page: pikepdf.Page) -> list[bytes]:
    return [part.read_bytes() for part in page.Contents]


def scanned_pdf(path: Path, rotation: int, crop: tuple[int, int, int, int] | None = None) -> None:
    """Two pages, each a picture that leaves its own scale behind, shown turned by `rotation`."""
    pdf = pikepdf.new()
    for _ in range(2):
        size = (500, 400) if rotation % 180 else (400, 500)
        page = pdf.add_blank_page(page_size=size)
        page.contents_add(b"0.5 0 0 0.5 30 30 cm 0.9 g 0 0 100 100 re f")
        page.Rotate = rotation
        if crop:
            page.cropbox = pikepdf.Array(crop)
    pdf.save(path)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_lie_where_they_are_seen_on_a_turned_page(tmp_path, rotation):
    scanned_pdf(tmp_path / "in.pdf", rotation)
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page_text(WORDS), None], tmp_path / "out.pdf")
    for text, box in WORDS:
        assert text_at(tmp_path / "out.pdf", 0, box).strip() == text
    assert text_at(tmp_path / "out.pdf", 0, (100, 400, 700, 600)).strip() == ""


def test_what_the_letters_read_is_selected_where_it_stands_behind_all_that_was_chosen(tmp_path):
    scanned_pdf(tmp_path / "in.pdf", 0)
    page = page_text([("notice", (100.0, 100.0, 300.0, 140.0)), ("given", (100.0, 300.0, 300.0, 340.0))])
    (notice, given) = page.lines
    notice = replace(notice, words=(replace(notice.words[0], read="botice"),))
    make_searchable_pdf(
        tmp_path / "in.pdf", "application/pdf", [replace(page, lines=(notice, given)), None], tmp_path / "out.pdf"
    )
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert pdf[0].get_textpage().get_text_range().split() == ["notice", "given", "botice"]
    assert "botice" in text_at(tmp_path / "out.pdf", 0, (100.0, 100.0, 300.0, 140.0))


def test_words_follow_the_crop_box(tmp_path):
    scanned_pdf(tmp_path / "in.pdf", 0, crop=(40, 60, 360, 460))
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page_text(WORDS)], tmp_path / "out.pdf")
    assert text_at(tmp_path / "out.pdf", 0, WORDS[0][1]).strip() == "Plaintiff"


def test_a_page_without_reading_keeps_its_content_byte_for_byte_and_looks_the_same(tmp_path):
    scanned_pdf(tmp_path / "in.pdf", 0)
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page_text(WORDS), None], tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "in.pdf") as before, pikepdf.open(tmp_path / "out.pdf") as after:
        assert _content(after.pages[1]) == _content(before.pages[1])
        assert "/Font" not in after.pages[1].get("/Resources", {})
    with pypdfium2.PdfDocument(tmp_path / "in.pdf") as before, pypdfium2.PdfDocument(tmp_path / "out.pdf") as after:
        for number in range(2):
            pictures = [pdf[number].render(scale=1).to_numpy() for pdf in (before, after)]
            assert np.array_equal(*pictures), "invisible text must not be seen"


def test_a_jpeg_goes_in_as_its_own_bytes_and_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown 90° clockwise
    shape = (WIDTH, HEIGHT)  # stored lying, H×W = 800×1000
    Image.fromarray(np.full(shape, 200, np.uint8)).save(tmp_path / "in.jpg", exif=exif)
    make_searchable_pdf(tmp_path / "in.jpg", "image/jpeg", [page_text(WORDS)], tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert pdf.pages[0].Resources.XObject.Scan.read_raw_bytes() == (tmp_path / "in.jpg").read_bytes()
    for text, box in WORDS:
        assert text_at(tmp_path / "out.pdf", 0, box).strip() == text


def test_every_frame_of_a_tiff_is_a_page_with_the_same_pixels(tmp_path):
    frames = [Image.fromarray(np.full((HEIGHT, WIDTH), level, np.uint8)) for level in (250, 90)]
    frames[0].save(tmp_path / "in.tiff", save_all=True, append_images=frames[1:], dpi=(100, 100))
    make_searchable_pdf(tmp_path / "in.tiff", "image/tiff", [None, page_text(WORDS)], tmp_path / "out.pdf")
    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as pdf:
        assert [pdf[n].get_size() for n in range(2)] == [(576, 720)] * 2
        assert [int(pdf[n].render(scale=0.2).to_numpy().mean()) for n in range(2)] == [250, 90]
    assert text_at(tmp_path / "out.pdf", 1, WORDS[0][1]).strip() == "Plaintiff"


def test_a_line_running_up_the_page_is_selected_where_it_stands(tmp_path):
    quad = ((100.0, 700.0), (100.0, 300.0), (140.0, 300.0), (140.0, 700.0))
    line = Line((Word("EXHIBIT", (100.0, 300.0, 140.0, 700.0), 0.9),), "EXHIBIT", quad, 0.9)
    scanned_pdf(tmp_path / "in.pdf", 0)
    page = PageText((line,), "EXHIBIT", "onnx", 0.9, WIDTH, HEIGHT)
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page], tmp_path / "out.pdf")
    assert text_at(tmp_path / "out.pdf", 0, (100, 300, 140, 700)).strip() == "EXHIBIT"
    assert text_at(tmp_path / "out.pdf", 0, (100, 300, 140, 480)).strip() in ("IBIT", "HIBIT", "BIT")


def test_a_file_that_cannot_be_taken_apart_has_its_own_error(tmp_path):
    (tmp_path / "in.pdf").write_bytes(b"%PDF-1.4 nothing more")
    with pytest.raises(SearchablePdfFailed) as error:
        make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [None], tmp_path / "out.pdf")
    assert error.value.code == "searchable_pdf_failed"


def written_pdf(path: Path, content: bytes, rotation: int = 0) -> None:
    """Two pages of 400 × 500 pt that share their resources: a font, and a form with hidden text in it."""
    pdf = pikepdf.new()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    form = pdf.make_stream(b"BT /F1 20 Tf 3 Tr 50 250 Td (formerly) Tj ET", Type=Name.XObject, Subtype=Name.Form,
                           BBox=[0, 0, 400, 500], Resources=Dictionary(Font=Dictionary(F1=font)))  # fmt: skip
    resources = pdf.make_indirect(Dictionary(Font=Dictionary(F1=font), XObject=Dictionary(Form=form)))
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(400, 500))
        page.obj.Resources = resources
        page.obj.Contents = pdf.make_stream(content)
        page.Rotate = rotation
    pdf.save(path)


def text_of(path: Path, number: int = 0) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[number].get_textpage()
        words = page.get_text_range().split()
        page.close()
    return sorted(words)


def pictures(path: Path) -> list[np.ndarray]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [pdf[number].render(scale=1).to_numpy().copy() for number in range(len(pdf))]


SHOWN = b"BT /F1 20 Tf 50 430 Td (Plaintiff) Tj 0 -200 Td (moved) Tj ET"  # the first where WORDS has it


def test_words_that_a_page_shows_itself_are_not_written_again(tmp_path):
    written_pdf(tmp_path / "in.pdf", SHOWN)
    stamp = ("FILED", (500.0, 100.0, 700.0, 140.0))
    misread = ("rnoved", (100.0, 500.0, 220.0, 540.0))
    pages = [page_text([*WORDS, stamp, misread]), None]
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", pages, tmp_path / "out.pdf")
    assert text_of(tmp_path / "out.pdf") == sorted(["Plaintiff", "moved", "FILED", WORDS[1][0]])
    assert text_of(tmp_path / "out.pdf", 1) == ["Plaintiff", "moved"]


@pytest.mark.parametrize(
    ("rotation", "size", "box"),
    [
        (90, (500, 400), (428, 48, 446, 132)),
        (180, (400, 500), (268, 428, 352, 446)),
        (270, (500, 400), (54, 268, 72, 352)),
    ],
)
def test_own_words_of_a_turned_page_are_found_where_they_are_seen_and_nowhere_else(tmp_path, rotation, size, box):
    written_pdf(tmp_path / "in.pdf", SHOWN, rotation)
    lines = page_text([("Plaintiff", box), ("Plaintiff", (20, 10, 100, 30))]).lines
    page = PageText(lines, "", "onnx", 0.9, *size)
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page], tmp_path / "out.pdf")
    assert text_of(tmp_path / "out.pdf") == ["Plaintiff", "Plaintiff", "moved"]


HIDDEN = b"q 3 Tr BT /F1 20 Tf 50 430 Td (Executed) Tj T* [(Plain) -20 (tiff)] TJ ET Q /Form Do "


def test_hidden_text_of_another_program_gives_way_to_what_was_read_and_nothing_looks_different(tmp_path):
    visible = b"BT /F1 20 Tf 50 150 Td 3 Tr (kept) Tj 0 Tr (visible) Tj ET"
    written_pdf(tmp_path / "in.pdf", HIDDEN + visible)
    make_searchable_pdf(tmp_path / "in.pdf", "application/pdf", [page_text(WORDS), None], tmp_path / "out.pdf")
    found = "".join(text_of(tmp_path / "out.pdf"))
    assert "Executed" not in found and "formerly" not in found
    assert found.count("Plaintiff") == 1 and "visible" in found
    assert {"Executed", "formerly"} <= set(text_of(tmp_path / "out.pdf", 1)), "a page that was not read stays as it was"
    for before, after in zip(pictures(tmp_path / "in.pdf"), pictures(tmp_path / "out.pdf"), strict=True):
        assert np.array_equal(before, after)
