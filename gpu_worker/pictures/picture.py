"""An image file's pictures: which of its frames are pages, and each as a person sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageOps

from gpu_worker.pictures.paper import SIXTEEN_BITS, Depth, on_paper

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
MANY_PAGED = ("TIFF", "HEIF")
"""An animated GIF or WebP is one page, its first frame; so is a phone's photo with a second picture inside (MPO)."""
DEFAULT_DPI = 200.0
SENSIBLE_DPI = (30.0, 2400.0)
MOST_STRETCH = 4.0
"""A fax has pixels up to 2.1 times as high as wide; more is a mistake in the file."""
ORIENTATION, PHOTOMETRIC = 0x0112, 262  # tags of EXIF and TIFF


@dataclass(frozen=True)
class Picture:
    """A page upright, in mode `1`, `L` or `RGB`, and its pixels per inch across and down."""

    image: Image.Image
    dpi: tuple[float, float]

    def with_square_pixels(self) -> Image.Image:
        """The image stretched where its pixels are higher than wide, as a standard fax has them, or wider than high."""
        across, down = self.dpi
        if abs(across / down - 1) < 0.01:
            return self.image
        finest = max(across, down)
        size = round(self.image.width * finest / across), round(self.image.height * finest / down)
        gray = self.image.convert("L") if self.image.mode == "1" else self.image
        return gray.resize(size, Image.Resampling.BICUBIC)


def count_pages(image: Image.Image) -> int:
    """How many pages an image file that was just opened has."""
    return int(getattr(image, "n_frames", 1)) if image.format in MANY_PAGED else 1


def show(image: Image.Image) -> Picture:
    """The frame that an opened image file is at, as a person sees it. Raises what Pillow raises about damaged data."""
    depth, dpi = _depth(image), resolution(image)
    upright = ImageOps.exif_transpose(image)
    return Picture(on_paper(upright, depth), dpi[::-1] if orientation(image) >= 5 else dpi)


def orientation(image: Image.Image) -> int:
    """How the camera was held, as EXIF counts it: 1 upright, 5 to 8 on its side."""
    return int(image.getexif().get(ORIENTATION, 1) or 1)


def resolution(image: Image.Image) -> tuple[float, float]:
    """Pixels per inch across and down as stored; where the file gives only their ratio, or nonsense, near 200."""
    across, down = _given_resolution(image)
    if not 1 / MOST_STRETCH <= across / down <= MOST_STRETCH:
        return DEFAULT_DPI, DEFAULT_DPI
    if SENSIBLE_DPI[0] <= min(across, down) and max(across, down) <= SENSIBLE_DPI[1]:
        return across, down
    finest = max(across, down)
    return DEFAULT_DPI * across / finest, DEFAULT_DPI * down / finest


def _given_resolution(image: Image.Image) -> tuple[float, float]:
    """What the file says, in whatever unit: TIFF and JPEG may give a ratio alone, PNG calls it aspect."""
    for name in ("dpi", "resolution", "jfif_density", "aspect"):
        try:
            across, down = (float(value) for value in image.info[name])
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            continue
        if across > 0 and down > 0 and math.isfinite(across) and math.isfinite(down):
            return across, down
    return DEFAULT_DPI, DEFAULT_DPI


def _depth(image: Image.Image) -> Depth:
    """To be asked before decoding: `tile` tells how the samples are stored."""
    stored = [str(tile[3]) for tile in getattr(image, "tile", ())]
    deep = image.mode not in (*SIXTEEN_BITS, "I", "F") and any(";16" in mode for mode in stored)
    tags = getattr(image, "tag_v2", {})
    return Depth(deep=deep, white_is_zero=tags.get(PHOTOMETRIC) == 0)
