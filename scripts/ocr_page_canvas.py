"""A page to draw on that remembers what was written, in the order of writing."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import numpy as np
from ocr_page_words import Words
from PIL import Image, ImageDraw, ImageFont

DPI = 200
FONTS = Path(__file__).with_name("fonts")  # our own, so that a page looks the same on every machine
FACES = {
    "serif": "Tinos-Regular.ttf", "serif bold": "Tinos-Bold.ttf", "sans": "Arimo-Regular.ttf",
    "sans bold": "Arimo-Bold.ttf", "mono": "Cousine-Regular.ttf",
}  # fmt: skip


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` px. It has Latin and Cyrillic letters."""
    return ImageFont.truetype(str(FONTS / FACES[face]), size)


class Canvas:
    """A white page. What is written is kept as lines of truth, in the order of the calls; so is where every piece of it
    stands (`placed`: text, and its ink's left, top, right, bottom)."""

    def __init__(self, size: tuple[int, int], source: random.Random) -> None:
        self.width, self.height = size
        self.center = self.width / 2
        self._image = Image.new("L", size, 255)
        self._draw = ImageDraw.Draw(self._image)
        self._family = source.choice(["serif", "serif", "sans"])
        self._random = source
        self._truth: list[str] = []
        self.placed: list[tuple[str, tuple[float, float, float, float]]] = []

    def image(self) -> np.ndarray:
        return np.asarray(self._image).copy()

    def truth(self) -> str:
        return "\n".join(self._truth) + "\n"

    def text(
        self,
        line: str,
        x: float,
        y: float,
        size: int,
        *,
        bold: bool = False,
        mono: bool = False,
        align: str = "left",
        heading: bool = False,
        ink: int | None = None,
    ) -> None:
        """Write one line in gray `ink` (a dark one by chance); `x` is its left end, its middle or its right end, as
        `align` says."""
        face, anchor = self._font(size, bold or heading, mono), {"left": "la", "center": "ma", "right": "ra"}[align]
        fill = self._random.randint(0, 50) if ink is None else ink
        self._draw.text((x, y), line, fill=fill, font=face, anchor=anchor)
        self._truth.append(line)
        self.placed.append((line, self._draw.textbbox((x, y), line, font=face, anchor=anchor)))

    def heading(self, line: str, x: float, y: float, size: int) -> None:
        self.text(line, x, y, size + 4, bold=True)

    def paragraph(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: int,
        *,
        pitch: float = 0,
        bottom: float = 1e9,
        ink: int | None = None,
    ) -> float:
        """Write wrapped lines down to `bottom`; returns the height at which the next thing may stand."""
        for line in self.wrapped(text, width, size):
            if y > bottom:
                break
            self.text(line, x, y, size, ink=ink)
            y += pitch or 1.3 * size
        return y

    def wrapped(self, text: str, width: float, size: int, mono: bool = False) -> list[str]:
        face, lines = self._font(size, False, mono), [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if face.getlength(longer) > width and lines[-1]:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def row(self, cells: tuple[str, ...], stops: list[int], y: float, size: int, bold: bool, right_from: int) -> None:
        """Write a row of a table; cells from `right_from` on end at the next stop but one's left."""
        for number, cell in enumerate(cells):
            align = "right" if number >= right_from else "left"
            x = stops[number + 1] - 70 + (60 if number == len(cells) - 1 else 0) if align == "right" else stops[number]
            if cell:
                self.text(cell, x, y, size, bold=bold, align=align)
        self._truth[-sum(map(bool, cells)) :] = [" ".join(cell for cell in cells if cell)]

    def panel(self, x0: float, y0: float, x1: float, y1: float, shade: int) -> None:
        """A filled box to write on."""
        self._draw.rectangle((x0, y0, x1, y1), fill=shade)

    def upwards(self, text: str, x: float, y: float, size: int) -> None:
        """Write one line up a margin, from `y` on."""
        face = self._font(size, False, False)
        patch = Image.new("L", (int(face.getlength(text)) + 4, int(1.4 * size)), 255)
        ImageDraw.Draw(patch).text((2, 0), text, fill=40, font=face)
        turned = patch.rotate(90, expand=True)
        self._image.paste(turned, (int(x), int(y) - turned.height))
        self._truth.append(text)

    def line_numbers(self, count: int, x: float, y: float, pitch: float, size: int, mono: bool = False) -> None:
        for number in range(count):
            self.text(str(number + 1), x + 40, y + pitch * number, size, mono=mono, align="right")

    def caption(self, words: Words, x: float, y: float, pitch: float, size: int) -> None:
        """The parties at the left, a column of brackets, case number and title at the right."""
        left = [words.name().upper() + ",", "Plaintiff,", "vs.", words.name().upper() + ",", "Defendant."]
        right = [f"Case No. {words.case_number()}", words.title(3).upper(), f"Date: {words.date()}", "Dept.: 12"]
        for number, line in enumerate(left):
            self.text(line, x + (120 if number in (1, 2, 4) else 0), y + pitch * number, size)
            self.text(")", x + 640, y + pitch * number, size)
            self._truth[-2:] = [" ".join(self._truth[-2:])]
        for number, line in enumerate(right):
            self.text(line, x + 700, y + pitch * number, size)

    def figure(self, x: float, y: float, width: float, caption: str, size: int) -> float:
        """A plain chart with its caption below; returns where the text goes on."""
        height = 0.6 * width
        self._draw.rectangle((x, y, x + width, y + height), outline=0, width=2)
        points = [(x + width * i / 9, y + height * self._random.uniform(0.1, 0.9)) for i in range(10)]
        self._draw.line(points, fill=60, width=4)
        return self.paragraph(caption, x, y + height + 14, width, size - 4) + 1.5 * size

    def stamp(self, text: str, x: float, y: float) -> None:
        """A framed stamp, a few degrees askew."""
        face = self._font(34, True, False)
        patch = Image.new("L", (int(face.getlength(text)) + 40, 80), 255)
        draw = ImageDraw.Draw(patch)
        draw.rectangle((2, 2, patch.width - 3, 77), outline=90, width=4)
        draw.text((20, 40), text, fill=90, font=face, anchor="lm")
        turned = patch.rotate(
            self._random.uniform(-7, 7), expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
        )
        self._image.paste(turned, (int(x), int(y)))
        self._truth.append(text)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._draw.line((x0, y0, x1, y1), fill=0, width=2)

    def _font(self, size: int, bold: bool, mono: bool) -> ImageFont.FreeTypeFont:
        return font("mono" if mono else f"{self._family} bold" if bold else self._family, size)
