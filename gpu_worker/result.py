"""What a worker tells of a document that it read: typed here, rows only in `clients` (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpu_worker.analysis.analyst import Analysis
from gpu_worker.enums import Outcome
from gpu_worker.reading.rereadings import Rereading

PAGE_SEPARATOR = "\f\n"
"""Between pages of `ocr.txt`, as pdftotext has it."""


@dataclass(frozen=True)
class PageOutcome:
    """What became of one page (first is 1): its outcome, who read it, how surely (0..1), and how long it
    took; `reason` is a sentence where the page was not read the usual way, `rotation` (0, 90, 180, 270) how far
    clockwise it must be turned to stand upright; `hidden_words` are those that the file holds there and nobody sees,
    which are not among its `words`; `rereadings` are words whose letters read otherwise."""

    page: int
    outcome: Outcome
    engine: str | None
    confidence: float | None
    seconds: float
    reason: str | None
    words: int
    rotation: int
    hidden_words: int = 0
    rereadings: tuple[Rereading, ...] = ()


@dataclass(frozen=True)
class EmbeddedPassage:
    """A piece of a page (first is 1) that search finds by its words and by its meaning."""

    page: int
    text: str
    embedding: tuple[float, ...]


@dataclass(frozen=True)
class StoredArtifact:
    """A file made of the document: its size in bytes and its hash (hex)."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class ToldPart:
    """A file inside a document, at a position from 1: its bytes are stored, or `code` says why it is left out."""

    position: int
    role: str
    name: str
    dated: str | None
    code: str | None
    mime_type: str | None
    bytes: int | None
    sha256: str | None


@dataclass(frozen=True)
class MailFacts:
    """What an e-mail says of itself, as lists and threads need it; `sent` is ISO, with the sender's zone."""

    message_id: str
    thread_id: str
    sent: str | None
    sender: str
    recipients: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class Result:
    """A document that was read: what it is, its pages, what search needs, what was found and stored.

    `parts` counts the files inside that were entered; a container has no page. `mail` where it is an e-mail,
    `live_mark` where it is the picture or the clip of a live photo.
    """

    sha256: str
    mime_type: str
    pages: tuple[PageOutcome, ...]
    passages: tuple[EmbeddedPassage, ...]
    analysis: Analysis
    artifacts: Mapping[str, StoredArtifact]
    seconds: float
    parts: int = 0
    mail: MailFacts | None = None
    live_mark: str | None = None


@dataclass(frozen=True)
class MachineReport:
    """What the fleet learns about this machine with each heartbeat; its speed counts only the time it had work."""

    gpu_name: str | None
    ocr_engine: str
    pages_per_second: float | None
    pages_done: int
    idle_seconds: float


def picture_name(page: int) -> str:
    """The artifact that shows a page: `page-0001.jpg`."""
    return f"page-{page:04}.jpg"


def table_name(number: int) -> str:
    """The artifact that holds a table of the document, from 1: `table-0001.csv`."""
    return f"table-{number:04}.csv"
