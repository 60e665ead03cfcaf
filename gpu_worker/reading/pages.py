"""A file's pages, each with its outcome: its own text where that is sound, recognised where not (story)."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property, partial

from gpu_worker.enums import Outcome
from gpu_worker.errors import PAGE_PROBLEMS
from gpu_worker.ocr.page_text import Box, Line, PageText, Source
from gpu_worker.ocr.structure.boxes import CheckBox
from gpu_worker.ocr.structure.doubts import Doubt, find_doubts
from gpu_worker.ocr.structure.role_lines import PageOutline, outline_page
from gpu_worker.ocr.structure.rulings import find_rulings
from gpu_worker.ocr.structure.table import Table
from gpu_worker.ocr.structure.tables import find_tables
from gpu_worker.reading.bar_codes import FEW_WORDS, find_bar_codes
from gpu_worker.reading.long_pages import StripReading, join_boxes, join_strips
from gpu_worker.reading.merge import keep_sure_lines, merge, page_of_hidden, place, truly_hidden, with_form, with_notes
from gpu_worker.reading.ocr_batcher import OcrBatcher, TimedReading
from gpu_worker.reading.rereadings import Rereading, find_rereadings
from gpu_worker.reading.text_layer import judge_text_layer, keep_layer
from gpu_worker.reading.transcript import NotTranscribed, transcribe, write_transcript
from gpu_worker.recordings.speech import Speech
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import HiddenLine, Layer, Note, PdfLayer, PlainText, Recording
from gpu_worker.render.rendered_file import RenderedFile
from gpu_worker.render.unsaid import frame_of
from gpu_worker.result import PageOutcome
from gpu_worker.words.known_words import home_words

log = logging.getLogger(__name__)
NO_WORDS_DRAWN = "something is drawn on the page in which no words could be read"
MOST_PAGES = 5000
"""Of one document: more than any binder of a court has. Whoever wants the others takes the document apart."""
MOST_SECONDS = 3600.0
"""In which the pages of one document are drawn, OCR not counted: an ordinary page takes 0.1 s, one may take 120."""
MOST_TOLD = 100_000
"""Pages that the queue keeps of one document (`private.most_pages`)."""
WINDOW_PAGES = 8
"""Pages of one document that may wait for OCR at once: enough to fill batches, few enough for 2,000 pages."""


@dataclass(frozen=True)
class PageResult:
    """What became of one page (first is 1).

    `text` is its plain text, `merged` the same as lines that know where each comes from, in pixels of the image that
    was read or in points of the page (`unit`); None for a page without places, as of a text file. `hidden` is what the
    file says there and nobody sees; `boxes` are the check boxes and `rules` the straight lines that were drawn, in the
    units of `merged`.
    """

    page: int
    outcome: Outcome
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    text: str
    merged: PageText | None = None
    unit: str = "point"
    hidden: tuple[HiddenLine, ...] = ()
    boxes: tuple[CheckBox, ...] = ()
    rules: tuple[Box, ...] = ()

    @property
    def recognised(self) -> PageText | None:
        """The words that an OCR engine read, which `searchable.pdf` gets; None where it read none."""
        if self.merged is None:
            return None
        lines = tuple(line for line in self.merged.lines if line.source == Source.OCR)
        return replace(self.merged, lines=lines) if lines else None

    @property
    def rereadings(self) -> tuple[Rereading, ...]:
        """Words whose letters read otherwise."""
        return find_rereadings(self.merged) if self.merged else ()

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables on the page."""
        return _tables(self)

    @cached_property
    def outline(self) -> PageOutline:
        """What the page tells of its lines' roles."""
        return outline_page(self.merged, self.text)

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """What was read with doubt and decides."""
        return find_doubts(self.merged, self.boxes, _is_known) if self.merged else ()

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
            hidden_words=sum(len(line.text.split()) for line in self.hidden),
            rotation=self.merged.rotation if self.merged else 0,
            rereadings=self.rereadings,
        )


