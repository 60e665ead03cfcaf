"""Line boxes as quads whose first corner is where the reading starts, whichever way the page lies (pure)."""

from __future__ import annotations

import numpy as np

from gpu_worker.ocr.networks.detection import Boxes, common_angle

SIDEWAYS_ASPECT = 2.2  # taller than this: text set on its side, unless it is one tall letter
TALL_LETTER = 1.8  # of the usual line height
LONG_LINE = 6.0  # heights: shorter lines do not show their slant
MIN_LONG_LINES = 8
MAX_SLANT = 0.05  # what is steeper was set so


def lies_on_side(boxes: Boxes) -> bool:
    """Whether most of the text runs up or down the image."""
    along, across = boxes.sizes[:, 0], boxes.sizes[:, 1]
    upright = along[along > 2 * across].sum()
    sideways = across[across > 2 * along].sum()
    return bool(sideways > upright)


def quads_of(boxes: Boxes, rotation: int) -> tuple[np.ndarray, np.ndarray]:
    """Corners N×4×2 of every box, first corner where reading starts, and which boxes (N) stand across the others.

    The page must be turned `rotation`° clockwise to stand upright. Boxes standing across (a stamp in the margin) are
    taken to read upwards.
    """
    half = boxes.sizes[:, None, :] / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    cos, sin = np.cos(boxes.angles)[:, None], np.sin(boxes.angles)[:, None]
    x, y = half[..., 0] * cos - half[..., 1] * sin, half[..., 0] * sin + half[..., 1] * cos
    quads = boxes.centres[:, None, :] + np.stack([x, y], axis=-1)
    quads = turn_quads(quads, rotation)
    across = _across(quads)
    quads[across] = turn_quads(quads[across], 90)
    return quads, across


def turn_quads(quads: np.ndarray, rotation: int) -> np.ndarray:
    """Let the reading start at another corner, for text that must be turned `rotation`° clockwise."""
    # Text to be turned 90° clockwise runs up the image: it starts at the bottom left corner.
    return np.roll(quads, rotation // 90, axis=1)


def quad_sizes(quads: np.ndarray) -> np.ndarray:
    """Length and height (N×2) of lines as they read."""
    length = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    height = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return np.stack([length, height], axis=1)


def _across(quads: np.ndarray) -> np.ndarray:
    sizes = quad_sizes(quads)
    heights = sizes[:, 1]
    flat = sizes[:, 0] >= heights
    usual = np.median(heights[flat]) if flat.any() else 0.0
    return (heights > SIDEWAYS_ASPECT * sizes[:, 0]) & (heights > TALL_LETTER * usual)


def upright_boxes(quads: np.ndarray, rotation: int, width: float, height: float, angle: float) -> np.ndarray:
    """Bounds N×4 (left, top, right, bottom) of the quads once the page stands upright and straight."""
    points = turn_points(quads.reshape(-1, 2) - (width / 2, height / 2), rotation)
    cos, sin = np.cos(-angle), np.sin(-angle)
    turned = _straightened((points @ np.array([[cos, sin], [-sin, cos]])).reshape(-1, 4, 2))
    return np.concatenate([turned.min(axis=1), turned.max(axis=1)], axis=1)


def turn_points(points: np.ndarray, rotation: int) -> np.ndarray:
    """Turn points (N×2) about the origin by 0, 90, 180 or 270° clockwise, exactly: a page must not be read otherwise
    because it lay on its side."""
    x, y = points[:, 0], points[:, 1]
    return np.stack([(x, y), (-y, x), (-x, -y), (y, -x)][rotation // 90], axis=1)


def _straightened(quads: np.ndarray) -> np.ndarray:
    """Undo the slant that a photo taken from the side leaves: it grows evenly down the page."""
    along = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2
    slopes = along[:, 1] / np.maximum(along[:, 0], 1.0)
    lengths, heights = quad_sizes(quads).T
    long = (lengths >= LONG_LINE * heights) & (along[:, 0] >= 1.0) & (np.abs(slopes) < MAX_SLANT)
    if long.sum() < MIN_LONG_LINES:
        return quads
    growth, slant = _line_through(quads[long].mean(axis=1)[:, 1], slopes[long], along[long, 0])
    x, y = quads[..., 0], quads[..., 1]
    return np.stack([x, y - x * np.clip(slant + growth * y, -MAX_SLANT, MAX_SLANT)], axis=-1)


def _line_through(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the straight line nearest to the points; level where they all stand one above the other."""
    x_mean, y_mean = np.average(x, weights=weights), np.average(y, weights=weights)
    spread = np.sum(weights * (x - x_mean) ** 2)
    slope = np.sum(weights * (x - x_mean) * (y - y_mean)) / spread if spread > 0 else 0.0
    return float(slope), float(y_mean - slope * x_mean)


def page_angle(boxes: Boxes) -> float:
    """The page's skew in radians."""
    return common_angle(boxes.sizes, boxes.angles) if len(boxes) else 0.0
