"""How large a page image is, and its bytes: one place for every reader (pure)."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

DOTS_PER_INCH = 200
"""Word F1 no longer grows above it (97.9 at 200, 98.2 at 300 with a larger detector)."""
LEAST_LONG_SIDE = 1600
"""A page smaller than paper is drawn larger: F1 was 0.003 at 100 dpi and 0.96 at 200 dpi on one such page."""
MOST_LONG_SIDE = 3400
"""Legal paper (14 in) at 240 dpi; more pixels cost time and memory and read no better."""
MOST_DECODED_PIXELS = 200_000_000
"""What is decoded at all: 600 MB in colour, which fits a child's memory. 40,000 × 40,000 would be 4.8 GB."""


def choose_scale(width_points: float, height_points: float) -> float:
    """Pixels per point (1/72 in) for a page of this size: 200 dpi, within the bounds on the long side."""
    long_side = max(width_points, height_points)
    scale = DOTS_PER_INCH / 72
    scale = max(scale, min(LEAST_LONG_SIDE / long_side, 4 * scale))
    return min(scale, MOST_LONG_SIDE / long_side)


def shrink_to_page(image: Image.Image) -> Image.Image:
    """The image with its long side at most `MOST_LONG_SIDE` px, averaged down; a 1-bit image becomes gray on the way.

    Takes modes `1`, `L` and `RGB`.
    """
    long_side = max(image.size)
    if image.mode == "1":
        image = image.convert("L")
    if long_side <= MOST_LONG_SIDE:
        return image
    ratio = MOST_LONG_SIDE / long_side
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX if ratio < 0.5 else Image.Resampling.BICUBIC, reducing_gap=2.0)


def to_array(image: Image.Image) -> np.ndarray:
    """uint8 array, H×W for gray and H×W×3 for RGB, contiguous."""
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8))


def to_jpeg(image: Image.Image, pixels: int, rotation: int) -> bytes:
    """A JPEG of at most `pixels` on its long side, turned `rotation`° (0, 90, 180 or 270) clockwise."""
    image = image.convert("RGB")
    image.thumbnail((pixels, pixels), Image.Resampling.BICUBIC)
    image = image.rotate(-rotation, expand=True)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80, optimize=True)
    return buffer.getvalue()
