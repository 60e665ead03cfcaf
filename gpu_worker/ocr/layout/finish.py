"""From a page's boxes and the recogniser's classes to its text (pure; may run in another process)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout
from gpu_worker.ocr.layout.quads import lies_on_side, page_angle, quad_sizes, quads_of
from gpu_worker.ocr.layout.typeset import typeset_page
from gpu_worker.ocr.networks.cpu_networks import LineClasses
from gpu_worker.ocr.networks.ctc import LineText, decode
from gpu_worker.ocr.networks.detection import Boxes
from gpu_worker.ocr.networks.second_choice import LEAST_LETTERS, reread_line
from gpu_worker.ocr.page_text import PageText
from gpu_worker.words.known_words import home_words, words_of

MIN_LINE_CONFIDENCE = 0.75  # specks, rules and scribbles read below this; 0.2 % of real words do too
MIN_SHORT_CONFIDENCE = 0.8  # one or two letters are what a speck most often looks like
MIN_SHORT_HEIGHT = 0.55  # of the usual line height
WIDTH_OF_LETTER = 0.5  # of its line's height, spaces included
LEAST_COVERED = 0.4  # of the lines' length by letters: forms have 0.8 and more, a Hebrew page 0.24, a Russian one 0.04
LEAST_KNOWN = 0.7  # of the words: FUNSD's forms in English have 0.71 and more, French 0.56, German 0.61
UNREADABLE = "text was seen but could not be read"
MOSTLY_UNREADABLE = "most of the text seen could not be read; are its letters of a language in OCR_LANGUAGES?"

Size = tuple[int, int]


@dataclass(frozen=True)
class FoundPage:
    """A page's boxes, and the quads they give when the page is turned `rotation`° clockwise; `across` marks lines on
    their side."""

    boxes: Boxes
    quads: np.ndarray
    across: np.ndarray
    rotation: int

    @staticmethod
    def of(boxes: Boxes) -> FoundPage:
        return FoundPage(boxes, *quads_of(boxes, rotation := 90 if lies_on_side(boxes) else 0), rotation)

    def turned(self) -> FoundPage:
        """The same boxes read from the other end."""
        rotation = (self.rotation + 180) % 360
        quads, across = quads_of(self.boxes, rotation)
        return replace(self, quads=quads, across=across, rotation=rotation)


def finish_page(
    engine: str, alphabet: str, found: FoundPage, lines: Sequence[LineClasses], size: Size, given: Size
) -> PageText:
    """Decode the lines, drop what is no text and set the page; `size` is what was read, `given` what the caller knows
    (width, height)."""
    texts = _read(lines, alphabet)
    sizes = quad_sizes(found.quads)
    usual = float(np.median(sizes[:, 1])) if texts else 0.0
    scale = given[0] / size[0]
    kept = tuple(
        FoundLine(quad * scale, text, bool(across))
        for quad, text, across, (_, height) in zip(found.quads, texts, found.across, sizes, strict=True)
        if _is_text(text, height, usual)
    )
    page = typeset_page(PageLayout(kept, *given, found.rotation, page_angle(found.boxes)), engine)
    written = sum(line.text.characters * float(quad_sizes(line.quad[None])[0, 1]) for line in kept)
    return replace(page, reason=_reason(lines, WIDTH_OF_LETTER * written / max(scale * sizes[:, 0].sum(), 1), page))


def _read(lines: Sequence[LineClasses], alphabet: str) -> list[LineText]:
    """What every line reads; unknown words a second way, if the page is in a language whose words are known."""
    texts = [decode(line.classes, line.probabilities, line.width, alphabet) for line in lines]
    words = [word for text in texts for word in words_of(text.text) if len(word) >= LEAST_LETTERS]
    known = home_words() if words else frozenset[str]()
    if sum(word in known for word in words) < LEAST_KNOWN * max(len(words), 1):
        return texts
    return [
        reread_line(text, line.classes, line.probabilities, line.second, alphabet, known.__contains__)
        if line.second is not None
        else text
        for text, line in zip(texts, lines, strict=True)
    ]


def _reason(lines: Sequence[LineClasses], covered: float, page: PageText) -> str | None:
    if unread := sum(not line.is_read for line in lines):
        return f"the page's time ended: {unread} of its {len(lines)} lines were not read"
    if lines and not page.lines:
        return UNREADABLE
    return MOSTLY_UNREADABLE if lines and covered < LEAST_COVERED else page.reason


def _is_text(text: LineText, height: float, usual: float) -> bool:
    if text.characters <= 2:
        return text.confidence >= MIN_SHORT_CONFIDENCE and height >= MIN_SHORT_HEIGHT * usual
    return text.confidence >= MIN_LINE_CONFIDENCE
