"""The lines of a page and how they lie on it: the one value that every step of the layout takes (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gpu_worker.ocr.layout.quads import upright_boxes
from gpu_worker.ocr.networks.ctc import LineText
from gpu_worker.ocr.page_text import Source

Floats = NDArray[np.float64]

LARGE_TYPE = 1.3  # a headline, which the detector breaks at its wide spaces
WORD_GAP = 0.6  # of a headline's height
LIST_DOT = tuple("•●▪■◦○·")
WORDY = 0.6  # of a line's characters are letters


@dataclass(frozen=True)
class FoundLine:
    """A line as found: corners (4×2 page pixels, reading starts at the first), what it reads, and whether it stands
    across the page's direction, like a note up the margin."""

    quad: np.ndarray
    text: LineText
    across: bool = False
    source: Source = Source.OCR


@dataclass(frozen=True)
class PageLayout:
    """Lines in any order on an image of `width` × `height` px (or a page of as many points).

    The image must be turned `rotation`° (0, 90, 180, 270) clockwise to stand upright, and then by `angle` (radians)
    anticlockwise to stand straight. Lines are named by their number in `lines`.
    """

    lines: tuple[FoundLine, ...]
    width: float
    height: float
    rotation: int = 0
    angle: float = 0.0

    def with_lines(self, lines: tuple[FoundLine, ...]) -> PageLayout:
        """The same page with other lines."""
        return replace(self, lines=lines)

    @cached_property
    def level(self) -> np.ndarray:
        """The numbers of the lines that do not stand across the page."""
        return np.array([i for i, line in enumerate(self.lines) if not line.across], int)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(line.text.text for line in self.lines)

    @cached_property
    def wordy(self) -> NDArray[np.bool_]:
        """Which lines are words, and not the figures of a table."""
        shares = [sum(map(str.isalpha, text)) >= WORDY * len(text.replace(" ", "")) for text in self.texts]
        return np.array(shares, bool)

    @cached_property
    def listed(self) -> NDArray[np.bool_]:
        """Which lines begin with the dot of a list."""
        return np.array([text.startswith(LIST_DOT) for text in self.texts], bool)

    @cached_property
    def bounds(self) -> Floats:
        """Left, top, right, bottom (N×4) of every line once the page stands straight, from where its level lines begin:
        where they lie on the image makes no difference.

        Raises `ValueError` for lines that lie nowhere.
        """
        quads = np.stack([line.quad for line in self.lines])
        boxes: Floats = upright_boxes(quads, self.rotation, self.width, self.height, self.angle)
        if not np.isfinite(boxes).all():
            raise ValueError("A line's bounds are no finite numbers.")
        corner: Floats = boxes[self.level if len(self.level) else ...].min(axis=0)
        bounds: Floats = np.round(boxes - corner[[0, 1, 0, 1]], 3)  # what is level stays so wherever it lies
        return bounds

    @cached_property
    def heights(self) -> Floats:
        return self.bounds[:, 3] - self.bounds[:, 1]

    @cached_property
    def middles(self) -> Floats:
        """How far down the page the middle of every line is."""
        return (self.bounds[:, 1] + self.bounds[:, 3]) / 2

    @cached_property
    def unit(self) -> float:
        """The usual height of a line."""
        return max(float(np.median(self.heights[self.level])), 1.0) if len(self.level) else 1.0

    @cached_property
    def reach(self) -> Floats:
        """How far left and right (N×2) each line reaches, the rest of a broken headline included."""
        reach: Floats = self.bounds[:, [0, 2]].copy()
        large = self.level[self.heights[self.level] > LARGE_TYPE * self.unit]
        for i in large[np.argsort(reach[large, 0])]:
            level = large[np.abs(self.middles[large] - self.middles[i]) < 0.3 * self.heights[i]]
            near = level[np.abs(reach[level, 1] - self.bounds[i, 0]) < WORD_GAP * self.heights[i]]
            joined = np.append(near, i)
            reach[joined] = reach[joined, 0].min(), reach[joined, 1].max()
        return reach
