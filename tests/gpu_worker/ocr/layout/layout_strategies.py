"""Pages as hypothesis draws them: lines anywhere, in columns, in tables, twice, inside each other, without size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout
from gpu_worker.ocr.networks.ctc import LineText, Span

WIDTH, HEIGHT = 1000, 1400
Bounds = tuple[float, float, float, float]  # left, top, right, bottom

TEXTS = st.sampled_from(["word", "two words", ")", "]", "3", "12", "Page 7", "several words of prose here", "(a)"])


def even(least: int, most: int) -> st.SearchStrategy[int]:
    """Even whole pixels: a page turned by 90° about its middle has them again."""
    return st.integers(least // 2, most // 2).map(lambda half: 2 * half)


SCATTERED = st.lists(
    st.builds(lambda x, y, w, h: (x, y, x + w, y + h), even(0, 900), even(0, 1300), even(0, 400), even(0, 60)),
    max_size=60,
)
HEIGHTS = st.sampled_from([0, 2, 20, 20, 20, 20, 34, 60])
PITCHES = st.sampled_from([0, 24, 24, 24, 24, 30, 60, 300])


@st.composite
def columns(draw: st.DrawFn) -> list[Bounds]:
    """Columns side by side that may start anywhere: the ends of one may lie beside nothing of the other."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        y, width = draw(even(0, 700)), draw(st.sampled_from([20, 150, 220, 500]))
        for pitch, height in draw(st.lists(st.tuples(PITCHES, HEIGHTS), min_size=1, max_size=14)):
            lines.append((number * 240, y, number * 240 + width, y + height))
            y += pitch
    return lines


@st.composite
def tables(draw: st.DrawFn) -> list[Bounds]:
    """Rows of cells, some of them empty."""
    rows, cells, pitch = draw(st.integers(1, 12)), draw(st.integers(1, 5)), draw(st.sampled_from([22, 30, 50]))
    places = [(row, cell) for row in range(rows) for cell in range(cells)]
    kept = draw(st.lists(st.sampled_from(places), unique=True, max_size=len(places)))
    return [(cell * 180, row * pitch, cell * 180 + 120, row * pitch + 20) for row, cell in kept]


@st.composite
def repeated(draw: st.DrawFn) -> list[Bounds]:
    """Lines found twice, and lines inside others."""
    lines = draw(st.one_of(SCATTERED, columns()))
    nested = [((3 * x + right) // 8 * 2, y, right, bottom) for x, y, right, bottom in lines[::3]]
    return [*lines, *lines[::2], *nested]


BOUNDS = st.one_of(SCATTERED, columns(), tables(), repeated(), st.builds(lambda a, b: a + b, columns(), tables()))


@st.composite
def pages(draw: st.DrawFn) -> list[FoundLine]:
    """The lines of an upright page; every word has a confidence of its own, by which it can be found again."""
    found, words = [], 0
    for bounds in draw(BOUNDS):
        text = draw(TEXTS)
        found.append(line_at(bounds, text, words, across=draw(st.integers(0, 19)) == 0))
        words += len(text.split())
    return found


def line_at(bounds: Bounds, text: str, first_word: int, across: bool = False) -> FoundLine:
    """A line with its words spread evenly over its length."""
    left, top, right, bottom = bounds
    words = text.split()
    spans = tuple(
        Span(word, n / len(words), (n + 0.9) / len(words), (first_word + n + 1) / 10_000)
        for n, word in enumerate(words)
    )
    quad = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
    return FoundLine(quad, LineText(spans, 0.9), across)


def layout_of(boxes: Sequence[Sequence[float]] | np.ndarray, texts: Sequence[str]) -> PageLayout:
    """An upright page of level lines at these bounds (left, top, right, bottom)."""
    lines = tuple(line_at((x, y, right, low), text, 0) for (x, y, right, low), text in zip(boxes, texts, strict=True))
    return PageLayout(lines, WIDTH, HEIGHT)


def shifted(page: list[FoundLine], x: float, y: float) -> list[FoundLine]:
    """The page's lines elsewhere on the same image."""
    return [FoundLine(line.quad + (x, y), line.text, line.across) for line in page]


def on_side(page: list[FoundLine], quarters: int) -> list[FoundLine]:
    """The same page as a scanner sees it that must be turned `quarters` × 90° clockwise to stand upright."""
    turned = page
    width, height = WIDTH, HEIGHT
    for _ in range(quarters):  # turned anticlockwise: what was right is now on top
        turned = [
            FoundLine(np.stack([line.quad[:, 1], width - line.quad[:, 0]], axis=1), line.text, line.across)
            for line in turned
        ]
        width, height = height, width
    return turned
