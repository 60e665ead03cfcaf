"""Check boxes and radio buttons of a page: where, ticked or not, and what they stand for (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from gpu_worker.ocr.page_text import Box, PageText
from gpu_worker.ocr.structure.box_frames import UNIT, Frame, find_ink, find_rings, find_squares, ink_within
from gpu_worker.ocr.structure.box_labels import find_labels, stand_upright, without_box

EMPTY, TICKED = 0.025, 0.08
"""Share of ink within the border; between them nobody can say. Tuned on drawn forms of seeds 1 to 18."""
SOLID = 0.8
"""A box whose inside has more ink is told from a bullet only by others of its size that are not."""
ALIKE = 0.25
MOST_BOXES = 400
"""Of a page; the control plane takes no page of more than 1,000."""
SAID_FOR_BOXES = "XxOo0QGDUKN"
"""Letters that a recogniser writes for a box which stands alone, ticked or not."""
TALL = 0.85
"""Of a word's height: no letter fills its line."""


class BoxState(StrEnum):
    """Whether a box is ticked."""

    TICKED = "ticked"
    EMPTY = "empty"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True)
class CheckBox:
    """A check box or radio button (`round`): `box` in pixels of the image, `ink` the share of its inside that is dark,
    `label` the words that it stands for, "" where none stands beside it."""

    box: Box
    state: BoxState
    round: bool
    ink: float
    label: str

    def moved(self, down: float) -> CheckBox:
        """The box on the page that its strip begins `down` px below the top of."""
        left, top, right, bottom = self.box
        return replace(self, box=(left, top + down, right, bottom + down))

    def is_at(self, other: CheckBox) -> bool:
        """Whether its middle lies in the other."""
        x, y = (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2
        left, top, right, bottom = other.box
        return left <= x <= right and top <= y <= bottom

    def scaled(self, across: float, down: float) -> CheckBox:
        """The box in other units."""
        left, top, right, bottom = self.box
        return replace(self, box=(left * across, top * down, right * across, bottom * down))


def find_check_boxes(gray: np.ndarray, page: PageText) -> tuple[CheckBox, ...]:
    """The boxes of a page image (uint8, H×W) whose words were read, from top to bottom; none where no line was read."""
    if not page.lines or min(gray.shape) < UNIT:
        return ()
    scale = min(UNIT / _line_height(page), 2.0)
    ink = find_ink(gray, scale)
    drawn = [*find_squares(ink), *find_rings(ink)]
    drawn = [each for each, is_letter in zip(drawn, _letters(drawn, scale, page), strict=True) if not is_letter]
    frames = sorted(_believed(drawn, ink.gray), key=lambda each: (each[0].top, each[0].left))[:MOST_BOXES]
    boxes: list[Box] = [(f.left / scale, f.top / scale, f.right / scale, f.bottom / scale) for f, _ in frames]
    labels = find_labels(stand_upright(boxes, page), page)
    return tuple(
        CheckBox(box, _state(share), frame.round, round(share, 3), label)
        for box, (frame, share), label in zip(boxes, frames, labels, strict=True)
    )


def _line_height(page: PageText) -> float:
    """The usual height of the lines in px, the shorter side of their quads."""
    quads = np.array([line.quad for line in page.lines], float)
    sides = np.linalg.norm(quads[:, [1, 2]] - quads[:, [0, 1]], axis=2)
    return max(float(np.median(sides.min(axis=1))), 4.0)


def _believed(frames: Sequence[Frame], gray: np.ndarray) -> list[tuple[Frame, float]]:
    """The frames and the ink within; without what lies in another (the dot of a radio button), and without bullets:
    what is wholly dark counts where a hollow box of its size and shape is on the page."""
    outer = [(each, ink_within(gray, each)) for each in frames if not any(other.holds(each) for other in frames)]
    hollow = [each for each, ink in outer if ink < SOLID]
    return [
        (each, ink)
        for each, ink in outer
        if ink < SOLID or any(o.round == each.round and abs(o.side - each.side) <= ALIKE * each.side for o in hollow)
    ]


def _letters(frames: Sequence[Frame], scale: float, page: PageText) -> np.ndarray:
    """Of each frame, whether the words say that a letter stands there: none that a recogniser writes for a box, and
    none larger than letters are."""
    words = [word for word in page.words if _may_be_letters(word.text)]
    if not words or not frames:
        return np.zeros(len(frames), bool)
    left, top, right, bottom = np.array([word.box for word in words], float).T
    places = np.array([(each.left, each.top, each.right, each.bottom) for each in frames]) / scale
    x, y = (places[:, :2] + places[:, 2:]).T[:, :, None] / 2
    sides = (places[:, 2:] - places[:, :2]).min(axis=1)[:, None]
    within = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
    found: np.ndarray = (within & (sides < TALL * np.minimum(bottom - top, right - left))).any(axis=1)
    return found


def _may_be_letters(word: str) -> bool:
    is_said_for_a_box = len(word) == 1 and word in SAID_FOR_BOXES
    return any(map(str.isalnum, word)) and not is_said_for_a_box and without_box(word) == word


def _state(share: float) -> BoxState:
    if share <= EMPTY:
        return BoxState.EMPTY
    return BoxState.TICKED if share >= TICKED else BoxState.DOUBTFUL
