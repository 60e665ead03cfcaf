"""What a page says and nobody sees is set apart, and what is seen is not: labelled words of both kinds, drawn here.

Each label is a word that the page's content holds; `HIDDEN` ones a person who opens the file does not see.
"""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.render.layer import PdfLayer
from gpu_worker.render.pdf_pages import PdfPages
from tests.gpu_worker import bad_files

FONT = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
FONTS = Path(__file__).parents[2] / "scripts" / "fonts"
PLAIN = "BT /F1 12 Tf 72 720 Td (The parties appeared before the court.) Tj ET\n"


def said(words: str, x: float = 72, y: float = 400, size: float = 12, before: str = "") -> str:
    return f"{before} BT /F1 {size} Tf {x} {y} Td ({words}) Tj ET\n"


HIDDEN = {
    "white": said("concealed statement", before="1 g"),
    "nearly white": said("concealed statement", before="0.98 0.99 0.98 rg"),
    "half a point": said("concealed statement", size=0.5),
    "beside the page": said("concealed statement", x=900),
    "below the page": said("concealed statement", y=-40),
    "outside the crop box": said("concealed statement", x=20, y=20),
    "under a box": said("concealed statement") + "0 g 60 390 300 30 re f\n",
    "under a white box": said("concealed statement") + "1 g 60 390 300 30 re f\n",
    "under a picture": said("concealed statement") + "q 300 0 0 40 60 390 cm /P Do Q\n",
    "all but a sliver under a box": said("concealed statement") + "1 g 60 390 300 17.5 re f\n",
    "no ink over nothing": said("concealed statement", before="BT 3 Tr ET"),
    "clipped away": "q 0 0 10 10 re W n\n" + said("concealed statement") + "Q\n",
    "a clip of its own and nothing in it": "q" + said("concealed statement", before=" BT 7 Tr ET") + "Q\n",
    "fully transparent": said("concealed statement", before="/Clear gs"),
    "black on black": "0 g 60 390 300 30 re f\n" + said("concealed statement", before="0 g"),
    "a layer that is off": "/OC /Off BDC\n" + said("concealed statement") + "EMC\n",
}
SEEN = {
    "black": said("visible statement"),
    "white on a dark ground": "0 0 0.4 rg 60 390 300 30 re f\n" + said("visible statement", before="1 g"),
    "white on a picture": "q 300 0 0 40 60 390 cm /P Do Q\n" + said("visible statement", before="1 g"),
    "gray": said("visible statement", before="0.7 g"),
    "yellow": said("visible statement", before="1 0.9 0 rg"),
    "red on green of one lightness": "0 0.5 0 rg 60 390 300 30 re f\n" + said("visible statement", before="1 0 0 rg"),
    "small print": said("visible statement", size=4.5),
    "marked with a marker": said("visible statement") + "/Half gs 1 1 0 rg 60 390 300 30 re f\n",
    "under a thin line": said("visible statement") + "0 g 60 403 300 0.7 re f\n",
    "outlines": said("visible statement", before="BT 1 Tr ET"),
    "within a clip": "q 60 390 300 40 re W n\n" + said("visible statement") + "Q\n",
    "half transparent": said("visible statement", before="/Half gs"),
    "a layer that is on": "/OC /On BDC\n" + said("visible statement") + "EMC\n",
    "a single letter": said("I"),
}


def read(tmp_path: Path, content: str) -> PdfLayer:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792)).obj
    page.CropBox = Array([40, 40, 612, 792])
    noise = Image.effect_noise((60, 8), 20).point(lambda level: level // 3)
    picture = pdf.make_stream(
        noise.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=60, Height=8, ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )  # fmt: skip
    layers = {
        name: pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String(name))) for name in ("On", "Off")
    }
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array(layers.values()), D=Dictionary(OFF=Array([layers["Off"]]), ON=Array([layers["On"]]))
    )
    page.Resources = Dictionary(
        Font=Dictionary(F1=FONT), XObject=Dictionary(P=picture), Properties=Dictionary(**layers),
        ExtGState=Dictionary(Clear=Dictionary(ca=0), Half=Dictionary(ca=0.5)),
    )  # fmt: skip
    page.Contents = pdf.make_stream((PLAIN + "q\n" + content + "Q\n").encode())
    pdf.save(tmp_path / "page.pdf")
    return PdfPages(str(tmp_path / "page.pdf")).read_text(1)


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_nobody_sees_is_set_apart(tmp_path, kind):
    layer = read(tmp_path, HIDDEN[kind])
    assert layer.text.split() == ["The", "parties", "appeared", "before", "the", "court."]
    told = sorted(word for line in layer.hidden for word in line.text.split())
    assert told == ["concealed", "statement"], "it is shown to whoever asks what the file hides"


@pytest.mark.parametrize("kind", SEEN)
def test_what_is_seen_is_the_page_s_text(tmp_path, kind):
    layer = read(tmp_path, SEEN[kind])
    assert " ".join(layer.text.split()).endswith("visible statement" if kind != "a single letter" else "court. I"), kind
    assert not layer.hidden


def test_words_of_which_hardly_anything_is_drawn_are_recognised_as_they_are_seen(tmp_path):
    """The place goes to the engine with what is drawn of the word: if it can be read, it is read."""
    layer = read(tmp_path, HIDDEN["all but a sliver under a box"])
    assert "hardly anything of it is drawn" in {line.why for line in layer.hidden}
    assert layer.doubtful and set(layer.doubtful) <= set(layer.unsaid)


def scan(tmp_path: Path, drawn: str, layer: str, mode: int = 3) -> PdfLayer:
    """A page that is one picture of a sentence, with invisible words over it as a scanner writes them."""
    image = Image.new("L", (1224, 1584), 250)
    font = ImageFont.truetype(str(next(FONTS.glob("*.ttf"))), 24)
    ImageDraw.Draw(image).text((144, 1584 - 2 * 412), drawn, fill=20, font=font)
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792)).obj
    picture = pdf.make_stream(
        image.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=1224, Height=1584,
        ColorSpace=Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    page.Resources = Dictionary(Font=Dictionary(F1=FONT), XObject=Dictionary(P=picture))
    page.Contents = pdf.make_stream(
        f"q 612 0 0 792 0 0 cm /P Do Q BT {mode} Tr /F1 12 Tf 72 400 Td ({layer}) Tj ET".encode()
    )
    pdf.save(tmp_path / "scan.pdf")
    return PdfPages(str(tmp_path / "scan.pdf")).read_text(1)


def test_a_scanner_s_words_lie_over_ink_and_invented_ones_over_paper(tmp_path):
    sentence = "The visit was moved to Friday."
    over_ink = scan(tmp_path, sentence, sentence)
    assert over_ink.ink_under == 1.0 and over_ink.text_without_ink == sentence
    assert scan(tmp_path, "", sentence).ink_under == 0.0
    assert scan(tmp_path, "The", "The mother agreed to everything that was asked").ink_under < 0.3


def test_a_file_of_325_bytes_that_claims_a_million_pages_has_the_one_it_has(tmp_path):
    content = bad_files.pdf_with_pages(1).replace(b"/Count 1", b"/Count 999999")
    (tmp_path / "million.pdf").write_bytes(content)
    pages = PdfPages(str(tmp_path / "million.pdf"))
    assert pages.count == 1
    structure = pages.structure()
    assert structure is not None and "999,999 by its own account, 1 are there" in str(structure.value)
