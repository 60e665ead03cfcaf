"""The order in which a person reads the lines of a page: rows, columns, numbered pleading lines, captions (pure).

Works on upright line bounds (left, top, right, bottom) and the lines' texts. Lengths are in units of the usual line
height `unit`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PROSE_WIDTH = 7.0  # a line of a column of prose is at least this long
PROSE_SHARE = 0.3  # of the lines beside a gutter
MIN_ROWS = 3  # on each side of a gutter
BLOCK_GAP = 0.6
MIN_NUMBERED = 6
DIVIDER = re.compile(r"[)\]|:§}](?=\s|$)")
NUMBER = re.compile(r"\d{1,3}")
MAX_CANDIDATES = 160

Row = list[int]
Block = list[Row]


@dataclass(frozen=True)
class _Page:
    boxes: np.ndarray
    texts: Sequence[str]
    unit: float


@dataclass(frozen=True)
class _Gutter:
    rows: int
    above: np.ndarray
    left: np.ndarray
    right: np.ndarray
    below: np.ndarray


def order_lines(boxes: np.ndarray, texts: Sequence[str]) -> list[Block]:
    """Return blocks of rows of line numbers, in reading order; every line appears once.

    A row holds lines standing beside each other (cells of a table, a label and its value); a new block starts at a
    column, at a paragraph.
    """
    if not len(boxes):
        return []
    unit = float(np.median(boxes[:, 3] - boxes[:, 1])) or 1.0
    return _segment(np.arange(len(boxes)), _Page(boxes, texts, unit))


def _segment(members: np.ndarray, page: _Page) -> list[Block]:
    if len(members) < 2 * MIN_ROWS:
        return _blocks(_rows(members, page), page)
    gutter = _best_gutter(members, page)
    if gutter:
        return _parts(gutter, page)
    numbers = _line_numbers(members, page)
    if len(numbers):
        return _numbered(members, numbers, page)
    gutter = _bracket_gutter(members, page)
    return _parts(gutter, page) if gutter else _blocks(_rows(members, page), page)


def _parts(gutter: _Gutter, page: _Page) -> list[Block]:
    parts = (gutter.above, gutter.left, gutter.right, gutter.below)
    return [block for part in parts if len(part) for block in _segment(part, page)]


# --- gutters -----------------------------------------------------------------------------------------------------


def _best_gutter(members: np.ndarray, page: _Page) -> _Gutter | None:
    """The gutter with the most lines beside it, if there is one."""
    best: _Gutter | None = None
    for x in _candidates(page.boxes[members, 0], page.unit):
        found = _gutter_at(x, members, page)
        if found and (best is None or found.rows > best.rows):
            best = found
    return best


def _bracket_gutter(members: np.ndarray, page: _Page) -> _Gutter | None:
    """Three or more brackets one below the other part what stands left of them from what stands right."""
    marked = np.array([i for i in members.tolist() if DIVIDER.match(page.texts[i])], int)
    if len(marked) < MIN_ROWS:
        return None
    lefts = page.boxes[marked, 0]
    place = np.median(lefts)
    marked = marked[np.abs(lefts - place) < page.unit]
    if len(marked) < MIN_ROWS:
        return None
    boxes = page.boxes[members]
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    top, bottom = page.boxes[marked, 1].min(), page.boxes[marked, 3].max()
    inside = (middles > top) & (middles < bottom)
    alone = np.array([bool(DIVIDER.fullmatch(page.texts[i])) for i in members.tolist()])
    left = inside & ((boxes[:, 2] < place + page.unit) | (alone & np.isin(members, marked)))
    right = inside & ~left & (boxes[:, 0] > place - page.unit)
    if left.sum() < 2 or right.sum() < 2 or (inside & ~left & ~right).any():
        return None
    above, below = ~inside & (middles <= top), ~inside & (middles >= bottom)
    return _Gutter(int(inside.sum()), members[above], members[left], members[right], members[below])


def _candidates(lefts: np.ndarray, unit: float) -> np.ndarray:
    """Where columns may start: left edges shared by several lines, the most shared ones."""
    places, counts = np.unique(np.round(lefts / (0.5 * unit)), return_counts=True)
    near = counts + np.interp(places + 1, places, counts, right=0) * np.isin(places + 1, places)
    chosen = near >= 2
    order = np.argsort(-near[chosen], kind="stable")[:MAX_CANDIDATES]
    return np.sort(places[chosen][order] * 0.5 * unit)


def _gutter_at(x: float, members: np.ndarray, page: _Page) -> _Gutter | None:
    boxes, unit = page.boxes[members], page.unit
    is_right = boxes[:, 0] >= x - 0.6 * unit
    is_left = ~is_right & (boxes[:, 2] <= x + 0.4 * unit)
    crossing = boxes[~is_right & ~is_left]
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    edges = np.sort((crossing[:, 1] + crossing[:, 3]) / 2)
    section = np.searchsorted(edges, middles)
    beside = is_left | is_right
    best: _Gutter | None = None
    for number in np.unique(section[beside]):
        here = beside & (section == number)
        left, right = here & is_left, here & is_right
        rows = min(left.sum(), right.sum())
        if rows < MIN_ROWS or (best and rows <= best.rows):
            continue
        left, right = _trim(left, right, boxes, unit)
        if not _are_columns(boxes[left], boxes[right], unit):
            continue
        inside = left | right
        top, bottom = boxes[inside, 1].min(), boxes[inside, 3].max()
        above = ~inside & (middles < (top + bottom) / 2)
        best = _Gutter(int(inside.sum()), members[above], members[left], members[right], members[~inside & ~above])
    return best


def _trim(left: np.ndarray, right: np.ndarray, boxes: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Drop what stands above or below the stretch where both sides have lines: a byline or a page number over one
    column."""
    both = boxes[left | right]
    top = max(boxes[left, 1].min(), boxes[right, 1].min())
    bottom = min(boxes[left, 3].max(), boxes[right, 3].max())
    # A column may reach past its neighbour, as long as no wide gap parts what sticks out; a page number is short.
    bottom = _reach(both[np.argsort(both[:, 1])], bottom, unit)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    top = -_reach((both * (1, -1, 1, -1))[np.argsort(-both[:, 3])][:, [0, 3, 2, 1]], -top, unit, 0.8, 0.8)
    keep = (middles > top) & (middles < bottom)
    return left & keep, right & keep


