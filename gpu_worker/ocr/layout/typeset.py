"""Lines in any order to a page of text in reading order (pure)."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout
from gpu_worker.ocr.layout.quads import turn_points
from gpu_worker.ocr.layout.reading_order import order_lines
from gpu_worker.ocr.layout.rows import Row
from gpu_worker.ocr.layout.run_together import cuts, parts
from gpu_worker.ocr.networks.ctc import Span
from gpu_worker.ocr.page_text import Line, PageText, Word

NO_TEXT = "no text found"
PLAIN_ORDER = "its lines could not be put in reading order; they stand from top to bottom"
CELL_GAP = 1.5  # line heights: a wider gap inside a row is written as a tab


def typeset_page(layout: PageLayout, engine: str) -> PageText:
    """Put the lines of a page in order and write it out.

    Never raises because of where the lines lie: what cannot be put in reading order is written from top to bottom.
    """
    if not layout.lines:
        return PageText((), "", engine, 0.0, layout.width, layout.height, layout.rotation, NO_TEXT)
    try:
        return _in_reading_order(layout, engine)
    except Exception as error:  # a surprise in a page's layout costs its order, never its text
        page = _from_top_to_bottom(layout, engine)
        return replace(page, reason=PLAIN_ORDER, layout_error=_place_of(error))


def _in_reading_order(layout: PageLayout, engine: str) -> PageText:
    layout = _cut_at_gutters(layout)
    blocks = order_lines(layout)
    text = "\n\n".join("\n".join(_write_row(row, layout) for row in block) for block in blocks)
    return _page(layout, [i for block in blocks for row in block for i in row], text, engine)


def _from_top_to_bottom(layout: PageLayout, engine: str) -> PageText:
    middles = turn_points(np.stack([line.quad[[0, 2]].mean(axis=0) for line in layout.lines]), layout.rotation)
    order: list[int] = np.lexsort((middles[:, 0], middles[:, 1])).tolist()
    return _page(layout, order, "\n".join(layout.texts[i] for i in order), engine)


def _page(layout: PageLayout, order: Sequence[int], text: str, engine: str) -> PageText:
    lines = tuple(_line(layout.lines[i]) for i in order)
    return PageText(lines, text, engine, _confidence(layout.lines), layout.width, layout.height, layout.rotation)


def _place_of(error: Exception) -> str:
    """The error's kind and the line of ours that raised it; its message might hold text of the page."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if "gpu_worker" in frame.filename]
    return f"{type(error).__name__} in {Path(places[-1].filename).name}, line {places[-1].lineno}"


def _cut_at_gutters(layout: PageLayout) -> PageLayout:
    """Lines that were found as one across two columns become two."""
    places = cuts(layout)
    if not any(places):
        return layout
    return layout.with_lines(
        tuple(
            replace(line, quad=quad, text=text)
            for line, at in zip(layout.lines, places, strict=True)
            for quad, text in (parts(line.text, line.quad, at) if at else [(line.quad, line.text)])
        )
    )


def _write_row(row: Row, layout: PageLayout) -> str:
    text = layout.texts[row[0]]
    for before, i in zip(row, row[1:], strict=False):
        gap = layout.bounds[i, 0] - layout.bounds[before, 2]
        text += ("\t" if gap > CELL_GAP * layout.heights[i] else " ") + layout.texts[i]
    return text


def _line(found: FoundLine) -> Line:
    words = tuple(
        Word(s.text, _word_box(found.quad, s), round(s.confidence, 4), s.read, round(s.weakest, 4))
        for s in found.text.spans
    )
    quad = tuple((round(float(x), 1), round(float(y), 1)) for x, y in found.quad)
    return Line(words, found.text.text, quad, round(found.text.confidence, 4), found.source)  # type: ignore[arg-type]


def _word_box(quad: np.ndarray, span: Span) -> tuple[float, float, float, float]:
    """The upright bounds of a stretch of a line."""
    along = quad[1] - quad[0]
    corners = np.array([quad[0] + along * span.start, quad[0] + along * span.end])
    corners = np.concatenate([corners, corners + (quad[3] - quad[0])])
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return round(float(left), 1), round(float(top), 1), round(float(right), 1), round(float(bottom), 1)


def _confidence(found: Sequence[FoundLine]) -> float:
    characters = sum(line.text.characters for line in found)
    return round(sum(line.text.confidence * line.text.characters for line in found) / max(characters, 1), 4)
