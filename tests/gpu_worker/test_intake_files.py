"""Files that once lost what they say, through a real worker: what a person gets of each (`tests/intake/README.md`)."""

import io
import json
import wave
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
BESIDE = {
    "stamp_image_on_typed_page.pdf": ("FILED JUN 21 2024 CLERK",),
    "pasted_chat_small_image.pdf": (
        "I will not bring her back tonight", "You agreed to six o'clock", "Talk to my lawyer then",
    ),
}  # fmt: skip
OTHERS = ("declaration.docx", "payments.csv", "voicemail.wav")
IN_ORDER = {
    "text_layer_scrambled_order.pdf": ("The parties appeared", "Third, no one"),
    "box_rotate_450.pdf": ("The parties appeared", "The court finds"),
}
PICTURES = ("gray16.png", "gray16.tif", "fax_standard_204x98_g3.tif", "phone_mpo_two_images.jpg")


def test_every_file_gives_what_its_readme_says(workshop: Workshop):
    names = [*OWN_TEXTS, *PICTURES, *BESIDE, *IN_ORDER, "bank_statement_numbers.pdf", "annot_sticky_note.pdf"]
    contents = {name: (INTAKE / name).read_bytes() for name in (*names, "declaration.docx")}
    contents["payments.csv"] = b"day,paid,how\n" + b'2024-03-05,"1,234.50",cash\n' * 70
    contents["voicemail.wav"] = silence()
    jobs = {name: workshop.upload(content, name) for name, content in contents.items()}
    worker = workshop.start_worker()
    done = {name: workshop.finish(job) for name, job in jobs.items()}
    assert {job["status"] for job in done.values()} == {"completed"}, worker.log
    for name, text in OWN_TEXTS.items():
        assert only_page(workshop, done[name])["outcome"] == "text_layer"
        assert "\n".join(lines_read(workshop, done[name])).startswith(text), name
        assert lines_read(workshop, done[name]) == own_text(INTAKE / name).splitlines(), "letter for letter"
    for name in PICTURES:
        check_picture(workshop, name, done[name])
    check_numbers(workshop, done["bank_statement_numbers.pdf"])
    check_note(workshop, done["annot_sticky_note.pdf"])
    check_others(workshop, {name: done[name] for name in OTHERS})
    for name in BESIDE:
        check_beside(workshop, name, done[name])
    for name, (first, last) in IN_ORDER.items():
        lines = lines_read(workshop, done[name])
        assert lines[0].startswith(first) and lines[-1].startswith(last), name
        assert len(described(workshop, done[name])["lines"]) == len(lines), "with boxes"


def silence() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes(bytes(16_000 * 83))
    return buffer.getvalue()


def check_others(workshop: Workshop, jobs: dict[str, dict]) -> None:
    """A Word file and a table are read; a recording is kept, and says why nobody wrote it down."""
    word, table, voicemail = (jobs[name] for name in OTHERS)
    assert lines_read(workshop, word)[0] == "Declaration of Dana Whitcomb"
    assert workshop.document(word)["mime_type"].endswith("wordprocessingml.document")
    assert [page["outcome"] for page in workshop.pages(table)] == ["text_layer", "text_layer"]
    assert "2024-03-05\t1,234.50\tcash" in lines_read(workshop, table)
    (page,) = workshop.pages(voicemail)
    assert page["outcome"] == "unreadable"
    assert page["reason"] == "not transcribed: this machine has no speech model; the recording (1:23 minutes) is kept"
    (length,) = json.loads(workshop.artifact(voicemail, "facts.json"))
    assert (length["name"], length["value"]) == ("Length", "1:23 minutes")


def lines_read(workshop: Workshop, job: dict) -> list[str]:
    return [line for line in workshop.artifact(job, "ocr.txt").decode().splitlines() if line]


def described(workshop: Workshop, job: dict) -> dict:
    (page,) = json.loads(workshop.artifact(job, "metadata.json"))["pages"]
    return page


def check_beside(workshop: Workshop, name: str, job: dict) -> None:
    """What is pasted on a typed page is read besides what is typed, and the searchable PDF says each word once."""
    assert only_page(workshop, job)["outcome"] == "text_layer", name
    said = workshop.artifact(job, "ocr.txt").decode()
    for sentence in BESIDE[name]:
        assert sentence in " ".join(said.split()), name
    assert {line["source"] for line in described(workshop, job)["lines"]} == {"layer", "ocr"}
    with pypdfium2.PdfDocument(workshop.artifact(job, "searchable.pdf")) as pdf:
        text = pdf[0].get_textpage()
        assert Counter(text.get_text_range().split()) == Counter(said.split()), name
        text.close()


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
    assert workshop.artifact(job, "ocr.txt").decode().split() == own.split()
    shown = described(workshop, job)
    assert shown["unit"] == "point" and shown["lines"][0]["box"][2] < shown["width"]
    with pytest.raises(KeyError):
        workshop.artifact(job, "searchable.pdf")  # the original is searchable as it is


def check_note(workshop: Workshop, job: dict) -> None:
    """The page's own words stand, and the note follows them with its author and time."""
    assert only_page(workshop, job)["outcome"] == "text_layer"
    note = "[Note by Dana Whitcomb, 2024-03-12 21:04 -08:00] Marcus called at 9 pm and cancelled the visit"
    own = own_text(INTAKE / "annot_sticky_note.pdf")
    assert lines_read(workshop, job) == [*own.splitlines(), note]
    assert described(workshop, job)["lines"][-1]["source"] == "note"
    with pytest.raises(KeyError):
        workshop.artifact(job, "searchable.pdf")
