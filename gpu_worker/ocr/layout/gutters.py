"""The white strips that part a page's columns: where they run, and which lines stand beside them (pure).

Lengths are in units of the usual line height, `PageLayout.unit`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gpu_worker.ocr.layout.columns import MIN_ROWS, Side, are_columns, is_note, stacked
from gpu_worker.ocr.layout.page_layout import PageLayout

COLUMN_GAP = 2.5  # white in a column, above a heading; what follows past the end of its neighbour is still of it
TOP_GAP = 0.8  # less above it: a byline over one column
HEAD_GAP = 1.5  # white that parts a footer, or a heading of the page, from columns
MAX_CANDIDATES = 160
DIVIDER = re.compile(r"[)\]|:§}](?=\s|$)")
SideTest = Callable[[Side, Side, float], bool]
PAGE_NUMBER = re.compile(r"\W*\d{1,4}\W*")


@dataclass(frozen=True)
class Gutter:
    """A gutter's lines (numbers): those beside it, and those above and below the columns it parts."""

    above: np.ndarray
    left: np.ndarray
    right: np.ndarray
    below: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.left) + len(self.right)


def column_gutter(members: np.ndarray, page: PageLayout) -> Gutter | None:
    """The gutter with the most lines beside it, if there is one: between columns of prose or tables, or else between a
    text and a note beside it."""
    places = _candidates(page.bounds[members, 0], page.unit)
    for are_parted in (are_columns, is_note):
        found = [gutter for x in places if (gutter := _gutter_at(x, members, page, are_parted))]
        if found:
            return max(found, key=lambda gutter: gutter.rows)
    return None


def bracket_gutter(members: np.ndarray, page: PageLayout) -> Gutter | None:
    """Three or more brackets one below the other part what stands left of them from what stands right."""
    marked = np.array([i for i in members.tolist() if DIVIDER.match(page.texts[i])], int)
    if len(marked) < MIN_ROWS:
        return None
    lefts = page.bounds[marked, 0]
    place = np.median(lefts)
    marked = marked[np.abs(lefts - place) < page.unit]
    if len(marked) < MIN_ROWS:
        return None
    boxes, middles = page.bounds[members], page.middles[members]
    top, bottom = page.bounds[marked, 1].min(), page.bounds[marked, 3].max()
    inside = (middles > top) & (middles < bottom)
    alone = np.array([bool(DIVIDER.fullmatch(page.texts[i])) for i in members.tolist()])
    left = inside & ((boxes[:, 2] < place + page.unit) | (alone & np.isin(members, marked)))
    right = inside & ~left & (boxes[:, 0] > place - page.unit)
    if left.sum() < 2 or right.sum() < 2 or (inside & ~left & ~right).any():
        return None
    above, below = ~inside & (middles <= top), ~inside & (middles >= bottom)
    return Gutter(members[above], members[left], members[right], members[below])


def _candidates(lefts: np.ndarray, unit: float) -> np.ndarray:
    """Where columns may start: left edges shared by several lines, the most shared ones."""
    places, counts = np.unique(np.round(lefts / (0.5 * unit)), return_counts=True)
    near = counts + np.interp(places + 1, places, counts, right=0) * np.isin(places + 1, places)
    chosen = near >= 2
    order = np.argsort(-near[chosen], kind="stable")[:MAX_CANDIDATES]
    return np.sort(places[chosen][order] * 0.5 * unit)


def _gutter_at(x: float, members: np.ndarray, page: PageLayout, are_parted: SideTest) -> Gutter | None:
    """The columns parted at `x` between the lines that cross it; the stretch with the most lines, if several."""
    boxes, unit = page.bounds[members], page.unit
    reach = page.reach[members]
    is_right = reach[:, 0] >= x - 0.6 * unit
    is_left = ~is_right & (reach[:, 1] <= x + 0.4 * unit)
    crossing = boxes[~is_right & ~is_left]
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    edges = np.sort((crossing[:, 1] + crossing[:, 3]) / 2)
    section = np.searchsorted(edges, middles)
    beside = is_left | is_right
    best: Gutter | None = None
    for number in np.unique(section[beside]):
        here = beside & (section == number)
        left, right = here & is_left, here & is_right
        if min(left.sum(), right.sum()) < MIN_ROWS or (best and here.sum() <= best.rows):
            continue
        left, right = _trim(left, right, boxes, unit)
        if min(left.sum(), right.sum()) < MIN_ROWS:  # where the sides do not face each other, nothing may be left
            continue
        keep = ~_outside(left | right, members, page)
        left, right = left & keep, right & keep
        first, second = (Side.of(members[side], page) for side in (left, right))
        if not (stacked(first, unit) and stacked(second, unit) and are_parted(first, second, unit)):
            continue
        inside = left | right
        top, bottom = boxes[inside, 1].min(), boxes[inside, 3].max()
        above = ~inside & (middles < (top + bottom) / 2)
        found = Gutter(members[above], members[left], members[right], members[~inside & ~above])
        best = found if best is None or found.rows > best.rows else best
    return best


def _trim(left: np.ndarray, right: np.ndarray, boxes: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Drop what stands above or below the stretch where both sides have lines: a byline or a page number over one
    column."""
    both = boxes[left | right]
    top = max(boxes[left, 1].min(), boxes[right, 1].min())
    bottom = min(boxes[left, 3].max(), boxes[right, 3].max())
    # A column may reach past its neighbour, as long as no wide gap parts what sticks out.
    bottom = _reach(both[np.argsort(both[:, 1])], bottom, COLUMN_GAP * unit)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    top = -_reach((both * (1, -1, 1, -1))[np.argsort(-both[:, 3])][:, [0, 3, 2, 1]], -top, TOP_GAP * unit)
    keep = (middles > top) & (middles < bottom)
    return left & keep, right & keep


def _reach(boxes: np.ndarray, edge: float, gap: float) -> float:
    """How far down boxes (from top to bottom) go on past `edge` with no more white than `gap` between them."""
    for _, top, _, bottom in boxes:
        if top > edge + gap:
            break
        edge = max(edge, bottom)
    return edge


def _outside(inside: np.ndarray, members: np.ndarray, page: PageLayout) -> np.ndarray:
    """Which lines (mask) are a first row with a page number in it, or a last row far below the others: they belong to
    the page and not to its columns."""
    boxes = page.bounds[members]
    outside = np.zeros(len(members), bool)
    lines = np.flatnonzero(inside)
    first = lines[boxes[lines, 1] < boxes[lines, 3].min()]
    if len(first) <= 4 and any(PAGE_NUMBER.fullmatch(page.texts[members[i]]) for i in first):
        outside[first] = True
    last = lines[boxes[lines, 3] > boxes[lines, 1].max()]
    rest = np.setdiff1d(lines, last)
    if len(last) and len(rest) and boxes[last, 1].min() - boxes[rest, 3].max() > HEAD_GAP * page.unit:
        outside[last] = True
    return outside
