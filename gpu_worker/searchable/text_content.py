"""The invisible text of a page as PDF content: where each word stands, and the font that has no shapes (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gpu_worker.ocr.page_text import Line, PageText, Quad, Word

BASELINE = 0.22  # of a line's height, from its lower edge
FONT_SIZE = 0.8  # of a line's height
GLYPH_WIDTH = 0.5  # of the font size: every glyph of the font without shapes
FONT_NAME = "/OcrText"
BLANK = "0020"
"""Written behind every word but a line's last: readers guess where blanks are, and join words set narrow."""


@dataclass(frozen=True)
class PagePlace:
    """Where a page lies in PDF space: its visible box in points, and the clockwise turn (0, 90, 180, 270) it is shown
    with."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    def shown_size(self) -> tuple[float, float]:
        """Width and height in points as a reader sees the page."""
        size = self.right - self.left, self.top - self.bottom
        return size if self.rotation % 180 == 0 else size[::-1]

    def to_user_space(self, u: float, v: float) -> tuple[float, float]:
        """Points from the lower left corner of the page as shown → PDF coordinates."""
        if self.rotation == 90:
            return self.right - v, self.bottom + u
        if self.rotation == 180:
            return self.right - u, self.top - v
        if self.rotation == 270:
            return self.left + v, self.top - u
        return self.left + u, self.bottom + v

    def box_of(self, quad: Quad, width: float, height: float) -> tuple[float, float, float, float]:
        """Left, bottom, right and top in PDF coordinates of a quad on the page drawn as `width` × `height` pixels."""
        shown_width, shown_height = self.shown_size()
        corners = [self.to_user_space(x * shown_width / width, shown_height * (1 - y / height)) for x, y in quad]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


def text_content(page: PageText, place: PagePlace) -> bytes:
    """The content stream that writes every word of `page` invisibly where it stands; behind them all, the letters of
    those that were taken for other words, so that a search finds these too."""
    width, height = place.shown_size()
    across, down = width / page.width, height / page.height

    def to_pdf(point: np.ndarray) -> np.ndarray:
        return np.array(place.to_user_space(point[0] * across, height - point[1] * down))

    words = [_show(line, word, to_pdf) for line in page.lines for word in line.words]
    read = [(line, replace(word, text=word.read)) for line in page.lines for word in line.words if word.read]
    words += [_show(line, word, to_pdf) for line, word in read]
    return "\n".join(["BT 3 Tr", *filter(None, words), "ET"]).encode("ascii")


def _show(line: Line, word: Word, to_pdf: Callable[[np.ndarray], np.ndarray]) -> str:
    glyphs = word.text.encode("utf-16-be", "ignore") if max(word.text, default="") <= "\uffff" else _basic(word.text)
    if not glyphs:
        return ""
    corners = np.array(line.quad)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    height = float(np.linalg.norm(down)) or 1.0
    along = along / (float(np.linalg.norm(along)) or 1.0)
    down = down / height
    length = _length(word, along, height)
    middle = np.array([word.box[0] + word.box[2], word.box[1] + word.box[3]]) / 2
    start = middle - along * length / 2 + down * height * (0.5 - BASELINE)
    origin, end, up = to_pdf(start), to_pdf(start + along * length), to_pdf(start - down * height)
    size = FONT_SIZE * float(np.linalg.norm(up - origin))
    drawn = float(np.linalg.norm(end - origin))
    if size <= 0 or drawn <= 0:
        return ""
    stretch = 100 * drawn / (GLYPH_WIDTH * size * len(glyphs) / 2)
    x, y = (end - origin) / drawn
    matrix = f"{x:.5f} {y:.5f} {-y:.5f} {x:.5f} {origin[0]:.3f} {origin[1]:.3f} Tm"
    blank = "" if word is line.words[-1] else BLANK
    return f"{FONT_NAME} {size:.3f} Tf {stretch:.2f} Tz {matrix} <{glyphs.hex()}{blank}> Tj"


def _basic(text: str) -> bytes:
    """Characters beyond the basic plane have no code in the font."""
    return "".join(letter for letter in text if letter <= "\uffff").encode("utf-16-be")


def _length(word: Word, along: np.ndarray, height: float) -> float:
    """How long the word is along its line; `word.box` is upright, so a slanted line's height is part of it."""
    width, tall = word.box[2] - word.box[0], word.box[3] - word.box[1]
    cos, sin = abs(float(along[0])), abs(float(along[1]))
    length = (width - height * sin) / cos if cos >= sin else (tall - height * cos) / sin
    return length if math.isfinite(length) and length > 0 else max(width, tall, 1.0)


TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
