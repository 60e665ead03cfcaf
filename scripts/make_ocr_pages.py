#!/usr/bin/env python3
"""Draw page images with their text in reading order: columns, tables, pleadings, captions, depositions, newspapers,
receipts, slides; clean, scanned or photographed.

    python scripts/make_ocr_pages.py --out DIR [--pages 30] [--seed 1]

Writes `<kind>-<look>-<n>.jpg` and, beside it, `<kind>-<look>-<n>.txt`. The same seed draws the same pages.
Order of the truth: headings before what they head, columns one after the other, table rows from left to right, the
numbers of numbered lines before the lines they number, the left half of a case caption before its right half, the cells
of a row one after the other however many lines they take, notes in a margin where they begin, footers last.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import ocr_page_layouts as layouts
import ocr_page_looks as looks
from ocr_page_canvas import DPI, Canvas
from ocr_page_words import Words

PAGE = (int(8.5 * DPI), 11 * DPI)


def draw_columns(words: Words, count: int, figure: bool) -> Canvas:
    """An article: a heading across the page, columns of prose, perhaps a figure with its caption, a page number."""
    page = Canvas(PAGE, words.random)
    page.text(words.title(7), page.center, 130, 44, bold=True, align="center", heading=True)
    page.text(f"By {words.name()} and {words.name()}", page.center, 200, 26, align="center")
    gutter, left, right = 50, 130, page.width - 130
    width = (right - left - gutter * (count - 1)) / count
    size = 26 if count == 2 else 22
    for column in range(count):
        x, y = left + column * (width + gutter), 280.0
        figure_at = words.random.uniform(700, 1000) if figure and column == count - 1 else None
        page.heading(words.title(3), x, y, size)
        y += 2.2 * size
        while y < page.height - 560:
            if figure_at and y > figure_at:
                y, figure_at = page.figure(x, y, width, f"Figure 1. {words.sentence()}", size), None
            y = page.paragraph(words.prose(3), x, y, width, size) + 0.9 * size
    page.text(str(words.random.randint(2, 400)), page.center, page.height - 110, 24, align="center")
    return page


def draw_table(words: Words, ruled: bool) -> Canvas:
    """A statement of account: a title, a table of short cells, a total, a footer."""
    page = Canvas(PAGE, words.random)
    page.text(words.title(5), 150, 150, 38, bold=True)
    page.paragraph(words.prose(2), 150, 230, page.width - 300, 26)
    stops = [150, 380, 980, 1240, 1480]
    rows = [("Date", "Description", "Debit", "Credit")]
    rows += [(words.date(), words.title(3), words.money(), words.money()) for _ in range(words.random.randint(18, 30))]
    rows.append(("", "Total", words.money(), words.money()))
    y = 430.0
    for number, row in enumerate(rows):
        page.row(row, stops, y, 26, bold=number == 0, right_from=2)
        if ruled:
            page.rule(140, y - 10, 1550, y - 10)
        y += 50
    if ruled:
        for x in (140, 365, 965, 1225, 1420, 1550):
            page.rule(x, 420, x, y - 10)
    page.text(f"Statement prepared {words.date()}", 150, page.height - 130, 22)
    return page


def draw_pleading(words: Words) -> Canvas:
    """A court paper on 28-line pleading paper: numbers down the left, a caption with a bracket column, a footer."""
    page = Canvas(PAGE, words.random)
    top, pitch, size = 130.0, 66.0, 28
    page.line_numbers(28, 110, top, pitch, size)
    page.rule(190, 60, 190, page.height - 100)
    page.rule(198, 60, 198, page.height - 100)
    text_left, text_right = 230, page.width - 120
    lines = [words.name() + f" (SBN {words.random.randint(100000, 399999)})", f"Attorney for Plaintiff {words.name()}"]
    for number, line in enumerate(lines):
        page.text(line, text_left, top + pitch * number, size)
    page.text(
        f"SUPERIOR COURT OF THE COUNTY OF {words.place().upper()}", page.center, top + pitch * 3, size, align="center"
    )
    page.caption(words, text_left, top + pitch * 5, pitch, size)
    y = top + pitch * 14
    page.text(words.title(4).upper(), page.center, y, size, align="center")
    page.paragraph(
        words.prose(14), text_left, y + pitch, text_right - text_left, size, pitch=pitch, bottom=top + pitch * 27
    )
    page.rule(text_left, page.height - 130, text_right, page.height - 130)
    page.text(f"{words.title(3)} - {words.random.randint(1, 30)}", page.center, page.height - 110, 22, align="center")
    return page


def draw_deposition(words: Words) -> Canvas:
    """A page of a transcript: 25 numbered lines of questions and answers in a typewriter face."""
    page = Canvas(PAGE, words.random)
    page.text(f"Deposition of {words.name()}", 260, 100, 24, mono=True)
    page.line_numbers(25, 150, 200, 72, 28, mono=True)
    lines = []
    while len(lines) < 25:
        mark = "Q." if words.random.random() < 0.5 else "A."
        lines += page.wrapped(f"{mark} {words.sentence()}", page.width - 430, 28, mono=True)
    for number, line in enumerate(lines[:25]):
        page.text(line, 260, 200 + 72 * number, 28, mono=True)
    page.text(f"Page {words.random.randint(2, 300)}", page.center, page.height - 110, 24, align="center", mono=True)
    return page


def draw_letter(words: Words) -> Canvas:
    """A filed letter: letterhead, date, prose, a received stamp lying askew, a footer."""
    page = Canvas(PAGE, words.random)
    page.text(f"LAW OFFICES OF {words.name().upper()}", page.center, 120, 36, bold=True, align="center")
    page.text(f"{words.random.randint(10, 999)} {words.place()} Street", page.center, 180, 24, align="center")
    page.text(words.date(), 150, 300, 28)
    page.text(f"Re: {words.name()} v. {words.name()}, Case No. {words.case_number()}", 150, 400, 28, bold=True)
    y = 500.0
    for _ in range(4):
        y = page.paragraph(words.prose(4), 150, y, page.width - 300, 28) + 26
    page.text("Sincerely,", 150, y + 30, 28)
    page.text(words.name(), 150, y + 130, 28)
    page.stamp(f"RECEIVED {words.date()}", 1080, min(y + 80, page.height - 400))
    page.text(f"Page 1 of {words.random.randint(1, 9)}", page.center, page.height - 120, 22, align="center")
    return page


KINDS: dict[str, Callable[[Words], Canvas]] = {
    "columns2": lambda words: draw_columns(words, 2, figure=False),
    "figure": lambda words: draw_columns(words, 2, figure=True),
    "columns3": lambda words: draw_columns(words, 3, figure=False),
    "table": lambda words: draw_table(words, ruled=False),
    "ruled": lambda words: draw_table(words, ruled=True),
    "pleading": draw_pleading,
    "deposition": draw_deposition,
    "letter": draw_letter,
    "newspaper": layouts.draw_newspaper,
    "magazine": layouts.draw_magazine,
    "wrapped": layouts.draw_wrapped_table,
    "transcript": layouts.draw_transcript,
    "exhibit": layouts.draw_exhibit,
    "receipt": layouts.draw_receipt,
    "slide": layouts.draw_slide,
}
LOOKS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "clean": lambda image, _: image,
    "scan": looks.scan,
    "photo": looks.photo,
}


def draw_page(kind: str, look: str, seed: int) -> tuple[np.ndarray, str]:
    """One page, gray uint8 H×W, and its text in reading order."""
    canvas = KINDS[kind](Words(random.Random(f"{kind}-{seed}")))
    return LOOKS[look](canvas.image(), np.random.default_rng(seed)), canvas.truth()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pages and their truth")
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    combinations = [(kind, look) for look in LOOKS for kind in KINDS]
    for number in range(options.pages):
        kind, look = combinations[number % len(combinations)]
        image, truth = draw_page(kind, look, options.seed + number)
        stem = options.out / f"{kind}-{look}-{number}"
        cv2.imwrite(f"{stem}.jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        Path(f"{stem}.txt").write_text(truth, encoding="utf-8")
    print(f"{options.pages} pages in {options.out}")


if __name__ == "__main__":
    main()
