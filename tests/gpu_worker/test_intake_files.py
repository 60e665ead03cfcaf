"""Files that once lost what they say, through a real worker: what a person gets of each (`tests/intake/README.md`)."""

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from tests.gpu_worker.workshop import Workshop

INTAKE = Path(__file__).parents[1] / "intake"
OWN_TEXTS = {
    "lang_arabic.pdf": "محكمة الأسرة\nقررت المحكمة إسناد حضانة الطفلة إلى والدتها\nيحق للأب زيارة الطفلة كل يوم جمعة",
    "lang_russian.pdf": "РАЙОННЫЙ СУД ГОРОДА\nРешение от 12 марта 2024 года\nОпределить место",
    "lang_vietnamese.pdf": "TÒA ÁN NHÂN DÂN\nQuyết định ngày 12 tháng 3 năm 2024\nGiao con chung",
}
PICTURES = ("gray16.png", "gray16.tif", "fax_standard_204x98_g3.tif", "phone_mpo_two_images.jpg")


def test_every_file_gives_what_its_readme_says(workshop: Workshop):
    names = [*OWN_TEXTS, *PICTURES, "bank_statement_numbers.pdf", "annot_sticky_note.pdf"]
    jobs = {name: workshop.upload((INTAKE / name).read_bytes(), name) for name in names}
    worker = workshop.start_worker()
    done = {name: workshop.finish(job) for name, job in jobs.items()}
    assert {job["status"] for job in done.values()} == {"completed"}, worker.log
    for name, text in OWN_TEXTS.items():
        assert only_page(workshop, done[name])["outcome"] == "text_layer"
        read = workshop.artifact(done[name], "ocr.txt").decode()
        assert read.replace("\r", "").startswith(text), name
        assert read.replace("\r", "").strip() == own_text(INTAKE / name), "letter for letter"
    for name in PICTURES:
        check_picture(workshop, name, done[name])
    check_numbers(workshop, done["bank_statement_numbers.pdf"])
    check_note(workshop, done["annot_sticky_note.pdf"])


def only_page(workshop: Workshop, job: dict) -> dict:
    (page,) = workshop.pages(job)
    return page


def own_text(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[0].get_textpage()
        text = page.get_text_range().replace("\r\n", "\n").strip()
        page.close()
    return text


def check_picture(workshop: Workshop, name: str, job: dict) -> None:
    """The 12 lines of the page, a thumbnail and a searchable PDF of one page that show it."""
    assert only_page(workshop, job)["outcome"] == "ocr", name
    words = workshop.artifact(job, "ocr.txt").decode().split()
    assert len(words) >= 70 and " ".join(words).startswith("DECLARATION OF DANA WHITCOMB Dated: March 14, 2024"), name
    with Image.open(io.BytesIO(workshop.artifact(job, "thumbnail.jpg"))) as thumbnail:
        assert np.asarray(thumbnail.convert("L")).std() > 5, name
        assert 0.75 < thumbnail.width / thumbnail.height < 0.79, name
    with pypdfium2.PdfDocument(workshop.artifact(job, "searchable.pdf")) as pdf:
        assert len(pdf) == 1, name
        width, height = pdf[0].get_size()
        assert 0.75 < width / height < 0.79, name
        assert pdf[0].render(scale=1, grayscale=True).to_numpy().std() > 5, name
        text = pdf[0].get_textpage()
        assert text.get_text_range().count("WHITCOMB") == " ".join(words).count("WHITCOMB"), name
        text.close()


def check_numbers(workshop: Workshop, job: dict) -> None:
    """Recognition agreed with the page's own text, which stands; nothing is said twice."""
    page = only_page(workshop, job)
    assert page["outcome"] == "text_layer" and "agrees" in page["reason"]
    own = own_text(INTAKE / "bank_statement_numbers.pdf")
    assert workshop.artifact(job, "ocr.txt").decode().replace("\r", "").strip() == own
    (described,) = json.loads(workshop.artifact(job, "metadata.json"))["pages"]
    assert described["unit"] == "point" and described["lines"][0]["box"][2] < described["width"]
    with pytest.raises(KeyError):
        workshop.artifact(job, "searchable.pdf")  # the original is searchable as it is


def check_note(workshop: Workshop, job: dict) -> None:
    """The page was recognised for its note's sake; the searchable PDF still says each word once."""
    assert only_page(workshop, job)["outcome"] == "ocr"
    own = own_text(INTAKE / "annot_sticky_note.pdf")
    with pypdfium2.PdfDocument(workshop.artifact(job, "searchable.pdf")) as pdf:
        text = pdf[0].get_textpage()
        assert Counter(text.get_text_range().split()) == Counter(own.split())
        text.close()
