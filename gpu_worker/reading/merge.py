"""One page of all its evidence: its own words, form values, what was recognised beside them, notes (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gpu_worker.ocr.layout.page_layout import FoundLine
from gpu_worker.ocr.layout.quads import upright_boxes
from gpu_worker.ocr.layout.stretch import stretched
from gpu_worker.ocr.networks.ctc import LineText, Span
from gpu_worker.ocr.page_text import Box, Line, PageText, Point, Source, Word
from gpu_worker.reading.likeness import KnownText
from gpu_worker.render.layer import NO_INK, WRITTEN_ON_PAGE, HiddenLine, Note, PdfLayer
from gpu_worker.render.typed_lines import set_in_order
from gpu_worker.words.known_words import SOUND, measure_known_share, words_of

SURE_LINE = 0.8
"""What reads below this beside a page's own words is more often a drawing than a word."""
SAID = 0.5
"""Share of a hidden line's words that the page must lack before the line counts as hidden."""
LEAST_WORDS = 3


def keep_sure_lines(read: PageText) -> PageText:
    """What was recognised, without lines that are more likely drawings."""
    lines = tuple(line for line in read.lines if line.confidence >= SURE_LINE)
    return replace(read, lines=lines, text="\n".join(line.text for line in lines))


def place(read: PageText, frame: Box) -> PageText:
    """What was recognised on a piece of the page, in points of the page: `frame` is where the piece lies."""
    left, top, right, bottom = frame
    read = stretched(read, right - left, bottom - top)
    return replace(read, lines=tuple(_moved(line, left, top) for line in read.lines))


def merge(own: PageText, extra: Sequence[Line], places: Sequence[Box]) -> PageText:
    """The page's own words with what was recognised beside them at these places, in points.

    A place that no line of its own stands beside is read where it lies: between those above and those below; any other
    comes last, so that no sentence of the page is broken by a stamp.
    """
    groups = _by_place(extra, places)
    own_boxes = _upright([line.quad for line in own.lines], own)
    between = list[tuple[float, list[Line]]]()
    last = list[Line]()
    for group in groups:
        boxes = _upright([line.quad for line in group], own)
        top, bottom = boxes[:, 1].min(), boxes[:, 3].max()
        if len(own_boxes) and ((own_boxes[:, 1] < bottom) & (own_boxes[:, 3] > top)).any():
            last += group
        else:
            between.append((float(top), group))
    parts = _parts(own, own_boxes, sorted(between, key=lambda each: each[0]))
    if last:
        parts.append(_set(last, own))
    lines = tuple(line for part in parts for line in part.lines)
    text = "\n\n".join(part.text.strip("\n") for part in parts if part.lines)
    return replace(own, lines=lines, text=text)


def with_form(read: PageText, layer: PdfLayer) -> PageText:
    """A recognised page (pixels) with the values of its form as the file has them, instead of as they were read; what
    the file tells of as a note is left out."""
    form = [line for line in layer.page.lines if line.source == Source.FORM]
    written = [_note_line(note, 1.0, 1.0) for note in layer.notes if note.kind == WRITTEN_ON_PAGE]
    if not form and not written:
        return read
    boxes = [_bounds(line) for line in stretched(replace(layer.page, lines=(*form, *written)), *_size(read)).lines]
    placed = stretched(replace(layer.page, lines=tuple(form)), *_size(read))
    kept = [line for line in (_without(line, boxes) for line in read.lines) if line.words]
    merged = _set([*kept, *placed.lines], read)
    return replace(read, lines=merged.lines, text=merged.text)


def page_of_hidden(layer: PdfLayer) -> PageText:
    """What a scan's invisible text says, as a page (points)."""
    lines = []
    for hidden in layer.hidden:
        if hidden.why != NO_INK:
            continue
        left, top, right, bottom = hidden.box
        width, words, at = (right - left) / max(len(hidden.text), 1), list[Word](), left
        for word in hidden.text.split(" "):
            words.append(Word(word, (at, top, at + len(word) * width, bottom), 1.0))
            at += (len(word) + 1) * width
        quad = ((left, top), (right, top), (right, bottom), (left, bottom))
        lines.append(Line(tuple(words), hidden.text, quad, 1.0, Source.HIDDEN))
    return _set(lines, layer.page)


def with_notes(page: PageText, notes: Sequence[Note], points: tuple[float, float]) -> PageText:
    """The page, and below it the notes that somebody put on it; `points` is the page's size in the notes' units."""
    if not notes:
        return page
    across, down = page.width / max(points[0], 1), page.height / max(points[1], 1)
    lines = tuple(_note_line(note, across, down) for note in notes)
    text = "\n\n".join(filter(None, [page.text.rstrip("\n"), "\n".join(line.text for line in lines)]))
    return replace(page, lines=(*page.lines, *lines), text=text)


