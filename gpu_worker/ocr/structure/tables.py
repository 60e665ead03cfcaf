"""The tables of a page, from its words and its rules (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gpu_worker.ocr.page_text import Box, PageText, Source, Word
from gpu_worker.ocr.structure.ruled import Grid, Place, find_grids
from gpu_worker.ocr.structure.table import Cell, Table, count_header_rows
from gpu_worker.ocr.structure.unruled import Found, find_unruled, level_rows, span_of

MOST_WORDS = 20_000
LEAST_CELLS = 4
"""With words: fewer are a letterhead or a frame with a line through it."""
SEEN = (Source.OCR, Source.LAYER, Source.FORM)


def find_tables(page: PageText, rules: Sequence[Box]) -> tuple[Table, ...]:
    """The page's tables from the top, each word in one cell at most; `rules` are boxes in the page's units, and so are
    the boxes of the cells, as the page lies."""
    words = [word for line in page.lines if line.source in SEEN for word in line.words if word.text.strip()]
    if not LEAST_CELLS <= len(words) <= MOST_WORDS:
        return ()
    turned = [replace(word, box=_turn(word.box, page)) for word in words]
    height = max(float(np.median([word.box[3] - word.box[1] for word in turned])), 1.0)
    tables = []
    for grid in find_grids([_turn(rule, page) for rule in rules], height):
        table, turned = _ruled(grid, turned, height)
        if table is not None:
            tables.append(table)
    tables += [_unruled(found, height) for found in find_unruled(turned, height)]
    tables.sort(key=lambda table: (table.box[1], table.box[0]))
    return tuple(_turn_back(table, page) for table in tables)


def _ruled(grid: Grid, words: list[Word], height: float) -> tuple[Table | None, list[Word]]:
    """The grid's table, and the words outside of it; no table where hardly a cell says something."""
    places = grid.cells()
    owner = {(r, c): i for i, (row, column, rows, columns) in enumerate(places)
             for r in range(row, row + rows) for c in range(column, column + columns)}  # fmt: skip
    held: list[list[Word]] = [[] for _ in places]
    outside: list[Word] = []
    for word in words:
        column = int(np.searchsorted(grid.xs, (word.box[0] + word.box[2]) / 2)) - 1
        row = int(np.searchsorted(grid.ys, (word.box[1] + word.box[3]) / 2)) - 1
        (held[owner[row, column]] if (row, column) in owner else outside).append(word)
    said = [place for place, inside in zip(places, held, strict=True) if inside]
    if len(said) < LEAST_CELLS or len({p[1] for p in said}) < 2 or len({p[0] for p in said}) < 2:
        return None, words
    cells = [Cell(*place, _text(inside, height), grid.box(place)) for place, inside in zip(places, held, strict=True)]
    size = len(grid.ys) - 1, len(grid.xs) - 1
    return _table(size, cells, grid.box((0, 0, *size)), ruled=True), outside


def _unruled(found: Found, height: float) -> Table:
    columns = len(found.gutters) + 1
    kept: list[list[list[Word]]] = []
    for words in found.rows:
        row: list[list[Word]] = [[] for _ in range(columns)]
        for word in words:
            row[int(np.searchsorted(found.gutters, (word.box[0] + word.box[2]) / 2))].append(word)
        if kept and _goes_on(row, kept[-1]):
            kept[-1] = [above + below for above, below in zip(kept[-1], row, strict=True)]
        else:
            kept.append(row)
    cells = [
        Cell(r, c, 1, 1, _text(inside, height), span_of(inside))
        for r, row in enumerate(kept)
        for c, inside in enumerate(row)
        if inside
    ]
    return _table((len(kept), columns), cells, span_of([w for row in found.rows for w in row]), ruled=False)


def _goes_on(row: Sequence[Sequence[Word]], above: Sequence[Sequence[Word]]) -> bool:
    """Whether a row is the rest of the one above: one cell of words alone, below one that is filled."""
    filled = [i for i, cell in enumerate(row) if cell]
    if len(filled) != 1 or not above[filled[0]]:
        return False
    return sum(map(bool, above)) >= 2 and any(map(str.isalpha, "".join(word.text for word in row[filled[0]])))


def _table(size: Place | tuple[int, int], cells: Sequence[Cell], box: Box, ruled: bool) -> Table:
    table = Table(size[0], size[1], tuple(cells), box, ruled)
    return replace(table, header_rows=count_header_rows(table.grid()))


def _text(words: Sequence[Word], height: float) -> str:
    """The words of a cell, a line of text per line."""
    lines = level_rows(words, height)
    return "\n".join(" ".join(word.text for word in sorted(line, key=lambda word: word.box[0])) for line in lines)


def _turn(box: Box, page: PageText) -> Box:
    """A box once the page is turned clockwise to stand upright."""
    x0, y0, x1, y1 = box
    width, height = page.width, page.height
    return {
        90: (height - y1, x0, height - y0, x1),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (y0, width - x1, y1, width - x0),
    }.get(page.rotation, box)


def _turn_back(table: Table, page: PageText) -> Table:
    if not page.rotation:
        return table
    lies = page.rotation in (90, 270)
    size = (page.height, page.width) if lies else (page.width, page.height)
    back = replace(page, rotation=360 - page.rotation, width=size[0], height=size[1])
    cells = tuple(replace(cell, box=_turn(cell.box, back)) for cell in table.cells)
    return replace(table, cells=cells, box=_turn(table.box, back))
