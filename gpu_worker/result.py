"""What a worker tells of a document that it read: typed here, rows only in `clients` (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.enums import Outcome


@dataclass(frozen=True)
class PageOutcome:
    """What became of one page (first is 1): its outcome, who read it, how surely (0..1), and how long it
    took; `reason` is a sentence where the page was not read the usual way, `rotation` (0, 90, 180, 270) how far
    clockwise it must be turned to stand upright."""

    page: int
    outcome: Outcome
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    words: int
    rotation: int


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


@dataclass(frozen=True)
class MachineReport:
    """What the fleet learns about this machine with each heartbeat; its speed counts only the time it had work."""

    gpu_name: str | None
    ocr_engine: str
    pages_per_second: float | None
    pages_done: int
    idle_seconds: float
