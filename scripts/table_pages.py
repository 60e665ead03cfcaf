"""Pages with tables, drawn by chance with a seed, and what their cells say: for the benchmark and the tests (pure)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gpu_worker.ocr.page_text import Line, PageText, Word

FONTS = Path(__file__).parent / "fonts"
SIZE = 1700, 2200
KINDS = ("ruled", "half_ruled", "unruled", "wrapped", "long_cells", "spanning", "statement", "two_pages")
NAMES = ("Rent", "Food", "Daycare", "Insurance", "Dentist", "School", "Travel", "Clothing", "Utilities", "Fees")
PEOPLE = ("Ana Mills", "Jon Baker", "Rosa Ortiz", "Lee Wong", "Kim Day", "Max Gruber", "Eva Lund", "Omar Haddad")
LETTER = (
    "The parties shall exchange the following figures on or before the first day of each month and either of them "
    "may ask the other for the papers behind an entry without giving a reason for it"
)
Grid = list[list[str]]


@dataclass
class TablePage:
    """A drawn page (gray, 200 dpi), its words where they were drawn, and its tables: their texts and spanning cells."""

    image: np.ndarray
    words: list[Word]
    tables: list[Grid]

    def as_read(self) -> PageText:
        """The page as a reader without fault has it, a word a line."""
        lines = tuple(Line((word,), word.text, _corners(word), 1.0) for word in self.words)
        return PageText(lines, "", "drawn", 1.0, *SIZE)


@dataclass
class _Sheet:
    chance: random.Random
    size: int = 28
    face: str = "Arimo-Regular.ttf"
    words: list[Word] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.size = self.chance.randint(22, 28)
        self.face = self.chance.choice(["Arimo-Regular.ttf", "Tinos-Regular.ttf", "Cousine-Regular.ttf"])
        self.font = ImageFont.truetype(str(FONTS / self.face), self.size)
        self.image = Image.new("L", SIZE, 255)
        self.draw = ImageDraw.Draw(self.image)

    def write(self, text: str, x: float, y: float, right: bool = False) -> float:
        """Write words from `x`, or up to it; answers where they end."""
        if right:
            x -= self.font.getlength(text)
        for word in text.split():
            self.draw.text((x, y), word, fill=20, font=self.font)
            end = x + self.font.getlength(word)
            self.words.append(Word(word, (x, y, end, y + 1.15 * self.size), 1.0))
            x = end + self.font.getlength(" ")
        return x

    def letter(self, y: float, lines: int) -> float:
        """Prose across the page; answers where it ends."""
        for _ in range(lines):
            text = " ".join(self.chance.choices(LETTER.split(), k=40))
            while self.font.getlength(text) > 1300:
                text = text.rsplit(" ", 1)[0]
            self.write(text, 200, y)
            y += 1.4 * self.size
        return y + 2 * self.size


def draw_pages(kind: str, seed: int) -> list[TablePage]:
    """The pages of one document with a table of this kind; two for `two_pages`, else one."""
    chance = random.Random(f"{kind} {seed}")
    head, rows = _content(kind, chance)
    if kind != "two_pages":
        return [_page(kind, chance, head, rows)]
    cut = len(rows) // 2
    return [_page("ruled", random.Random(seed), head, part) for part in (rows[:cut], rows[cut:])]


def _content(kind: str, chance: random.Random) -> tuple[list[str], Grid]:
    count = chance.randint(4, 12)
    if kind == "statement":
        head = ["Date", "Description", "Amount", "Balance"]
        return head, [[_date(chance), _entry(chance), _money(chance), _money(chance)] for _ in range(count)]
    columns = chance.randint(3, 5)
    head = chance.sample(["Item", "Paid by", "Month", "Amount", "Share", "Due"], columns)
    make = {"Item": _entry, "Paid by": lambda c: c.choice(PEOPLE), "Month": _date}
    rows = [[make.get(name, _money)(chance) for name in head] for _ in range(count)]
    if kind == "wrapped":
        for row in rows:
            row[0] = f"{row[0]} and {chance.choice(NAMES)}\nfor {chance.choice(NAMES)}"
    if kind == "long_cells":
        for row in rows:
            row[0] = "\n".join([row[0], *(f"for {chance.choice(NAMES)}" for _ in range(chance.choice([0, 1, 2, 3])))])
    if kind in ("ruled", "two_pages"):
        for row in rows:
            if chance.random() < 0.15:
                row[chance.randrange(columns)] = ""
    return head, rows


def _page(kind: str, chance: random.Random, head: list[str], rows: Grid) -> TablePage:
    sheet = _Sheet(chance)
    y = top = sheet.letter(180, chance.randint(2, 6))
    content = [head, *rows]
    widths = [max(sheet.font.getlength(line) for r in content for line in r[c].split("\n")) for c in range(len(head))]
    gap = min(sheet.size * chance.uniform(1.6, 3), (1440 - sum(widths)) / len(widths))  # inside the paper
    xs = [220.0]
    for width in widths:
        xs.append(xs[-1] + width + gap)
    level = []
    if kind == "spanning":
        content = [["Costs of the year", *[""] * (len(head) - 1)], *content]
    for number, row in enumerate(content):
        level.append(y)
        for c, text in enumerate(row):
            right = number > 0 and text[:1] in "$-" and text != ""
            for k, line in enumerate(text.split("\n")):
                x = xs[c + 1] - gap / 2 if right else xs[c] + gap / 2
                sheet.write(line, x, y + (0.35 + 1.25 * k) * sheet.size, right)
        y += sheet.size * (1.9 + 1.25 * max(text.count("\n") for text in row))
    level.append(y)
    _rule(sheet, kind, xs, level)
    sheet.letter(y + 2 * sheet.size, chance.randint(2, 6))
    assert y < SIZE[1] and top < y
    return TablePage(np.asarray(sheet.image).copy(), sheet.words, [content])


def _rule(sheet: _Sheet, kind: str, xs: list[float], level: list[float]) -> None:
    if kind in ("unruled", "long_cells", "statement"):
        return
    width = sheet.chance.randint(1, 4)
    for y in level:
        sheet.draw.line((xs[0], y, xs[-1], y), fill=40, width=width)
    if kind == "half_ruled":
        return
    for i, x in enumerate(xs):
        inner = kind == "spanning" and 0 < i < len(xs) - 1
        sheet.draw.line((x, level[1 if inner else 0], x, level[-1]), fill=40, width=width)


def _date(chance: random.Random) -> str:
    return f"{chance.randint(1, 12):02}/{chance.randint(1, 28):02}/2025"


def _money(chance: random.Random) -> str:
    return f"{chance.choice(['', '', '-'])}${chance.randint(5, 9999):,}.{chance.randint(0, 99):02}"


def _entry(chance: random.Random) -> str:
    return " ".join(chance.sample(NAMES, chance.randint(1, 3)))


def _corners(word: Word) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = word.box
    return (left, top), (right, top), (right, bottom), (left, bottom)
