"""Squares and rings on a page, of a line's size (pure).

A square is four straight strokes that close. Letters and ticks have no such strokes, so that the border is found
whatever stands in it: strokes are what opening with a line leaves, across and down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

UNIT = 30
"""px that a usual line is scaled to before the strokes are looked for."""
SIDES = 0.36, 1.9
"""Of a box, in line heights."""
STROKES = 0.42, 0.27
"""Line heights that a straight stroke is long: first so long that no thick cross has one, then for small boxes."""
SQUARE = 1.3
"""Longer side of a box over the shorter one."""
CLOSED = 0.8
"""Share of each side that has ink: of a D or a bold B one side has less."""
ROUND = 0.80
"""Roundness (4πA/P²) of a radio button's outside; a circle drawn of pixels has 0.88."""
THICKEST = 0.24
NEAR = 0.1
"""Line heights between the borders of cells that touch."""
CONTRAST = 18
HALF = 0.9
PEN = 0.55
"""Of the way from the darkest of a box to its paper: what is darker is ink, a pen's as well as the border's."""


@dataclass(frozen=True)
class Inked:
    """A page scaled so that its usual line is `UNIT` px high: gray (uint8), and what is darker than around it (255)."""

    gray: np.ndarray
    dark: np.ndarray


@dataclass(frozen=True)
class Frame:
    """A square or a ring in px of the scaled page, with its border."""

    left: int
    top: int
    right: int
    bottom: int
    round: bool

    @property
    def side(self) -> float:
        return (self.right - self.left + self.bottom - self.top) / 2

    def holds(self, other: Frame) -> bool:
        """Whether the other, a smaller one, has its middle in this one."""
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.side > other.side and self.left < x < self.right and self.top < y < self.bottom


def find_ink(gray: np.ndarray, scale: float) -> Inked:
    """The page scaled by this, and what is dark on it."""
    way = cv2.INTER_AREA if scale < HALF else cv2.INTER_LINEAR  # AREA takes 10 ms a page
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=way)
    around = 4 * UNIT + 1  # larger than a box: one that is filled is dark in its middle too
    how = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    return Inked(small, cv2.adaptiveThreshold(small, 255, *how, around, CONTRAST))


def find_squares(page: Inked) -> list[Frame]:
    """Lone squares; cells of a table, or of a field with a cell for each letter, share their borders."""
    places: list[Place] = []
    for share in STROKES:
        strokes = _straight(page.dark, round(share * UNIT))
        contours, tree = cv2.findContours(strokes, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        outside = [each for each, place in zip(contours, tree[0], strict=True) if place[3] < 0] if contours else []
        bounds = np.array([cv2.boundingRect(each) for each in outside]).reshape(-1, 4)
        found = [each for each in _of_size(bounds) if _is_closed(strokes, page.dark, *each)]
        places += [each for each in found if not any(_is_same(each, other) for other in places)]
    return [Frame(*each, False) for each in _lone(places)]


def _straight(dark: np.ndarray, length: int) -> np.ndarray:
    """What is left of the ink by strokes of this length, across or down."""
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return cv2.morphologyEx(cv2.bitwise_or(across, down), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))


