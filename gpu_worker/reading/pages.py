"""A file's pages, each with its outcome: its own text where that is sound, recognised where not (story)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from gpu_worker.errors import PAGE_PROBLEMS
from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.ocr_batcher import OcrBatcher, TimedReading
from gpu_worker.reading.text_layer import judge_text_layer
from gpu_worker.render.errors import RenderError
from gpu_worker.render.pool import RenderedFile

WINDOW_PAGES = 8
"""Pages of one document that may wait for OCR at once: enough to fill batches, few enough for 2,000 pages."""


@dataclass(frozen=True)
class PageResult:
    """What became of one page (first is 1).

    `outcome` is the queue's word for it; `text` its plain text; `recognised` the words with boxes where OCR read it;
    `layer_lines` `[text, left, top, right, bottom]` in `width` × `height` units where its text layer was read.
    """

    page: int
    outcome: str
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    text: str
    width: float
    height: float
    recognised: PageText | None = None
    layer_lines: tuple = ()

    @property
    def words(self) -> int:
        return len(self.text.split())

    def as_row(self) -> dict:
        """The page as `complete_job` takes it."""
        return {
            "page": self.page,
            "outcome": self.outcome,
            "engine": self.engine,
            "confidence": self.confidence,
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
            "words": self.words,
        }


def read_pages(file: RenderedFile, batcher: OcrBatcher, check_lease: Callable[[], None]) -> Iterator[PageResult]:
    """Yield every page in order, while later ones are already drawn and read.

    Raises what `check_lease` raises, and `TransientError`.
    """
    waiting: deque[Callable[[], PageResult]] = deque()
    for page in range(1, file.pages + 1):
        check_lease()
        waiting.append(_start_page(file, page, batcher))
        if len(waiting) >= WINDOW_PAGES:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _start_page(file: RenderedFile, page: int, batcher: OcrBatcher) -> Callable[[], PageResult]:
    """Draw the page and queue it; the function returned waits for its result."""
    started = time.monotonic()
    try:
        layer = file.read_text(page)
        if layer is not None:
            done = _read_layer(page, layer, started)
            if done is not None:
                return lambda: done
        image, note = file.draw(page)
    except RenderError as error:
        failed = _unreadable(page, error.code, time.monotonic() - started)
        return lambda: failed
    drawn_seconds = time.monotonic() - started
    future = batcher.submit(image)
    del image
    return lambda: _finish_page(page, future, note, drawn_seconds)


def _read_layer(page: int, layer: dict, started: float) -> PageResult | None:
    """The page from its text layer, or as blank; None if it must be recognised."""
    if layer["kind"] == "text":
        outcome = "text_layer" if layer["text"].strip() else "blank"
        return PageResult(page, outcome, "text", None, time.monotonic() - started, None, layer["text"], 0, 0)
    verdict = judge_text_layer(layer)
    size = (layer["width"], layer["height"])
    seconds = time.monotonic() - started
    if verdict.empty:
        return PageResult(page, "blank", "pdfium", None, seconds, verdict.reason, "", *size)
    if not verdict.sound:
        return None
    lines = tuple(tuple(line) for line in layer["lines"])
    return PageResult(page, "text_layer", "pdfium", None, seconds, None, layer["text"], *size, layer_lines=lines)


def _finish_page(page: int, future: Future[TimedReading], note: str | None, drawn_seconds: float) -> PageResult:
    timed = future.result()
    reading, read = timed.reading, timed.reading.page
    return PageResult(
        page=page,
        outcome=reading.outcome,
        engine=read.engine,
        confidence=round(read.confidence, 4) if read.lines else None,
        seconds=drawn_seconds + timed.seconds,
        reason=note or reading.reason,
        text=read.text,
        width=read.width,
        height=read.height,
        recognised=read,
    )


def _unreadable(page: int, code: str, seconds: float) -> PageResult:
    reason = f"{code}: {PAGE_PROBLEMS.get(code, PAGE_PROBLEMS['page_damaged'])}"
    return PageResult(page, "unreadable", None, None, seconds, reason, "", 0, 0)
