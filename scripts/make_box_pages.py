#!/usr/bin/env python3
"""Draw forms with check boxes and radio buttons, and what is true of them: where each is, and whether it is ticked.

    python scripts/make_box_pages.py --out DIR [--pages N] [--seed N]

`x.jpg`, its text `x.txt`, and `x.boxes.json`: `[{"center": [x, y], "state": "ticked"|"empty", "label": …}]` in px.
Pages are clean, scanned or photographed in turn; there are tables, fields with a cell for each letter, and framed
headings on them as well, which are no check boxes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import ocr_page_looks as looks  # noqa: E402
from ocr_page_canvas import FACES, font  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

SIZE = 1700, 2200
LOOKS = ("clean", "scan", "photo")
MARKS = ("cross", "tick", "filled", "scribble", "slash", "letter")
WORDS = (
    "mother", "father", "child", "custody", "visitation", "order", "hearing", "school", "doctor", "weekend",
    "holiday", "summer", "monthly", "weekly", "joint", "sole", "legal", "physical", "temporary", "support",
    "attorney", "petitioner", "respondent", "county", "court", "relief", "request", "denied", "granted", "other",
    "none", "attached", "see", "below", "supervised", "exchange", "medical", "expenses", "insurance", "income",
    "property", "residence", "yes", "no",
)  # fmt: skip


@dataclass
class Form:
    """A page being drawn: its picture, its text, what was written as (text, left, top, right), and its boxes as (left,
    top, side, is ticked, label)."""

    source: random.Random
    image: Image.Image = field(default_factory=lambda: Image.new("L", SIZE, 255))
    lines: list[str] = field(default_factory=list)
    written: list[tuple[str, float, float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, bool, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pen = ImageDraw.Draw(self.image)
        self.text_size = self.source.randint(26, 36)
        self.face = self.source.choice([name for name in FACES if "bold" not in name])
        self.is_round = self.source.random() < 0.3
        self.side = self.text_size * self.source.uniform(0.62, 1.1)
        self.stroke = self.source.randint(2, 4)

    def words(self, least: int, most: int) -> str:
        return " ".join(self.source.choice(WORDS) for _ in range(self.source.randint(least, most)))

    def write(self, text: str, x: float, y: float) -> float:
        """Write, and return where it ends."""
        self.pen.text((x, y), text, 20, font(self.face, self.text_size))
        right = x + self.pen.textlength(text, font(self.face, self.text_size))
        self.written.append((text, x, y, right))
        return right


def draw_form(source: random.Random) -> Form:
    """One form: a heading, lines of prose, rows of options, and what only looks like boxes."""
    form = Form(source)
    y = 120.0
    while y < SIZE[1] - 300:
        part = source.choice([draw_options, draw_options, draw_prose, draw_cells, draw_letter_cells, draw_frame])
        y = part(form, y) + form.text_size * source.uniform(0.6, 1.6)
    return form


def draw_prose(form: Form, y: float) -> float:
    for _ in range(form.source.randint(1, 4)):
        text = form.words(8, 13)
        form.write(text, 130, y)
        form.lines.append(text)
        y += form.text_size * 1.5
    return y


def draw_options(form: Form, y: float) -> float:
    """Rows of one to three boxes, each with its words to the right."""
    columns = form.source.randint(1, 3)
    for _ in range(form.source.randint(1, 5)):
        row = []
        for column in range(columns):
            x = 140 + column * (SIZE[0] - 260) / columns
            label = form.words(1, {1: 6, 2: 2, 3: 1}[columns])
            is_ticked = form.source.random() < 0.45
            draw_box(form, x, y + (form.text_size * 1.15 - form.side) / 2, is_ticked, label)
            form.write(label, x + form.side + form.text_size * form.source.uniform(0.35, 0.9), y)
            row.append(label)
        form.lines.append(" ".join(row))
        y += max(form.text_size * form.source.uniform(1.4, 2.2), form.side * 1.4)
    return y


def draw_box(form: Form, x: float, y: float, is_ticked: bool, label: str) -> None:
    place = (x, y, x + form.side, y + form.side)
    (form.pen.ellipse if form.is_round else form.pen.rectangle)(place, outline=15, width=form.stroke)
    if is_ticked:
        draw_mark(form, place)
    form.boxes.append((x, y, form.side, is_ticked, label))


def draw_mark(form: Form, place: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = place
    side, width, jitter = right - left, form.source.randint(2, 5), form.source.uniform
    over = side * jitter(-0.12, 0.25)
    if form.is_round:
        inset = side * jitter(0.2, 0.3)
        form.pen.ellipse((left + inset, top + inset, right - inset, bottom - inset), fill=15)
        return
    mark = form.source.choice(MARKS)
    if mark in ("cross", "slash"):
        form.pen.line((left - over, top - over, right + over, bottom + over), fill=15, width=width)
        if mark == "cross":
            form.pen.line((left - over, bottom + over, right + over, top - over), fill=15, width=width)
    elif mark == "tick":
        middle = (left + 0.4 * side, bottom - 0.12 * side)
        form.pen.line((left + 0.12 * side, top + 0.5 * side, *middle), fill=15, width=width)
        form.pen.line((*middle, right + over, top - over), fill=15, width=width)
    elif mark == "filled":
        inset = side * jitter(0.12, 0.22)
        form.pen.rectangle((left + inset, top + inset, right - inset, bottom - inset), fill=15)
    elif mark == "scribble":
        points = [(left + side * jitter(0.05, 0.95), top + side * jitter(0.05, 0.95)) for _ in range(9)]
        form.pen.line(points, fill=30, width=2)
    else:
        face = font("sans bold", max(10, round(side * 0.95)))
        form.pen.text(((left + right) / 2, (top + bottom) / 2), "X", 15, face, anchor="mm")


def draw_cells(form: Form, y: float) -> float:
    """A ruled table of numbers."""
    rows, columns, height = form.source.randint(2, 4), form.source.randint(3, 6), form.text_size * 1.7
    width = (SIZE[0] - 300) / columns
    for _ in range(rows):
        told = []
        for column in range(columns):
            x = 150 + column * width
            form.pen.rectangle((x, y, x + width, y + height), outline=15, width=2)
            number = f"{form.source.randint(1, 9999):,}"
            form.write(number, x + 12, y + form.text_size * 0.2)
            told.append(number)
        form.lines.append("\t".join(told))
        y += height
    return y


def draw_letter_cells(form: Form, y: float) -> float:
    """A field with a cell for each letter."""
    end, side = form.write("No.", 130, y), form.text_size * 1.3
    letters = [str(form.source.randint(0, 9)) for _ in range(form.source.randint(5, 9))]
    for number, letter in enumerate(letters):
        x = end + 30 + number * side
        form.pen.rectangle((x, y - 4, x + side, y - 4 + side), outline=15, width=2)
        form.write(letter, x + side * 0.3, y - 2)
    form.lines.append("No. " + " ".join(letters))
    return y + side


def draw_frame(form: Form, y: float) -> float:
    """A heading in a frame, and words in which rings stand."""
    text = form.words(2, 4).upper() + " OQO 0"
    end = form.write(text, 150, y)
    form.pen.rectangle((138, y - 8, end + 12, y + form.text_size * 1.4), outline=15, width=3)
    form.lines.append(text)
    return y + form.text_size * 1.5


def find_turn(look: str, seed: int) -> np.ndarray:
    """The 3×3 map that the look moves points by: found with a page that has nothing on it but one dark corner."""
    corners = np.array([[200, 200], [SIZE[0] - 200, 200], [SIZE[0] - 200, SIZE[1] - 200], [200, SIZE[1] - 200]])
    seen = []
    clean = cv2.blur(apply_look(np.full((SIZE[1], SIZE[0]), 255, np.uint8), look, seed), (41, 41)).astype(int)
    for x, y in corners.tolist():
        page = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
        page[y - 20 : y + 21, x - 20 : x + 21] = 0
        darker = clean - cv2.blur(apply_look(page, look, seed), (41, 41)).astype(int)
        rows, columns = np.nonzero(darker > 0.7 * darker.max())
        seen.append((columns.mean(), rows.mean()))
    return cv2.getPerspectiveTransform(corners.astype(np.float32), np.array(seen, np.float32))


def apply_look(page: np.ndarray, look: str, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed)
    return page if look == "clean" else getattr(looks, look)(page, noise)


def draw_page(look: str, seed: int) -> tuple[np.ndarray, str, list[dict[str, object]]]:
    """Gray uint8 H×W, the text, and the boxes."""
    form = draw_form(random.Random(f"boxes-{seed}"))
    image = apply_look(np.asarray(form.image).copy(), look, seed)
    middles = np.array([[(x + side / 2, y + side / 2)] for x, y, side, *_ in form.boxes], np.float32).reshape(-1, 1, 2)
    places = cv2.perspectiveTransform(middles, find_turn(look, seed))[:, 0].tolist() if len(middles) else []
    told: list[dict[str, object]] = [
        {"center": place, "state": "ticked" if is_ticked else "empty", "label": label}
        for place, (*_, is_ticked, label) in zip(places, form.boxes, strict=True)
    ]
    return image, "\n".join(form.lines) + "\n", told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pages and their truth")
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for number in range(options.pages):
        look = LOOKS[number % len(LOOKS)]
        image, text, boxes = draw_page(look, options.seed + number)
        stem = options.out / f"form-{look}-{options.seed + number}"
        cv2.imwrite(f"{stem}.jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        Path(f"{stem}.txt").write_text(text, encoding="utf-8")
        Path(f"{stem}.boxes.json").write_text(json.dumps(boxes))
    print(f"{options.pages} pages in {options.out}")


if __name__ == "__main__":
    main()
