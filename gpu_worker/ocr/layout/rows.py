"""Lines beside each other to rows, rows to blocks, cells of several lines kept whole (pure)."""

from __future__ import annotations

import numpy as np

from gpu_worker.ocr.layout.page_layout import PageLayout

BLOCK_GAP = 0.5  # line heights: this much wider than the closest lines
TIGHT_SHARE = 0.2  # of the gaps are between the lines of a paragraph
MAX_CELL_ROWS = 8
MIN_RECORDS = 3
MIN_COLUMNS = 3
FULL_SHARE = 0.75  # of the rows that begin a record have cells in three columns
REST_SHARE = 0.34  # as many cells, at most, has what follows of a record: rows of a group have more

Row = list[int]
Block = list[Row]


def rows_of(members: np.ndarray, page: PageLayout) -> list[Row]:
    """Group lines whose middles are level; each row from left to right."""
    if not len(members):
        return []
    rows: list[Row] = []
    for i in members[np.argsort(page.middles[members], kind="stable")].tolist():
        if rows and _level(i, rows[-1], page):
            rows[-1].append(i)
        else:
            rows.append([i])
    return [sorted(row, key=lambda i: page.bounds[i, 0]) for row in rows]


def _level(i: int, row: Row, page: PageLayout) -> bool:
    boxes, middles, heights = page.bounds, page.middles, page.heights
    nearest = min(
        row,
        key=lambda j: abs(boxes[j, 0] - boxes[i, 2]) if boxes[i, 0] < boxes[j, 0] else abs(boxes[i, 0] - boxes[j, 2]),
    )
    if abs(middles[i] - middles[nearest]) > 0.5 * min(heights[i], heights[nearest]):
        return False
    # Two lines one above the other are never one row, however close.
    return all(
        min(boxes[i, 2], boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0])
        < 0.5 * min(boxes[i, 2] - boxes[i, 0], boxes[j, 2] - boxes[j, 0])
        for j in row
    )


def blocks_of(rows: list[Row], page: PageLayout) -> list[Block]:
    """Start a new block where the white between two rows is wider than between the lines of a paragraph."""
    if not rows:
        return []
    tops = np.array([page.bounds[row, 1].min() for row in rows])
    bottoms = np.maximum.accumulate([page.bounds[row, 3].max() for row in rows])
    gaps = tops[1:] - bottoms[:-1]
    widest = min(np.quantile(gaps, TIGHT_SHARE), 0) + BLOCK_GAP * page.unit if len(gaps) else 0.0
    cuts = [0, *(np.flatnonzero(gaps > widest) + 1).tolist(), len(rows)]
    return [_with_whole_cells(rows[first:last], page) for first, last in zip(cuts, cuts[1:], strict=False)]


def _with_whole_cells(block: Block, page: PageLayout) -> Block:
    """A table row whose cells take unlike numbers of lines becomes one row, cell after cell."""
    lines = np.array([i for row in block for i in row])
    cells = _cells(lines, page)
    if records := _records(block, cells):
        return records
    counts = [len(cell) for cell in cells]
    long = sum(count > 1 for count in counts)
    if len(cells) < 2 or min(counts) > 1 or not long or (long > 1 and max(counts) > MAX_CELL_ROWS):
        return block
    if any(len(set(row) & set(cell)) > 1 for row in block for cell in cells):
        return block
    return [[i for cell in cells for i in cell]]


def _records(block: Block, columns: list[Row]) -> Block:
    """The rows of a table without white between them, if every one has a cell in the first column and fewer lines of
    the others follow until the next: each one row, cell after cell."""
    column_of = {i: number for number, column in enumerate(columns) for i in column}
    filled = [{column_of[i] for i in row} for row in block]
    begins = [at for at, cells in enumerate(filled) if 0 in cells]
    if len(columns) < MIN_COLUMNS or len(begins) < MIN_RECORDS or begins[0] or len(begins) == len(block):
        return []
    full = np.mean([len(filled[at]) >= MIN_COLUMNS for at in begins])
    least = np.median([len(filled[at]) for at in begins])
    rests = [len(cells) for cells in filled if 0 not in cells]
    stretches = list(zip(begins, [*begins[1:], len(block)], strict=True))
    if (
        full < FULL_SHARE
        or np.mean(rests) > REST_SHARE * least
        or max(end - first for first, end in stretches) > MAX_CELL_ROWS
    ):
        return []
    return [sorted((i for row in block[first:end] for i in row), key=column_of.__getitem__) for first, end in stretches]


def _cells(lines: np.ndarray, page: PageLayout) -> list[Row]:
    """The lines that stand above each other, from left to right, each from top to bottom."""
    boxes, cells = page.bounds, list[Row]()
    right = -np.inf
    for i in lines[np.argsort(boxes[lines, 0], kind="stable")].tolist():
        if boxes[i, 0] >= right:
            cells.append([])
        cells[-1].append(i)
        right = max(right, boxes[i, 2])
    return [sorted(cell, key=lambda i: page.middles[i]) for cell in cells]
