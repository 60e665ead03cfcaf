"""How PP-OCRv6 reads pages, on whichever device its networks run (story)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from gpu_worker.ocr.ctc import LineText, decode
from gpu_worker.ocr.detection import Boxes, DetectionPlan, find_boxes, finer_scale, plan_detection
from gpu_worker.ocr.networks import LineCrop, Networks
from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.quads import lies_on_side, page_angle, quad_sizes, quads_of, turn_quads
from gpu_worker.ocr.typeset import FoundLine, typeset_page

MIN_LINE_CONFIDENCE = 0.75  # specks, rules and scribbles read below this; 0.2 % of real words do too
MIN_SHORT_CONFIDENCE = 0.8  # one or two letters are what a speck most often looks like
MIN_SHORT_HEIGHT = 0.55  # of the usual line height
DOUBTFUL_PAGE = 0.85  # upright text reads above this, upside-down text far below
DOUBTFUL_LINE = 0.9
PROBES = 8  # lines that vote on which way a page lies
MAX_SIDE = 32_000  # px: OpenCV's warps count pixels in 16 bits
UNREADABLE = "text was seen but could not be read"


@dataclass(frozen=True)
class _Found:
    """A page's boxes, and the quads they give when the page is turned `rotation`° clockwise."""

    boxes: Boxes
    quads: np.ndarray
    across: np.ndarray
    rotation: int

    @staticmethod
    def at(boxes: Boxes, rotation: int) -> _Found:
        return _Found(boxes, *quads_of(boxes, rotation), rotation % 360)


class PageReader:
    """An `OcrEngine` over two networks: find lines, read them, turn what lies the wrong way, put them in order."""

    def __init__(self, name: str, networks: Networks) -> None:
        self.name = name
        self._networks = networks

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        """See `OcrEngine.read_pages`."""
        pages = [to_gray(image) for image in images]
        found = self._find_lines(pages)
        texts = self._read_quads(pages, [f.quads for f in found])
        self._turn_pages(pages, found, texts)
        self._turn_lines(pages, found, texts)
        return [
            self._typeset(image, page, *rest) for image, page, *rest in zip(images, pages, found, texts, strict=True)
        ]

    def _find_lines(self, pages: list[np.ndarray]) -> list[_Found]:
        plans = [plan_detection(page.shape[1], page.shape[0]) for page in pages]
        boxes = self._find_boxes(pages, plans)
        scales = [finer_scale(b, plan, p.shape[1]) for b, plan, p in zip(boxes, plans, pages, strict=True)]
        small = [i for i, scale in enumerate(scales) if scale]
        finer = [plan_detection(pages[i].shape[1], pages[i].shape[0], scales[i]) for i in small]
        for i, better in zip(small, self._find_boxes([pages[i] for i in small], finer), strict=True):
            boxes[i] = better
        return [_Found.at(b, 90 if lies_on_side(b) else 0) for b in boxes]

    def _find_boxes(self, pages: list[np.ndarray], plans: list[DetectionPlan]) -> list[Boxes]:
        maps = self._networks.detect(pages, plans) if pages else []
        return [find_boxes(m, p.shape[1], p.shape[0]) for m, p in zip(maps, pages, strict=True)]

    def _read_quads(self, pages: list[np.ndarray], quads: list[np.ndarray]) -> list[list[LineText]]:
        crops = [LineCrop(number, quad) for number, page_quads in enumerate(quads) for quad in page_quads]
        lines = iter(self._networks.recognise(pages, crops) if crops else [])
        alphabet = self._networks.alphabet
        return [
            [decode(line.classes, line.probabilities, line.width, alphabet) for line in islice(lines, len(page_quads))]
            for page_quads in quads
        ]

    def _turn_pages(self, pages: list[np.ndarray], found: list[_Found], texts: list[list[LineText]]) -> None:
        """Let a few lines of every badly read page vote on whether it lies the other way round; if so, read it again."""
        doubtful = [i for i, lines in enumerate(texts) if lines and _mean_confidence(lines) < DOUBTFUL_PAGE]
        probes = {i: _probes(found[i]) for i in doubtful}
        sample = [turn_quads(found[i].quads[probes[i]], 180) for i in doubtful]
        votes = self._read_quads([pages[i] for i in doubtful], sample)
        turned = [
            i
            for i, lines in zip(doubtful, votes, strict=True)
            if _mean_confidence(lines) > _mean_confidence([texts[i][p] for p in probes[i]])
        ]
        for i in turned:
            found[i] = _Found.at(found[i].boxes, found[i].rotation + 180)
        again = self._read_quads([pages[i] for i in turned], [found[i].quads for i in turned])
        for i, lines in zip(turned, again, strict=True):
            texts[i] = lines

    def _turn_lines(self, pages: list[np.ndarray], found: list[_Found], texts: list[list[LineText]]) -> None:
        """Read lines that stand across their page downwards too, and keep the better reading."""
        doubtful = [
            [k for k in np.flatnonzero(f.across).tolist() if lines[k].confidence < DOUBTFUL_LINE]
            for f, lines in zip(found, texts, strict=True)
        ]
        turned = [turn_quads(f.quads[lines], 180) for f, lines in zip(found, doubtful, strict=True)]
        again = self._read_quads(pages, turned)
        for f, lines, numbers, quads, better in zip(found, texts, doubtful, turned, again, strict=True):
            for k, quad, line in zip(numbers, quads, better, strict=True):
                if line.confidence > lines[k].confidence:
                    f.quads[k], lines[k] = quad, line

    def _typeset(self, image: np.ndarray, page: np.ndarray, found: _Found, texts: list[LineText]) -> PageText:
        # A page too large for OpenCV was read smaller; its lines go back to where they are on the image given.
        scale = image.shape[1] / page.shape[1]
        usual = float(np.median(quad_sizes(found.quads)[:, 1])) if len(texts) else 0.0
        lines = [
            FoundLine(quad * scale, text)
            for quad, text, size in zip(found.quads, texts, quad_sizes(found.quads), strict=True)
            if _is_text(text, size[1], usual)
        ]
        height, width = image.shape[:2]
        reason = UNREADABLE if texts and not lines else None
        return typeset_page(lines, self.name, width, height, found.rotation, page_angle(found.boxes), reason)


def to_gray(image: np.ndarray) -> np.ndarray:
    """A page image as the networks take it: gray, contiguous, at most 32,000 px a side."""
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    longest = max(gray.shape)
    if longest > MAX_SIDE:
        size = [max(1, side * MAX_SIDE // longest) for side in (gray.shape[1], gray.shape[0])]
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(gray)


def _is_text(text: LineText, height: float, usual: float) -> bool:
    if text.characters <= 2:
        return text.confidence >= MIN_SHORT_CONFIDENCE and height >= MIN_SHORT_HEIGHT * usual
    return text.confidence >= MIN_LINE_CONFIDENCE


def _probes(found: _Found) -> np.ndarray:
    """Lines that vote: long ones, but none so long that it is not typical."""
    lengths = quad_sizes(found.quads)[:, 0]
    return np.argsort(-np.minimum(lengths, np.percentile(lengths, 75)), kind="stable")[:PROBES]


def _mean_confidence(lines: Sequence[LineText]) -> float:
    weights = sum(line.characters for line in lines)
    return sum(line.confidence * line.characters for line in lines) / weights if weights else 0.0
