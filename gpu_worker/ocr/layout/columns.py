"""Whether two stacks of lines beside each other are columns or the cells of a table (pure).

Lengths are in units of the usual line height `unit`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpu_worker.ocr.layout.page_layout import PageLayout

MIN_ROWS = 3  # on each side of a gutter
PROSE_WIDTH = 7.0  # a line of a column of prose is at least this long
LISTED_SHARE = 0.3  # of the lines on each side of a gutter between lists: points take up to three lines
PROSE_SHARE = 0.3  # of the lines on each side of a gutter between columns of prose
MOSTLY_PROSE = 0.6
STACK_GAP = 0.9  # lines of a column follow each other at most this far apart, mostly
STACKED_SHARE = 0.5
LEVEL_OFFSET = 0.33  # of the way between two lines: half is chance, cells of a table row come nearer to level
TIGHT_SHARE = 0.2  # of the gaps are between the lines of a cell
ROW_GAP = 0.35  # line heights: this much wider than those
MIN_TABLE_ROWS = 4
BOTH_SIDES = 0.6  # of the rows have cells on both sides
MOST_CELL_LINES = 4.0  # on average: columns of prose have long paragraphs
CELL_OFFSET = 0.5  # line heights between the tops, or the middles, of two cells of a row
LEVEL_SHARE = 0.75
WRAPPED_SHARE = 0.3
SAME_ROW = 0.3  # of a line height between cells' middles
WIDEST_PITCH = 2.0
MIN_UNRELATED = 5  # lines on each side before chance can be ruled out
MIN_CROSSING = 2
CROSSING_WIDTH = 0.5  # of its side: a heading or a remark inside a table


@dataclass(frozen=True)
class Side:
    """Lines on one side of a gutter: bounds N×4 (left, top, right, bottom), which (N) are words, not figures, and which
    (N) begin with a list's dot."""

    bounds: np.ndarray
    wordy: np.ndarray
    listed: np.ndarray

    @staticmethod
    def of(members: np.ndarray, page: PageLayout) -> Side:
        return Side(page.bounds[members], page.wordy[members], page.listed[members])

    @property
    def is_list(self) -> bool:
        return bool(self.listed.mean() >= LISTED_SHARE)


def are_columns(left: Side, right: Side, unit: float) -> bool:
    """Whether both sides are prose, or lists, or tables each of their own; not if both together are one table."""
    if left.is_list and right.is_list:
        return True
    if _share_rows(left.bounds, right.bounds, unit):
        return False
    if min(_prose(left, unit), _prose(right, unit)) >= PROSE_SHARE:
        return True
    return _unlevel(left.bounds, right.bounds, unit) and all(_composite(side.bounds, unit) for side in (left, right))


def is_note(left: Side, right: Side, unit: float) -> bool:
    """Whether one side is prose and the other has lines of its own beside it: a note, a list of facts."""
    if _share_rows(left.bounds, right.bounds, unit):
        return False
    return max(_prose(left, unit), _prose(right, unit)) >= MOSTLY_PROSE and _unlevel(left.bounds, right.bounds, unit)


def stacked(side: Side, unit: float) -> bool:
    """Whether there are lines enough and most follow the one above closely, or are the points of a list."""
    if len(side.bounds) < MIN_ROWS:
        return False
    gaps = _gaps(side.bounds, unit)
    return side.is_list or len(gaps) > 0 and bool((gaps < STACK_GAP * unit).mean() >= STACKED_SHARE)


