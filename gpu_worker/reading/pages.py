"""A file's pages, each with its outcome: its own text where that is sound, recognised where not (story)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from gpu_worker.enums import Outcome
from gpu_worker.errors import PAGE_PROBLEMS
from gpu_worker.ocr.page_text import Line, PageText
from gpu_worker.reading.long_pages import StripReading, join_strips
from gpu_worker.reading.ocr_batcher import OcrBatcher, TimedReading
from gpu_worker.reading.text_layer import judge_text_layer, keep_layer
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import LayerLine, PdfLayer, PlainText
from gpu_worker.render.pool import RenderedFile
from gpu_worker.result import PageOutcome

WINDOW_PAGES = 8
"""Pages of one document that may wait for OCR at once: enough to fill batches, few enough for 2,000 pages."""


@dataclass(frozen=True)
class PageResult:
    """What became of one page (first is 1).

    `text` is its plain text; `recognised` the words with boxes that OCR read and
    `searchable.pdf` gets; `layer_lines` those of its own text (and of what was added to it), in points, where that
    stands: the outcome is `text_layer` then.
    """

    page: int
    outcome: Outcome
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    text: str
    width: float
    height: float
    recognised: PageText | None = None
    layer_lines: tuple[LayerLine, ...] = ()

    def as_outcome(self) -> PageOutcome:
        """The page as the queue is told of it."""
        return PageOutcome(
            page=self.page,
            outcome=self.outcome,
            engine=self.engine,
            confidence=self.confidence,
            seconds=round(self.seconds, 3),
            reason=self.reason,
            words=len(self.text.split()),
            rotation=self.recognised.rotation if self.recognised else 0,
        )


def read_pages(file: RenderedFile, batcher: OcrBatcher, check_lease: Callable[[], None]) -> Iterator[PageResult]:
    """Yield every page in order, while later ones are already drawn and read.

    Raises what `check_lease` raises, and `MachineBroken`.
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
    layer: PdfLayer | PlainText | None = None
    try:
        layer = file.read_text(page)
        done = _read_layer(page, layer, started)
        if done is not None:
            return lambda: done
        pieces, note = _submit_strips(file, page, batcher)
    except RenderError as error:
        failed = _undrawn(page, layer, error.code, time.monotonic() - started)
        return lambda: failed
    drawn_seconds = time.monotonic() - started
    own = layer if isinstance(layer, PdfLayer) else None
    return lambda: _finish_page(page, pieces, own, note, drawn_seconds)


@dataclass(frozen=True)
class _Piece:
    """A strip of a page that waits for OCR; most pages are one."""

    future: Future[TimedReading]
    top: int
    page_height: int


def _submit_strips(file: RenderedFile, page: int, batcher: OcrBatcher) -> tuple[list[_Piece], str | None]:
    """Draw a page and queue it, strip by strip: of a long picture no more is in memory than the queue holds."""
    pieces, note = [], None
    for strip in file.draw_strips(page):
        pieces.append(_Piece(batcher.submit(strip.image), strip.top, strip.page_height))
        note = strip.note
    return pieces, note


def _read_layer(page: int, layer: PdfLayer | PlainText | None, started: float) -> PageResult | None:
    """The page from its own text, or as blank; None if it must be recognised."""
    seconds = time.monotonic() - started
    if isinstance(layer, PlainText):
        outcome = Outcome.TEXT_LAYER if layer.text.strip() else Outcome.BLANK
        return PageResult(page, outcome, "text", None, seconds, None, layer.text, 0, 0)
    if layer is None:
        return None
    verdict = judge_text_layer(layer)
    if verdict.empty:
        return PageResult(page, Outcome.BLANK, "pdfium", None, seconds, verdict.reason, "", layer.width, layer.height)
    return _from_layer(page, layer, seconds, None) if verdict.sound else None


def _from_layer(page: int, layer: PdfLayer, seconds: float, reason: str | None) -> PageResult:
    outcome, size = Outcome.TEXT_LAYER, (layer.width, layer.height)
    return PageResult(page, outcome, "pdfium", None, seconds, reason, layer.text, *size, layer_lines=layer.lines)


def _finish_page(
    page: int, pieces: Sequence[_Piece], layer: PdfLayer | None, note: str | None, drawn_seconds: float
) -> PageResult:
    timed = [piece.future.result() for piece in pieces]
    parts = [StripReading(piece.top, each.reading) for piece, each in zip(pieces, timed, strict=True)]
    reading = join_strips(parts, pieces[0].page_height)
    read = reading.page
    seconds = drawn_seconds + sum(each.seconds for each in timed)
    kept = keep_layer(layer, reading) if layer is not None else None
    if layer is not None and kept is not None:
        return _with_extra(_from_layer(page, layer, seconds, kept.reason), read, kept.extra)
    return PageResult(
        page=page,
        outcome=reading.outcome,
        engine=read.engine,
        confidence=round(read.confidence, 4) if read.lines else None,
        seconds=seconds,
        reason=note or reading.reason,
        text=read.text,
        width=read.width,
        height=read.height,
        recognised=read,
    )


def _with_extra(result: PageResult, read: PageText, extra: tuple[Line, ...]) -> PageResult:
    """The page's own text, then recognised lines that it lacks; they alone go into `searchable.pdf`."""
    if not extra:
        return result
    across, down = result.width / read.width, result.height / read.height
    boxes = []
    for line in extra:
        xs, ys = [x * across for x, _ in line.quad], [y * down for _, y in line.quad]
        boxes.append(LayerLine(line.text, min(xs), min(ys), max(xs), max(ys)))
    added = "\n".join(line.text for line in extra)
    return replace(
        result,
        reason=f"{result.reason}; {len(extra)} recognised {'line was' if len(extra) == 1 else 'lines were'} added",
        text=f"{result.text.rstrip()}\n\n{added}",
        layer_lines=(*result.layer_lines, *boxes),
        recognised=replace(read, lines=extra, text=added),
    )


def _undrawn(page: int, layer: PdfLayer | PlainText | None, code: str, seconds: float) -> PageResult:
    """A page that cannot be drawn: what it says of itself, if anything, else unreadable."""
    if isinstance(layer, PdfLayer) and layer.text.strip():
        return _from_layer(page, layer, seconds, _explain(code))
    return PageResult(page, Outcome.UNREADABLE, None, None, seconds, _explain(code), "", 0, 0)


def _explain(code: str) -> str:
    return f"{code}: {PAGE_PROBLEMS.get(code, PAGE_PROBLEMS['page_damaged'])}"
