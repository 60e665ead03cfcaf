"""A plain text file as pages."""

from __future__ import annotations

from pathlib import Path

from gpu_worker.render.errors import RenderError
from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.part import Structure
from gpu_worker.render.written import WrittenPages
from gpu_worker.words.encodings import Decoded, decode
from inspector.encodings import is_written

LOOKED_AT = 1_000_000
MOST_STRANGE = 0.02
"""Of all letters: a log whose end a crash filled with zeros for a page is still a text."""


class TextPages(WrittenPages):
    """A text in any encoding (`words.encodings`); what is doubtful about that is said."""

    def __init__(self, path: str) -> None:
        decoded = decode(Path(path).read_bytes())
        if _is_of_a_program(decoded.text):
            raise RenderError("unsupported_type")
        super().__init__([decoded.text], _describe(decoded))


def _is_of_a_program(text: str) -> bool:
    """Whether it only begins as a text does: whoever writes, and the oldest printer, uses next to no such letters."""
    strange = sum(not is_written(letter) for letter in text[:LOOKED_AT])
    return strange > MOST_STRANGE * min(len(text), LOOKED_AT)


def _describe(decoded: Decoded) -> Structure | None:
    """How its letters are written, where that is not plain UTF-8."""
    if decoded.encoding == "UTF-8" and decoded.doubt is None:
        return None
    return as_structure([Fact("Letters written as", decoded.encoding, claim=False, warning=decoded.doubt)])
