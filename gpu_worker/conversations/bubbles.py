"""The bubbles of a chat on a picture: evenly coloured shapes around recognised lines (pure: pixels in, shapes out)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gpu_worker.ocr.page_text import Box, Line

LOOK_WIDTH = 360
"""px the picture is looked at across: letters of a phone's text are 8 px high then, noise is averaged away."""
LOOKS = ((4, 3), (16, 6))
"""Gray levels within three pixels that make an edge, and from one pixel to the next inside a shape: first for pale
bubbles on white (8 in a dim photo), then for strong colours, whose letters leave rings in a compressed picture."""
SAME_COLOUR = 8
ROOM = 0.12
CLOSE_LINES, FLUSH = 0.3, 0.35
"""Of a line's height: lines of one message follow each other so closely and begin so exactly below each other."""
WIDEST = 0.86
"""Of the picture: what is wider is a bar or the ground."""
LEAST_CONTRAST = 4
LEAST_FILLED = 0.35
TEXT_INSIDE = 0.75
ROUNDING = 3
"""px of the look that round corners take of a bubble's second row at least; where a bar cuts it off they take none."""
BACK = 4  # px of the look: the ring around a shape that shows what it lies on


@dataclass(frozen=True)
class ScreenLine:
    """A recognised line: its words, box (left, top, right, bottom) in the picture's pixels, confidence and how coloured
    its ink is (0..255; black, gray and white are 0)."""

    text: str
    box: Box
    confidence: float
    ink: int

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True)
class Bubble:
    """A shape with lines in it; cut where its upper or lower edge is straight from side to side."""

    box: Box
    colour: tuple[int, int, int]
    lines: tuple[ScreenLine, ...]
    is_cut_above: bool
    is_cut_below: bool


@dataclass(frozen=True)
class Screen:
    """A picture's bubbles and the lines outside them, each from top to bottom."""

    bubbles: tuple[Bubble, ...]
    loose: tuple[ScreenLine, ...]
    width: float
    height: float


def find_bubbles(picture: np.ndarray, lines: Sequence[Line], width: float, height: float) -> Screen:
    """The bubbles around `lines`, whose quads are in pixels of a page of `width` × `height`; `picture` (uint8, H×W or
    H×W×3) shows that page at any size."""
    bubbles: list[Bubble] = []
    look = _Look(picture, width)
    loose = [look.line(line) for line in lines]
    for edge, step in LOOKS:
        found, loose = _around_lines(_Shapes(look, edge, step), loose)
        bubbles += found
    bubbles, loose = _with_close_lines(_with_quotes(bubbles), loose)
    lost = {n: [line for line in loose if _share_inside(line.box, each.box) > 0.9] for n, each in enumerate(bubbles)}
    bubbles = [_with_lines(bubble, lost[n]) if lost[n] else bubble for n, bubble in enumerate(bubbles)]
    claimed = {line for lines in lost.values() for line in lines}
    return Screen(
        tuple(sorted(bubbles, key=lambda bubble: bubble.box[1])),
        tuple(sorted((line for line in loose if line not in claimed), key=lambda line: line.middle)),
        width,
        height,
    )


def _around_lines(shapes: _Shapes, lines: Sequence[ScreenLine]) -> tuple[list[Bubble], list[ScreenLine]]:
    """The bubbles around lines, and the lines that stand in none."""
    inside: dict[int, list[ScreenLine]] = {}
    loose = []
    for line in lines:
        shape = shapes.shape_at(line)
        if shape is None:
            loose.append(line)
        else:
            inside.setdefault(shape, []).append(line)
    bubbles = []
    for shape, members in inside.items():
        bubble = shapes.bubble(shape, members)
        if bubble is None:
            loose += members
        else:
            bubbles.append(bubble)
    return bubbles, loose


def _with_close_lines(
    bubbles: Sequence[Bubble], loose: Sequence[ScreenLine]
) -> tuple[list[Bubble], list[ScreenLine]]:
    """Lines and bubbles that go on a bubble's words, closely below or above and flush with them, belong to it: where
    the picture is poor its shape was found in part."""
    whole: list[Bubble] = []
    for bubble in sorted(bubbles, key=lambda each: each.box[1]):
        if whole and _goes_on(whole[-1].lines[-1], bubble.lines[0]):
            whole[-1] = _with_lines(whole[-1], bubble.lines)
        else:
            whole.append(bubble)
    left: list[ScreenLine] = []
    for line in sorted(loose, key=lambda each: each.middle):
        at = next((n for n, each in enumerate(whole) if _is_open(each, line) and _goes_on(each.lines[-1], line)), None)
        if at is None:
            left.append(line)
        else:
            whole[at] = _with_lines(whole[at], [line])
    rest: list[ScreenLine] = []
    for line in reversed(left):
        at = next((n for n, each in enumerate(whole) if _is_open(each, line) and _goes_on(line, each.lines[0])), None)
        if at is None:
            rest.append(line)
        else:
            whole[at] = _with_lines(whole[at], [line])
    return whole, rest


