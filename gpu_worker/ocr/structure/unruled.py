"""Tables without lines: rows of short pieces that share white gutters (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gpu_worker.ocr.page_text import Box, Word

LEAST_ROWS = 3
GUTTER = 1.0
"""White between columns in heights of a line."""
ROW_STEP = 2.6
"""Heights from one row's middle to the next's; more white ends a table."""
FIGURES = 0.6
"""Of the cells of one column have a digit."""
COUNTING = 0.8
"""Of a column's numbers are one more than the one above: they count the lines of a pleading or a transcript."""
SHORT = 6.0
"""Words a cell at most in the columns of a table without figures or of two columns: more are prose."""
FILLED = 0.6
"""Of a table's places hold text."""
MARK = re.compile(r"[)(§|:\]}.*_•●-]+")
"""All that a column of a caption's brackets says."""
MARKS = 0.7
"""Of a column's cells are such marks: a title above a caption stands in its column, too."""


@dataclass(frozen=True)
class Row:
    """Words that stand side by side, in pieces between wide gaps."""

    pieces: tuple[tuple[Word, ...], ...]

    @property
    def middle(self) -> float:
        words = [word for piece in self.pieces for word in piece]
        return float(np.median([(word.box[1] + word.box[3]) / 2 for word in words]))


@dataclass(frozen=True)
class Found:
    """A table as found: where its gutters are (x), and the words of each row."""

    gutters: tuple[float, ...]
    rows: tuple[tuple[Word, ...], ...]


def find_unruled(words: Sequence[Word], line_height: float) -> list[Found]:
    """The tables among a page's words."""
    rows = [Row(tuple(_pieces(row, GUTTER * line_height))) for row in level_rows(words, line_height)]
    found = []
    for block in _blocks(rows, line_height):
        table = _as_table(block, line_height)
        if table is not None:
            found.append(table)
    return found


def span_of(words: Sequence[Word]) -> Box:
    """The box around words."""
    boxes = np.array([word.box for word in words])
    left, top = boxes[:, :2].min(0).tolist()
    right, bottom = boxes[:, 2:].max(0).tolist()
    return left, top, right, bottom


def level_rows(words: Sequence[Word], height: float) -> list[list[Word]]:
    """Words in rows from the top: those whose middles lie within half a line's height of their row's first."""
    rows: list[list[Word]] = []
    middle = -1e9
    for word in sorted(words, key=lambda word: word.box[1] + word.box[3]):
        at = (word.box[1] + word.box[3]) / 2
        if at - middle > 0.5 * height:
            rows.append([])
            middle = at
        rows[-1].append(word)
    return rows


def _pieces(words: Sequence[Word], gap: float) -> list[tuple[Word, ...]]:
    pieces: list[list[Word]] = []
    end = -1e9
    for word in sorted(words, key=lambda word: word.box[0]):
        if word.box[0] - end > gap:
            pieces.append([])
        pieces[-1].append(word)
        end = max(end, word.box[2])
    return [tuple(piece) for piece in pieces]


def _blocks(rows: Sequence[Row], height: float) -> list[list[Row]]:
    """Runs of rows of two pieces and more; one row of one piece may stand between, as the rest of a wrapped cell."""
    blocks: list[list[Row]] = [[]]
    for row in rows:
        block = blocks[-1]
        single = len(row.pieces) < 2
        if block and (row.middle - block[-1].middle > ROW_STEP * height or (single and len(block[-1].pieces) < 2)):
            blocks.append([])
        if blocks[-1] or not single:
            blocks[-1].append(row)
    for block in blocks:
        while block and len(block[-1].pieces) < 2:
            block.pop()
    return [block for block in blocks if len(block) >= LEAST_ROWS]


def _as_table(block: Sequence[Row], height: float) -> Found | None:
    gutters = _gutters(block, height)
    rows = tuple(tuple(word for piece in row.pieces for word in piece) for row in block)
    if not gutters or not _looks_like_one(gutters, rows):
        return None
    return Found(tuple(gutters), rows)


def _gutters(block: Sequence[Row], height: float) -> list[float]:
    """The middles of what stays white in all rows but a tenth of them."""
    starts = min(row.pieces[0][0].box[0] for row in block)
    ends = max(word.box[2] for row in block for piece in row.pieces for word in piece)
    step = max(height / 8, 0.5)
    bins = np.zeros(int((ends - starts) / step) + 2, int)
    for row in block:
        inked = np.zeros(len(bins), bool)
        for piece in row.pieces:
            inked[int((piece[0].box[0] - starts) / step) : int((max(w.box[2] for w in piece) - starts) / step) + 1] = 1
        bins += inked
    white = np.flatnonzero(bins <= len(block) // 10)
    runs = np.split(white, np.flatnonzero(np.diff(white) > 1) + 1) if len(white) else []
    inner = [run for run in runs if run[0] > 0 and run[-1] < len(bins) - 2]
    return [float(starts + step * (run[0] + run[-1] + 1) / 2) for run in inner if len(run) * step >= 0.7 * height]


def _looks_like_one(gutters: Sequence[float], rows: Sequence[Sequence[Word]]) -> bool:
    """Figures, or short pieces in three columns; no prose side by side, no caption with its brackets."""
    columns = len(gutters) + 1
    cells: list[list[list[str]]] = [[[] for _ in range(columns)] for _ in rows]
    for row, words in zip(cells, rows, strict=True):
        for word in words:
            row[int(np.searchsorted(gutters, (word.box[0] + word.box[2]) / 2))].append(word.text)
    filled = [[cell for row in cells if (cell := row[column])] for column in range(columns)]
    full_rows = sum(sum(map(bool, row)) >= 2 for row in cells)
    if full_rows < LEAST_ROWS or sum(map(len, filled)) < FILLED * full_rows * columns:
        return False
    if any(_says_marks_only(column) for column in filled):
        return False
    lengths = [float(np.mean([len(cell) for cell in column])) if column else 0.0 for column in filled]
    figures = sum(_has_figures(column) for column in filled)
    if columns == 2:
        return figures >= 1 and max(lengths) <= SHORT and full_rows > LEAST_ROWS
    return (figures >= 1 and sum(length > SHORT for length in lengths) <= 1) or max(lengths) <= SHORT / 2


def _says_marks_only(column: Sequence[Sequence[str]]) -> bool:
    marks = sum(bool(MARK.fullmatch("".join(cell))) for cell in column)
    return marks >= MARKS * max(len(column), 1)


def _has_figures(column: Sequence[Sequence[str]]) -> bool:
    """Whether a column says amounts or dates; numbers that count its lines say nothing."""
    texts = ["".join(cell) for cell in column]
    counted = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 4]
    if len(counted) > len(texts) / 2 and sum(b - a == 1 for a, b in pairwise(counted)) >= COUNTING * (len(counted) - 1):
        return False
    digits = sum(any(map(str.isdigit, text)) for text in texts)
    return digits >= max(FIGURES * len(column), 2)