def read_pages(
    file: RenderedFile, batcher: OcrBatcher, check_lease: Callable[[], None], speech: Speech | None = None
) -> Iterator[PageResult]:
    """Yield every page in order, while later ones are already drawn and read; `speech` hears recordings.

    Raises what `check_lease` raises, and `MachineBroken`.
    """
    waiting: deque[Callable[[], PageResult]] = deque()
    for page in range(1, min(file.pages, MOST_TOLD) + 1):
        check_lease()
        why = _why_skipped(file, page)
        if why is not None:
            skipped = PageResult(page, Outcome.SKIPPED, None, None, 0.0, why, "")
            waiting.append(partial(_same, skipped))
            continue
        waiting.append(_start_page(file, page, batcher, partial(_hear, file, page, speech, check_lease)))
        if len(waiting) >= WINDOW_PAGES:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _why_skipped(file: RenderedFile, page: int) -> str | None:
    """Why a page is not tried; a document that is too much for the caps is read as far as they go."""
    if file.seconds > MOST_SECONDS:
        return f"not tried: the pages before took over {MOST_SECONDS / 60:.0f} minutes to draw; the file is kept"
    if page > MOST_PAGES:
        return f"not tried: of {file.pages:,} pages the first {MOST_PAGES:,} are read; take it apart to read the others"
    return None


def _same(page: PageResult) -> PageResult:
    return page


def _start_page(
    file: RenderedFile, page: int, batcher: OcrBatcher, hear: Callable[[Recording], PageResult]
) -> Callable[[], PageResult]:
    """Draw what the page's own words do not say and queue it; the function returned waits for its result."""
    started = time.monotonic()
    layer: Layer | None = None
    try:
        layer = file.read_text(page)
        if isinstance(layer, Recording):
            return partial(hear, layer)
        done = _read_layer(page, layer, started)
        if done is not None:
            return lambda: done
        if isinstance(layer, PdfLayer) and judge_text_layer(layer).sound:
            future = batcher.submit(file.draw_unsaid(page, layer.unsaid))
            return partial(_finish_beside, page, future, layer, time.monotonic() - started)
        pieces, note = _submit_strips(file, page, batcher)
    except RenderError as error:
        own = layer or _read_unlooked(file, page)
        failed = _undrawn(page, own, error.code, time.monotonic() - started)
        return lambda: failed
    own = layer if isinstance(layer, PdfLayer) else None
    find_codes = partial(_find_codes, file, page) if len(pieces) == 1 else tuple
    return partial(_finish_page, page, pieces, own, note, time.monotonic() - started, find_codes)


def _hear(
    file: RenderedFile, page: int, speech: Speech | None, check_lease: Callable[[], None], recording: Recording
) -> PageResult:
    """What is said in a recording; unread, with the reason, where nobody can write it down."""
    started = time.monotonic()
    engine = speech.name if speech is not None else "recording"
    try:
        said = transcribe(file, recording, speech, check_lease)
    except NotTranscribed as error:
        return PageResult(page, Outcome.UNREADABLE, engine, None, time.monotonic() - started, str(error), "")
    seconds = time.monotonic() - started
    if not said:
        return PageResult(page, Outcome.BLANK, engine, None, seconds, "nothing was heard that is speech", "")
    sure = sum(each.confidence for each in said) / len(said)
    reason = "written down by a machine: listen before you rely on a word"
    return PageResult(page, Outcome.OCR, engine, round(sure, 4), seconds, reason, write_transcript(said))


def _find_codes(file: RenderedFile, page: int) -> tuple[Note, ...]:
    """The bar codes of a page that is drawn once more; none where it cannot be."""
    try:
        return find_bar_codes(next(file.draw_strips(page)).image)
    except RenderError:
        return ()


def _read_unlooked(file: RenderedFile, page: int) -> Layer | None:
    """The words of a page that cannot be drawn."""
    try:
        return file.read_text(page, look=False)
    except RenderError:
        return None


