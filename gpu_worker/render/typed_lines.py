"""From the letters of a page, drawn in any order, to its lines of words (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout
from gpu_worker.ocr.layout.typeset import typeset_page
from gpu_worker.ocr.networks.ctc import LineText, Span
from gpu_worker.ocr.page_text import Box, Line, PageText, Source
from gpu_worker.render.letters import Letter

JUMP = 0.5  # letter heights along or across the line: what lies further off is another word
GLUED = 0.12  # letter heights: parts of a word that were drawn one by one lie closer than words
SAME_LINE = 0.45  # letter heights between the middles of words of one line
CELL_GAP = 1.2  # letter heights: a wider gap is another cell or column
STRAIGHT = 10.0  # degrees: what is slanted more stands across the page
RIGHT_TO_LEFT = ("R", "AL")


@dataclass(frozen=True)
class TypedWord:
    """A word as drawn: its box as the page is shown, how its line runs there (degrees clockwise), the objects that draw
    it, and whether a drawn blank stands before and behind it."""

    text: str
    box: Box
    angle: float
    items: frozenset[int]
    is_free: tuple[bool, bool] = (True, True)


@dataclass(frozen=True)
class TypedLine:
    """Words that stand in one line, in the order of reading; `turn` (0, 90, 180, 270) is how it runs, None slanted."""

    words: tuple[TypedWord, ...]
    turn: int | None


def words_of(letters: Iterable[Letter]) -> list[TypedWord]:
    """Cut the letters into words: at blanks, and where the next letter does not follow the last."""
    words = list[TypedWord]()
    open_letters = list[Letter]()
    is_free = True

    def close(blank: bool) -> None:
        nonlocal is_free
        if open_letters:
            words.append(_word(open_letters, (is_free, blank)))
            open_letters.clear()
        is_free = blank

    for letter in letters:
        if not letter.text.strip():
            close(letter.item != 0)
        else:
            if open_letters and not _follows(open_letters[-1], letter):
                close(False)
            open_letters.append(letter)
    close(False)
    return words


def lines_of(words: Sequence[TypedWord]) -> list[TypedLine]:
    """The words as lines, wherever in the file they were drawn."""
    turned: dict[int | None, list[TypedWord]] = {}
    for word in words:
        turned.setdefault(turn_of(word.angle), []).append(word)
    slanted = turned.pop(None, [])
    lines = [line for turn, group in turned.items() for line in _level_lines(group, turn or 0)]
    return lines + _slanted_lines(slanted)


def typeset(lines: Sequence[TypedLine], others: Sequence[FoundLine], width: float, height: float) -> PageText:
    """The page in reading order, in points; `others` are lines that are not typed, such as form values."""
    letters = dict.fromkeys((0, 90, 180, 270), 0)
    for line in lines:
        if line.turn is not None:
            letters[line.turn] += sum(len(word.text) for word in line.words)
    turn = max(letters, key=lambda each: letters[each])
    found = [found_line(line, line.turn != turn) for line in lines]
    return set_in_order([*found, *others], width, height, -turn % 360)


def set_in_order(found: Sequence[FoundLine], width: float, height: float, rotation: int) -> PageText:
    """The page's lines in the order of its writing: a page of Hebrew or Arabic runs from right to left."""
    is_mirrored = rotation in (0, 180) and _is_right_to_left("".join(line.text.text for line in found))
    lines = tuple(_mirrored(line, width) if is_mirrored else line for line in found)
    page = typeset_page(PageLayout(lines, width, height, rotation), "pdfium")
    return replace(page, lines=tuple(_unmirrored(line, width) for line in page.lines)) if is_mirrored else page


def found_line(line: TypedLine, across: bool) -> FoundLine:
    """The line as the layout takes it."""
    turn = line.turn or 0
    boxes = np.array([_turned(word.box, turn) for word in line.words])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    length = max(right - left, 1e-6)
    spans = tuple(
        Span(word.text, float((box[0] - left) / length), float((box[2] - left) / length), 1.0)
        for word, box in zip(line.words, boxes, strict=True)
    )
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return FoundLine(_points(corners, turn), LineText(spans, 1.0), across, Source.LAYER)


def turn_of(angle: float) -> int | None:
    """The quarter turn that an angle is, None where it is none."""
    nearest = round(angle / 90) * 90
    return nearest % 360 if abs(angle - nearest) <= STRAIGHT else None


# --- words -----------------------------------------------------------------------------------------------------------


def _word(letters: Sequence[Letter], is_free: tuple[bool, bool]) -> TypedWord:
    text = "".join(letter.text for letter in letters)
    items = frozenset(letter.item for letter in letters)
    return TypedWord(text, _around([letter.box for letter in letters]), letters[0].angle, items, is_free)


def _follows(before: Letter, letter: Letter) -> bool:
    """Whether the letter stands beside the one before, in either direction of writing, or upon it as an accent."""
    if before.is_drawn != letter.is_drawn or abs(before.angle - letter.angle) > 1.0:
        return False
    turn = turn_of(letter.angle)
    if turn is None:
        return True
    a, b = _turned(before.box, turn), _turned(letter.box, turn)
    height = max(a[3] - a[1], b[3] - b[1], 0.1)
    if abs(a[1] + a[3] - b[1] - b[3]) > 2 * JUMP * height:
        return False
    return max(b[0] - a[2], a[0] - b[2]) < JUMP * height


