"""Whether two stacks of lines beside each other are columns or the cells of a table (pure).

A side is the bounds N×4 (left, top, right, bottom) of its lines. Lengths are in units of the usual line height `unit`.
"""

from __future__ import annotations

import numpy as np

MIN_ROWS = 3  # on each side of a gutter
PROSE_WIDTH = 7.0  # a line of a column of prose is at least this long
PROSE_SHARE = 0.3  # of the lines on each side of a gutter between columns of prose
MOSTLY_PROSE = 0.6
STACK_GAP = 0.9  # lines of a column follow each other at most this far apart, mostly
STACKED_SHARE = 0.5
LEVEL_OFFSET = 0.33  # of the way between two lines: half is chance, cells of a table row come nearer to level
WIDEST_PITCH = 2.0
MIN_UNRELATED = 5  # lines on each side before chance can be ruled out
MIN_CROSSING = 2
CROSSING_WIDTH = 0.5  # of its side: a heading or a remark inside a table


def are_columns(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    """Whether both sides are prose, or tables each of their own."""
    if min(_prose(left, unit), _prose(right, unit)) >= PROSE_SHARE:
        return True
    return _unlevel(left, right, unit) and _composite(left, unit) and _composite(right, unit)


def is_note(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    """Whether one side is prose and the other has lines of its own beside it: a note, a list of facts."""
    return max(_prose(left, unit), _prose(right, unit)) >= MOSTLY_PROSE and _unlevel(left, right, unit)


def stacked(side: np.ndarray, unit: float) -> bool:
    """Whether there are lines enough and most follow the one above closely."""
    if len(side) < MIN_ROWS:
        return False
    side = side[np.argsort(side[:, 1])]
    gaps = side[1:, 1] - np.maximum.accumulate(side[:, 3])[:-1]
    gaps = gaps[gaps > -0.5 * unit]  # the others stand beside the one before
    return len(gaps) > 0 and bool((gaps < STACK_GAP * unit).mean() >= STACKED_SHARE)


def _prose(side: np.ndarray, unit: float) -> float:
    """The share of long lines; 0 if there are hardly any."""
    long = (side[:, 2] - side[:, 0]) >= PROSE_WIDTH * unit
    return float(long.mean()) if long.sum() >= MIN_ROWS else 0.0


def _unlevel(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    """Whether the lines of the sparser side are level with those of the other by chance only."""
    few, many = sorted(((left[:, 1] + left[:, 3]) / 2, (right[:, 1] + right[:, 3]) / 2), key=len)
    many = np.unique(np.round(many / (0.25 * unit))) * 0.25 * unit
    few = few[(few > many[0]) & (few < many[-1])]
    if min(len(few), len(many)) < MIN_UNRELATED:
        return False
    after = np.clip(np.searchsorted(many, few), 1, len(many) - 1)
    pitch = np.minimum(many[after] - many[after - 1], WIDEST_PITCH * unit)
    offsets = np.minimum(np.abs(few - many[after]), np.abs(few - many[after - 1])) / pitch
    return bool(np.minimum(offsets, 0.5).mean() * 2 > LEVEL_OFFSET)


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