@dataclass(frozen=True)
class _Piece:
    """A strip of a page that waits for OCR; most pages are one."""

    future: Future[TimedReading]
    top: int
    page_height: int
    rules: tuple[Box, ...]


def _submit_strips(file: RenderedFile, page: int, batcher: OcrBatcher) -> tuple[list[_Piece], str | None]:
    """Draw a page and queue it, strip by strip: of a long picture no more is in memory than the queue holds."""
    pieces, note = [], None
    for strip in file.draw_strips(page):
        future = batcher.submit(strip.image)
        pieces.append(_Piece(future, strip.top, strip.page_height, find_rulings(strip.image)))
        note = strip.note
    return pieces, note


def _read_layer(page: int, layer: PdfLayer | PlainText | None, started: float) -> PageResult | None:
    """The page from its own text, or as blank; None if something of it must be recognised."""
    seconds = time.monotonic() - started
    if isinstance(layer, PlainText):
        outcome = Outcome.TEXT_LAYER if layer.text.strip() else Outcome.BLANK
        return PageResult(page, outcome, "text", None, seconds, None, layer.text)
    if layer is None:
        return None
    verdict = judge_text_layer(layer)
    if verdict.empty:
        return PageResult(page, Outcome.BLANK, "pdfium", None, seconds, verdict.reason, "", layer.page)
    return _own(page, layer, seconds) if verdict.sound and not layer.unsaid else None


def _own(page: int, layer: PdfLayer, seconds: float, *reasons: str | None, read: PageText | None = None) -> PageResult:
    """The page as its own words have it, with what was recognised beside them, its notes, and what is hidden."""
    is_seen = bool(layer.text.strip())
    own = layer.page if is_seen else page_of_hidden(layer)
    extra = read.lines if read is not None else ()
    merged = merge(own, extra, layer.unsaid or ((0.0, 0.0, own.width, own.height),)) if extra else own
    hidden = truly_hidden(layer.hidden, merged.text)
    merged = with_notes(merged, layer.notes, (own.width, own.height))
    mostly_read = read is not None and sum(map(_letters, extra)) > sum(map(_letters, own.lines))
    return PageResult(
        page=page,
        outcome=Outcome.OCR if mostly_read else Outcome.TEXT_LAYER,
        engine=read.engine if mostly_read and read is not None else own.engine,
        confidence=round(read.confidence, 4) if mostly_read and read is not None else None,
        seconds=seconds,
        reason=_because(*reasons, _count_added(extra), *_count_merged(layer, hidden)),
        text=merged.text,
        merged=merged,
        hidden=hidden,
        rules=layer.rules,
    )


def _finish_beside(page: int, future: Future[TimedReading], layer: PdfLayer, drawn_seconds: float) -> PageResult:
    """The page's own words stand; what was recognised in the places that they do not say joins them."""
    timed = future.result()
    read = keep_sure_lines(place(timed.reading.page, frame_of(layer.unsaid, (layer.page.width, layer.page.height))))
    is_read = timed.reading.outcome.is_recognised and read.lines
    unread = None if is_read or timed.reading.outcome == Outcome.BLANK else NO_WORDS_DRAWN
    return _own(page, layer, drawn_seconds + timed.seconds, unread, read=read if is_read else None)


