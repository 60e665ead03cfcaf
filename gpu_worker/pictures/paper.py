"""A picture of any mode as 8-bit ink on paper, so that nothing it shows is washed out on the way (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms

PLAIN = ("1", "L", "RGB")
WITH_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
LEAST_LEVELS = 128
"""Of 255: what fills less of the range that its mode promises (12-bit scans in 16 bits, floats) is spread over all."""
NOT_INK = 0.0001
"""Share of the pixels, the same as in `ocr/ink.py`, that may lie outside the range: a dead pixel does not set it."""
SAMPLED = 4_000_000
PAPERS = (255, 0, 128)
"""White, unless letters vanish on it; gray where some are white and some black."""
EDGE = 40
"""Gray levels between neighbours that a reader (and `ocr/ink.py`) sees."""
PROBE_SIDE = 1700
BLOCK_ROWS = 256

Values = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Depth:
    """What a file says of its samples, and Pillow forgets when it decodes them."""

    deep: bool = False
    """16 bits each, of which only the upper 8 are decoded."""
    white_is_zero: bool = False


def on_paper(image: Image.Image, depth: Depth | None = None) -> Image.Image:
    """The picture in mode `1`, `L` or `RGB`: wide samples scaled and not cut off, transparent parts as paper."""
    depth = depth or Depth()
    if image.mode in SIXTEEN_BITS or image.mode in ("I", "F"):
        return _narrow(image, depth.white_is_zero)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in WITH_ALPHA:
        image = _flatten(image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA"))
    elif image.mode == "LAB":
        image = _from_lab(image)
    elif image.mode not in PLAIN:
        image = image.convert("RGB")
    return _spread(image) if depth.deep and image.mode != "1" else image


def _narrow(image: Image.Image, white_is_zero: bool) -> Image.Image:
    values = np.asarray(image)
    low, high = _range(values)
    is_wide = (high - low) * 255 >= LEAST_LEVELS * 65535 or high <= low
    if image.mode in SIXTEEN_BITS and is_wide:
        low, high = 0.0, 65535.0
    narrow = np.empty(values.shape, np.uint8)
    factor = 255 / (high - low) if high > low else 0.0
    for row in range(0, len(values), BLOCK_ROWS):
        block = np.nan_to_num(values[row : row + BLOCK_ROWS].astype(np.float64), nan=high, posinf=high, neginf=low)
        narrow[row : row + BLOCK_ROWS] = ((block - low) * factor + 0.5).clip(0, 255)
    if high <= low:
        narrow[:] = 255
    elif white_is_zero:
        np.subtract(255, narrow, out=narrow)
    return Image.fromarray(narrow)


def _spread(image: Image.Image) -> Image.Image:
    """The picture with its few levels spread over all 256, the colours in proportion."""
    low, high = _range(np.asarray(image))
    if not 0 < high - low < LEAST_LEVELS:
        return image
    levels = [round(min(max((level - low) * 255 / (high - low), 0), 255)) for level in range(256)]
    return image.point(levels * len(image.getbands()))


def _range(values: Values) -> tuple[float, float]:
    """The least and the greatest value that a share of `NOT_INK` does not pass; the very ends where those are one."""
    finite = values.reshape(-1)
    if values.dtype.kind == "f":
        finite = finite[np.isfinite(finite)]
    if not len(finite):
        return 0.0, 0.0
    sample = finite[:: 1 + len(finite) // SAMPLED]
    low, high = (float(value) for value in np.quantile(sample, (NOT_INK, 1 - NOT_INK)))
    return (low, high) if low < high else (float(finite.min()), float(finite.max()))


def _flatten(image: Image.Image) -> Image.Image:
    """Transparent parts become the paper on which most is seen; where everything is transparent, the colours stand."""
    _, most = image.getchannel("A").getextrema()
    if most == 0:
        return image.convert("RGB")
    level, edges = _choose_paper(image)
    paper = Image.new("RGBA", image.size, (level, level, level, 255))
    paper.alpha_composite(image)
    flat = paper.convert("RGB")
    return flat if edges else _spread(flat)


def _choose_paper(image: Image.Image) -> tuple[int, int]:
    """The paper's gray level, and how many edges are seen on it."""
    probe = image.reduce(max(1, max(image.size) // PROBE_SIDE))
    light = np.asarray(probe.convert("L"), np.float32)
    alpha = np.asarray(probe.getchannel("A"), np.float32) / 255
    edges = [_count_edges(light * alpha + paper * (1 - alpha)) for paper in PAPERS]
    if edges[0] * 1.02 >= max(edges):
        return PAPERS[0], edges[0]
    best = int(np.argmax(edges))
    return PAPERS[best], edges[best]


def _count_edges(gray: Values) -> int:
    return int(sum((np.abs(np.diff(gray, axis=axis)) > EDGE).sum() for axis in (0, 1)))


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None  # only None where it converts in place
    return converted