def truly_hidden(hidden: Sequence[HiddenLine], text: str) -> tuple[HiddenLine, ...]:
    """Of the words that nobody sees, those that the page does not say as well: a scan's hidden text mostly repeats it.

    What is written without ink on a page that says more counts where it is a few words: another program's poor reading
    of a scan is none.
    """
    known = KnownText(text)
    kept = []
    for line in hidden:
        words = [word for word in line.text.split() if any(letter.isalnum() for letter in word)]
        unsaid = sum(not known.says(word) for word in words)
        if unsaid > SAID * len(words) and (line.why != NO_INK or not text.strip() or _is_sentence(line.text)):
            kept.append(line)
    return tuple(kept)


def _is_sentence(text: str) -> bool:
    return len(list(words_of(text))) >= LEAST_WORDS and measure_known_share(text) >= SOUND


# --- places ----------------------------------------------------------------------------------------------------------


def _parts(own: PageText, boxes: np.ndarray, between: Sequence[tuple[float, list[Line]]]) -> list[PageText]:
    """The page's own lines cut where a place lies between them, each part in reading order."""
    if not between:
        return [own]
    parts, start = list[PageText](), -np.inf
    middles = (boxes[:, 1] + boxes[:, 3]) / 2 if len(boxes) else np.zeros(0)
    for top, lines in between:
        above = [own.lines[i] for i in np.flatnonzero((middles > start) & (middles <= top)).tolist()]
        parts += [_set(above, own)] if above else []
        parts.append(_set(lines, own))
        start = max(start, top)
    below = [own.lines[i] for i in np.flatnonzero(middles > start).tolist()]
    return [*parts, _set(below, own)] if below else parts


def _by_place(lines: Sequence[Line], places: Sequence[Box]) -> list[list[Line]]:
    """The lines of each place; places that share a line's height beside each other are one."""
    groups = dict[int, list[Line]]()
    for line in lines:
        left, top, right, bottom = _bounds(line)
        x, y = (left + right) / 2, (top + bottom) / 2
        nearest = min(range(len(places)), key=lambda i: _distance(x, y, places[i]))
        groups.setdefault(nearest, []).append(line)
    merged = list[list[Line]]()
    for lines_there in sorted(groups.values(), key=lambda each: min(_bounds(line)[1] for line in each)):
        if merged and min(_bounds(line)[1] for line in lines_there) < max(_bounds(line)[3] for line in merged[-1]):
            merged[-1] += lines_there
        else:
            merged.append(list(lines_there))
    return merged


def _distance(x: float, y: float, box: Box) -> float:
    return max(box[0] - x, x - box[2], 0.0) + max(box[1] - y, y - box[3], 0.0)


def _size(page: PageText) -> tuple[float, float]:
    return page.width, page.height


def _set(lines: Sequence[Line], page: PageText) -> PageText:
    return set_in_order([found_of(line) for line in lines], page.width, page.height, page.rotation)


def _upright(quads: Sequence[object], page: PageText) -> np.ndarray:
    if not quads:
        return np.zeros((0, 4))
    return upright_boxes(np.array(quads, float), page.rotation, page.width, page.height, 0.0)


# --- lines -----------------------------------------------------------------------------------------------------------


def found_of(line: Line) -> FoundLine:
    """A line as the layout takes it: each word as a stretch of the line's length."""
    quad = np.array(line.quad, float)
    along = quad[1] - quad[0]
    length = float(along @ along) or 1.0
    spans = []
    for word in line.words:
        left, top, right, bottom = word.box
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) - quad[0]
        at = corners @ along / length
        spans.append(Span(word.text, float(at.min()), float(at.max()), word.confidence, word.read, word.weakest))
    return FoundLine(quad, LineText(tuple(spans), line.confidence), source=line.source)


def _moved(line: Line, left: float, top: float) -> Line:
    words = tuple(
        replace(w, box=(w.box[0] + left, w.box[1] + top, w.box[2] + left, w.box[3] + top)) for w in line.words
    )
    corners: list[Point] = [(x + left, y + top) for x, y in line.quad]
    return replace(line, words=words, quad=(corners[0], corners[1], corners[2], corners[3]))


def _without(line: Line, boxes: Sequence[Box]) -> Line:
    """The line without words whose middles lie in a box."""
    words = tuple(word for word in line.words if not any(_is_in(word.box, box) for box in boxes))
    return line if len(words) == len(line.words) else replace(line, words=words, text=" ".join(w.text for w in words))


def _is_in(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _bounds(line: Line) -> Box:
    xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
    return min(xs), min(ys), max(xs), max(ys)


def _note_line(note: Note, across: float, down: float) -> Line:
    left, top, right, bottom = note.box[0] * across, note.box[1] * down, note.box[2] * across, note.box[3] * down
    text = note.written()
    words = tuple(Word(word, (left, top, right, bottom), 1.0) for word in text.split())
    return Line(words, text, ((left, top), (right, top), (right, bottom), (left, bottom)), 1.0, Source.NOTE)
