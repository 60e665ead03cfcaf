"""Lines found as one that run through a gutter, from one column into the next: where to cut them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gpu_worker.ocr.layout.columns import PROSE_WIDTH
from gpu_worker.ocr.layout.page_layout import LARGE_TYPE, PageLayout
from gpu_worker.ocr.networks.ctc import LineText

NEAR = 12.0  # line heights above and below in which neighbours bear witness to a gutter
WITNESSES = 4  # long lines on each side of it
MIN_PART = 3.0  # line heights: what is shorter may be a number beside a text
MIN_GAP = 0.45  # line heights between the words
WIDE_GAP = 2.0  # times the line's usual one


def cuts(page: PageLayout) -> list[list[int]]:
    """For every line, the numbers of its words that begin in another column than the word before."""
    return [
        _cuts(i, page) if not line.across and page.heights[i] < LARGE_TYPE * page.unit else []
        for i, line in enumerate(page.lines)
    ]


def _cuts(i: int, page: PageLayout) -> list[int]:
    spans, bounds, unit = page.lines[i].text.spans, page.bounds, page.unit
    left, _, right, _ = bounds[i]
    ends = left + np.array([span.end for span in spans[:-1]]) * (right - left)
    starts = left + np.array([span.start for span in spans[1:]]) * (right - left)
    if not len(ends):
        return []
    gaps = starts - ends
    wide = gaps >= max(MIN_GAP * unit, WIDE_GAP * np.median(gaps))
    wide = np.flatnonzero(wide & (ends > left + MIN_PART * unit) & (starts < right - MIN_PART * unit))
    near = bounds[(np.abs(page.middles - page.middles[i]) < NEAR * unit) & (np.arange(len(bounds)) != i)]
    return [int(k) + 1 for k in wide if _is_gutter(ends[k], starts[k], near, unit)]


def _is_gutter(end: float, start: float, near: np.ndarray, unit: float) -> bool:
    """Whether neighbours end before the gap, others begin right behind it, and hardly any goes across."""
    lefts, rights = near[:, 0], near[:, 2]
    long = rights - lefts > PROSE_WIDTH * unit
    before = long & (rights < end + 0.5 * unit) & (rights > end - 5 * unit)
    behind = (rights - lefts > MIN_PART * unit) & (np.abs(lefts - start) < 0.5 * unit)
    middle = (end + start) / 2
    across = (lefts < middle - unit) & (rights > middle + unit)
    return bool(min(before.sum(), behind.sum()) >= max(WITNESSES, 3 * across.sum()))


def parts(text: LineText, quad: np.ndarray, at: Sequence[int]) -> list[tuple[np.ndarray, LineText]]:
    """Cut a line before the words numbered `at`; each part has the corners (4×2) of its own stretch."""
    edges = [0, *at, len(text.spans)]
    return [_part(text, quad, first, last) for first, last in zip(edges, edges[1:], strict=False)]


def _part(text: LineText, quad: np.ndarray, first: int, last: int) -> tuple[np.ndarray, LineText]:
    own = text.spans[first:last]
    start, end = (0.0 if first == 0 else own[0].start), (1.0 if last == len(text.spans) else own[-1].end)
    length = max(end - start, 1e-6)
    spans = tuple(replace(s, start=(s.start - start) / length, end=(s.end - start) / length) for s in own)
    confidence = sum(s.confidence * len(s.text) for s in own) / max(sum(len(s.text) for s in own), 1)
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = [quad[0] + start * top, quad[0] + end * top, quad[3] + end * bottom, quad[3] + start * bottom]
    return np.array(corners), LineText(spans, confidence)
