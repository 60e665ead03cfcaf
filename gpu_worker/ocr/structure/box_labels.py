"""What a check box stands for: the words to its right, else those to its left (pure)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gpu_worker.ocr.layout.quads import upright_boxes
from gpu_worker.ocr.page_text import Box, PageText
from gpu_worker.words.known_words import home_words

REACH = 4.0
"""Box heights between a box and the first word of its label."""
GAP = 2.5
"""Box heights between two words of one label."""
LONGEST_LABEL = 200
LEVEL = 0.3
BOX_LETTERS = "Oo0QGC@©®DU口□"
"""What a recogniser writes for a box that stands close to a word."""


def find_labels(boxes: np.ndarray, page: PageText) -> list[str]:
    """The words of each box (N×4, upright px: left, top, right, bottom), "" where none stands beside it."""
    words = page.words
    if not len(boxes) or not words:
        return [""] * len(boxes)
    places = stand_upright([word.box for word in words], page)
    texts = [word.text for word in words]
    rights = [_beside(box, places, texts, boxes, 1) for box in boxes]
    return [right or _beside(box, places, texts, boxes, -1) for box, right in zip(boxes, rights, strict=True)]


def stand_upright(boxes: Sequence[Box], page: PageText) -> np.ndarray:
    """The boxes as the page stands upright, N×4 (left, top, right, bottom)."""
    if not boxes:
        return np.zeros((0, 4))
    quads = np.array([[(a, b), (c, b), (c, d), (a, d)] for a, b, c, d in boxes], float)
    return upright_boxes(quads, page.rotation, page.width, page.height, 0.0)


def _beside(box: np.ndarray, places: np.ndarray, texts: list[str], boxes: np.ndarray, way: int) -> str:
    """The words level with the box on one side (1: right, -1: left), up to a gap or the next box."""
    height = box[3] - box[1]
    shared = np.minimum(places[:, 3], box[3]) - np.maximum(places[:, 1], box[1])
    level = shared > LEVEL * np.minimum(places[:, 3] - places[:, 1], height)
    middles = (places[:, 0] + places[:, 2]) / 2
    end = _next_box(box, boxes, way)
    starts = places[:, 0] if way > 0 else -places[:, 2]
    ends = places[:, 2] if way > 0 else -places[:, 0]
    at = box[2] if way > 0 else -box[0]
    within = level & (way * middles > at) & (way * middles < end)
    label: list[str] = []
    for i in np.flatnonzero(within)[np.argsort(starts[within], kind="stable")].tolist():
        if starts[i] - at > (GAP if label else REACH) * height:
            break
        label.append(without_box(texts[i]) if not label and way > 0 else texts[i])
        at = max(at, ends[i])
    return " ".join(label[::way])[:LONGEST_LABEL]


def _next_box(box: np.ndarray, boxes: np.ndarray, way: int) -> float:
    """Where the next box of the row begins on that side, in the direction looked."""
    level = (boxes[:, 1] < box[3]) & (boxes[:, 3] > box[1])
    edges = boxes[level, 0] if way > 0 else -boxes[level, 2]
    beyond = edges[edges > (box[2] if way > 0 else -box[0])]
    return float(beyond.min()) if len(beyond) else float("inf")


def without_box(word: str) -> str:
    """A word without the letter that a box before it was read as, if that makes it a word; as it is otherwise."""
    rest = word[1:]
    is_glued = word[:1] in BOX_LETTERS and rest.lower() in home_words() and word.lower() not in home_words()
    return rest if is_glued else word
