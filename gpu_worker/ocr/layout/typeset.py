"""Lines in any order to a page of text in reading order (pure)."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gpu_worker.ocr.layout.quads import turn_points, upright_boxes
from gpu_worker.ocr.layout.reading_order import order_lines
from gpu_worker.ocr.layout.rows import Block, Row
from gpu_worker.ocr.layout.run_together import cuts, parts
from gpu_worker.ocr.networks.ctc import LineText, Span
from gpu_worker.ocr.page_text import Line, PageText, Word

NO_TEXT = "no text found"
PLAIN_ORDER = "its lines could not be put in reading order; they stand from top to bottom"
CELL_GAP = 1.5  # line heights: a wider gap inside a row is written as a tab


@dataclass(frozen=True)
class FoundLine:
    """A line as found: corners (4×2 page pixels, reading starts at the first), what it reads, and whether it stands
    across the page's direction, like a note up the margin."""

    quad: np.ndarray
    text: LineText
    across: bool = False


def typeset_page(
    found: Sequence[FoundLine],
    engine: str,
    width: int,
    height: int,
    rotation: int = 0,
    angle: float = 0.0,
) -> PageText:
    """Order the lines of a page and write it out; `angle` is the page's skew in radians.

    Never raises because of where the lines lie: what cannot be put in reading order is written from top to bottom.
    """
    if not found:
        return PageText((), "", engine, 0.0, width, height, rotation, NO_TEXT)
    try:
        return _in_reading_order(found, engine, width, height, rotation, angle)
    except Exception as error:  # a surprise in a page's layout costs its order, never its text
        return _from_top_to_bottom(found, engine, width, height, rotation, error)


def _in_reading_order(
    found: Sequence[FoundLine], engine: str, width: int, height: int, rotation: int, angle: float
) -> PageText:
    bounds = upright_boxes(np.stack([line.quad for line in found]), rotation, width, height, angle)
    if (cut := _cut_at_gutters(found, bounds)) is not found:
        found, bounds = cut, upright_boxes(np.stack([line.quad for line in cut]), rotation, width, height, angle)
    blocks = _order(found, bounds)
    lines = tuple(_line(found[i]) for block in blocks for row in block for i in row)
    return PageText(lines, _write(blocks, found, bounds), engine, _confidence(found), width, height, rotation)


def _from_top_to_bottom(
    found: Sequence[FoundLine], engine: str, width: int, height: int, rotation: int, error: Exception
) -> PageText:
    middles = turn_points(np.stack([line.quad[[0, 2]].mean(axis=0) for line in found]), rotation)
    lines = [found[i] for i in np.lexsort((middles[:, 0], middles[:, 1]))]
    text = "\n".join(line.text.text for line in lines)
    shown = tuple(_line(line) for line in lines)
    return PageText(shown, text, engine, _confidence(found), width, height, rotation, PLAIN_ORDER, _place_of(error))


def _place_of(error: Exception) -> str:
    """The error's kind and the line of ours that raised it; its message might hold text of the page."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if "gpu_worker" in frame.filename]
    return f"{type(error).__name__} in {Path(places[-1].filename).name}, line {places[-1].lineno}"


def _cut_at_gutters(found: Sequence[FoundLine], bounds: np.ndarray) -> Sequence[FoundLine]:
    """Lines that were found as one across two columns become two; `found` itself if there are none."""
    places = cuts(bounds, [line.text for line in found])
    if not any(places):
        return found
    return [
        replace(line, quad=quad, text=text)
        for line, at in zip(found, places, strict=True)
        for quad, text in (parts(line.text, line.quad, at) if at and not line.across else [(line.quad, line.text)])
    ]


def _order(found: Sequence[FoundLine], bounds: np.ndarray) -> list[Block]:
    """Lines that stand across the page come last: beside the others they would end up in the middle of a sentence."""
    level = [i for i, line in enumerate(found) if not line.across]
    ordered = order_lines(bounds[level], [found[i].text.text for i in level])
    blocks = [[[level[i] for i in row] for row in block] for block in ordered]
    return blocks + [[[i]] for i, line in enumerate(found) if line.across]


def _write(blocks: list[Block], found: Sequence[FoundLine], bounds: np.ndarray) -> str:
    return "\n\n".join("\n".join(_write_row(row, found, bounds) for row in block) for block in blocks)


def _write_row(row: Row, found: Sequence[FoundLine], bounds: np.ndarray) -> str:
    text = found[row[0]].text.text
    for before, i in zip(row, row[1:], strict=False):
        gap = bounds[i, 0] - bounds[before, 2]
        text += ("\t" if gap > CELL_GAP * (bounds[i, 3] - bounds[i, 1]) else " ") + found[i].text.text
    return text


def _line(found: FoundLine) -> Line:
    words = tuple(Word(s.text, _word_box(found.quad, s), round(s.confidence, 4)) for s in found.text.spans)
    quad = tuple((round(float(x), 1), round(float(y), 1)) for x, y in found.quad)
    return Line(words, found.text.text, quad, round(found.text.confidence, 4))  # type: ignore[arg-type]


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
