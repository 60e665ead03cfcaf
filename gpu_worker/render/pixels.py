"""How large a page image is, and its bytes: one place for every reader (pure)."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image

DOTS_PER_INCH = 200
"""Word F1 no longer grows above it (97.9 at 200, 98.2 at 300 with a larger detector)."""
LEAST_LONG_SIDE = 1600
"""A page smaller than paper is drawn larger: F1 was 0.003 at 100 dpi and 0.96 at 200 dpi on one such page."""
MOST_LONG_SIDE = 3400
"""Legal paper (14 in) at 240 dpi; more pixels cost time and memory and read no better."""
LONG_RATIO = 2.5
"""A picture this many times as long as wide is no sheet of paper and no screen (at most 2.4) but a scrolled one.

Made as small as a sheet, a chat of 1080 × 20,000 px lost 19 of 98 clock times, read wrong at confidence 0.95.
"""
MOST_LONG_WIDTH = 1600
"""px across a picture that is cut into strips: phones' screens have 720 to 1440."""
MOST_LONG_HEIGHT = 200_000
"""px, some 95 strips; what is longer is made smaller."""
MOST_WIDE_SIDE = 30_000
"""px: OpenCV counts them in 16 bits."""
MOST_DECODED_PIXELS = 200_000_000
"""What is decoded at all: 600 MB in colour, which fits a child's memory. 40,000 × 40,000 would be 4.8 GB."""


def choose_scale(width_points: float, height_points: float) -> float:
    """Pixels per point (1/72 in) for a page of this size: 200 dpi, within the bounds on the long side."""
    long_side = max(width_points, height_points)
    scale = DOTS_PER_INCH / 72
    if long_side > LONG_RATIO * min(width_points, height_points):
        wanted = max(scale, min(LEAST_LONG_SIDE / long_side, 4 * scale))
        return wanted * _reduction(width_points * wanted, height_points * wanted)
    scale = max(scale, min(LEAST_LONG_SIDE / long_side, 4 * scale))
    return min(scale, MOST_LONG_SIDE / long_side)


def shrink_to_page(image: Image.Image) -> Image.Image:
    """The image as small as a page (`_reduction`), averaged down; a 1-bit image becomes gray on the way.

    Takes modes `1`, `L` and `RGB`.
    """
    if image.mode == "1":
        image = image.convert("L")
    ratio = _reduction(*image.size)
    if ratio == 1:
        return image
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.BOX if ratio < 0.5 else Image.Resampling.BICUBIC, reducing_gap=2.0)


def _reduction(width: float, height: float) -> float:
    """How many times as large (at most 1) an image of this size is read: with its long side at most `MOST_LONG_SIDE`.

    A long picture keeps its scale: one higher than wide is read in strips, one wider than high may have as many pixels
    as the largest page.
    """
    if max(width, height) <= MOST_LONG_SIDE:
        return 1.0
    if height > LONG_RATIO * width:
        return min(1.0, MOST_LONG_WIDTH / width, MOST_LONG_HEIGHT / height)
    if width > LONG_RATIO * height:
        return min(1.0, MOST_LONG_SIDE / math.sqrt(width * height), MOST_WIDE_SIDE / width)
    return MOST_LONG_SIDE / max(width, height)


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
