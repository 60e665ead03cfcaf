"""From a page to line boxes: at which size to look, in which tiles, and what the detector's map says (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LONG_SIDE = 1280  # px: F1 is flat from 960 to 1600 on ordinary pages
SHORT_SIDE = 736  # px: smaller pages are enlarged up to this
MAX_ENLARGEMENT = 2.0
TILE = 1600  # px: a longer map is computed in tiles
TILE_OVERLAP = 128  # px, half of it on each side of a seam
MAX_MAP_PIXELS = 24_000_000  # a bound on memory and time, whatever the page
STRIDE = 32
INK_THRESHOLD = 77  # 0.3 of 255
BOX_THRESHOLD = 0.4
UNCLIP_RATIO = 1.6
MAX_BOXES = 12_000
MIN_SIDE = 2.5  # px of the map
SMALL_TYPE = 11.0  # px of the map: lines lower than this run together or get lost
GOOD_TYPE = 18.0
HUGE_TYPE = 80.0
RAN_TOGETHER = 4  # times as many boxes at a closer look: then the first ones were blocks and not lines
MAX_FINER = 2.5


@dataclass(frozen=True)
class Tile:
    """A window of the resized page, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class DetectionPlan:
    """The size a page is resized to, and the windows it is looked at through (one, mostly)."""

    width: int
    height: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Boxes:
    """Rotated rectangles in page pixels: `centres` N×2, `sizes` N×2 (along, across), `angles` N (radians, of the side
    `along`, within ±45° of the x axis), `scores` N (0..1)."""

    centres: np.ndarray
    sizes: np.ndarray
    angles: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)


def plan_detection(width: int, height: int, scale: float | None = None) -> DetectionPlan:
    """Decide how to look at a `width` × `height` page; `scale` (map pixels per page pixel) overrides the usual size."""
    scale = _usual_scale(width, height) if scale is None else scale
    scale = min(scale, math.sqrt(MAX_MAP_PIXELS / (width * height)))
    map_width, map_height = (max(1, round(side * scale)) for side in (width, height))
    tiles = tuple(
        Tile(left, top, right, bottom) for top, bottom in _windows(map_height) for left, right in _windows(map_width)
    )
    return DetectionPlan(map_width, map_height, tiles)


def _usual_scale(width: int, height: int) -> float:
    """Shrink the long side to 1280 px, but keep the short side at 736 or more: a strip is tiled, a small page
    enlarged."""
    short, long = min(width, height), max(width, height)
    scale = min(1.0, LONG_SIDE / long)
    if short * scale >= SHORT_SIDE:
        return scale
    return min(SHORT_SIDE / short, MAX_ENLARGEMENT if long < LONG_SIDE else 1.0)


def finer_scale(boxes: Boxes, plan: DetectionPlan, page_width: int) -> float | None:
    """The scale at which to look again, if the type is too small for the map, so small perhaps that none was found."""
    scale = plan.width / page_width
    if not len(boxes):
        return min(1.0, scale * MAX_FINER) if scale < 1 else None
    heights, lengths = boxes.sizes.min(axis=1) * scale, boxes.sizes.max(axis=1)
    order = np.argsort(heights)
    weights = np.cumsum(lengths[order])
    usual = heights[order][np.searchsorted(weights, weights[-1] / 2)]
    if usual > HUGE_TYPE:  # a poster, or columns of type so small that each ran together into one box
        return min(1.0, scale * MAX_FINER) if scale < 1 else None
    if usual >= SMALL_TYPE:
        return None
    finer = scale * min(GOOD_TYPE / usual, MAX_FINER)
    return finer if finer <= MAX_ENLARGEMENT else max(scale, MAX_ENLARGEMENT)


def _windows(length: int) -> list[tuple[int, int]]:
    if length <= TILE:
        return [(0, length)]
    count = math.ceil((length - TILE_OVERLAP) / (TILE - TILE_OVERLAP))
    starts = [round(i * (length - TILE) / (count - 1)) for i in range(count)]
    return [(start, start + TILE) for start in starts]


def better_boxes(first: Boxes, closer: Boxes, plan: DetectionPlan, page_width: int) -> Boxes:
    """Of a first and a closer look, what to go by: the closer one, unless it only cut large letters to pieces."""
    if len(first) and np.median(first.sizes.min(axis=1)) * plan.width / page_width > HUGE_TYPE / 2:
        return closer if len(closer) >= RAN_TOGETHER * len(first) else first
    return closer


