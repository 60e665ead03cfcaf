"""`searchable.pdf`: the original pages with an invisible text layer over those that were recognised (wire: pikepdf)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from gpu_worker.ocr.errors import SearchablePdfFailed
from gpu_worker.ocr.page_text import PageText
from gpu_worker.pictures.picture import Picture, count_pages, orientation, resolution, show
from gpu_worker.searchable.own_text import OwnText, OwnTexts, leave_out_own_words, open_own_texts, strip_hidden_text
from gpu_worker.searchable.text_content import FONT_NAME, GLYPH_WIDTH, TO_UNICODE, PagePlace, text_content

MOST_POINTS = 14_000  # a side; PDF allows 14,400
MP_ENTRIES = 0xB002  # the tag under which an MPO lists its pictures
TURNED = {1: 0, 3: 180, 6: 90, 8: 270}  # EXIF orientations that a page's /Rotate can express
LOSSY = {"HEIF", "HEIC", "WEBP", "AVIF"}  # photographs: storing their pixels losslessly would make them 20 times larger
MODES = {"1": "/DeviceGray", "L": "/DeviceGray", "RGB": "/DeviceRGB"}


def make_searchable_pdf(source: Path, mime_type: str, pages: Iterable[PageText | None], destination: Path) -> None:
    """Write `destination`: `source` (a PDF, or an image file of one or more frames) with invisible text over its pages.

    `pages[i]` is what was read on page i; None leaves that page exactly as it was (it had text, or nothing was read).
    Else hidden text of another program goes, and words that the page itself shows are not written again. A `PageText`
    covers the page as it is shown (a PDF page's crop box with its /Rotate applied; an image with its EXIF orientation
    applied): its width × height pixels are stretched over that, so any render resolution will do. A JPEG goes in as its
    own bytes, never recompressed. Raises `SearchablePdfFailed` when `source` cannot be taken apart.
    """
    is_pdf = mime_type == "application/pdf"
    try:
        with pikepdf.open(source) if is_pdf else picture_as_pdf(source) as pdf, _own_texts(source, is_pdf) as own_texts:
            font = pdf.make_indirect(_font(pdf))
            for index, (page, text) in enumerate(zip(pdf.pages, pages, strict=False)):
                if text is not None and text.lines:
                    _add_text(pdf, page, text, own_texts.read(index), font)
            pdf.save(destination, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except (pikepdf.PdfError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SearchablePdfFailed("No searchable PDF could be made of this file; its text is in ocr.txt.") from error


def _own_texts(source: Path, is_pdf: bool) -> AbstractContextManager[OwnTexts]:
    return open_own_texts(source) if is_pdf else nullcontext(OwnTexts(None))


def _add_text(pdf: pikepdf.Pdf, page: pikepdf.Page, text: PageText, own: OwnText, font: pikepdf.Object) -> None:
    """Wrap the page's own content, so that nothing it left behind moves the text, and write the words after it."""
    if own.has_hidden:
        strip_hidden_text(pdf, page)
    place = _place(page)
    text = leave_out_own_words(text, own, place)
    if not text.lines:
        return
    content = text_content(text, place)
    page.add_resource(font, Name.Font, Name(FONT_NAME))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\nq\n" + content + b"\nQ\n")


def _place(page: pikepdf.Page) -> PagePlace:
    box = [float(edge) for edge in page.cropbox]
    media = [float(edge) for edge in page.mediabox]
    left, right = max(min(box[0::2]), min(media[0::2])), min(max(box[0::2]), max(media[0::2]))
    bottom, top = max(min(box[1::2]), min(media[1::2])), min(max(box[1::2]), max(media[1::2]))
    return PagePlace(left, bottom, right, top, int(page.rotation) % 360)


def _font(pdf: pikepdf.Pdf) -> Dictionary:
    """A font whose every glyph is half as wide as high and has no shape; its codes are Unicode."""
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.OcrText, Flags=5, FontBBox=Array([0, -200, 500, 800]),
        ItalicAngle=0, Ascent=800, Descent=-200, CapHeight=700, StemV=80,
    )  # fmt: skip
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.OcrText, DW=int(1000 * GLYPH_WIDTH),
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=Name.Identity,
    )  # fmt: skip
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.OcrText, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]), ToUnicode=pdf.make_stream(TO_UNICODE),
    )  # fmt: skip


# --- images ------------------------------------------------------------------------------------------------------


def picture_as_pdf(source: Path) -> pikepdf.Pdf:
    """A PDF with one page per page of the result."""
    pdf = pikepdf.new()
    with Image.open(source) as image:
        if image.format in ("JPEG", "MPO") and orientation(image) in TURNED and image.mode in ("L", "RGB"):
            data = _first_picture(image, source.read_bytes())
            _add_jpeg(pdf, image, data, resolution(image), TURNED[orientation(image)])
            return pdf
        for frame in range(count_pages(image)):
            image.seek(frame)
            _add_picture(pdf, show(image), image.format in LOSSY)
    return pdf


def _first_picture(image: Image.Image, data: bytes) -> bytes:
    """The photo alone, where a phone put a second picture behind it (MPO)."""
    pictures = getattr(image, "mpinfo", {}).get(MP_ENTRIES) or [{}]
    first = data[: pictures[0].get("Size", len(data))]
    return first if first.endswith(b"\xff\xd9") else data


def _add_picture(pdf: pikepdf.Pdf, picture: Picture, lossy: bool) -> None:
    image = picture.image
    if lossy and image.mode != "1":
        out = io.BytesIO()
        image.save(out, "JPEG", quality=90)
        _add_jpeg(pdf, image, out.getvalue(), picture.dpi, 0)
        return
    stream = pdf.make_stream(
        image.tobytes(), Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height,
        ColorSpace=Name(MODES[image.mode]), BitsPerComponent=1 if image.mode == "1" else 8,
    )  # fmt: skip
    _add_page(pdf, stream, image.size, picture.dpi, 0)


def _add_jpeg(pdf: pikepdf.Pdf, image: Image.Image, data: bytes, dpi: tuple[float, float], rotation: int) -> None:
    stream = pdf.make_stream(
        data, Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height,
        ColorSpace=Name(MODES[image.mode]), BitsPerComponent=8, Filter=Name.DCTDecode,
    )  # fmt: skip
    _add_page(pdf, stream, image.size, dpi, rotation)


def _add_page(
    pdf: pikepdf.Pdf, image: pikepdf.Object, size: tuple[int, int], dpi: tuple[float, float], rotation: int
) -> None:
    width, height = (72 * pixels / per_inch for pixels, per_inch in zip(size, dpi, strict=True))
    scale = min(1.0, MOST_POINTS / max(width, height))
    width, height = width * scale, height * scale
    page = pdf.add_blank_page(page_size=(max(width, 3), max(height, 3)))
    page.add_resource(image, Name.XObject, Name("/Scan"))
    page.contents_add(f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Scan Do Q".encode("ascii"))
    if rotation:
        page.Rotate = rotation