def _finish_page(
    page: int, pieces: Sequence[_Piece], layer: PdfLayer | None, note: str | None, drawn_seconds: float,
    find_codes: Callable[[], tuple[Note, ...]],
) -> PageResult:  # fmt: skip
    timed = [piece.future.result() for piece in pieces]
    parts = [StripReading(piece.top, each.reading) for piece, each in zip(pieces, timed, strict=True)]
    reading = join_strips(parts, pieces[0].page_height)
    read = reading.page
    seconds = drawn_seconds + sum(each.seconds for each in timed)
    kept = keep_layer(layer, reading) if layer is not None else None
    found = [[box.moved(piece.top) for box in each.boxes] for piece, each in zip(pieces, timed, strict=True)]
    boxes = join_boxes(found)
    if layer is not None and kept is not None:
        size = layer.page.width, layer.page.height
        extra = place(replace(read, lines=kept.extra), (0.0, 0.0, *size)) if kept.extra else None
        own = _own(page, layer, seconds, kept.reason, read=extra)
        return replace(own, boxes=tuple(box.scaled(size[0] / read.width, size[1] / read.height) for box in boxes))
    merged = read
    hidden: tuple[HiddenLine, ...] = ()
    if layer is not None:
        merged = with_form(read, layer)
        hidden = truly_hidden(layer.hidden, merged.text)
        merged = with_notes(merged, layer.notes, (layer.page.width, layer.page.height))
    codes = find_codes() if len(merged.text.split()) <= FEW_WORDS else ()
    merged = with_notes(merged, codes, (merged.width, merged.height))
    return PageResult(
        page=page,
        outcome=Outcome.OCR if codes and not reading.outcome.is_recognised else reading.outcome,
        engine=read.engine,
        confidence=round(read.confidence, 4) if read.lines else None,
        seconds=seconds,
        reason=_because(note or reading.reason, *(_count_merged(layer, hidden) if layer else ())),
        text=merged.text,
        merged=merged,
        unit="pixel",
        hidden=hidden,
        boxes=boxes,
        rules=tuple(rule for piece in pieces for rule in _lowered(piece)),
    )


def _lowered(piece: _Piece) -> Iterator[Box]:
    """The rules of a strip, where they stand on the page."""
    for left, top, right, bottom in piece.rules:
        yield left, top + piece.top, right, bottom + piece.top


def _is_known(word: str) -> bool:
    return word in home_words()


def _tables(page: PageResult) -> tuple[Table, ...]:
    """The tables of a page; whatever goes wrong with that costs no page its text."""
    if page.merged is None:
        return ()
    try:
        found = find_tables(page.merged, page.rules)
    except Exception as error:  # an unforeseen page: it stands as it was read
        log.warning("a page's tables could not be found", extra={"error": type(error).__name__})
        return ()
    return tuple(replace(table, page=page.page, last_page=page.page) for table in found)


def _undrawn(page: int, layer: Layer | None, code: str, seconds: float) -> PageResult:
    """A page that cannot be drawn: what it says of itself, if anything, else unreadable."""
    if isinstance(layer, PdfLayer) and layer.text.strip():
        return _own(page, layer, seconds, _explain(code))
    if isinstance(layer, PdfLayer):
        hidden = truly_hidden(layer.hidden, "")
        reason = _because(_explain(code), *_count_merged(layer, hidden))
        return PageResult(page, Outcome.UNREADABLE, None, None, seconds, reason, "", layer.page, hidden=hidden)
    return PageResult(page, Outcome.UNREADABLE, None, None, seconds, _explain(code), "")


def _letters(line: Line) -> int:
    return len(line.text)


def _because(*reasons: str | None) -> str | None:
    return "; ".join(reason for reason in reasons if reason) or None


def _count_added(lines: Sequence[Line]) -> str | None:
    """What a person is told of lines that were recognised beside the page's own words."""
    if not lines:
        return None
    return f"{len(lines)} recognised {'line was' if len(lines) == 1 else 'lines were'} added"


def _count_merged(layer: PdfLayer, hidden: Sequence[HiddenLine]) -> Iterator[str]:
    """What a person is told of notes and of words that nobody sees."""
    if layer.notes:
        yield f"{len(layer.notes)} {'note' if len(layer.notes) == 1 else 'notes'} on the page"
    if hidden:
        words = sum(len(line.text.split()) for line in hidden)
        why = ", ".join(dict.fromkeys(line.why for line in hidden))
        yield f"{words} hidden {'word' if words == 1 else 'words'} set apart ({why})"


def _explain(code: str) -> str:
    return f"{code}: {PAGE_PROBLEMS.get(code, PAGE_PROBLEMS['page_damaged'])}"
