"""What there is of a document to judge, without its file (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_worker.enums import Outcome
from gpu_worker.reading.rereadings import Rereading


@dataclass(frozen=True)
class Page:
    """One page: its text, what became of it, how surely it was read (0..1, None where nobody said), and words of it
    whose letters read otherwise."""

    text: str
    outcome: Outcome = Outcome.TEXT_LAYER
    confidence: float | None = None
    rereadings: tuple[Rereading, ...] = ()


@dataclass(frozen=True)
class Material:
    """A document whose pages are read; `pages[0]` is page 1."""

    filename: str
    mime_type: str
    pages: tuple[Page, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each page."""
        return tuple(page.text for page in self.pages)

    @property
    def rereadings(self) -> tuple[tuple[Rereading, ...], ...]:
        """Of each page, the words whose letters read otherwise."""
        return tuple(page.rereadings for page in self.pages)
