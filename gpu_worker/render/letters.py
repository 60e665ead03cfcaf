"""The letters that a PDF page draws, where they stand on the page as it is shown (wire: pdfium)."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from gpu_worker.ocr.page_text import Box

INVISIBLE = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
MOST_LETTERS = 60_000
"""Of one page; a page of a newspaper has 30,000."""
HYPHENS = (0x2, 0xFFFE)
"""What pdfium gives for a hyphen at a line's end."""

LAST_LATIN = "\u024f"
"""pdfium brings shapes for these itself."""
NO_LETTERS = ("Co", "Cn")
"""Categories of the codes of symbol fonts and broken maps: what they show is left to be recognised."""


@dataclass(frozen=True)
class Letter:
    """A character and its box (left, top, right, bottom in points from the top left of the page as shown).

    `angle` is how far clockwise it is turned (degrees); `item` is the text object that draws it, 0 for a blank that is
    not the page's own; `is_drawn` is False in the text mode that leaves no ink, `is_sure` where it is no letter at all,
    `has_shape` where its font is not in the file and may lack it here, so that its page cannot be drawn as it is.
    """

    text: str
    box: Box
    angle: float
    item: int
    is_drawn: bool
    is_sure: bool
    has_shape: bool = True


@dataclass(frozen=True)
class ShownPage:
    """How a page's own coordinates become those of the page as shown: its box there, its turn, its size."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @classmethod
    def of(cls, page: pypdfium2.PdfPage) -> ShownPage:
        """The page as pdfium shows it."""
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation())

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        size = self.right - self.left, self.top - self.bottom
        return size if self.rotation % 180 == 0 else size[::-1]

    def box_of(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Left, top, right, bottom from the top left of the page as shown."""
        a, b, c, d = left - self.left, bottom - self.bottom, right - self.left, top - self.bottom
        width, height = self.right - self.left, self.top - self.bottom
        if self.rotation == 90:
            return b, a, d, c
        if self.rotation == 180:
            return width - c, b, width - a, d
        if self.rotation == 270:
            return height - d, width - c, height - b, width - a
        return a, height - d, c, height - b


def read_letters(text_page: pypdfium2.PdfTextPage, shown: ShownPage) -> list[Letter]:
    """Every character in the order of the file; blanks that pdfium adds between words are among them."""
    raw, letters, items = text_page.raw, list[Letter](), dict[int, _Item]()
    rect = pdfium.FS_RECTF()
    for index in range(min(text_page.count_chars(), MOST_LETTERS)):
        text = _character(pdfium.FPDFText_GetUnicode(raw, index))
        item = None if text.isspace() and _is_added(raw, index) else pdfium.FPDFText_GetTextObject(raw, index)
        address = ctypes.addressof(item.contents) if item else 0
        if address not in items:
            items[address] = _look_at(raw, index, item, shown.rotation)
        pdfium.FPDFText_GetLooseCharBox(raw, index, rect)
        letters.append(
            Letter(
                text,
                shown.box_of(rect.left, rect.bottom, rect.right, rect.top),
                items[address].angle,
                address,
                items[address].is_drawn,
                unicodedata.category(text) not in NO_LETTERS,
                items[address].has_font or text <= LAST_LATIN,
            )
        )
    return letters


def _is_added(raw: object, index: int) -> bool:
    """Whether pdfium added the blank, between words that were drawn apart."""
    return bool(pdfium.FPDFText_IsGenerated(raw, index) == 1)


@dataclass(frozen=True)
class _Item:
    """What all letters of a text object share."""

    angle: float = 0.0
    is_drawn: bool = True
    has_font: bool = True


def _look_at(raw: object, index: int, item: object, rotation: int) -> _Item:
    if not item:
        return _Item()
    angle = rotation - math.degrees(max(pdfium.FPDFText_GetCharAngle(raw, index), 0.0))
    is_drawn = pdfium.FPDFTextObj_GetTextRenderMode(item) != INVISIBLE
    return _Item(angle % 360, is_drawn, pdfium.FPDFFont_GetIsEmbedded(pdfium.FPDFTextObj_GetFont(item)) == 1)


def _character(code: int) -> str:
    """The character of a code; a hyphen at a line's end as it is seen, a code that is none as a blank."""
    if code in HYPHENS:
        return "-"
    return " " if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)
