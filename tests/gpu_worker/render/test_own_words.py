"""A PDF page's own words: in reading order wherever they were drawn, the unseen set apart, and what they do not say."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.render.layer import PdfLayer
from gpu_worker.render.pdf_pages import PdfPages

SENTENCES = (
    "The parties appeared before the court.",
    "The mother stated that the visit was late.",
    "The father agreed to the public library.",
    "Counsel asked that the schedule remain.",
)
FONT = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)
WIDTH = 7.2  # points per letter of 12-point Courier
OPEN_SANS = Path(__file__).parents[3] / "scripts" / "fonts"


def word(text: str, x: float, y: float, size: float = 12, matrix: str = "1 0 0 1") -> str:
    return f"BT /F1 {size} Tf {matrix} {x:.2f} {y:.2f} Tm ({text}) Tj ET\n"


class Sheet:
    """A PDF of one page to be drawn on."""

    def __init__(self, content: str, **page: object) -> None:
        self.pdf = pikepdf.new()
        self.page = self.pdf.add_blank_page(page_size=(612, 792))
        self.page.obj.Resources = Dictionary(Font=Dictionary(F1=FONT), XObject=Dictionary())
        self.page.obj.Contents = self.pdf.make_stream(content.encode("latin-1"))
        for key, value in page.items():
            self.page.obj[f"/{key}"] = value

    def add_picture(self, name: str, image: Image.Image) -> None:
        self.page.obj.Resources.XObject[f"/{name}"] = self.pdf.make_stream(
            image.convert("L").tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=image.width,
            Height=image.height, ColorSpace=Name.DeviceGray, BitsPerComponent=8,
        )  # fmt: skip

    def annotate(self, subtype: str, box: tuple[float, float, float, float], **entries: object) -> Dictionary:
        made = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array(box), F=4)
        for key, value in entries.items():
            made[f"/{key}"] = value
        if "/Annots" not in self.page.obj:
            self.page.obj.Annots = Array()
        self.page.obj.Annots.append(self.pdf.make_indirect(made))
        return self.page.obj.Annots[-1]

    def read(self, tmp_path: Path) -> PdfLayer:
        self.pdf.save(tmp_path / "page.pdf")
        return PdfPages(str(tmp_path / "page.pdf")).read_text(1)


def typed(lines: tuple[str, ...] = SENTENCES, top: float = 700) -> Iterator[tuple[str, float, float]]:
    """Words where a typist puts them, down from `top`."""
    for number, line in enumerate(lines):
        at = 72.0
        for each in line.split():
            yield each, at, top - 14 * number
            at += WIDTH * (len(each) + 1)


def picture_of(text: str) -> Image.Image:
    image = Image.new("L", (500, 60), 255)
    font = ImageFont.truetype(str(next(OPEN_SANS.glob("*.ttf"))), 36)
    ImageDraw.Draw(image).text((10, 6), text, fill=0, font=font)
    return image


def lines_of(layer: PdfLayer) -> list[str]:
    return [line for line in layer.text.splitlines() if line]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, 450])
def test_words_drawn_in_any_order_are_read_as_they_stand_on_any_turned_page(tmp_path, rotate):
    words = list(typed())
    random.Random(4).shuffle(words)
    layer = Sheet("".join(word(*each) for each in words), Rotate=rotate).read(tmp_path)
    assert lines_of(layer) == list(SENTENCES)
    assert layer.page.rotation == -rotate % 360, "turned back, the lines stand upright"
    first = layer.page.lines[0].words[0].box
    where = {0: (72, 81), 90: (692, 76), 180: (517, 695), 270: (81, 500)}[rotate % 360]
    assert (first[0], first[1]) == pytest.approx(where, abs=30)
    assert not layer.unsaid and not layer.hidden


def test_a_text_drawn_letter_by_letter_in_any_order_is_the_same_text(tmp_path):
    letters = [(letter, x + WIDTH * n, y) for each, x, y in typed() for n, letter in enumerate(each)]
    random.Random(4).shuffle(letters)
    assert lines_of(Sheet("".join(word(*each) for each in letters)).read(tmp_path)) == list(SENTENCES)


def test_two_columns_drawn_row_by_row_are_read_one_after_the_other(tmp_path):
    left = [f"Left column line {n} goes on here" for n in range(8)]
    right = [f"Right column line {n} goes on too" for n in range(8)]
    sides = enumerate(zip(left, right, strict=True))
    rows = "".join(word(a, 50, 700 - 14 * n) + word(b, 330, 700 - 14 * n) for n, (a, b) in sides)
    assert lines_of(Sheet(rows).read(tmp_path)) == left + right


def test_words_that_nobody_sees_are_set_apart_and_say_why(tmp_path):
    sheet = Sheet(
        "".join(word(*each) for each in typed())
        + word("written without ink", 72, 500).replace("BT", "BT 3 Tr")
        + "0 Tr 1 g " + word("white upon white", 72, 480)
        + "0 g " + word("far outside", 700, 460) + word("tiny letters here", 72, 440, 1)
        + word("under a bar", 72, 420) + "0 g 60 410 200 24 re f\n"
        + word("under a picture", 72, 390) + "q 300 0 0 30 60 380 cm /P Do Q\n"
        + "0 0 1 rg 60 330 200 24 re f 1 g " + word("white on blue", 72, 336)
    )  # fmt: skip
    sheet.add_picture("P", Image.effect_noise((60, 20), 60))
    layer = sheet.read(tmp_path)
    assert lines_of(layer) == [*SENTENCES, "white on blue"], "what is seen, and no more"
    assert {line.text: line.why for line in layer.hidden} == {
        "written without ink": "written without ink",
        "white upon white": "covered, or in the colour of the paper",
        "far outside": "outside the page",
        "tiny letters here": "too small to be read",
        "under a bar": "covered, or in the colour of the paper",
        "under a picture": "covered, or in the colour of the paper",
    }


def test_letters_that_the_file_draws_as_little_pictures_are_seen(tmp_path):
    """A Type 3 font draws whatever it likes for a letter; text modes do not touch it."""
    sheet = Sheet("BT /T3 12 Tf 72 700 Td (aaa aaa) Tj ET")
    glyph = sheet.pdf.make_stream(b"600 0 0 0 500 700 d1 0 0 500 700 re f")
    sheet.page.obj.Resources.Font["/T3"] = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 600, 700]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), CharProcs=Dictionary(a=glyph), FirstChar=97, LastChar=97,
        Widths=Array([600]), Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        Resources=Dictionary(),
    )  # fmt: skip
    layer = sheet.read(tmp_path)
    assert lines_of(layer) == ["aaa aaa"] and not layer.hidden and not layer.unsaid


def test_what_is_drawn_and_not_said_is_found_and_rules_and_bullets_are_not(tmp_path):
    rules = "72 650 400 0.7 re f 72 300 0.7 350 re f 0 0 1 rg 300 200 200 60 re f 0 g 80 560 3 3 re f\n"
    outlined = "".join(f"{72 + 9 * n} 240 m {76 + 9 * n} 252 l {79 + 9 * n} 240 l S " for n in range(12))
    sheet = Sheet("".join(word(*each) for each in typed()) + rules + outlined + "q 150 0 0 18 330 560 cm /P Do Q\n")
    sheet.add_picture("P", picture_of("FILED JUN 21 2024"))
    layer = sheet.read(tmp_path)
    assert len(layer.unsaid) == 2
    for place, inside in zip(layer.unsaid, ((335, 220, 425, 226), (76, 545, 170, 548)), strict=True):
        assert place[0] < inside[0] and place[1] < inside[1] and place[2] > inside[2] and place[3] > inside[3]
        assert place[3] - place[1] < 40


def test_form_values_stand_in_their_places_and_notes_keep_author_and_time(tmp_path):
    sheet = Sheet(word("Name:", 72, 700) + word("Sole custody", 100, 660) + word("Joint custody", 100, 640)
                  + word("He never called me", 72, 600))  # fmt: skip
    field = sheet.annotate("Widget", (120, 695, 300, 713), FT=Name.Tx, T=String("name"), V=String("Dana Whitcomb"))
    boxes = [
        sheet.annotate("Widget", (72, y, 84, y + 12), FT=Name.Btn, T=String(f"box{y}"), V=on, AS=on,
                       AP=Dictionary(N=Dictionary(Yes=sheet.pdf.make_stream(b""), Off=sheet.pdf.make_stream(b""))))
        for y, on in ((658, Name.Off), (638, Name.Yes))
    ]  # fmt: skip
    hidden = sheet.annotate("Widget", (72, 500, 200, 512), FT=Name.Tx, T=String("h"), V=String("secret value"))
    hidden.F = 2
    sheet.pdf.Root.AcroForm = Dictionary(Fields=Array([field, *boxes, hidden]), DR=Dictionary(), DA=String("/F1 12 Tf"))
    sheet.annotate("Text", (400, 700, 420, 720), Contents=String("Ask Renée about this"), T=String("Dana"),
                   M=String("D:20240312210400-08'00'"))  # fmt: skip
    sheet.annotate("StrikeOut", (72, 597, 205, 612), T=String("Marcus"), M=String("D:202404"))
    sheet.annotate("Link", (72, 597, 205, 612), Contents=String("a link says nothing"))
    layer = sheet.read(tmp_path)
    rows = [line.replace("\t", " ") for line in lines_of(layer)]
    assert rows == ["Name: Dana Whitcomb", "[ ] Sole custody", "[x] Joint custody", "He never called me"]
    assert {line.text for line in layer.page.lines if line.source == "form"} == {"Dana Whitcomb", "[ ]", "[x]"}
    assert [note.written() for note in layer.notes] == [
        "[Note by Dana, 2024-03-12 21:04 -08:00] Ask Renée about this",
        "[Struck out by Marcus, 2024-04] “He never called me”",
    ]
    assert [(line.text, line.why) for line in layer.hidden] == [("secret value", "a form field that is not shown")]
    assert not layer.unsaid


def test_looking_at_a_page_leaves_it_as_it_was(tmp_path):
    sheet = Sheet("".join(word(*each) for each in typed()))
    sheet.annotate("FreeText", (300, 500, 500, 520), Contents=String("typed upon it"), DA=String("/F1 12 Tf"),
                   AP=Dictionary(N=sheet.pdf.make_stream(b"0 0 200 20 re f", Type=Name.XObject, Subtype=Name.Form,
                                                         BBox=Array([0, 0, 200, 20]))))  # fmt: skip
    sheet.pdf.save(tmp_path / "page.pdf")
    pages = PdfPages(str(tmp_path / "page.pdf"))
    before = pages.draw_jpeg(1, 800, 0)
    assert pages.read_text(1).notes
    assert pages.draw_jpeg(1, 800, 0) == before
    assert Image.open(io.BytesIO(before)).convert("L").getextrema()[0] < 50


def test_signatures_layers_that_are_off_and_adobes_own_forms_are_named(tmp_path):
    sheet = Sheet(word("seen", 72, 700) + "/OC /L BDC " + word("on a layer that is off", 72, 600) + " EMC")
    layers = [sheet.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in ("Draft", "Shown")]
    sheet.page.obj.Resources.Properties = Dictionary(L=layers[0])
    sheet.pdf.Root.OCProperties = Dictionary(OCGs=Array(layers), D=Dictionary(OFF=Array([layers[0]])))
    when = String("D:20240305210000Z")
    signed = Dictionary(Type=Name.Sig, Name=String("Dana Whitcomb"), M=when, Reason=String("agreed"))
    fields = [Dictionary(FT=Name.Sig, T=String("one"), V=sheet.pdf.make_indirect(signed)),
              Dictionary(FT=Name.Sig, T=String("judge"))]  # fmt: skip
    sheet.pdf.Root.AcroForm = Dictionary(Fields=Array(map(sheet.pdf.make_indirect, fields)), XFA=String("x"))
    layer = sheet.read(tmp_path)
    assert lines_of(layer) == ["seen"]
    assert [line.text for line in layer.hidden] == ["on a layer that is off"]
    facts = PdfPages(str(tmp_path / "page.pdf")).structure().value
    assert [(fact["name"], fact["value"]) for fact in facts] == [
        ("Digital signature", "Dana Whitcomb, 2024-03-05 21:00 UTC, agreed"),
        ("Place for a signature", "judge, not signed"),
        ("Layer that is off", "Draft"),
        ("Form of Adobe's own kind (XFA)", "yes"),
    ]
    assert facts[0]["claim"] and "not checked" in facts[0]["warning"]


def test_letters_whose_font_is_not_in_the_file_are_not_called_hidden(tmp_path):
    """Where no machine's font has them, nothing of them is drawn here; a reader with the font sees them."""
    chinese = "".join(f"{ord(letter):04x}" for letter in "法院判决")
    sheet = Sheet(word("Judgment", 72, 700) + f"BT /F2 12 Tf 72 600 Td <{chinese}> Tj ET")
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/STSong-Light"),
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("GB1"), Supplement=2),
        FontDescriptor=Dictionary(Type=Name.FontDescriptor, FontName=Name("/STSong-Light"), Flags=4),
    )  # fmt: skip
    sheet.page.obj.Resources.Font["/F2"] = sheet.pdf.make_indirect(Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/STSong-Light"), Encoding=Name("/UniGB-UCS2-H"),
        DescendantFonts=Array([sheet.pdf.make_indirect(descendant)]),
    ))  # fmt: skip
    layer = sheet.read(tmp_path)
    assert lines_of(layer) == ["Judgment", "法院判决"] and not layer.hidden
