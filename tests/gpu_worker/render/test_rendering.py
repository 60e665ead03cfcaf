"""Untrusted files in render children: what can be drawn is drawn, and what bites only bites its child."""

import gc
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from gpu_worker.ocr.ink import is_blank
from gpu_worker.render.errors import RenderError
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits
from tests.gpu_worker import bad_files

DOCUMENTS = Path(__file__).parents[2] / "documents"


@pytest.fixture(scope="module")
def pool():
    made = RenderPool(RenderLimits(seconds=60, memory_bytes=1024**3))
    yield made
    made.stop()


@pytest.fixture
def impatient_pool():
    made = RenderPool(RenderLimits(seconds=2))
    yield made
    made.stop()


@pytest.fixture
def put(tmp_path):
    def write(content: bytes) -> Path:
        path = tmp_path / "original"
        path.write_bytes(content)
        return path

    return write


def code_of(pool: RenderPool, path: Path, kind: str) -> str:
    """The code with which opening or drawing the first page fails."""
    with pytest.raises(RenderError) as caught, pool.open(path, kind) as file:
        file.draw(1)
    return caught.value.code


def test_every_sample_is_drawn_upright_and_at_a_readable_size(pool):
    for name, kind in (
        ("attorney_letter_photo.jpg", "image"),
        ("school_note.heic", "image"),
        ("custody_order.pdf", "pdf"),
    ):
        with pool.open(DOCUMENTS / name, kind) as file:
            image, note = file.draw(1)
        assert image.dtype == np.uint8 and note is None
        assert image.shape[0] > image.shape[1], name
        assert 1200 <= max(image.shape) <= 3400, name


def test_scan_is_taken_as_it_is_and_looks_like_the_drawn_page(pool):
    path = DOCUMENTS / "declaration_scan.pdf"
    with pool.open(path, "pdf") as file:
        taken, _ = file.draw(1)
    with pypdfium2.PdfDocument(path) as document:
        drawn = document[0].render(scale=150 / 72, grayscale=True).to_pil().convert("L")
        embedded = next(document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])).get_px_size()
        gc.collect()
    assert taken.shape[:2] == embedded[::-1]
    small = [np.asarray(image.convert("L").resize((100, 130), Image.Resampling.BOX), dtype=float)
             for image in (Image.fromarray(taken), drawn)]  # fmt: skip
    assert np.abs(small[0] - small[1]).mean() < 3


def test_colours_that_gray_cannot_tell_apart_are_drawn_in_colour(pool, put):
    red_on_green = b"0 0.588 0 rg 0 0 612 792 re f 1 0.0745 0 rg 100 600 300 40 re f 100 500 300 40 re f"
    with pool.open(put(bad_files.pdf_of(red_on_green, names=b"")), "pdf") as file:
        image, _ = file.draw(1)
    assert not is_blank(image)


def test_tiff_pages_are_all_there(pool):
    with pool.open(DOCUMENTS / "police_report.tiff", "image") as file:
        assert file.pages == 2
        assert not np.array_equal(file.draw(1)[0], file.draw(2)[0])


def test_truncated_jpeg_is_read_as_far_as_it_goes_and_says_so(pool, put):
    whole = bad_files.jpeg(bad_files.photo())
    with pool.open(put(whole[: len(whole) // 2]), "image") as file:
        image, note = file.draw(1)
    assert note.startswith("truncated_image")
    assert image[: image.shape[0] // 4].std() > 10


def test_jpeg_without_any_image_data_is_corrupt(pool, put):
    whole = bad_files.jpeg(bad_files.photo())
    assert code_of(pool, put(whole[:300]), "image") == "corrupt_image"


def test_image_of_40000_by_40000_is_refused_before_it_is_decoded(pool, put):
    assert code_of(pool, put(bad_files.png_with_rows(40_000, 40_000)), "image") == "image_too_large"


def test_very_large_jpeg_is_decoded_smaller_instead_of_refused(pool, put):
    with pool.open(put(bad_files.jpeg(Image.new("L", (16_000, 14_000), 200))), "image") as file:
        image, _ = file.draw(1)
    assert max(image.shape) == 3400


@pytest.mark.parametrize(
    ("name", "code"), [("damaged.pdf", "corrupt_pdf"), ("password_protected.pdf", "password_protected")]
)
def test_pdf_that_cannot_be_opened_says_why(pool, name, code):
    assert code_of(pool, DOCUMENTS / name, "pdf") == code


def test_pdf_that_hangs_is_stopped(impatient_pool, put):
    assert code_of(impatient_pool, put(bad_files.pdf_that_hangs()), "pdf") == "render_timeout"


def test_pdf_that_eats_memory_is_stopped(pool, put):
    assert code_of(pool, put(bad_files.pdf_that_eats_memory()), "pdf") == "render_out_of_memory"


def test_page_after_one_that_killed_its_child_is_drawn_by_a_fresh_child(impatient_pool, put):
    with impatient_pool.open(put(bad_files.pdf_with_one_bad_page()), "pdf") as file:
        with pytest.raises(RenderError):
            file.draw(2)
        assert "hearing" in file.read_text(3).text
