"""A file that is words and no picture, as pages: a text, an e-mail, a conversation, a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.render.layer import PlainText
from gpu_worker.render.part import Part, Structure
from gpu_worker.render.pixels import to_array, to_jpeg
from gpu_worker.render.reader import Reader

PAGE_CHARACTERS = 4000
"""About a printed page; a form feed ends a page sooner."""


class WrittenPages(Reader):
    """Pages out of texts: each is one page, or several where it has form feeds or is too long for one."""

    def __init__(self, texts: Iterable[str], structure: Structure | None = None, parts: Iterable[Part] = ()) -> None:
        self._pages = [piece for text in texts for page in text.split("\f") for piece in _split(page)]
        self._structure, self._parts = structure, parts
        self.count = len(self._pages)

    def read_text(self, page: int, look: bool = True) -> PlainText:
        """The page's text; nothing in it needs recognising."""
        return PlainText(self._pages[page - 1])

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page as an image, for the thumbnail and for Claude."""
        return to_array(self._paint(page)), None

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG of at most `pixels` on its long side, turned `rotation`° clockwise."""
        return to_jpeg(self._paint(page), pixels, rotation)

    def structure(self) -> Structure | None:
        """What it was written from."""
        return self._structure

    def parts(self) -> Iterator[Part]:
        """The files inside; `parts` is iterated anew each time."""
        return iter(self._parts)

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
