"""What every reader of the child answers of the file it has open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gpu_worker.ocr.page_text import Box
from gpu_worker.render.layer import Layer
from gpu_worker.render.part import Part, Structure


class Reader:
    """A file without page, structure or part; a reader overrides what its kind of file has. Pages count from 1."""

    count = 0
    label: str | None = None
    """What it is in a person's words, where its contents tell (an archive that is an export)."""
    kind: str | None = None
    """What the file turned out to be, where only its opening tells (a ZIP that is a Word document)."""
    is_locked = False
    """Whether parts of it need a password."""

    def unlock(self, passwords: Sequence[str]) -> None:
        """Use the one that fits, if one does."""

    def read_text(self, page: int, look: bool = True) -> Layer | None:
        """The page's own text, None where it must be recognised. `look`: draw it, to tell which words are seen."""
        raise NotImplementedError

    def draw_unsaid(self, page: int, places: Sequence[Box]) -> np.ndarray:
        """These places (points) of the page without its own words (uint8, H×W×3); all else is white."""
        raise NotImplementedError

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page as an image (uint8, H×W gray or H×W×3 RGB), and a note if not all of it could be decoded."""
        raise NotImplementedError

    def draw_jpeg(self, page: int, pixels: int, rotation: int) -> bytes:
        """The page as a JPEG of at most `pixels` on its long side, turned `rotation`° clockwise."""
        raise NotImplementedError

    def decode(self, start: float, seconds: float) -> np.ndarray:
        """A recording's sound from `start` on: float32 from -1 to 1, 16,000 a second, one channel; empty at the end."""
        raise NotImplementedError

    def structure(self) -> Structure | None:
        """The file's structure as an artifact."""
        return None

    def parts(self) -> Iterator[Part]:
        """The files inside, in an order that is the same for the same bytes."""
        return iter(())
