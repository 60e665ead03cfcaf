"""How PP-OCRv6 reads pages, on whichever device its networks run (story)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import cv2
import numpy as np

from gpu_worker.ocr.engines.child_pool import ChildPool
from gpu_worker.ocr.ink import is_blank
from gpu_worker.ocr.layout.finish import FoundPage, finish_page
from gpu_worker.ocr.layout.quads import quad_sizes, turn_quads
from gpu_worker.ocr.networks.cpu_networks import LineClasses, LineCrop, LoadedPages, Networks
from gpu_worker.ocr.networks.detection import (
    Boxes,
    DetectionPlan,
    better_boxes,
    find_boxes,
    finer_scale,
    plan_detection,
)
from gpu_worker.ocr.page_text import PageText

log = logging.getLogger(__name__)
DOUBTFUL_PAGE = 0.85  # upright text reads above this, upside-down text far below
DOUBTFUL_LINE = 0.9
PROBES = 8  # lines that vote on which way a page lies
MAX_SIDE = 32_000  # px: OpenCV's warps count pixels in 16 bits

Result = TypeVar("Result")


class PageReader:
    """An `OcrEngine` over two networks: find lines, read them, turn what lies the wrong way, put them in order.

    What needs no network runs in `pool` if there is one, so that the thread that feeds the device does nothing else.
    """

    calls_at_once = 1
    pages_a_call = 1  # a CPU reads four pages together no faster than one by one, and all four wait for the slowest

    def __init__(self, name: str, networks: Networks, pool: ChildPool | None = None) -> None:
        self.name = name
        self._networks = networks
        self._pool = pool

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        """See `OcrEngine.read_pages`."""
        grays = [to_gray(image) for image in images]
        pages = self._networks.load(grays)
        sizes = [(gray.shape[1], gray.shape[0]) for gray in grays]
        found = self._find_lines(pages, grays)
        lines = _recognise(pages, range(len(grays)), [f.quads for f in found])
        _turn_pages(pages, found, lines)
        _turn_lines(pages, found, lines)
        # A page too large for OpenCV was read smaller; its lines go back to where they are on the image given.
        given = [(image.shape[1], image.shape[0]) for image in images]
        read = self._map(partial(finish_page, self.name, self._networks.alphabet), found, lines, sizes, given)
        for page in read:
            if page.layout_error:
                log.warning("a page's lines could not be put in order", extra={"error": page.layout_error})
        return read

    def _find_lines(self, pages: LoadedPages, grays: list[np.ndarray]) -> list[FoundPage]:
        sizes = [(gray.shape[1], gray.shape[0]) for gray in grays]
        plans = [plan_detection(*size) for size in sizes]
        boxes = self._find_boxes(pages, range(len(sizes)), plans, sizes)
        scales = [finer_scale(b, plan, size[0]) for b, plan, size in zip(boxes, plans, sizes, strict=True)]
        small = [i for i, scale in enumerate(scales) if scale and (len(boxes[i]) or not is_blank(grays[i]))]
        finer = [plan_detection(*sizes[i], scales[i]) for i in small]
        for i, closer in zip(small, self._find_boxes(pages, small, finer, sizes), strict=True):
            boxes[i] = better_boxes(boxes[i], closer, plans[i], sizes[i][0])
        return [FoundPage.of(b) for b in boxes]

    def _find_boxes(
        self, pages: LoadedPages, numbers: Sequence[int], plans: list[DetectionPlan], sizes: list[tuple[int, int]]
    ) -> list[Boxes]:
        maps = pages.detect(numbers, plans) if plans else []
        return self._map(find_boxes, maps, [sizes[i] for i in numbers])

    def _map(self, function: Callable[..., Result], *arguments: Sequence[Any]) -> list[Result]:
        return list((self._pool.map if self._pool else map)(function, *arguments))


def _recognise(pages: LoadedPages, numbers: Sequence[int], quads: Sequence[np.ndarray]) -> list[list[LineClasses]]:
    """Read lines of the pages named, all in one go."""
    crops = [LineCrop(n, quad) for n, page_quads in zip(numbers, quads, strict=True) for quad in page_quads]
    lines = iter(pages.recognise(crops) if crops else [])
    return [list(islice(lines, len(page_quads))) for page_quads in quads]


def _turn_pages(pages: LoadedPages, found: list[FoundPage], lines: list[list[LineClasses]]) -> None:
    """Let a few lines of every badly read page vote on whether it lies the other way round; if so, read it again."""
    doubtful = [i for i, page_lines in enumerate(lines) if page_lines and _confidence(page_lines) < DOUBTFUL_PAGE]
    probes = {i: _probes(found[i]) for i in doubtful}
    votes = _recognise(pages, doubtful, [turn_quads(found[i].quads[probes[i]], 180) for i in doubtful])
    turned = [
        i
        for i, turned_lines in zip(doubtful, votes, strict=True)
        if _confidence(turned_lines) > _confidence([lines[i][p] for p in probes[i]])
    ]
    for i in turned:
        found[i] = found[i].turned()
    for i, better in zip(turned, _recognise(pages, turned, [found[i].quads for i in turned]), strict=True):
        lines[i] = better


def _turn_lines(pages: LoadedPages, found: list[FoundPage], lines: list[list[LineClasses]]) -> None:
    """Read lines that stand across their page downwards too, and keep the better reading."""
    doubtful = [
        [k for k in np.flatnonzero(f.across).tolist() if page_lines[k].confidence()[0] < DOUBTFUL_LINE]
        for f, page_lines in zip(found, lines, strict=True)
    ]
    numbers = [i for i, ks in enumerate(doubtful) if ks]
    turned = [turn_quads(found[i].quads[doubtful[i]], 180) for i in numbers]
    for i, quads, better in zip(numbers, turned, _recognise(pages, numbers, turned), strict=True):
        for k, quad, line in zip(doubtful[i], quads, better, strict=True):
            if line.confidence()[0] > lines[i][k].confidence()[0]:
                found[i].quads[k], lines[i][k] = quad, line


def _probes(found: FoundPage) -> np.ndarray:
    """Lines that vote: long ones, but none so long that it is not typical."""
    lengths = quad_sizes(found.quads)[:, 0]
    return np.argsort(-np.minimum(lengths, np.percentile(lengths, 75)), kind="stable")[:PROBES]


def _confidence(lines: Sequence[LineClasses]) -> float:
    pairs = [line.confidence() for line in lines]
    letters = sum(count for _, count in pairs)
    return sum(chance * count for chance, count in pairs) / letters if letters else 0.0


def to_gray(image: np.ndarray) -> np.ndarray:
    """A page image as the networks take it: gray, contiguous, at most 32,000 px a side."""
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    longest = max(gray.shape)
    if longest > MAX_SIDE:
        size = [max(1, side * MAX_SIDE // longest) for side in (gray.shape[1], gray.shape[0])]
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(gray)