def _is_open(bubble: Bubble, line: ScreenLine) -> bool:
    """Whether a bubble's shape ends at its words on the side of a line, so that the line may be in it; a closed one has
    room there, and what stands beyond, like a name, is not in it."""
    if line.middle < bubble.lines[0].middle:
        return bubble.lines[0].box[1] - bubble.box[1] < ROOM * line.height
    return bubble.box[3] - bubble.lines[-1].box[3] < ROOM * line.height


def _goes_on(above: ScreenLine, below: ScreenLine) -> bool:
    height = min(above.height, below.height)
    return -0.5 * height < below.box[1] - above.box[3] < CLOSE_LINES * height and (
        abs(above.box[0] - below.box[0]) < FLUSH * height
    )


def _with_quotes(bubbles: list[Bubble]) -> list[Bubble]:
    """A shape inside another is part of it; of another colour it is a message quoted in a reply, marked with `>`."""
    outer: list[Bubble] = []
    for bubble in sorted(bubbles, key=lambda each: -_area(each.box)):
        around = next((n for n, each in enumerate(outer) if _share_inside(bubble.box, each.box) > 0.9), None)
        if around is None:
            outer.append(bubble)
            continue
        is_quote = max(abs(a - b) for a, b in zip(bubble.colour, outer[around].colour, strict=True)) > SAME_COLOUR
        lines = [replace(line, text=f"> {line.text}", ink=0) if is_quote else line for line in bubble.lines]
        outer[around] = _with_lines(outer[around], lines)
    return outer


def _with_lines(bubble: Bubble, lines: Sequence[ScreenLine]) -> Bubble:
    box = bubble.box
    for line in lines:
        box = min(box[0], line.box[0]), min(box[1], line.box[1]), max(box[2], line.box[2]), max(box[3], line.box[3])
    return replace(bubble, lines=_in_rows([*bubble.lines, *lines]), box=box)


class _Look:
    """The picture made small."""

    def __init__(self, picture: np.ndarray, width: float) -> None:
        colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        self.to_page = width / LOOK_WIDTH
        size = LOOK_WIDTH, max(1, round(len(colour) * LOOK_WIDTH / colour.shape[1]))
        small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
        self._sharp = small
        self.small = cv2.medianBlur(small, 3)
        soft = cv2.GaussianBlur(small, (0, 0), 0.8)
        self.change = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
        """By how much the picture changes within three pixels."""

    def line(self, line: Line) -> ScreenLine:
        xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
        box = min(xs), min(ys), max(xs), max(ys)
        return ScreenLine(line.text, box, line.confidence, self._ink(self.clip(box)))

    def _ink(self, box: tuple[int, int, int, int]) -> int:
        """How coloured the letters are: of the tenth of the pixels that differ most from the usual one."""
        left, top, right, bottom = box
        inside = self._sharp[top:bottom, left:right].reshape(-1, 3).astype(np.int32)
        if len(inside) < 10:
            return 0
        apart = np.abs(inside - np.median(inside, axis=0)).sum(axis=1)
        letters = inside[apart >= np.quantile(apart, 0.9)].mean(axis=0)
        return int(letters.max() - letters.min())

    def clip(self, box: Box) -> tuple[int, int, int, int]:
        """A box of the page in pixels of the look."""
        height, width = self.small.shape[:2]
        left, top, right, bottom = (side / self.to_page for side in box)
        left, top = min(max(0, int(left)), width - 1), min(max(0, int(top)), height - 1)
        return left, top, min(max(left + 1, round(right)), width), min(max(top + 1, round(bottom)), height)


