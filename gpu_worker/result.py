"""What a worker tells of a document that it read: typed here, rows only where `complete_job` takes them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gpu_worker.analysis.analyst import Analysis


@dataclass(frozen=True)
class PageOutcome:
    """What became of one page (first is 1): the queue's word for it, who read it, how surely (0..1), and how long it
    took; `reason` is a sentence where the page was not read the usual way, `rotation` (0, 90, 180, 270) how far
    clockwise it must be turned to stand upright."""

    page: int
    outcome: str
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    words: int
    rotation: int

    def as_row(self) -> dict[str, Any]:
        """The page as `complete_job` and `fail_job` take it."""
        return asdict(self)


@dataclass(frozen=True)
class EmbeddedPassage:
    """A piece of a page (first is 1) that search finds by its words and by its meaning."""

    page: int
    text: str
    embedding: tuple[float, ...]


@dataclass(frozen=True)
class StoredArtifact:
    """A file made of the document: its object key, its size in bytes and its hash (hex)."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Result:
    """A document that was read: what it is, its pages, its text, what search needs, what was found and stored."""

    sha256: str
    md5: str
    mime_type: str
    pages: tuple[PageOutcome, ...]
    text: str
    passages: tuple[EmbeddedPassage, ...]
    analysis: Analysis
    artifacts: Mapping[str, StoredArtifact]
    seconds: float

    def as_row(self) -> dict[str, Any]:
        """The result as `complete_job` takes it."""
        return {
            "sha256": self.sha256,
            "md5": self.md5,
            "mime_type": self.mime_type,
            "pages_total": len(self.pages),
            "pages": [page.as_row() for page in self.pages],
            "text": self.text,
            "chunks": [asdict(passage) for passage in self.passages],
            "artifacts": {name: asdict(artifact) for name, artifact in self.artifacts.items()},
            "analysis": self.analysis.as_row(),
            "seconds": self.seconds,
        }
