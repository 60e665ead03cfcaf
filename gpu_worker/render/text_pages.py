"""A plain text file as pages."""

from __future__ import annotations

from pathlib import Path

from gpu_worker.render.facts import Fact, as_structure
from gpu_worker.render.part import Structure
from gpu_worker.render.written import WrittenPages
from gpu_worker.words.encodings import Decoded, decode


class TextPages(WrittenPages):
    """A text in any encoding (`words.encodings`); what is doubtful about that is said."""

    def __init__(self, path: str) -> None:
        decoded = decode(Path(path).read_bytes())
        super().__init__([decoded.text], _describe(decoded))


def _describe(decoded: Decoded) -> Structure | None:
    """How its letters are written, where that is not plain UTF-8."""
    if decoded.encoding == "UTF-8" and decoded.doubt is None:
        return None
    return as_structure([Fact("Letters written as", decoded.encoding, claim=False, warning=decoded.doubt)])
