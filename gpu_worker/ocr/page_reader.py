"""How PP-OCRv6 reads pages, on whichever device its networks run (story)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gpu_worker.ocr.ctc import LineText, decode
from gpu_worker.ocr.detection import Boxes, find_boxes, plan_detection
from gpu_worker.ocr.networks import LineCrop, Networks
from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.quads import lies_on_side, page_angle, quad_sizes, quads_of, turn_quads
from gpu_worker.ocr.typeset import FoundLine, typeset_page

MIN_LINE_CONFIDENCE = 0.5
DOUBTFUL_PAGE = 0.85  # upright text reads above this, upside-down text far below
PROBES = 8  # lines that vote on which way a page lies
MAX_SIDE = 32_000  # px: OpenCV's warps count pixels in 16 bits


@dataclass(frozen=True)
class _Found:
    """A page's boxes and the quads they give when the page is turned `rotation`° clockwise."""

    boxes: Boxes
    quads: np.ndarray
    rotation: int


class PageReader:
    """An `OcrEngine` over two networks: detect, vote on the rotation, recognise, order."""

    def __init__(self, name: str, networks: Networks) -> None:
        self.name = name
        self._networks = networks

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        """See `OcrEngine.read_pages`."""
        pages = [to_gray(image) for image in images]
        found = self._find_lines(pages)
        texts = self._recognise(pages, found)
        found, texts = self._turn_doubtful(pages, found, texts)
        return [self._typeset(*args) for args in zip(pages, found, texts, strict=True)]

    def _find_lines(self, pages: list[np.ndarray]) -> list[_Found]:
        plans = [plan_detection(page.shape[1], page.shape[0]) for page in pages]
        maps = self._networks.detect(pages, plans)
        boxes = [find_boxes(m, p.shape[1], p.shape[0]) for m, p in zip(maps, pages, strict=True)]
        return [_at_rotation(b, 90 if lies_on_side(b) else 0) for b in boxes]

    def _recognise(self, pages: list[np.ndarray], found: list[_Found]) -> list[list[LineText]]:
        return self._read_quads(pages, [f.quads for f in found])

    def _read_quads(self, pages: list[np.ndarray], quads: list[np.ndarray]) -> list[list[LineText]]:
        crops = [LineCrop(number, quad) for number, page_quads in enumerate(quads) for quad in page_quads]
        classes = iter(self._networks.recognise(pages, crops))
        alphabet = self._networks.alphabet
        return [
            [
                decode(line.classes, line.probabilities, line.width, alphabet)
                for _, line in zip(page_quads, classes, strict=False)
            ]
            for page_quads in quads
        ]

    def _turn_doubtful(
        self, pages: list[np.ndarray], found: list[_Found], texts: list[list[LineText]]
    ) -> tuple[list[_Found], list[list[LineText]]]:
        """Let a few lines of every badly read page vote on whether it lies the other way round, and read it again if so."""
        doubtful = [i for i, lines in enumerate(texts) if lines and _mean_confidence(lines) < DOUBTFUL_PAGE]
        if not doubtful:
            return found, texts
        probes = {i: _probes(found[i]) for i in doubtful}
        sample = [turn_quads(found[i].quads[probes[i]], 180) for i in doubtful]
        votes = self._read_quads([pages[i] for i in doubtful], sample)
        turned = [
            i
            for i, lines in zip(doubtful, votes, strict=True)
            if _mean_confidence(lines) > _mean_confidence([texts[i][p] for p in probes[i]])
        ]
        found, texts = list(found), list(texts)
        for i in turned:
            found[i] = _at_rotation(found[i].boxes, found[i].rotation + 180)
        again = self._recognise([pages[i] for i in turned], [found[i] for i in turned])
        for i, lines in zip(turned, again, strict=True):
            texts[i] = lines
        return found, texts

    def _typeset(self, page: np.ndarray, found: _Found, texts: list[LineText]) -> PageText:
        lines = [
            FoundLine(quad, text)
            for quad, text in zip(found.quads, texts, strict=True)
            if text.spans and text.confidence >= MIN_LINE_CONFIDENCE
        ]
        height, width = page.shape
        return typeset_page(lines, self.name, width, height, found.rotation, page_angle(found.boxes))


def to_gray(image: np.ndarray) -> np.ndarray:
    """A page image as the networks take it: gray, contiguous, at least 1 px and at most 32,000 px a side."""
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(gray)


def _at_rotation(boxes: Boxes, rotation: int) -> _Found:
    return _Found(boxes, quads_of(boxes, rotation), rotation % 360)


def _probes(found: _Found) -> np.ndarray:
    """The longest lines, but none so long that it is not typical."""
    lengths = quad_sizes(found.quads)[:, 0]
    return np.argsort(-np.minimum(lengths, np.percentile(lengths, 75)), kind="stable")[:PROBES]


def _mean_confidence(lines: Sequence[LineText]) -> float:
    weights = sum(line.characters for line in lines)
    return sum(line.confidence * line.characters for line in lines) / weights if weights else 0.0
