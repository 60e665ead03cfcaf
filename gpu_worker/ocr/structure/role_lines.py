"""What the lines of one page are by themselves: numbers of lines, captions, notes in the margin; and what stands at its
upper and lower edge, which only other pages can explain (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gpu_worker.ocr.layout.quads import upright_boxes
from gpu_worker.ocr.page_text import Box, PageText, Source

EDGE = 0.16
"""Of the page's height: running heads of letters and filings end above, and notes at the foot begin below."""
MOST_EDGE_LINES = 10
AHEAD = 160  # characters that a line may stand behind the one before it in its page's text
LEAST_NUMBERED = 6
MOST_NUMBERED = 32
"""Lines of pleading paper have 28 at most, of a transcript 25; the rows of a table may have any number."""
LEAST_REACH = 0.4
COUNTED = 0.6
EVEN = 0.7
LONG = 0.35
LEAST_LONG = 5
MOST_NOTED = 0.2
"""Of a page's letters: where more stands beside the text it is a column."""
LEAST_BESIDE = 0.5
CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|tabla|figura|chart|photo(?:graph)?|exhibit|plate|diagram|illustration)\s*"
    r"(?:no\.?\s*)?[A-Z]?\d{0,3}(?:[.\-]\d+)?[A-Za-z]?\s*[.:–—|]\s*\S",
    re.I,
)
NUMBER = re.compile(r"\d{1,2}")
DIGITS = re.compile(r"\d+")
Span = tuple[int, int]


class Role(StrEnum):
    """What a line is on its page."""

    BODY = "body"
    HEADER = "header"
    FOOTER = "footer"
    PAGE_NUMBER = "page_number"
    LINE_NUMBER = "line_number"
    CAPTION = "caption"
    MARGIN_NOTE = "margin_note"


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """A line at an edge: its number on the page, its sides as shares of the upright page, and where its words stand in
    the page's text (None where they are not found); `key` is its text without spaces, any number as `#`."""

    number: int
    text: str
    key: str
    left: float
    top: float
    right: float
    bottom: float
    span: Span | None


@dataclass(frozen=True)
class PageOutline:
    """The roles of a page's lines as far as it tells them; `top` and `bottom` from the edge inwards, and where the
    numbers of its lines stand in its text."""

    roles: tuple[Role, ...] = ()
    top: tuple[EdgeLine, ...] = ()
    bottom: tuple[EdgeLine, ...] = ()
    numbers: tuple[Span, ...] = ()


def outline_page(page: PageText | None, text: str) -> PageOutline:
    """The outline of a page whose stored text is `text`; of a page without places an empty one."""
    if page is None or not page.lines or page.width <= 0 or page.height <= 0:
        return PageOutline()
    boxes, across = _placed(page)
    seen = np.array([line.source in (Source.OCR, Source.LAYER) and bool(line.text.strip()) for line in page.lines])
    level = seen & ~across
    numbers = _find_line_numbers([line.text for line in page.lines], boxes, level)
    notes = _find_notes(page, boxes, seen, across, numbers)
    roles = [
        Role.CAPTION if is_level and CAPTION.match(line.text) else Role.MARGIN_NOTE if is_note else Role.BODY
        for line, is_level, is_note in zip(page.lines, level, notes, strict=True)
    ]
    for number in numbers.tolist():
        roles[number] = Role.LINE_NUMBER
    spans = _find_spans([line.text for line in page.lines], text)
    level[numbers] = False
    return PageOutline(
        tuple(roles),
        tuple(_edge(page, boxes, spans, level & (boxes[:, 3] < EDGE), 1)),
        tuple(_edge(page, boxes, spans, level & (boxes[:, 1] > 1 - EDGE), -1)),
        tuple(span for i in numbers.tolist() if (span := spans[i])),
    )


def _placed(page: PageText) -> tuple[np.ndarray, np.ndarray]:
    """Left, top, right, bottom (N×4) as shares of the upright page, and which lines run up or down it."""
    quads = np.nan_to_num(np.array([line.quad for line in page.lines], float), posinf=0.0, neginf=0.0)
    boxes = upright_boxes(quads, page.rotation, page.width, page.height, 0.0)
    size = (page.height, page.width) if page.rotation in (90, 270) else (page.width, page.height)
    along = quads[:, 1] - quads[:, 0]
    lies = np.abs(along[:, 0]) > np.abs(along[:, 1])
    across = lies if page.rotation in (90, 270) else ~lies & along.any(axis=1)
    return boxes / np.array([*size, *size]) + 0.5, across  # they are told from the page's middle


