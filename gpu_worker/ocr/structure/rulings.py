"""The straight lines that are drawn on a page, by morphology (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from gpu_worker.ocr.page_text import Box

SHARE_OF_PAGE = 40
"""A rule is at least this part of the page's width: 42 px at 200 dpi, and no stroke of 20-point type is."""
THICKEST = 9
"""Of a rule's thickness a page's width has this many hundreds: 15 px at 200 dpi; what is thicker is an area."""
DARKER = 18
"""Gray levels below the surroundings."""
FINE = 1200
"""Pixels of a page's shorter side from which half as many show a rule as well, at a third of the cost."""
MOST_RULES = 2000
"""More are a picture."""


def find_rulings(gray: np.ndarray, scale: float = 1.0) -> tuple[Box, ...]:
    """The rules of a page (uint8 H×W, or H×W×3), level and upright, as boxes divided by `scale`; none of a picture."""
    if gray.ndim == 3:
        gray = cv2.cvtColor(gray, cv2.COLOR_RGB2GRAY)
    if min(gray.shape) >= FINE:
        gray, scale = cv2.erode(gray, np.ones((2, 2), np.uint8))[::2, ::2].copy(), scale / 2
    height, width = gray.shape
    length = max(min(height, width) // SHARE_OF_PAGE, 12)
    around = cv2.blur(gray, (length | 1, length | 1))
    ink = np.where(cv2.subtract(around, gray) > DARKER, np.uint8(255), np.uint8(0))
    thickest = max(THICKEST * min(height, width) / 1000, 4)
    level = _segments(ink, (length, 1), thickest)
    upright = _segments(ink, (1, length), thickest)
    if len(level) + len(upright) > MOST_RULES:
        return ()
    return tuple((x0 / scale, y0 / scale, x1 / scale, y1 / scale) for x0, y0, x1, y1 in (*level, *upright))


def is_level(rule: Box) -> bool:
    """Whether a rule lies rather than stands."""
    return rule[2] - rule[0] >= rule[3] - rule[1]


def _segments(ink: np.ndarray, kernel: tuple[int, int], thickest: float) -> Sequence[tuple[int, int, int, int]]:
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    thin = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist() if min(w, h) <= thickest]
    return thin
