"""The order in which a person reads the lines of a page: rows, columns, numbered pleading lines, captions (pure).

Lengths are in units of the usual line height, `PageLayout.unit`.
"""

from __future__ import annotations

import re

import numpy as np

from gpu_worker.ocr.layout.columns import MIN_ROWS
from gpu_worker.ocr.layout.gutters import Gutter, bracket_gutter, column_gutter
from gpu_worker.ocr.layout.page_layout import LARGE_TYPE, PageLayout
from gpu_worker.ocr.layout.rows import Block, blocks_of, rows_of

STORY_GAP = 0.8
MIN_NUMBERED = 6
MIN_CELLS = 3  # beside a number: it counts the rows of a table
EVEN_SHARE = 0.7  # of numbered lines' pitches are the usual one
NUMBER = re.compile(r"\d{1,3}")

Part = np.ndarray | list[Block]


def order_lines(page: PageLayout) -> list[Block]:
    """Return blocks of rows of line numbers, in reading order; every line appears once.

    A row holds lines standing beside each other (cells of a table, a label and its value); a new block starts at a
    column, at a paragraph. Lines that stand across the page come last: beside the others they would end up in the
    middle of a sentence.
    """
    blocks: list[Block] = []
    waiting: list[Part] = [page.level]
    while waiting:  # no recursion: 400 stories one below the other would be too deep
        part = waiting.pop()
        if isinstance(part, np.ndarray):
            waiting += reversed(_split(part, page))
        else:
            blocks += part
    return blocks + [[[i]] for i, line in enumerate(page.lines) if line.across]


def _split(members: np.ndarray, page: PageLayout) -> list[Part]:
    """The parts of these lines in reading order: lines to be split further, and blocks that are whole."""
    if len(members) < 2 * MIN_ROWS:
        return [blocks_of(rows_of(members, page), page)]
    stories = _stories(members, page)
    if len(stories) > 1:
        return [*stories]
    gutter = column_gutter(members, page)
    numbers = _line_numbers(members, page)
    if gutter and not (len(numbers) and np.isin(gutter.left, numbers).mean() > 0.5):
        return _beside(gutter)
    if len(numbers):
        return _numbered(members, numbers, page)
    gutter = bracket_gutter(members, page)
    return _beside(gutter) if gutter else [blocks_of(rows_of(members, page), page)]


def _stories(members: np.ndarray, page: PageLayout) -> list[np.ndarray]:
    """Part the lines where white runs across them all, with headings below that stand over several columns."""
    order = members[np.argsort(page.bounds[members, 1], kind="stable")]
    boxes = page.bounds[order]
    bottoms = np.maximum.accumulate(boxes[:, 3])
    breaks = np.flatnonzero(boxes[1:, 1] - bottoms[:-1] > STORY_GAP * page.unit) + 1
    return np.split(order, [at for at in breaks.tolist() if _is_headed(boxes[at:], page.unit)])


def _is_headed(boxes: np.ndarray, unit: float) -> bool:
    """Whether the first of these lines (from top to bottom) are large type over the gutters of what follows."""
    heads = boxes[boxes[:, 1] < boxes[0, 3] - 0.5 * unit]
    rest = boxes[len(heads) :]
    if (heads[:, 3] - heads[:, 1] < LARGE_TYPE * unit).any():
        return False
    starts = rest[:, :1]
    over = (starts > heads[:, 0] + 3 * unit) & (starts < heads[:, 2] - unit)
    return bool((over.sum(axis=0) >= 2 * MIN_ROWS).any())


def _beside(gutter: Gutter) -> list[Part]:
    return [part for part in (gutter.above, gutter.left, gutter.right, gutter.below) if len(part)]


def _numbered(members: np.ndarray, numbers: np.ndarray, page: PageLayout) -> list[Part]:
    """The numbers of numbered lines are a block of their own, before the lines they number; where they start again,
    so does a page."""
    values = np.array([int(page.texts[i]) for i in numbers])
    middles = page.middles[numbers]
    again = np.flatnonzero((values[1:] == 1) & (values[:-1] > 1) & (np.diff(middles) > 0.5 * page.unit)) + 1
    if len(again):
        edges = (middles[again - 1] + middles[again]) / 2
        pages = np.searchsorted(edges, page.middles[members])
        return [members[pages == n] for n in range(len(again) + 1)]
    rest = np.setdiff1d(members, numbers)
    above = page.bounds[rest, 3] <= page.bounds[numbers, 1].min() + 0.5 * page.unit
    before, after = rest[above], rest[~above]
    return [blocks_of(rows_of(before, page), page), [[[i] for i in numbers.tolist()]], after]


def _line_numbers(members: np.ndarray, page: PageLayout) -> np.ndarray:
    """The lines that are nothing but 1, 2, 3 … down the left edge, in order."""
    digits = [i for i in members.tolist() if NUMBER.fullmatch(page.texts[i])]
    if len(digits) < MIN_NUMBERED:
        return np.zeros(0, int)
    chosen = np.array(sorted(digits, key=lambda i: page.middles[i]))
    rights = page.bounds[chosen, 2]
    chosen = chosen[np.abs(rights - np.median(rights)) < 1.5 * page.unit]
    values = np.array([int(page.texts[i]) for i in chosen])
    if len(chosen) < MIN_NUMBERED or (np.diff(values) == 1).mean() < 0.6 or not _evenly_set(chosen, page):
        return np.zeros(0, int)
    others = np.setdiff1d(members, chosen)
    top, bottom = page.bounds[chosen, 1].min(), page.bounds[chosen, 3].max()
    beside = others[(page.bounds[others, 3] > top) & (page.bounds[others, 1] < bottom)]
    if _cells_beside(chosen, others, page) >= MIN_CELLS:
        return np.zeros(0, int)
    at_left = page.bounds[beside, 0] > np.median(page.bounds[chosen, 0])
    return chosen if len(beside) and at_left.mean() > 0.9 else np.zeros(0, int)


def _evenly_set(lines: np.ndarray, page: PageLayout) -> bool:
    """Whether these lines, from top to bottom, have one pitch, as the numbers of lines have and those of a table's rows
    mostly have not."""
    pitches = np.diff(page.middles[lines])
    return bool((np.abs(pitches - np.median(pitches)) < 0.5 * page.unit).mean() >= EVEN_SHARE)


def _cells_beside(numbers: np.ndarray, others: np.ndarray, page: PageLayout) -> float:
    """How many of the other lines are level with a number, usually."""
    level = np.abs(page.middles[others][None] - page.middles[numbers][:, None]) < 0.5 * page.unit
    return float(np.median(level.sum(axis=1)))
