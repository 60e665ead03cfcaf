"""A page's outcome: read, read a second way, blank, or unreadable (story)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from gpu_worker.ocr.engine import OcrEngine
from gpu_worker.ocr.finish import UNREADABLE
from gpu_worker.ocr.ink import is_blank
from gpu_worker.ocr.page_text import Box, Line, PageText, Point, Word

Outcome = Literal["ocr", "ocr_fallback", "blank", "unreadable"]

LOW_CONFIDENCE = 0.8
LEAST_CONFIDENCE = 0.5  # what reads below this is not worth publishing
LARGE_SIDE = 1600  # px: larger pages are tried smaller, which takes their grain away; smaller ones larger


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
    pages = engine.read_pages(images)
    return [_judge(image, page, engine, second_engine) for image, page in zip(images, pages, strict=True)]


def _judge(image: np.ndarray, page: PageText, engine: OcrEngine, second_engine: OcrEngine | None) -> Reading:
    if page.lines and page.confidence >= LOW_CONFIDENCE:
        return Reading("ocr", page, None)
    if not page.lines and is_blank(image):
        return Reading("blank", page, "the page is empty")
    best = _second_way(image, page, engine, second_engine)
    if best.confidence >= LEAST_CONFIDENCE and best.lines:
        return Reading("ocr", page, None) if best is page else Reading("ocr_fallback", best, best.reason)
    return Reading("unreadable", best, best.reason or UNREADABLE)


def _second_way(image: np.ndarray, page: PageText, engine: OcrEngine, second_engine: OcrEngine | None) -> PageText:
    """The best of the reading at hand, one at another resolution and one by the other engine."""
    why = f"read with confidence {page.confidence:.2f}" if page.lines else "nothing was read"
    best = page
    factor = 0.5 if max(image.shape[:2]) > LARGE_SIDE else 2.0
    if min(image.shape[:2]) * factor >= 16:
        again = enlarged(engine.read_pages([_resized(image, factor)])[0], image.shape[1], image.shape[0])
        best = _better(best, replace(again, reason=f"{why}; better at {factor:g} times the size"))
    if second_engine is not None and best.confidence < LOW_CONFIDENCE:
        other = second_engine.read_pages([image])[0]
        best = _better(best, replace(other, reason=f"{why}; {second_engine.name} read it better"))
    return best


def _better(first: PageText, second: PageText) -> PageText:
    """The one with more letters that are likely right."""
    return second if _weight(second) > 1.02 * _weight(first) else first


def _weight(page: PageText) -> float:
    return sum(max(0.0, word.confidence - 0.5) * len(word.text) for word in page.words)


def _resized(image: np.ndarray, factor: float) -> np.ndarray:
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)


def enlarged(page: PageText, width: int, height: int) -> PageText:
    """The page with all its boxes stretched to an image of `width` × `height`."""
    across, down = width / page.width, height / page.height
    lines = tuple(_stretch_line(line, across, down) for line in page.lines)
    return replace(page, lines=lines, width=width, height=height)


def _stretch_line(line: Line, across: float, down: float) -> Line:
    words = tuple(Word(w.text, _stretch_box(w.box, across, down), w.confidence) for w in line.words)
    corners: list[Point] = [(x * across, y * down) for x, y in line.quad]
    return replace(line, words=words, quad=(corners[0], corners[1], corners[2], corners[3]))


def _stretch_box(box: Box, across: float, down: float) -> Box:
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down
