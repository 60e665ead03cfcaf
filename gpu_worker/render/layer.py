"""What a page says of itself, before anything is recognised (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class LayerLine:
    """A run of text on one line; its box in points from the top left of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class PdfLayer:
    """A PDF page's own text, and the facts that tell whether it can be trusted.

    `lines` is empty on a turned page. `width` and `height` are the page's in points; `objects` counts what is drawn,
    `annotations` those that show text of their own, `hidden_text` the texts that are not drawn (as under a scan);
    `image_share` says how much of the page pictures cover (1 is all of it).
    """

    text: str
    lines: tuple[LayerLine, ...]
    width: float
    height: float
    objects: int
    annotations: int
    hidden_text: int
    image_share: float


@dataclass(frozen=True)
class PlainText:
    """A page of a text file: nothing in it needs recognising."""

    text: str


def to_message(layer: PdfLayer | PlainText | None) -> dict[str, Any] | None:
    """The layer as it travels from the render child."""
    return None if layer is None else asdict(layer)


def from_message(message: Mapping[str, Any] | None) -> PdfLayer | PlainText | None:
    """The layer as the child sent it."""
    if message is None:
        return None
    if "lines" not in message:
        return PlainText(**message)
    return PdfLayer(**{**message, "lines": tuple(LayerLine(**line) for line in message["lines"])})
