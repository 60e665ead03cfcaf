"""What the page reader asks of the two networks, and the way of doing it on a CPU."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import cv2
import numpy as np

from gpu_worker.ocr.layout.quads import quad_sizes
from gpu_worker.ocr.networks.ctc import SecondChoice
from gpu_worker.ocr.networks.detection import DetectionPlan, padded, stitch

Batch = tuple[int, list[int]]
Result = TypeVar("Result")
Choices = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

LINE_HEIGHT = 48  # px: what the recogniser was trained on
MIN_WIDTH = 64
MAX_WIDTH = 4096  # px: a longer line is squeezed
MID_GRAY = 128  # the networks' zero
PAGE_SECONDS = 600.0  # for the lines of a page on a CPU: 5,000 long lines of 4-point type take two cores four minutes
BUCKET_STEP = 1.15  # 28 % fewer padded pixels than batches of like lines padded to 320


@dataclass(frozen=True)
class LineCrop:
    """A line to read: the page it is on and its corners there (4×2, reading starts at the first)."""

    page: int
    quad: np.ndarray


@dataclass(frozen=True)
class LineClasses:
    """The recogniser's best class and its probability per column, the line's own width in px at 48 px height, and what
    the recogniser would have read else; `is_read` is false for a line that the page's time did not reach."""

    classes: np.ndarray
    probabilities: np.ndarray
    width: float
    second: SecondChoice | None = None
    is_read: bool = True

    def confidence(self) -> tuple[float, int]:
        """Mean probability of the letters, and how many there are."""
        is_letter = self.classes != 0
        is_letter[1:] &= self.classes[1:] != self.classes[:-1]
        count = int(is_letter.sum())
        return (float(self.probabilities[is_letter].mean()) if count else 0.0), count


class LoadedPages(Protocol):
    """Gray pages where the networks can reach them."""

    def detect(self, numbers: Sequence[int], plans: Sequence[DetectionPlan]) -> list[np.ndarray]:
        """One text map (uint8, the plan's size) for each of the pages named."""
        ...

    def recognise(self, lines: Sequence[LineCrop]) -> list[LineClasses]:
        """The classes of every line, in order."""
        ...


class Networks(Protocol):
    """Detector and recogniser on some device; `alphabet` holds the recogniser's classes, one character each."""

    alphabet: str

    def load(self, pages: Sequence[np.ndarray]) -> LoadedPages:
        """Make gray uint8 pages ready."""
        ...


def bucket_width(width: float) -> int:
    """The padded width that a line of this width is read at: 64 px, and steps of 15 %, in multiples of 8."""
    if width <= MIN_WIDTH:
        return MIN_WIDTH
    step = math.ceil(math.log(width / MIN_WIDTH) / math.log(BUCKET_STEP) - 1e-9)
    return min(MAX_WIDTH, math.ceil(MIN_WIDTH * BUCKET_STEP**step / 8) * 8)


def line_widths(lines: Sequence[LineCrop]) -> np.ndarray:
    """Widths of lines scaled to 48 px height."""
    sizes = quad_sizes(np.stack([line.quad for line in lines]))
    widths: np.ndarray = np.ceil(np.clip(LINE_HEIGHT * sizes[:, 0] / np.maximum(sizes[:, 1], 1), 8, MAX_WIDTH))
    return widths


