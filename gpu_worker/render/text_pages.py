"""A plain text file as pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.layer import PlainText
from gpu_worker.render.part import Structure
from gpu_worker.render.pixels import to_array, to_jpeg
from gpu_worker.render.reader import Reader
from gpu_worker.words.encodings import decode

PAGE_CHARACTERS = 4000
"""About a printed page; a form feed ends a page sooner."""


class TextPages(Reader):
    """A text in any encoding (`words.encodings`); what is doubtful about that is said."""

    def __init__(self, path: str) -> None:
        self._decoded = decode(Path(path).read_bytes())
        self._pages = [part for page in self._decoded.text.split("\f") for part in _split(page)]
        self.count = len(self._pages)

    def read_text(self, page: int, look: bool = True) -> PlainText:
        """The page's text; nothing in it needs recognising."""
        return PlainText(self._pages[page - 1])

    def structure(self) -> Structure | None:
        """How its letters are written, where that is not plain UTF-8."""
        encoding, doubt = self._decoded.encoding, self._decoded.doubt
        if encoding == "UTF-8" and doubt is None:
            return None
        return as_structure([Fact("Letters written as", encoding, claim=False, warning=doubt)])

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page as an image, for the thumbnail and for Claude."""
        return to_array(self._paint(page)), None

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG of at most `pixels` on its long side, turned `rotation`° clockwise."""
        return to_jpeg(self._paint(page), pixels, rotation)

    def _paint(self, page: int) -> Image.Image:
        image = Image.new("L", (850, 1100), 255)
        font = ImageFont.load_default(size=13)
        lines = [line[:110] for line in self._pages[page - 1].splitlines()[:60]]
        ImageDraw.Draw(image).multiline_text((50, 50), "\n".join(lines), fill=0, font=font, spacing=3)
        return image


def _split(page: str) -> list[str]:
    """Pieces of at most `PAGE_CHARACTERS`, cut at line ends where there are any."""
    pieces, start = [], 0
    while len(page) - start > PAGE_CHARACTERS:
        end = page.rfind("\n", start, start + PAGE_CHARACTERS) + 1
        end = end if end > start else start + PAGE_CHARACTERS
        pieces.append(page[start:end])
        start = end
    return [*pieces, page[start:]]
