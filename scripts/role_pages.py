"""Draw documents whose lines' roles are known: pleadings and transcripts with numbered lines, reports and articles with
running heads, statements, letters; as a scan moves them and a recogniser misreads them (pure)."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.ocr.structure.role_lines import Role

WIDTH, HEIGHT = 1700, 2200
MISREAD = 0.004
"""Of the letters."""
WORDS = (
    "the", "of", "and", "to", "court", "child", "parent", "order", "said", "that", "was", "with", "custody", "on", "by",
    "for", "hearing", "evidence", "visit", "father", "mother", "support", "agreed", "before", "returned", "school",
    "county", "petition", "declared", "under", "days", "each", "may", "paid", "not",
)  # fmt: skip
NAMES = ("Hale", "Reyes", "Ostrom", "Lindqvist", "Baptiste", "Nakamura", "Okafor", "Delgado", "Whitcomb", "Farrow")


@dataclass
class RolePage:
    """A page that is being set: lines from top to bottom with their roles."""

    chance: random.Random
    moved: tuple[float, float]
    lines: list[tuple[Line, Role]] = field(default_factory=list)

    def put(self, role: Role, text: str, x: float, y: float, size: float = 30, align: str = "left") -> None:
        """Set a line; `x` is its left, right or middle."""
        text = "".join(self._read(letter) for letter in text)
        wide = 0.5 * size * len(text)
        left = {"left": x, "right": x - wide, "center": x - wide / 2}[align] + self.moved[0]
        top, words, at = y + self.moved[1] + self.chance.uniform(-2, 2), [], left
        for word in text.split():
            words.append(Word(word, (at, top, at + 0.5 * size * len(word), top + size), 0.97))
            at += 0.5 * size * (len(word) + 1)
        quad = ((left, top), (left + wide, top), (left + wide, top + size), (left, top + size))
        self.lines.append((Line(tuple(words), " ".join(text.split()), quad, 0.97), role))

    def finish(self) -> tuple[PageText, tuple[Role, ...]]:
        """The page as it is read, and the truth."""
        lines, roles = zip(*self.lines, strict=True)
        return PageText(lines, "\n".join(line.text for line in lines), "drawn", 0.97, WIDTH, HEIGHT), roles

    def _read(self, letter: str) -> str:
        misread = letter.isalpha() and self.chance.random() < MISREAD
        return self.chance.choice(string.ascii_lowercase) if misread else letter


def draw_document(kind: str, seed: int) -> list[tuple[PageText, tuple[Role, ...]]]:
    """The pages of one document, three to nine; the same seed draws the same."""
    chance = random.Random(f"{kind} {seed}")
    pages = []
    draw = KINDS[kind](chance)
    for number in range(1, chance.randint(3, 9) + 1):
        page = RolePage(chance, (chance.uniform(-12, 12), chance.uniform(-12, 12)))
        draw(page, number)
        pages.append(page.finish())
    return pages


def _prose(chance: random.Random, letters: float) -> str:
    text = chance.choice(NAMES)
    while len(text) < letters - 8:
        text += " " + (chance.choice(NAMES) if chance.random() < 0.08 else chance.choice(WORDS))
    return text


def _paragraphs(page: RolePage, top: float, bottom: float, left: float, right: float, size: float = 30) -> None:
    y = top
    while y < bottom:
        ends = page.chance.random() < 0.15
        page.put(Role.BODY, _prose(page.chance, (right - left) / size * 2 * (0.5 if ends else 1)), left, y, size)
        y += size * (2.6 if ends else 1.5)


Draw = Callable[[RolePage, int], None]


def _pleading(chance: random.Random) -> Draw:
    title, case, left = f"DECLARATION OF {chance.choice(NAMES).upper()}", f"24FL{chance.randint(100, 999)}", 250

    def draw(page: RolePage, number: int) -> None:
        rows = [(n, 200 + 66 * (n - 1)) for n in range(1, 29)]
        for n, y in rows:
            page.put(Role.LINE_NUMBER, str(n), 190, y, align="right")
        for n, y in rows:
            if n > 8 or number > 1:
                page.put(Role.BODY, _prose(page.chance, page.chance.choice([86, 86, 86, 40])), left, y)
            elif n in (1, 3, 5, 7):
                page.put(Role.BODY, f"{page.chance.choice(NAMES)}, Case No. {case}", left, y)
        page.put(Role.PAGE_NUMBER, str(number), WIDTH / 2, 2070, align="center")
        page.put(Role.FOOTER, title, WIDTH / 2, 2115, 26, "center")

    return draw


def _transcript(chance: random.Random) -> Draw:
    first, witness = chance.randint(1, 90), chance.choice(NAMES)

    def draw(page: RolePage, number: int) -> None:
        page.put(Role.HEADER, f"{witness} - Direct", 250, 90, 28)
        page.put(Role.PAGE_NUMBER, f"Page {first + number}", WIDTH - 180, 90, 28, "right")
        for n in range(1, 26):
            page.put(Role.LINE_NUMBER, str(n), 170, 200 + 72 * n, align="right")
        for n in range(1, 26):
            page.put(Role.BODY, f"{'QA'[n % 2]}. {_prose(page.chance, page.chance.randint(20, 70))}", 250, 200 + 72 * n)
        page.put(Role.FOOTER, "Northern Reporting, 530-555-0134", WIDTH / 2, 2110, 24, "center")

    return draw


def _report(chance: random.Random) -> Draw:
    title, who = _prose(chance, 40), f"County of {chance.choice(NAMES)}"
    size, figures = chance.choice([26, 30]), iter(range(1, 99))

    def draw(page: RolePage, number: int) -> None:
        left, right = (180, 1500) if number % 2 else (220, 1540)
        if number > 1:
            page.put(Role.HEADER, title if number % 2 else who, left, 110, 24)
        bottom = page.chance.randint(1250, 1950)
        _paragraphs(page, 240, bottom, left, right, size)
        if bottom < 1500:
            page.put(Role.CAPTION, f"Figure {next(figures)}: {_prose(page.chance, 40)}", left, 1880, 24)
        page.put(Role.FOOTER, f"{who} - Family Court Services", left, 2090, 22)
        page.put(Role.PAGE_NUMBER, f"Page {number} of 9", right, 2090, 22, "right")

    return draw


def _article(chance: random.Random) -> Draw:
    first, journal = chance.randint(1, 400), _prose(chance, 34)

    def draw(page: RolePage, number: int) -> None:
        page.put(Role.HEADER, journal, WIDTH / 2, 100, 22, "center")
        page.put(Role.PAGE_NUMBER, str(first + number), 1560 if number % 2 else 140, 100, 22)
        _paragraphs(page, 200, 1900, 330, 1560, 26)
        for _ in range(page.chance.randint(0, 2)):
            page.put(Role.MARGIN_NOTE, _prose(page.chance, 12)[:14], 90, 300 + 55 * page.chance.randint(0, 25), 20)
        page.put(Role.CAPTION, f"Table {number}. {_prose(page.chance, 30)}", 330, 1990, 22)

    return draw


def _statement(chance: random.Random) -> Draw:
    bank, account = f"{chance.choice(NAMES)} Savings Bank", f"Account {chance.randint(10**7, 10**8)}"

    def draw(page: RolePage, number: int) -> None:
        page.put(Role.HEADER, bank, 150, 80, 40)
        page.put(Role.HEADER, account, 1550, 90, 26, "right")
        for row in range(page.chance.randint(15, 28)):
            y = 300 + 58 * row
            page.put(Role.BODY, f"{page.chance.randint(1, 12):02}/{page.chance.randint(1, 28):02}", 150, y)
            page.put(Role.BODY, _prose(page.chance, 30), 400, y)
            page.put(Role.BODY, f"{page.chance.randint(1, 999)}.{page.chance.randint(10, 99)}", 1550, y, align="right")
        page.put(Role.PAGE_NUMBER, f"{number} / 9", WIDTH / 2, 2100, 24, "center")

    return draw


def _letter(chance: random.Random) -> Draw:
    firm = f"{chance.choice(NAMES)} & {chance.choice(NAMES)} LLP"

    def draw(page: RolePage, number: int) -> None:
        if number > 1:
            page.put(Role.PAGE_NUMBER, f"- {number} -", WIDTH / 2, 90, 26, "center")
        _paragraphs(page, 220, 1900, 200, 1500)
        page.put(Role.FOOTER, f"{firm}, 1200 Court Street, Redding", WIDTH / 2, 2080, 22, "center")

    return draw


KINDS: dict[str, Callable[[random.Random], Draw]] = {
    "pleading": _pleading,
    "transcript": _transcript,
    "report": _report,
    "article": _article,
    "statement": _statement,
    "letter": _letter,
}