def _reach(boxes: np.ndarray, edge: float, unit: float, short_gap: float = 1.5, long_gap: float = 2.5) -> float:
    """How far down boxes (from top to bottom) go on past `edge` without a gap wider than that allowed for their
    length."""
    for left, top, right, bottom in boxes:
        gap = long_gap if right - left >= PROSE_WIDTH * unit else short_gap
        if top > edge + gap * unit:
            break
        edge = max(edge, bottom)
    return edge


def _are_columns(left: np.ndarray, right: np.ndarray, unit: float) -> bool:
    return min(len(left), len(right)) >= MIN_ROWS and _prose(left, unit) and _prose(right, unit)


def _prose(side: np.ndarray, unit: float) -> bool:
    long = (side[:, 2] - side[:, 0]) >= PROSE_WIDTH * unit
    return long.sum() >= MIN_ROWS and long.mean() >= PROSE_SHARE


# --- rows --------------------------------------------------------------------------------------------------------


def _numbered(members: np.ndarray, numbers: np.ndarray, page: _Page) -> list[Block]:
    """The numbers of numbered lines are a block of their own, before the lines they number."""
    rest = np.setdiff1d(members, numbers)
    above = page.boxes[rest, 3] <= page.boxes[numbers, 1].min() + 0.5 * page.unit
    before, after = rest[above], rest[~above]
    return [*_blocks(_rows(before, page), page), [[i] for i in numbers.tolist()], *_segment(after, page)]


def _line_numbers(members: np.ndarray, page: _Page) -> np.ndarray:
    """The lines that are nothing but 1, 2, 3 … down the left edge, in order."""
    digits = [i for i in members.tolist() if NUMBER.fullmatch(page.texts[i])]
    if len(digits) < MIN_NUMBERED:
        return np.zeros(0, int)
    chosen = np.array(sorted(digits, key=lambda i: page.boxes[i, 1]))
    rights = page.boxes[chosen, 2]
    chosen = chosen[np.abs(rights - np.median(rights)) < 1.5 * page.unit]
    values = np.array([int(page.texts[i]) for i in chosen])
    if len(chosen) < MIN_NUMBERED or (np.diff(values) == 1).mean() < 0.6:
        return np.zeros(0, int)
    others = np.setdiff1d(members, chosen)
    beside = others[
        (page.boxes[others, 3] > page.boxes[chosen, 1].min()) & (page.boxes[others, 1] < page.boxes[chosen, 3].max())
    ]
    at_left = page.boxes[beside, 0] > np.median(page.boxes[chosen, 0])
    return chosen if at_left.mean() > 0.9 else np.zeros(0, int)


def _rows(members: np.ndarray, page: _Page) -> list[Row]:
    """Group lines whose middles are level; each row from left to right."""
    if not len(members):
        return []
    boxes = page.boxes
    heights = boxes[:, 3] - boxes[:, 1]
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    rows: list[Row] = []
    for i in members[np.argsort(middles[members], kind="stable")].tolist():
        if rows and _level(i, rows[-1], middles, heights, boxes):
            rows[-1].append(i)
        else:
            rows.append([i])
    return [sorted(row, key=lambda i: boxes[i, 0]) for row in rows]


def _level(i: int, row: Row, middles: np.ndarray, heights: np.ndarray, boxes: np.ndarray) -> bool:
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


def _blocks(rows: list[Row], page: _Page) -> list[Block]:
    """Start a new block where the white between two rows is wider than between lines."""
    blocks: list[Block] = []
    bottom = -np.inf
    for row in rows:
        top = page.boxes[row, 1].min()
        if not blocks or top - bottom > BLOCK_GAP * page.unit:
            blocks.append([])
        blocks[-1].append(row)
        bottom = page.boxes[row, 3].max()
    return blocks