def _around(boxes: Sequence[Box]) -> Box:
    sides = list(zip(*boxes, strict=True))
    return min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])


# --- lines -----------------------------------------------------------------------------------------------------------


def _level_lines(words: Sequence[TypedWord], turn: int) -> list[TypedLine]:
    """Words of one direction: rows by their middles, cut at wide gaps."""
    boxes = {id(word): _turned(word.box, turn) for word in words}
    rows = list[list[TypedWord]]()
    middle = height = 0.0
    for word in sorted(words, key=lambda each: boxes[id(each)][1] + boxes[id(each)][3]):
        box = boxes[id(word)]
        own = max(box[3] - box[1], 0.1)
        if rows and abs((box[1] + box[3]) / 2 - middle) <= SAME_LINE * min(own, height):
            rows[-1].append(word)
        else:
            rows.append([word])
            middle, height = (box[1] + box[3]) / 2, own
    return [line for row in rows for line in _cut(sorted(row, key=lambda each: boxes[id(each)][0]), boxes, turn)]


def _cut(row: Sequence[TypedWord], boxes: dict[int, Box], turn: int) -> list[TypedLine]:
    parts = [[row[0]]]
    for before, word in zip(row, row[1:], strict=False):
        a, b = boxes[id(before)], boxes[id(word)]
        height = max(min(a[3] - a[1], b[3] - b[1]), 0.1)
        if b[0] - a[2] > CELL_GAP * height or b[0] < a[0] + 0.5 * (a[2] - a[0]) - height:
            parts.append([word])
        elif b[0] - a[2] < GLUED * height and not before.is_free[1] and not word.is_free[0]:
            joined = _joined(parts[-1].pop(), word)
            parts[-1].append(joined)
            boxes[id(joined)] = _turned(joined.box, turn)
        else:
            parts[-1].append(word)
    return [TypedLine(tuple(in_reading_order(part)), turn) for part in parts]


def _joined(first: TypedWord, second: TypedWord) -> TypedWord:
    text = second.text + first.text if _is_right_to_left(first.text + second.text) else first.text + second.text
    box, items = _around([first.box, second.box]), first.items | second.items
    return TypedWord(text, box, first.angle, items, (first.is_free[0], second.is_free[1]))


def in_reading_order(words: Sequence[TypedWord]) -> list[TypedWord]:
    """Words from left to right as a person reads them: Hebrew and Arabic the other way, names in Latin letters among
    them as they are."""
    if not _is_right_to_left("".join(word.text for word in words)):
        return list(words)
    ordered = list[TypedWord]()
    latin = list[TypedWord]()
    for word in reversed(words):
        if _has_direction(word.text, ("L",)) or (latin and not _has_direction(word.text, RIGHT_TO_LEFT)):
            latin.insert(0, word)
        else:
            ordered += latin
            latin = []
            ordered.append(word)
    return ordered + latin


def _slanted_lines(words: Sequence[TypedWord]) -> list[TypedLine]:
    """Words of a slanted line follow each other in the file."""
    lines = list[list[TypedWord]]()
    for word in words:
        if lines and abs(lines[-1][-1].angle - word.angle) < 1.0:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [TypedLine(tuple(line), None) for line in lines]


# --- directions ------------------------------------------------------------------------------------------------------


def _turned(box: Box, turn: int) -> Box:
    """The box in a frame in which its text runs from left to right."""
    left, top, right, bottom = box
    return ((left, top, right, bottom), (top, -right, bottom, -left), (-right, -bottom, -left, -top),
            (-bottom, left, -top, right))[turn // 90]  # fmt: skip


def _points(corners: np.ndarray, turn: int) -> np.ndarray:
    """Points of that frame back on the page."""
    x, y = corners[:, 0], corners[:, 1]
    return np.stack(((x, y), (-y, x), (-x, -y), (y, -x))[turn // 90], axis=1)


def _has_direction(text: str, directions: tuple[str, ...]) -> bool:
    return any(unicodedata.bidirectional(letter) in directions for letter in text)


def _is_right_to_left(text: str) -> bool:
    """Whether most letters are of a writing that runs from right to left."""
    if text.isascii():
        return False
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    return sum(kind in RIGHT_TO_LEFT for kind in kinds) > kinds.count("L")


def _mirrored(line: FoundLine, width: float) -> FoundLine:
    quad = np.stack([width - line.quad[:, 0], line.quad[:, 1]], axis=1)[[1, 0, 3, 2]]
    spans = tuple(replace(span, start=1 - span.end, end=1 - span.start) for span in line.text.spans)
    return replace(line, quad=quad, text=replace(line.text, spans=spans))


def _unmirrored(line: Line, width: float) -> Line:
    boxes = [(width - right, top, width - left, bottom) for left, top, right, bottom in (w.box for w in line.words)]
    words = tuple(replace(word, box=box) for word, box in zip(line.words, boxes, strict=True))
    a, b, c, d = ((width - x, y) for x, y in line.quad)
    return replace(line, words=words, quad=(b, a, d, c))
