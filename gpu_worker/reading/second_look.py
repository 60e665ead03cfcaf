"""A page's outcome: read, read a second way, blank, or unreadable (story)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from gpu_worker.enums import Outcome
from gpu_worker.ocr.engines.engine import OcrEngine
from gpu_worker.ocr.ink import is_blank
from gpu_worker.ocr.languages import is_foreign
from gpu_worker.ocr.layout.finish import MOSTLY_UNREADABLE, UNREADABLE
from gpu_worker.ocr.layout.stretch import stretched
from gpu_worker.ocr.page_text import PageText

LOW_CONFIDENCE = 0.8
LEAST_CONFIDENCE = 0.5  # what reads below this is not worth publishing
LEAST_SIDE = 16  # px
LARGE_SIDE = 1600  # px: larger pages are tried smaller, which takes their grain away; smaller ones larger


class SecondEngine(OcrEngine, Protocol):
    """An engine for second opinions; `knows_more`: it was given languages that the first one cannot write.

    `read_by_script` finds the writing of a page, and reads it in that where it has the data.
    """

    knows_more: bool

    def read_by_script(self, image: np.ndarray) -> tuple[str | None, PageText | None]: ...


@dataclass(frozen=True)
class Reading:
    """What became of one page image; `reason` says why unless the outcome is `ocr` of the whole page."""

    outcome: Outcome
    page: PageText
    reason: str | None


def read_at_two_sizes(images: Sequence[np.ndarray], engine: OcrEngine) -> list[Reading]:
    """Read every image with `engine`; pages read with low confidence are read again together, at another size, and the
    better reading is kept.

    One `Reading` per image, in order; raises what the engine raises.
    """
    readings = [_judge(image, page) for image, page in zip(images, engine.read_pages(images), strict=True)]
    again = [(i, factor) for i, r in enumerate(readings) if is_doubtful(r) and (factor := _other_size(images[i]))]
    resized = [_resized(images[i], factor) for i, factor in again]
    for (i, factor), page in zip(again, engine.read_pages(resized) if again else [], strict=True):
        first, (height, width) = readings[i].page, images[i].shape[:2]
        reason = f"{_complaint(first)}; better at {factor:g} times the size"
        reason = "; ".join(filter(None, (reason, page.reason)))
        readings[i] = _keep_better(readings[i], replace(stretched(page, width, height), reason=reason))
    return readings


def is_doubtful(reading: Reading) -> bool:
    """Whether it may help to look again."""
    return reading.outcome != Outcome.BLANK and reading.page.confidence < LOW_CONFIDENCE


def wants_opinion(reading: Reading, second_engine: SecondEngine) -> bool:
    """Whether the second engine may read the page better; how sure the first one is says nothing of letters it does not
    know."""
    if is_doubtful(reading) or is_unwritten(reading):
        return True
    return second_engine.knows_more and reading.outcome != Outcome.BLANK


def is_unwritten(reading: Reading) -> bool:
    """Whether the engine saw text of which it could write little or nothing."""
    return reading.page.reason in (UNREADABLE, MOSTLY_UNREADABLE)


def second_opinion(image: np.ndarray, reading: Reading, second_engine: SecondEngine) -> Reading:
    """Read a page with another engine and keep the better reading. Takes a second or more: not for the thread that
    feeds a GPU."""
    page = second_engine.read_pages([image])[0]
    if second_engine.knows_more and is_foreign(page) and page.confidence >= LEAST_CONFIDENCE:
        reason = f"in letters that {reading.page.engine} cannot write; {page.engine} read it"
        return Reading(Outcome.OCR_FALLBACK, replace(page, reason=reason), reason)
    if is_unwritten(reading):
        script, own = second_engine.read_by_script(image)
        if own is not None and is_foreign(own) and own.confidence >= LEAST_CONFIDENCE:
            reason = f"in {script} letters, which {reading.page.engine} cannot write; {own.engine} read it"
            return Reading(Outcome.OCR_FALLBACK, replace(own, reason=reason), reason)
        if script is not None:
            reason = f"in {script} letters, for which this machine has no language data (tesseract-ocr-…)"
            return Reading(Outcome.UNREADABLE, replace(reading.page, reason=reason), reason)
    if not is_doubtful(reading):
        return reading
    return _keep_better(reading, replace(page, reason=f"{_complaint(reading.page)}; {page.engine} read it better"))


def _judge(image: np.ndarray, page: PageText) -> Reading:
    if not page.lines and is_blank(image):
        return Reading(Outcome.BLANK, page, "the page is empty")
    if page.lines and page.confidence >= LEAST_CONFIDENCE:
        return Reading(Outcome.OCR, page, page.reason)
    return Reading(Outcome.UNREADABLE, page, page.reason or UNREADABLE)


def _keep_better(reading: Reading, page: PageText) -> Reading:
    if page.confidence < LEAST_CONFIDENCE or _better(reading.page, page) is reading.page:
        return reading
    return Reading(Outcome.OCR_FALLBACK, page, page.reason)


def _complaint(page: PageText) -> str:
    return f"read with confidence {page.confidence:.2f}" if page.lines else "nothing was read"


def _other_size(image: np.ndarray) -> float | None:
    """How many times the size to try; None for what is too small to read either way."""
    factor = 0.5 if max(image.shape[:2]) > LARGE_SIDE else 2.0
    return factor if min(image.shape[:2]) * factor >= LEAST_SIDE else None


def _better(first: PageText, second: PageText) -> PageText:
    """The one with more letters that are likely right."""
    return second if _weight(second) > 1.02 * _weight(first) else first


def _weight(page: PageText) -> float:
    return sum(max(0.0, word.confidence - 0.5) * len(word.text) for word in page.words)


def _resized(image: np.ndarray, factor: float) -> np.ndarray:
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)
