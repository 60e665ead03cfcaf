"""Whether there is anything on a page (pure)."""

from __future__ import annotations

import cv2
import numpy as np

PROBE_SIDE = 2200  # px: at half of this, a page full of 4-point type is an even gray
CONTRAST = 40  # gray levels: paper grain, shadows and show-through stay below
LEAST_INK = 0.0001  # of the page: a page number of two digits has twice that


def is_blank(image: np.ndarray) -> bool:
    """True when hardly a pixel stands out from its surroundings: white, black or evenly shaded paper, a few specks.

    In colour, every channel must be so: red on green of the same lightness is no blank page.
    """
    if image.ndim == 3:
        return all(is_blank(channel) for channel in cv2.split(image))
    gray = image
    factor = PROBE_SIDE / max(gray.shape)
    if factor < 1:
        size = [max(1, round(side * factor)) for side in (gray.shape[1], gray.shape[0])]
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    around = cv2.medianBlur(gray, 51)  # not a mean: a dark edge would cast a shadow
    contrasts = (cv2.absdiff(gray, around) > CONTRAST).astype(np.uint8)
    ink = cv2.morphologyEx(contrasts, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    rim = max(1, round(0.02 * min(gray.shape)))  # scanners leave dark edges
    inner = ink[rim:-rim, rim:-rim] if min(gray.shape) > 2 * rim else ink
    return bool(inner.mean() < LEAST_INK)