def find_rings(page: Inked) -> list[Frame]:
    """Circles, whatever is within."""
    whole = cv2.morphologyEx(page.dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    contours, tree = cv2.findContours(whole, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    frames = []
    for i, contour in enumerate(contours):
        if tree[0][i][3] >= 0 or len(contour) < 2 * SIDES[0] * UNIT:
            continue
        left, top, width, height = cv2.boundingRect(contour)
        if not _of_size(np.array([[left, top, width, height]])) or max(width, height) > 1.15 * min(width, height):
            continue
        area, length = cv2.contourArea(contour), cv2.arcLength(contour, True)
        # Of a square 4πA/P² is 0.79 and A is all of its bounds, of a circle π/4.
        if 4 * np.pi * area >= ROUND * length * length and area < 0.84 * (width - 1) * (height - 1):
            frames.append(Frame(left, top, left + width, top + height, True))
    return frames


Place = tuple[int, int, int, int]


def _of_size(stats: np.ndarray) -> list[Place]:
    """Left, top, right and bottom of what is as large as a box, of rows of left, top, width and height."""
    sides = stats[:, 2:4]
    short, long = sides.min(axis=1), sides.max(axis=1)
    fits = (short >= SIDES[0] * UNIT) & (long <= SIDES[1] * UNIT) & (long <= SQUARE * short)
    return [(left, top, left + width, top + height) for left, top, width, height in stats[fits].tolist()]


def _is_closed(strokes: np.ndarray, dark: np.ndarray, left: int, top: int, right: int, bottom: int) -> bool:
    """Whether each side has ink along nearly all of its length, somewhere in the outer fifth, and each corner some: an
    O and a D have none there."""
    part = strokes[top:bottom, left:right] > 0
    deep = max(2, round(0.2 * min(part.shape)))
    sides = part[:deep].any(axis=0), part[-deep:].any(axis=0), part[:, :deep].any(axis=1), part[:, -deep:].any(axis=1)
    if any(side.mean() < CLOSED for side in sides):
        return False
    part = dark[top:bottom, left:right] > 0
    corner = np.add.outer(np.arange(deep + 1), np.arange(deep + 1)) <= deep
    size = deep + 1
    corners = part[:size, :size], part[:size, ::-1][:, :size], part[::-1][:size, :size], part[::-1, ::-1][:size, :size]
    return all((each & corner).any() for each in corners)


def _is_same(place: Place, other: Place) -> bool:
    return other[0] < (place[0] + place[2]) / 2 < other[2] and other[1] < (place[1] + place[3]) / 2 < other[3]


def _lone(places: list[Place]) -> list[Place]:
    if len(places) < 2:
        return places
    lefts, tops, rights, bottoms = np.array(places).T
    near = NEAR * UNIT
    beside = (np.abs(tops[:, None] - tops) < near) & (np.abs(lefts[:, None] - rights) < near)
    below = (np.abs(lefts[:, None] - lefts) < near) & (np.abs(tops[:, None] - bottoms) < near)
    touching = (beside | beside.T | below | below.T).any(axis=1)
    return [place for place, touches in zip(places, touching.tolist(), strict=True) if not touches]


def ink_within(gray: np.ndarray, frame: Frame) -> float:
    """Share of the inside that is dark, 0..1; of a box that is filled to its border 1."""
    left, top, right, bottom = frame.left, frame.top, frame.right, frame.bottom
    around = gray[max(top - 4, 0) : bottom + 4, max(left - 4, 0) : right + 4]
    darkest, paper = np.percentile(around, (3, 90)).tolist()
    part = gray[top:bottom, left:right] < darkest + PEN * (paper - darkest)
    height, width = part.shape
    middle = slice(width // 4, width - width // 4), slice(height // 4, height - height // 4)
    sides = part[:, middle[0]].T, part[::-1, middle[0]].T, part[middle[1]], part[middle[1], ::-1]
    above, below, before, behind = (_rim(side) for side in sides)
    inside = part[above : height - below, before : width - behind]
    if min(inside.shape) < 3:
        return 1.0
    if frame.round:
        rows, columns = np.ogrid[: inside.shape[0], : inside.shape[1]]
        y, x = (inside.shape[0] - 1) / 2, (inside.shape[1] - 1) / 2
        inside = inside[((rows - y) / (y + 0.5)) ** 2 + ((columns - x) / (x + 0.5)) ** 2 <= 1]
    return float(inside.mean())


def _rim(lines: np.ndarray) -> int:
    """How thick the border is where these lines (N×L, bool) enter a box: thicker than most, as it may be askew, but
    no thicker than `THICKEST`, where a mark begins."""
    begun = np.maximum.accumulate(lines, axis=1)
    ended = begun & ~lines
    runs = np.where(ended.any(axis=1), ended.argmax(axis=1), lines.shape[1])
    most = int(np.sort(runs)[int(0.8 * len(runs))])
    return min(most, int(THICKEST * lines.shape[1])) + 1
