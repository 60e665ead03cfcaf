"""Tesseract's table of words to a page of text (pure)."""

from __future__ import annotations

import csv
import io
from itertools import groupby

from gpu_worker.ocr.page_text import Line, PageText, Word

WORD_LEVEL = "5"


def parse_tsv(tsv: str, width: int, height: int) -> PageText:
    """Read the output of `tesseract … tsv`, which is in reading order already."""
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    cells = [row for row in rows if row["level"] == WORD_LEVEL and (row["text"] or "").strip()]
    blocks = []
    for _, block in groupby(cells, key=lambda row: (row["block_num"], row["par_num"])):
        blocks.append([_line(list(line)) for _, line in groupby(block, key=lambda row: row["line_num"])])
    lines = tuple(line for block in blocks for line in block)
    text = "\n\n".join("\n".join(line.text for line in block) for block in blocks)
    reason = None if lines else "no text found"
    return PageText(lines, text, "tesseract", _confidence(lines), width, height, 0, reason)


def _line(cells: list[dict[str, str]]) -> Line:
    words = tuple(_word(cell) for cell in cells)
    left, top = (min(word.box[i] for word in words) for i in (0, 1))
    right, bottom = (max(word.box[i] for word in words) for i in (2, 3))
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(words, " ".join(word.text for word in words), quad, _confidence_of(words))


def _word(cell: dict[str, str]) -> Word:
    left, top, width, height = (float(cell[key]) for key in ("left", "top", "width", "height"))
    sure = max(0.0, float(cell["conf"]) / 100)
    return Word(cell["text"].strip(), (left, top, left + width, top + height), sure, weakest=sure)


def _confidence_of(words: tuple[Word, ...]) -> float:
    characters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / max(characters, 1), 4)


def _confidence(lines: tuple[Line, ...]) -> float:
    return _confidence_of(tuple(word for line in lines for word in line.words))