def batches_by_width(widths: np.ndarray, pixels: int) -> list[Batch]:
    """Group lines into (padded width, line numbers) with at most `pixels` columns a batch."""
    buckets: dict[int, list[int]] = {}
    for i in np.argsort(widths, kind="stable").tolist():
        buckets.setdefault(bucket_width(float(widths[i])), []).append(i)
    batches = []
    for bucket, members in sorted(buckets.items()):
        size = max(1, pixels // bucket)
        batches += [(bucket, members[i : i + size]) for i in range(0, len(members), size)]
    return batches


class CpuNetworks(ABC):
    """Resizing, cropping and batching with OpenCV around two networks that take batches of gray images."""

    alphabet: str
    batch_columns = 2048  # px of line per batch: what fits a CPU's cache best
    page_seconds = PAGE_SECONDS
    clock = staticmethod(time.monotonic)

    @abstractmethod
    def run_detector(self, batch: np.ndarray) -> np.ndarray:
        """N×H×W uint8 → N×H×W float32 (0..1)."""

    @abstractmethod
    def run_recogniser(self, batch: np.ndarray) -> Choices:
        """N×48×W uint8 → best classes and their probabilities, second classes and theirs, each N×T; a second class is
        given where its probability can be `LEAST_CHANCE`, elsewhere 0."""

    def map_batches(self, read: Callable[[Batch], Result], batches: Sequence[Batch]) -> Iterable[Result]:
        """Read batches of lines, one after the other; overridden where several can be read at a time."""
        return map(read, batches)

    def load(self, pages: Sequence[np.ndarray]) -> LoadedPages:
        """See `Networks.load`."""
        return _CpuPages(self, pages, self.clock() + self.page_seconds * len(pages))


@dataclass(frozen=True)
class _CpuPages:
    networks: CpuNetworks
    pages: Sequence[np.ndarray]
    deadline: float

    def detect(self, numbers: Sequence[int], plans: Sequence[DetectionPlan]) -> list[np.ndarray]:
        maps = []
        for number, plan in zip(numbers, plans, strict=True):
            small = resize(self.pages[number], plan.width, plan.height)
            parts = [self._detect_tile(small[t.top : t.bottom, t.left : t.right]) for t in plan.tiles]
            maps.append(stitch(plan, parts))
        return maps

    def _detect_tile(self, tile: np.ndarray) -> np.ndarray:
        height, width = tile.shape
        rim = padded(height) - height, padded(width) - width
        canvas = cv2.copyMakeBorder(tile, 0, rim[0], 0, rim[1], cv2.BORDER_REPLICATE)
        found = self.networks.run_detector(canvas[None])[0]
        scaled: np.ndarray = (found[:height, :width] * 255).astype(np.uint8)
        return scaled

    def recognise(self, lines: Sequence[LineCrop]) -> list[LineClasses]:
        if not lines:
            return []
        widths = line_widths(lines)
        # The longest first, so that no thread is left with a long batch at the end.
        batches = batches_by_width(widths, self.networks.batch_columns)[::-1]
        results: dict[int, LineClasses] = {}
        for read in self.networks.map_batches(lambda batch: self._read_batch(lines, widths, *batch), batches):
            results.update(read)
        return [results[i] for i in range(len(lines))]

    def _read_batch(
        self, lines: Sequence[LineCrop], widths: np.ndarray, bucket: int, members: list[int]
    ) -> dict[int, LineClasses]:
        if self.networks.clock() > self.deadline:
            return {i: LineClasses(np.zeros(0, int), np.zeros(0), float(widths[i]), is_read=False) for i in members}
        batch = np.full((len(members), LINE_HEIGHT, bucket), MID_GRAY, np.uint8)
        for row, i in enumerate(members):
            crop = rectify(self.pages[lines[i].page], lines[i].quad, int(widths[i]))
            batch[row, :, : crop.shape[1]] = crop
        found = self.networks.run_recogniser(batch)
        return {i: line_classes(found, row, float(widths[i])) for row, i in enumerate(members)}


def line_classes(found: Sequence[np.ndarray], row: int, width: float) -> LineClasses:
    """One line of what the recogniser found, as `CpuNetworks.run_recogniser` says."""
    classes, chances, seconds, second_chances = (each[row] for each in found)
    return LineClasses(classes, chances, width, SecondChoice(seconds, second_chances))


def resize(page: np.ndarray, width: int, height: int) -> np.ndarray:
    """Scale a page, averaging when it shrinks so that thin strokes survive."""
    if page.shape == (height, width):
        return page
    shrinks = width < page.shape[1]
    return cv2.resize(page, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def rectify(page: np.ndarray, quad: np.ndarray, width: int) -> np.ndarray:
    """Cut a line out of its page, upright, 48 px high, with one bilinear resample."""
    target = np.array([[0, 0], [width, 0], [0, LINE_HEIGHT]], np.float32) - 0.5
    source = quad[[0, 1, 3]].astype(np.float32) - 0.5
    matrix = cv2.getAffineTransform(target, source)
    return cv2.warpAffine(
        page,
        matrix,
        (width, LINE_HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
