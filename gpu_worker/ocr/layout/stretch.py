"""A page read at one size, laid over its image at another (pure)."""

from __future__ import annotations

from dataclasses import replace

from gpu_worker.ocr.page_text import Box, Line, PageText, Point


def stretched(page: PageText, width: float, height: float) -> PageText:
    """The page with all its boxes stretched to an image of `width` × `height`."""
    across, down = width / page.width, height / page.height
    lines = tuple(_stretch_line(line, across, down) for line in page.lines)
    return replace(page, lines=lines, width=width, height=height)


def _stretch_line(line: Line, across: float, down: float) -> Line:
    words = tuple(replace(w, box=_stretch_box(w.box, across, down)) for w in line.words)
    corners: list[Point] = [(x * across, y * down) for x, y in line.quad]
    return replace(line, words=words, quad=(corners[0], corners[1], corners[2], corners[3]))


def _stretch_box(box: Box, across: float, down: float) -> Box:
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down
