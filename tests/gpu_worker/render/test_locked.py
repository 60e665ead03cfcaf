"""Locked PDFs and archives open with the password that fits; without one they say so, and nobody is asked in vain."""

import io
from pathlib import Path

import pikepdf
import pytest
import pyzipper
from reportlab.pdfgen.canvas import Canvas

from gpu_worker.render.errors import RenderError
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import RenderLimits

PASSWORDS = ("wrong", "Dana 1984", "other")


@pytest.fixture(scope="module")
def pool():
    made = RenderPool(RenderLimits())
    yield made
    made.stop()


@pytest.fixture
def locked_pdf(tmp_path: Path) -> Path:
    canvas = Canvas(str(tmp_path / "open.pdf"))
    canvas.drawString(72, 700, "The balance is 4,512.07")
    canvas.save()
    path = tmp_path / "locked.pdf"
    with pikepdf.open(tmp_path / "open.pdf") as document:
        document.save(path, encryption=pikepdf.Encryption(owner="x", user="Dana 1984", R=6))
    return path


def locked_zip(path: Path, **encryption) -> Path:
    with pyzipper.AESZipFile(path, "w", compression=pyzipper.ZIP_DEFLATED, **encryption) as archive:
        archive.setpassword(b"Dana 1984")
        archive.writestr("letter.txt", b"a letter")
        archive.writestr("statement.txt", b"a statement")
    return path


def test_a_locked_pdf_opens_with_the_password_that_fits(pool: RenderPool, locked_pdf: Path):
    before = locked_pdf.read_bytes()
    with pool.open(locked_pdf, "pdf", lambda: PASSWORDS) as file:
        assert file.pages == 1 and "4,512.07" in file.read_text(1).page.text
        assert file.draw_jpeg(1, 200)
    assert locked_pdf.read_bytes() == before


@pytest.mark.parametrize("passwords", [(), ("wrong", "dana 1984")])
def test_without_it_it_says_so(pool: RenderPool, locked_pdf: Path, passwords: tuple[str, ...]):
    with pytest.raises(RenderError) as refused, pool.open(locked_pdf, "pdf", lambda: passwords):
        pass
    assert refused.value.code == "password_protected"


@pytest.mark.parametrize("encryption", [{"encryption": pyzipper.WZ_AES}], ids=["aes"])
def test_a_locked_archive_gives_its_members(pool: RenderPool, tmp_path: Path, encryption: dict):
    path = locked_zip(tmp_path / "locked.zip", **encryption)
    with pool.open(path, "zip", lambda: PASSWORDS) as file:
        found, _ = file.take_parts(0, tmp_path)
        assert [part.path.read_bytes() for part in found] == [b"a letter", b"a statement"]
    with pool.open(path, "zip", lambda: ("wrong",)) as file:
        assert [part.code for part in file.take_parts(0, tmp_path)[0]] == ["password_protected"] * 2


def test_an_open_file_asks_for_none(pool: RenderPool, tmp_path: Path):
    buffer = io.BytesIO()
    with pyzipper.ZipFile(buffer, "w") as archive:
        archive.writestr("letter.txt", b"a letter")
    (tmp_path / "open.zip").write_bytes(buffer.getvalue())

    def never() -> tuple[str, ...]:
        raise AssertionError("nobody needs them")

    with pool.open(tmp_path / "open.zip", "zip", never) as file:
        assert [part.code for part in file.take_parts(0, tmp_path)[0]] == [None]
