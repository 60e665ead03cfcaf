"""What there is of a document to judge, without its file (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_worker.enums import Outcome


@dataclass(frozen=True)
class Page:
    """One page: its text, what became of it, and how surely it was read (0..1, None where nobody said)."""

    text: str
    outcome: Outcome = Outcome.TEXT_LAYER
    confidence: float | None = None


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