def _share_rows(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    """Whether white runs across both sides again and again, and what stands between two such strips begins level, or
    is level in its middle: rows of a table whose cells take several lines."""
    both = np.concatenate([left, right])
    order = np.argsort(both[:, 1], kind="stable")
    gaps = both[order][1:, 1] - np.maximum.accumulate(both[order][:, 3])[:-1]
    tight = np.quantile(np.concatenate([_gaps(left, unit), _gaps(right, unit)]), TIGHT_SHARE)
    row = np.empty(len(both), int)
    row[order] = np.concatenate([[0], np.cumsum(gaps > tight + ROW_GAP * unit)])
    rows = int(row.max()) + 1
    a, b = _cells(left, row[: len(left)], rows, unit), _cells(right, row[len(left) :], rows, unit)
    shared = (a.lines > 0) & (b.lines > 0)
    count = int(shared.sum())
    if rows < MIN_TABLE_ROWS or count < BOTH_SIDES * rows or len(both) > MOST_CELL_LINES * 2 * count:
        return False
    wrapped = np.maximum(a.lines, b.lines)[shared] > 1
    if wrapped.mean() < WRAPPED_SHARE:
        return False  # lines of prose on one grid are rows of single lines
    offsets = np.minimum(np.abs(a.tops - b.tops)[shared], np.abs(a.middles - b.middles)[shared])
    return bool((offsets < CELL_OFFSET * unit).mean() >= LEVEL_SHARE)


@dataclass(frozen=True)
class _Cells:
    """One side of every row of a table: where it begins and its middle, and how many lines stand above each other."""

    tops: np.ndarray
    middles: np.ndarray
    lines: np.ndarray


def _cells(side: np.ndarray, row: np.ndarray, rows: int, unit: float) -> _Cells:
    tops, bottoms = np.full(rows, 1e9), np.full(rows, -1e9)
    np.minimum.at(tops, row, side[:, 1])
    np.maximum.at(bottoms, row, side[:, 3])
    middles = (side[:, 1] + side[:, 3]) / 2
    order = np.lexsort((middles, row))
    begins = np.ones(len(side), bool)
    begins[1:] = (np.diff(row[order]) > 0) | (np.diff(middles[order]) > SAME_ROW * unit)
    lines = np.bincount(row[order][begins], minlength=rows)
    return _Cells(tops, (tops + bottoms) / 2, lines)


def _gaps(side: np.ndarray, unit: float) -> np.ndarray:
    """The white between lines one above the other."""
    side = side[np.argsort(side[:, 1], kind="stable")]
    gaps: np.ndarray = side[1:, 1] - np.maximum.accumulate(side[:, 3])[:-1]
    return gaps[gaps > -0.5 * unit]  # the others stand beside the one before


def _prose(side: Side, unit: float) -> float:
    """The share of long lines of words; 0 if there are hardly any."""
    long = (side.bounds[:, 2] - side.bounds[:, 0] >= PROSE_WIDTH * unit) & side.wordy
    return float(long.mean()) if long.sum() >= MIN_ROWS else 0.0


def _unlevel(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    """Whether the lines of the sparser side are level with those of the other by chance only."""
    few, many = sorted(((left[:, 1] + left[:, 3]) / 2, (right[:, 1] + right[:, 3]) / 2), key=len)
    many = _rows(many, unit)
    few = few[(few > many[0]) & (few < many[-1])]
    if min(len(few), len(many)) < MIN_UNRELATED:
        return False
    after = np.clip(np.searchsorted(many, few), 1, len(many) - 1)
    pitch = np.minimum(many[after] - many[after - 1], WIDEST_PITCH * unit)
    offsets = np.minimum(np.abs(few - many[after]), np.abs(few - many[after - 1])) / pitch
    return bool(np.minimum(offsets, 0.5).mean() * 2 > LEVEL_OFFSET)


def _rows(middles: np.ndarray, unit: float) -> np.ndarray:
    """The middles of rows: cells of one row lie level but for their letters' heights."""
    middles = np.sort(middles)
    return np.array([row.mean() for row in np.split(middles, np.flatnonzero(np.diff(middles) > SAME_ROW * unit) + 1)])


def _composite(side: np.ndarray, unit: float) -> bool:
    """Whether the side has cells beside each other and also lines that go across their gaps: then it is a table of
    its own."""
    order = np.argsort((side[:, 1] + side[:, 3]) / 2)
    gaps = [
        (a[2] + b[0]) / 2
        for a, b in zip(side[order], side[order[1:]], strict=False)
        if abs((a[1] + a[3]) - (b[1] + b[3])) < 0.6 * unit and (a[2] < b[0] or b[2] < a[0])
    ]
    if len(gaps) < MIN_ROWS:
        return False
    wide = side[side[:, 2] - side[:, 0] > CROSSING_WIDTH * (side[:, 2].max() - side[:, 0].min())]
    crossing = (wide[:, :1] + unit < np.array(gaps)) & (wide[:, 2:3] - unit > np.array(gaps))
    return bool(crossing.any(axis=1).sum() >= MIN_CROSSING)