def stitch(plan: DetectionPlan, maps: Sequence[np.ndarray]) -> np.ndarray:
    """Lay the tiles' maps (uint8) together; in an overlap the higher value counts, but a tile's outermost pixels do
    not."""
    if len(maps) == 1:
        return maps[0]
    whole = np.zeros((plan.height, plan.width), np.uint8)
    rim = TILE_OVERLAP // 4
    for tile, part in zip(plan.tiles, maps, strict=True):
        left, top = (0 if edge == 0 else rim for edge in (tile.left, tile.top))
        right = tile.right - tile.left - (0 if tile.right == plan.width else rim)
        bottom = tile.bottom - tile.top - (0 if tile.bottom == plan.height else rim)
        window = whole[tile.top + top : tile.top + bottom, tile.left + left : tile.left + right]
        np.maximum(window, part[top:bottom, left:right], out=window)
    return whole


def padded(side: int) -> int:
    """A side as the detector takes it: a multiple of 32."""
    return math.ceil(side / STRIDE) * STRIDE


def find_boxes(text_map: np.ndarray, page_size: tuple[int, int]) -> Boxes:
    """Turn a detector map (uint8, any size) into line boxes of the page, whose size is (width, height).

    Differentiable-binarisation post-processing, with the outline grown analytically: a rectangle grown by d on each
    side is a rectangle. Boxes too short to show a direction of their own take the page's.
    """
    mask = cv2.dilate((text_map > INK_THRESHOLD).view(np.uint8), np.ones((2, 2), np.uint8))
    contours = _outlines(mask)
    if not contours:
        return _no_boxes()
    rects = np.array([(*c, *s, a) for c, s, a in map(cv2.minAreaRect, contours)])
    centres, sizes, angles = _upright(rects)
    scores = _scores(text_map, mask, contours, sizes)
    centres, sizes, angles = _share_angle(contours, centres, sizes, angles)
    keep = (sizes.min(axis=1) >= MIN_SIDE) & (scores >= BOX_THRESHOLD)
    centres, sizes, angles, scores = centres[keep], sizes[keep], angles[keep], scores[keep]
    grow = sizes.prod(axis=1) * UNCLIP_RATIO / (2 * sizes.sum(axis=1))
    scale = np.array(page_size) / (text_map.shape[1], text_map.shape[0])
    # Both scales differ by rounding only, so a rotated box stays a rectangle.
    return Boxes((centres + 0.5) * scale, (sizes + 2 * grow[:, None]) * scale.mean(), angles, scores)


def _outlines(mask: np.ndarray) -> list[np.ndarray]:
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return []
    outer = [c for c, parent in zip(contours, tree.reshape(-1, 4)[:, 3], strict=True) if parent < 0]
    return outer if len(outer) <= MAX_BOXES else sorted(outer, key=len, reverse=True)[:MAX_BOXES]


def _upright(rects: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name the side nearest to the x axis `along`, whichever OpenCV calls the width."""
    angles = rects[:, 4]
    turns = np.round(angles / 90).astype(int)
    swap = turns % 2 == 1
    sizes = np.where(swap[:, None], rects[:, [3, 2]], rects[:, [2, 3]])
    return rects[:, :2], sizes, np.deg2rad(angles - 90 * turns)


def _scores(text_map: np.ndarray, mask: np.ndarray, contours: list[np.ndarray], sizes: np.ndarray) -> np.ndarray:
    """Mean of the map over each box, summed over the component's own pixels only (the rest of a box is near zero)."""
    count, labels = cv2.connectedComponents(mask)
    ink = np.flatnonzero(mask)
    sums = np.bincount(labels.ravel()[ink], text_map.ravel()[ink], minlength=count)
    firsts = np.array([c[0, 0] for c in contours])
    means: np.ndarray = sums[labels[firsts[:, 1], firsts[:, 0]]] / (255 * (sizes + 1).prod(axis=1))
    return means


def _share_angle(
    contours: list[np.ndarray], centres: np.ndarray, sizes: np.ndarray, angles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    page_angle = common_angle(sizes, angles)
    long, short = sizes.max(axis=1), sizes.min(axis=1)
    for i in np.flatnonzero((long < 4 * short) & (np.abs(angles - page_angle) > 0.01)):
        centres[i], sizes[i] = _fit(contours[i].reshape(-1, 2), page_angle)
        angles[i] = page_angle
    return centres, sizes, angles


def common_angle(sizes: np.ndarray, angles: np.ndarray) -> float:
    """The angle of the page's long lines (median by length, radians); 0 where there are none."""
    long = sizes.max(axis=1)
    chosen = long >= 5 * np.maximum(sizes.min(axis=1), 1)
    if not chosen.any():
        return 0.0
    order = np.argsort(angles[chosen])
    weights = np.cumsum(long[chosen][order])
    return float(angles[chosen][order][np.searchsorted(weights, weights[-1] / 2)])


def _fit(points: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The smallest rectangle at `angle` around the points: centre and size."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    turned = points @ turn
    low, high = turned.min(axis=0), turned.max(axis=0)
    return turn @ ((low + high) / 2), high - low


def _no_boxes() -> Boxes:
    return Boxes(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), np.zeros(0))
