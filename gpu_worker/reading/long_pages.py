"""The strips of a long picture joined to one page: each line once, where it stands in the whole picture (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gpu_worker.enums import Outcome
from gpu_worker.ocr.page_text import Line
from gpu_worker.ocr.structure.boxes import MOST_BOXES, CheckBox
from gpu_worker.reading.second_look import Reading

SAME_PLACE = 0.5
"""Of the lower of two lines: this much of its height, and of the shorter one's length, lies within the other."""
LEVEL = 0.5
CELL_GAP, BLOCK_GAP = 1.5, 0.9
"""Line heights between lines of a row that are written apart, and above a line that starts a new block."""


@dataclass(frozen=True)
class StripReading:
    """What was read on a strip that begins `top` px down its page."""

    top: int
    reading: Reading


def join_strips(strips: Sequence[StripReading], height: int) -> Reading:
    """The page of `height` px that these strips (from the top, overlapping) are cut from."""
    if len(strips) == 1:
        return strips[0].reading
    best = _most_telling(strips)
    lines = _in_rows(_once(strips))
    page = replace(
        best.page,
        lines=tuple(line for row in lines for line in row),
        text=_write(lines),
        confidence=_confidence(lines),
        height=height,
        reason=_reason(strips),
        layout_error=None,
    )
    return Reading(best.outcome, page, page.reason)


def join_boxes(strips: Sequence[Sequence[CheckBox]]) -> tuple[CheckBox, ...]:
    """The check boxes of all strips, in places of the page; one that two strips show is the first one's."""
    kept: list[CheckBox] = []
    for strip in strips:
        kept += [box for box in strip if not any(box.is_at(other) for other in kept)]
    return tuple(kept[:MOST_BOXES])


def _most_telling(strips: Sequence[StripReading]) -> Reading:
    """A reading by the engine that read most strips; the page was recognised where any of them was."""
    recognised = [strip.reading for strip in strips if strip.reading.outcome.is_recognised]
    if not recognised:
        unread = [strip.reading for strip in strips if strip.reading.outcome != Outcome.BLANK]
        return (unread or [strips[0].reading])[0]
    engine, _ = Counter(reading.page.engine for reading in recognised).most_common(1)[0]
    return next(reading for reading in recognised if reading.page.engine == engine)


def _reason(strips: Sequence[StripReading]) -> str:
    unread = [n for n, strip in enumerate(strips, 1) if strip.reading.outcome == Outcome.UNREADABLE]
    said = f"a long picture, read in {len(strips)} strips"
    if unread:
        said += f"; {len(unread)} of them could not be read (from the top: {', '.join(map(str, unread[:20]))})"
    return said


def _once(strips: Sequence[StripReading]) -> list[Line]:
    """All lines; one that two strips show is taken from the strip that has more picture above and below it."""
    kept: list[Line] = []
    for number, strip in enumerate(strips):
        page = strip.reading.page
        if strip.reading.outcome in (Outcome.BLANK, Outcome.UNREADABLE):
            continue
        lines = [_moved(line, strip.top) for line in page.lines]
        if number == 0 or not kept:
            kept += lines
            continue
        before = strips[number - 1]
        seam = (before.top + before.reading.page.height + strip.top) / 2
        overlap_end = before.top + before.reading.page.height
        kept = [line for line in kept if not (_middle(line) > seam and _has_twin(line, lines))]
        rivals = [line for line in kept if _bottom(line) > strip.top]
        kept += [line for line in lines if _top(line) > overlap_end or not _has_twin(line, rivals)]
    return kept


def _has_twin(line: Line, others: Sequence[Line]) -> bool:
    return any(_same_place(line, other) for other in others)


def _same_place(a: Line, b: Line) -> bool:
    down = min(_bottom(a), _bottom(b)) - max(_top(a), _top(b))
    across = min(_right(a), _right(b)) - max(_left(a), _left(b))
    lower, shorter = min(_bottom(a) - _top(a), _bottom(b) - _top(b)), min(_right(a) - _left(a), _right(b) - _left(b))
    return down > SAME_PLACE * lower and across > SAME_PLACE * shorter


def _in_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """From top to bottom; lines level with each other from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        last = rows[-1][-1] if rows else None
        if last and _middle(line) - _middle(last) < LEVEL * min(_height(line), _height(last)):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=_left) for row in rows]


def _write(rows: Sequence[Sequence[Line]]) -> str:
    written, end = "", None
    for row in rows:
        if end is not None:
            written += "\n\n" if min(map(_top, row)) - end > BLOCK_GAP * _height(row[0]) else "\n"
        text = row[0].text
        for before, line in zip(row, row[1:], strict=False):
            text += ("\t" if _left(line) - _right(before) > CELL_GAP * _height(line) else " ") + line.text
        written, end = written + text, max(map(_bottom, row))
    return written


def _confidence(rows: Sequence[Sequence[Line]]) -> float:
    lines = [line for row in rows for line in row]
    letters = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / letters, 4) if letters else 0.0


def _moved(line: Line, down: int) -> Line:
    words = tuple(replace(w, box=(w.box[0], w.box[1] + down, w.box[2], w.box[3] + down)) for w in line.words)
    a, b, c, d = ((x, y + down) for x, y in line.quad)
    return replace(line, words=words, quad=(a, b, c, d))


def _top(line: Line) -> float:
    return min(y for _, y in line.quad)


def _bottom(line: Line) -> float:
    return max(y for _, y in line.quad)


def _left(line: Line) -> float:
    return min(x for x, _ in line.quad)


def _right(line: Line) -> float:
    return max(x for x, _ in line.quad)


def _height(line: Line) -> float:
    return _bottom(line) - _top(line)


def _middle(line: Line) -> float:
    return (_top(line) + _bottom(line)) / 2
