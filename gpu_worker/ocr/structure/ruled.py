"""Tables whose cells have lines around them: rules that meet → grid → cells (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpu_worker.ocr.page_text import Box
from gpu_worker.ocr.structure.rulings import is_level

MEETS = 0.6
"""Rules meet that end this far from each other, in heights of a line of text."""
WALL = 0.6
"""Of a place's side has a rule, or it is open."""
MOST_PLACES = 20_000
Place = tuple[int, int, int, int]
"""First row, first column, rows, columns."""


class Grid:
    """Where the rules of one table stand, and which of its places are one cell."""

    def __init__(self, rules: Sequence[Box], near: float) -> None:
        self._near = near
        level = [rule for rule in rules if is_level(rule)]
        upright = [rule for rule in rules if not is_level(rule)]
        bounds = np.array(rules)
        edges = bounds[:, :2].min(0), bounds[:, 2:].max(0)
        # What stands between no two rules that cross it is a dash or the feet of letters.
        xs = _steps([*((r[0] + r[2]) / 2 for r in upright), edges[0][0], edges[1][0]], near)
        self._level = [rule for rule in level if _fills(rule[0], rule[2], xs)]
        self.ys = _steps([*((r[1] + r[3]) / 2 for r in self._level), edges[0][1], edges[1][1]], near)
        self._upright = [rule for rule in upright if _fills(rule[1], rule[3], self.ys)]
        self.xs = _steps([*((r[0] + r[2]) / 2 for r in self._upright), edges[0][0], edges[1][0]], near)

    @property
    def is_table(self) -> bool:
        """Two rows and two columns at least; a frame is none."""
        rows, columns = len(self.ys) - 1, len(self.xs) - 1
        return rows >= 2 and columns >= 2 and rows * columns <= MOST_PLACES

    def cells(self) -> list[Place]:
        """Every cell once, from the top: it grows to the right and down where no rule stands in its way."""
        rows, columns = len(self.ys) - 1, len(self.xs) - 1
        right = [[self._has_upright(r, c + 1) for c in range(columns)] for r in range(rows)]
        below = [[self._has_level(r + 1, c) for c in range(columns)] for r in range(rows)]
        free = np.ones((rows, columns), bool)
        cells = []
        for row in range(rows):
            for column in range(columns):
                if free[row, column]:
                    cells.append(place := _grow(row, column, right, below, free))
                    free[row : row + place[2], column : column + place[3]] = False
        return cells

    def box(self, place: Place) -> Box:
        """Where a cell stands."""
        row, column, rows, columns = place
        return self.xs[column], self.ys[row], self.xs[column + columns], self.ys[row + rows]

    def _has_upright(self, row: int, line: int) -> bool:
        if line >= len(self.xs) - 1:
            return True
        spans = [(r[1], r[3]) for r in self._upright if abs((r[0] + r[2]) / 2 - self.xs[line]) <= self._near]
        return _covered(spans, self.ys[row], self.ys[row + 1]) >= WALL

    def _has_level(self, line: int, column: int) -> bool:
        if line >= len(self.ys) - 1:
            return True
        spans = [(r[0], r[2]) for r in self._level if abs((r[1] + r[3]) / 2 - self.ys[line]) <= self._near]
        return _covered(spans, self.xs[column], self.xs[column + 1]) >= WALL


def find_grids(rules: Sequence[Box], line_height: float) -> list[Grid]:
    """The grids of a page's rules: those that meet belong together."""
    near = MEETS * line_height
    grids = [Grid([rules[i] for i in group], near) for group in _meeting(rules, near)]
    return [grid for grid in grids if grid.is_table]


def _meeting(rules: Sequence[Box], near: float) -> list[list[int]]:
    """Groups of rules that cross or touch; those with one direction only are none."""
    if not rules:
        return []
    bounds, level = np.array(rules, float), np.array([is_level(rule) for rule in rules])
    low, high = bounds[:, :2] - near / 2, bounds[:, 2:] + near / 2
    touches = np.asarray((low[:, None] <= high[None]) & (low[None] <= high[:, None])).min(2)
    groups, left = [], set(range(len(rules)))
    while left:
        group, waiting = [], [left.pop()]
        while waiting:
            group.append(i := waiting.pop())
            found = left.intersection(np.flatnonzero(touches[i]).tolist())
            left -= found
            waiting += found
        if level[group].any() and not level[group].all():
            groups.append(sorted(group))
    return groups


def _grow(row: int, column: int, right: list[list[bool]], below: list[list[bool]], free: np.ndarray) -> Place:
    rows, columns = 1, 1
    while not right[row][column + columns - 1] and free[row, column + columns]:
        columns += 1
    span = range(column, column + columns)
    while not any(below[row + rows - 1][c] for c in span) and free[row + rows, column : column + columns].all():
        if any(right[row + rows][c] for c in span[:-1]):
            break
        rows += 1
    return row, column, rows, columns


def _steps(values: Sequence[float], near: float) -> list[float]:
    """The middles of values that stand near each other, ascending."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= near:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [float(np.mean(group)) for group in groups]


def _fills(start: float, end: float, steps: Sequence[float]) -> bool:
    """Whether start…end covers the most of one place between steps at least."""
    return any(_covered([(start, end)], low, high) >= WALL for low, high in zip(steps, steps[1:], strict=False))


def _covered(spans: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """The share of start…end that the spans cover."""
    at, covered = start, 0.0
    for low, high in sorted(spans):
        low, high = max(low, at), min(high, end)
        if high > low:
            covered, at = covered + high - low, high
    return covered / max(end - start, 1e-6)