class _Shapes:
    """The shapes found so far, by number: what an edge runs around."""

    def __init__(self, look: _Look, edge: int, step: int) -> None:
        self._look, self._small, self._step = look, look.small, step
        edges = look.change > max(edge, 2 * float(np.median(look.change)) + 2)
        self._mask = np.pad(np.where(edges, 2, 0).astype(np.uint8), 1)
        self._free = ~edges
        self._labels = np.zeros(edges.shape, np.int32)
        self._rects: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]

    def shape_at(self, line: ScreenLine) -> int | None:
        """The number of the shape a line stands on."""
        seed = self._seed(self._look.clip(line.box))
        if seed is None:
            return None
        x, y = seed
        if self._labels[y, x]:
            return int(self._labels[y, x])
        flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
        _, _, _, rect = cv2.floodFill(self._small, self._mask, seed, 0, (self._step,) * 3, (self._step,) * 3, flags)
        left, top, width, height = rect
        inside = self._mask[top + 1 : top + 1 + height, left + 1 : left + 1 + width] == 1
        number = len(self._rects)
        self._labels[top : top + height, left : left + width][inside] = number
        self._mask[top + 1 : top + 1 + height, left + 1 : left + 1 + width][inside] = 2
        self._rects.append((left, top, left + width, top + height))
        return number

    def bubble(self, number: int, lines: Sequence[ScreenLine]) -> Bubble | None:
        """The shape as a bubble; None where it is the ground, a bar or a cell of the same colour as what it lies on."""
        left, top, right, bottom = self._rects[number]
        shape = self._labels[top:bottom, left:right] == number
        scale = self._look.to_page  # and a pixel more: the edge itself belongs to no shape
        box = (left - 1) * scale, (top - 1) * scale, (right + 1) * scale, (bottom + 1) * scale
        if right - left > WIDEST * LOOK_WIDTH or shape.mean() < LEAST_FILLED:
            return None
        if any(_share_inside(line.box, box) < TEXT_INSIDE for line in lines):
            return None
        colour = np.median(self._small[top:bottom, left:right][shape], axis=0)
        around = self._around(left, top, right, bottom)
        if around is None or np.abs(colour - around).max() < LEAST_CONTRAST:
            return None
        flat = right - left - ROUNDING
        red, green, blue = (int(channel) for channel in colour)
        is_cut_above, is_cut_below = _reach(shape[:2]) >= flat, _reach(shape[-2:]) >= flat
        return Bubble(box, (red, green, blue), _in_rows(lines), is_cut_above, is_cut_below)

    def _around(self, left: int, top: int, right: int, bottom: int) -> np.ndarray | None:
        """The usual colour beside a shape, left and right of it."""
        strips = [self._small[top:bottom, max(0, left - 2 * BACK) : max(0, left - BACK)],
                  self._small[top:bottom, right + BACK : right + 2 * BACK]]  # fmt: skip
        pixels = [strip.reshape(-1, 3) for strip in strips if strip.size]
        return np.median(np.concatenate(pixels), axis=0) if pixels else None

    def _seed(self, box: tuple[int, int, int, int]) -> tuple[int, int] | None:
        """A pixel of what the line is written on, between its letters: the colour of most of its box."""
        left, top, right, bottom = box
        inside = self._small[top:bottom, left:right].reshape(-1, 3).astype(np.int32)
        keys = inside // 8 @ np.array([1, 64, 4096])
        values, counts = np.unique(keys, return_counts=True)
        usual = np.median(inside[keys == values[counts.argmax()]], axis=0)
        reach = (bottom - top) // 3
        left, top, right, bottom = max(0, left - reach), max(0, top - 1), right + reach, bottom + 1
        apart = np.abs(self._small[top:bottom, left:right].astype(np.int32) - usual).max(axis=2)
        free = self._free[top:bottom, left:right]
        if not (free & (apart <= 2 * self._step)).any():
            return None
        down, across = divmod(int(np.where(free, apart, 999).argmin()), apart.shape[1])
        return left + across, top + down

def _reach(rows: np.ndarray) -> int:
    """How far these rows of a shape reach from left to right; letters in them leave gaps."""
    filled = np.flatnonzero(rows.any(axis=0))
    return int(filled[-1] - filled[0] + 1) if len(filled) else 0


def _in_rows(lines: Sequence[ScreenLine]) -> tuple[ScreenLine, ...]:
    """From top to bottom, and from left to right where they are level."""
    rows: list[list[ScreenLine]] = []
    for line in sorted(lines, key=lambda each: each.middle):
        if rows and line.middle - rows[-1][-1].middle < 0.5 * min(line.height, rows[-1][-1].height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda each: each.box[0]))


def _share_inside(inner: Box, outer: Box) -> float:
    across = max(0.0, min(inner[2], outer[2]) - max(inner[0], outer[0]))
    down = max(0.0, min(inner[3], outer[3]) - max(inner[1], outer[1]))
    return across * down / max(_area(inner), 1.0)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
