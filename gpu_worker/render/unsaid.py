"""What a drawn page shows that its own words do not say, and which of those words nobody sees (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from gpu_worker.ocr.ink import CONTRAST
from gpu_worker.ocr.page_text import Box
from gpu_worker.render.pixels import DOTS_PER_INCH, LEAST_LONG_SIDE, MOST_LONG_SIDE

LOOKING_DPI = 100
LEAST_SEEN = 12
"""Gray levels by which a word must change what is drawn: white on white is 0, pale gray print 30."""
LEAST_INKED = 0.03
"""Of a word's box; print has 0.1 to 0.3, a faint scan 0.05, empty paper with its grain under 0.01."""
DOUBTFUL = 0.04
"""Of a word's area between its head and its foot: of 32,486 printed words in 13 PDFs none changed less than 0.065."""
BACKGROUND = 41  # px: no stroke of a letter is as wide as this
RULE = 30  # px: longer straight lines are rules and frames
JOIN = (17, 11)  # px: letters of a line, and lines of a text, come together
LEAST_SIZE = (18, 6)  # px: bullets and arrows are smaller, words of fine print larger
LEAST_INK = 24  # px
MARGIN = 4  # px around what was found
MOST_PLACES = 60
"""More are one place: the page."""
MOST_ENLARGED = 2.0
"""Times 200 dpi: a small place is drawn larger, as small letters read better so."""


def measure_change(
    with_words: np.ndarray, without_words: np.ndarray, boxes: Sequence[Box], scale: float
) -> list[float]:
    """How much of each word's area (its box in points) the word changes on the page that is drawn (H×W×3 each, `scale`
    px a point), from 0 to 1."""
    changed = _difference(with_words, without_words) >= LEAST_SEEN
    sums = cv2.integral(changed.view(np.uint8))
    height, width = changed.shape
    answers = []
    for left, top, right, bottom in boxes:
        inset_x, inset_y = (0.0, (bottom - top) / 4) if right - left >= bottom - top else ((right - left) / 4, 0.0)
        x0, x1 = (min(max(int(side * scale), 0), width) for side in (left + inset_x, right - inset_x + 1 / scale))
        y0, y1 = (min(max(int(side * scale), 0), height) for side in (top + inset_y, bottom - inset_y + 1 / scale))
        count = int(sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0])
        answers.append(count / max((x1 - x0) * (y1 - y0), 1))
    return answers


def has_ink(drawn: np.ndarray, boxes: Sequence[Box], scale: float) -> list[bool]:
    """Whether the page (H×W×3, `scale` px a point) draws thin things, as letters are, in each box (points)."""
    ink = _ink(drawn)
    answers = []
    for box in boxes:
        left, top, right, bottom = (max(0, round(side * scale)) for side in box)
        piece = ink[top : max(bottom, top + 1), left : max(right, left + 1)]
        answers.append(bool(piece.size and piece.mean() >= LEAST_INKED))
    return answers


def find_unsaid(drawn: np.ndarray, scale: float) -> tuple[Box, ...]:
    """The places (in points) where the page drawn without its words still shows what may be letters.

    Rules, frames, bullets and even areas are none.
    """
    paper = np.empty_like(drawn)
    paper[:] = drawn[0, 0]
    if cv2.norm(drawn, paper, cv2.NORM_INF) <= LEAST_SEEN:
        return ()
    ink = _ink(drawn)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(JOIN[::-1], np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    inked = np.bincount(labels.reshape(-1), weights=ink.reshape(-1), minlength=count)
    boxes = [
        _widened(stats[i], ink.shape)
        for i in range(1, count)
        if inked[i] >= LEAST_INK
        and max(stats[i, 2], stats[i, 3]) >= LEAST_SIZE[0]
        and min(stats[i, 2], stats[i, 3]) >= LEAST_SIZE[1]
    ]
    boxes = _merged(boxes)
    if len(boxes) > MOST_PLACES:
        boxes = [(min(b[0] for b in boxes), min(b[1] for b in boxes),
                  max(b[2] for b in boxes), max(b[3] for b in boxes))]  # fmt: skip
    return tuple((box[0] / scale, box[1] / scale, box[2] / scale, box[3] / scale) for box in boxes)


def frame_of(places: Sequence[Box], size: tuple[float, float]) -> Box:
    """What holds all the places, in points."""
    return (
        max(0.0, min(place[0] for place in places)),
        max(0.0, min(place[1] for place in places)),
        min(size[0], max(place[2] for place in places)),
        min(size[1], max(place[3] for place in places)),
    )


def scale_of(places: Sequence[Box], size: tuple[float, float]) -> float:
    """Pixels per point at which these places are drawn: 200 dpi, a small one up to twice as large."""
    left, top, right, bottom = frame_of(places, size)
    scale = DOTS_PER_INCH / 72
    long_side = max(right - left, bottom - top, 1.0)
    scale = max(scale, min(MOST_ENLARGED * scale, LEAST_LONG_SIDE / long_side))
    return min(scale, MOST_LONG_SIDE / max(*size, 1.0))


def _ink(drawn: np.ndarray) -> np.ndarray:
    """0 or 1 per pixel: thin things, darker or lighter than what is around them in any colour, but for long straight
    ones."""
    around = np.ones((BACKGROUND, BACKGROUND), np.uint8)
    dark = _without_rules(_difference(cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, around), drawn))
    light = _without_rules(_difference(cv2.morphologyEx(drawn, cv2.MORPH_OPEN, around), drawn))
    return cv2.max(dark, light)


def _without_rules(contrast: np.ndarray) -> np.ndarray:
    ink: np.ndarray = (contrast > CONTRAST).astype(np.uint8)
    rules = [cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(size, np.uint8)) for size in ((1, RULE), (RULE, 1))]
    return cv2.subtract(ink, cv2.dilate(cv2.max(*rules), np.ones((3, 3), np.uint8)))


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """By how much two pictures (H×W×3) differ, in the colour in which they differ most."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return cv2.max(cv2.max(red, green), blue)


def _widened(stat: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    left, top, width, height = (int(value) for value in stat[:4])
    return (
        max(0, left - MARGIN),
        max(0, top - MARGIN),
        min(shape[1], left + width + MARGIN),
        min(shape[0], top + height + MARGIN),
    )


def _merged(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Boxes that overlap become one, from top to bottom."""
    merged: list[tuple[int, int, int, int]] = []
    for box in sorted(boxes, key=lambda each: each[1]):
        while touching := next((each for each in merged if _overlap(each, box)), None):
            merged.remove(touching)
            box = (
                min(box[0], touching[0]),
                min(box[1], touching[1]),
                max(box[2], touching[2]),
                max(box[3], touching[3]),
            )
        merged.append(box)
    return sorted(merged, key=lambda each: (each[1], each[0]))


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
