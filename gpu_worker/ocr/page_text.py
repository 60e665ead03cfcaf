"""What reading a page gives, whichever engine read it (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


class Source(StrEnum):
    """Where a line's words come from."""

    OCR = "ocr"
    LAYER = "layer"  # typed: the file says them itself, and they are seen
    FORM = "form"  # the value of a form field
    NOTE = "note"  # a comment that somebody put on the page
    HIDDEN = "hidden"  # the file says them, and nobody sees them


@dataclass(frozen=True)
class Word:
    """One word. `box` is (left, top, right, bottom) in pixels of the image that was given to the engine; `confidence`
    is 0..1.

    `read` is what was read letter by letter, where `text` is a second choice of the recogniser's that makes it a known
    word; of a word that became two the first has it, the second "". None where nothing was chosen. `weakest` is the
    chance (0..1) of the letter of which the recogniser was least sure; 1 where nothing was recognised.
    """

    text: str
    box: Box
    confidence: float
    read: str | None = None
    weakest: float = 1.0


@dataclass(frozen=True)
class Line:
    """One line of text, as found on the page.

    `quad` holds its corners in pixels of the image given: top left, top right, bottom right, bottom left *as the text
    reads*, so on a page lying on its side the first corner is not the topmost. `text` is the words joined by single
    spaces.
    """

    words: tuple[Word, ...]
    text: str
    quad: Quad
    confidence: float
    source: Source = Source.OCR


@dataclass(frozen=True)
class PageText:
    """One page in reading order.

    `text` is the page's plain text: a line of text per line, an empty line between blocks. `width` and `height` are
    those of the image given (pixels), or of the page (points) where the file says its text itself; `rotation` (0, 90,
    180, 270) is how far clockwise the image must be turned to stand upright. `confidence` (0..1) is the mean over the
    characters read, 0 where there are none. `engine` names who read it. `reason` says in a short sentence why the page
    was read in another way than usual, or why it holds no text; else None. `layout_error` names what went wrong where
    the lines could not be put in reading order: they then stand from top to bottom.
    """

    lines: tuple[Line, ...]
    text: str
    engine: str
    confidence: float
    width: float
    height: float
    rotation: int = 0
    reason: str | None = None
    layout_error: str | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, in reading order."""
        return tuple(word for line in self.lines for word in line.words)