def _find_line_numbers(texts: Sequence[str], boxes: np.ndarray, level: np.ndarray) -> np.ndarray:
    """1, 2, 3 … down one edge, evenly set, hardly more than one other line level with each."""
    digits = np.array([i for i, text in enumerate(texts) if level[i] and NUMBER.fullmatch(text.strip())], int)
    if len(digits) < LEAST_NUMBERED:
        return np.zeros(0, int)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    right = np.median(boxes[digits, 2])
    chosen = digits[np.abs(boxes[digits, 2] - right) < 0.02]
    chosen = chosen[np.argsort(middles[chosen])]
    if len(chosen) < LEAST_NUMBERED:
        return np.zeros(0, int)
    values, pitches = np.diff([int(texts[i]) for i in chosen]), np.diff(middles[chosen])
    reach = middles[chosen[-1]] - middles[chosen[0]]
    if max(int(texts[i]) for i in chosen) > MOST_NUMBERED or reach < LEAST_REACH:
        return np.zeros(0, int)
    if (values == 1).mean() < COUNTED or (np.abs(pitches - np.median(pitches)) < 0.006).mean() < EVEN:
        return np.zeros(0, int)
    others = np.setdiff1d(np.flatnonzero(level), chosen)
    beside = (np.abs(middles[others][None] - middles[chosen][:, None]) < 0.006).sum(axis=1)
    inside = (boxes[others, 0] < right).mean() if len(others) else 0.0
    none: np.ndarray = np.zeros(0, int)
    return chosen if np.median(beside) <= 1 and min(inside, 1 - inside) < 0.15 else none


def _find_notes(
    page: PageText, boxes: np.ndarray, seen: np.ndarray, across: np.ndarray, numbers: np.ndarray
) -> np.ndarray:
    """What stands beside the text's column, or up its side; none where there is no such column."""
    level = seen & ~across
    level[numbers] = False
    long = level & (boxes[:, 2] - boxes[:, 0] > LONG)
    if long.sum() < LEAST_LONG:
        return np.zeros(len(boxes), bool)
    left, right = np.percentile(boxes[long, 0], 10), np.percentile(boxes[long, 2], 90)
    top, bottom = boxes[long, 1].min(), boxes[long, 3].max()
    outside = (boxes[:, 2] < left - 0.005) | (boxes[:, 0] > right + 0.005)
    notes: np.ndarray = seen & outside & (boxes[:, 3] > top) & (boxes[:, 1] < bottom)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    beside = (middles[:, None] > boxes[long, 1] - 0.01) & (middles[:, None] < boxes[long, 3] + 0.01)
    if notes[~across].any() and beside.any(axis=1)[notes & ~across].mean() < LEAST_BESIDE:
        notes &= across  # it is the first column of a table
    notes[numbers] = False
    letters = np.array([sum(map(str.isalpha, line.text)) for line in page.lines])
    notes &= (letters > 0) | across
    if letters[notes].sum() >= MOST_NOTED * max(letters.sum(), 1):
        notes &= across
    return notes


def _find_spans(texts: Sequence[str], text: str) -> list[Span | None]:
    """Where the lines, which stand in reading order, are in the page's text."""
    spans, at = list[Span | None](), 0
    for line in texts:
        start = text.find(line, at, at + len(line) + AHEAD) if line else -1
        spans.append((start, start + len(line)) if start >= 0 else None)
        at = start + len(line) if start >= 0 else at
    return spans


def _edge(
    page: PageText, boxes: np.ndarray, spans: Sequence[Span | None], chosen: np.ndarray, inwards: int
) -> list[EdgeLine]:
    order = sorted(np.flatnonzero(chosen).tolist(), key=lambda i: inwards * (boxes[i, 1] + boxes[i, 3]))
    sides: list[Box] = boxes.tolist()
    texts = [page.lines[i].text for i in order[:MOST_EDGE_LINES]]
    keys = [DIGITS.sub("#", "".join(text.split())).casefold() for text in texts]
    return [EdgeLine(i, text, key, *sides[i], spans[i]) for i, text, key in zip(order, texts, keys, strict=False)]
