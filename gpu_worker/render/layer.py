"""What a page says of itself, before anything is recognised (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gpu_worker.ocr.page_text import Box, Line, PageText, Source, Word

NO_INK = "written without ink"
"""Why a scan's hidden text is not seen; it mostly repeats what the scan shows."""
WRITTEN_ON_PAGE = "Text written on the page"
"""The kind of a note whose words are seen on the page itself."""


@dataclass(frozen=True)
class Note:
    """A comment that somebody put on a page: what it is, who wrote it and when (as the file claims), what it says, and
    its box in points from the top left of the page as shown."""

    kind: str
    author: str
    time: str
    text: str
    box: Box

    def written(self) -> str:
        """The note as a person reads it below the page's text."""
        author, time = f" by {self.author}" if self.author else "", f", {self.time}" if self.time else ""
        return f"[{self.kind}{author}{time}] {self.text}"


@dataclass(frozen=True)
class HiddenLine:
    """Words that the file holds and nobody sees: where they would stand, and why they are not seen."""

    text: str
    box: Box
    why: str


@dataclass(frozen=True)
class PdfLayer:
    """A PDF page's own words, and the facts that tell whether they can be trusted.

    `page` is what it types and what its forms hold, in reading order, in points. `unsaid` are the places where
    something is drawn that those words do not say: a stamp, a pasted picture, letters drawn as shapes. `objects` counts
    what is drawn, `annotations` what was put upon it; `is_looked_at` is False where the page was not drawn.
    `ink_under` is the share of the words written without ink that lie over something drawn, as those of a scan's
    invisible layer do; 0 where the page shows words of its own.
    `doubtful` are the places of words of which hardly anything is drawn: what can be read there is to be recognised.
    `rules` are the straight lines that it draws, as boxes.
    """

    page: PageText
    hidden: tuple[HiddenLine, ...] = ()
    notes: tuple[Note, ...] = ()
    unsaid: tuple[Box, ...] = ()
    objects: int = 0
    annotations: int = 0
    is_looked_at: bool = True
    ink_under: float = 0.0
    doubtful: tuple[Box, ...] = ()
    rules: tuple[Box, ...] = ()

    @property
    def text(self) -> str:
        """What the page types and is seen."""
        return self.page.text

    @property
    def text_without_ink(self) -> str:
        """What it says where it draws nothing, as the invisible text of a scan does."""
        return "\n".join(line.text for line in self.hidden if line.why == NO_INK)


@dataclass(frozen=True)
class PlainText:
    """A page of a text file: nothing in it needs recognising."""

    text: str


@dataclass(frozen=True)
class Recording:
    """A recording instead of a page: how many seconds it is long, if it says so."""

    seconds: float | None


Layer = PdfLayer | PlainText | Recording
"""What a page may say of itself."""


def to_message(layer: Layer | None) -> dict[str, Any] | None:
    """The layer as it travels from the render child."""
    return None if layer is None else asdict(layer)


def from_message(message: Mapping[str, Any] | None) -> Layer | None:
    """The layer as the child sent it."""
    if message is None:
        return None
    if "seconds" in message:
        return Recording(**message)
    if "page" not in message:
        return PlainText(**message)
    return PdfLayer(
        page=_page(message["page"]),
        hidden=tuple(HiddenLine(**{**line, "box": _box(line["box"])}) for line in message["hidden"]),
        notes=tuple(Note(**{**note, "box": _box(note["box"])}) for note in message["notes"]),
        unsaid=tuple(_box(box) for box in message["unsaid"]),
        objects=message["objects"],
        annotations=message["annotations"],
        is_looked_at=message["is_looked_at"],
        ink_under=float(message["ink_under"]),
        doubtful=tuple(_box(box) for box in message["doubtful"]),
        rules=tuple(_box(box) for box in message["rules"]),
    )


def _page(message: Mapping[str, Any]) -> PageText:
    return PageText(**{**message, "lines": tuple(_line(line) for line in message["lines"])})


def _line(message: Mapping[str, Any]) -> Line:
    words = tuple(Word(word["text"], _box(word["box"]), word["confidence"]) for word in message["words"])
    a, b, c, d = ((float(x), float(y)) for x, y in message["quad"])
    return Line(words, message["text"], (a, b, c, d), message["confidence"], Source(message["source"]))


def _box(sides: Any) -> Box:
    left, top, right, bottom = (float(side) for side in sides)
    return left, top, right, bottom
