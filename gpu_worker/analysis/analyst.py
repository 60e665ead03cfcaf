"""The one interface every analyst has, and the shape of what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gpu_worker.analysis.claims import Claim
from gpu_worker.analysis.material import Material
from gpu_worker.analysis.transcriptions import Transcription
from gpu_worker.job import Job


@dataclass(frozen=True)
class ReadDocument:
    """A document whose pages are read. `draw_jpeg(page, pixels)` draws a page, `pixels` on its long side."""

    job: Job
    material: Material
    draw_jpeg: Callable[[int, int], bytes]


@dataclass(frozen=True)
class Party:
    """A person or body in the case, with the role the document gives them (`petitioner`, `judge`, `sender`, …)."""

    name: str
    role: str


@dataclass(frozen=True)
class DateClaim:
    """A day as a page states it.

    `readings` are ISO days: one, or two when day and month cannot be told apart, and then `iso` is None. `role` is
    `signed`, `filed`, `hearing`, `event` or `printed`; `start` is the place in the text of all pages, `words` what
    stands there; `is_own` marks the document's own date.
    """

    iso: str | None
    readings: tuple[str, ...]
    role: str
    page: int
    start: int
    words: str
    is_own: bool = False


@dataclass(frozen=True)
class PlainReading:
    """What the rules read: values as they stand in the text, the days with their places, and no judgement.

    Dates are ISO 8601. The relevancy (0..999) is by kind and words.
    """

    document_type: str
    document_date: str | None
    dates: tuple[str, ...]
    parties: tuple[Party, ...]
    case_number: str | None
    court: str | None
    summary: str
    key_facts: tuple[str, ...]
    relevancy_score: int
    date_claims: tuple[DateClaim, ...] = ()


@dataclass(frozen=True)
class Disagreement:
    """Where the rules and a model say different things of one document, widely: both are shown."""

    about: str
    rules: str
    claude: str


@dataclass(frozen=True)
class Shown:
    """A page that Claude was shown: by which question, as `text` or `picture`, and why."""

    question: str
    page: int
    shown_as: str
    reason: str


@dataclass(frozen=True)
class Analysis:
    """What an analyst found: claims, and the summary that is written from those that stand.

    `fallback_reason` says why it was not Claude, or not all of it; `careful_reasons` why the careful model was asked,
    too. `inputs_sha256` is of all that Claude may be asked about it, and of the prompt. `calls` are the gateway's ids
    of the calls whose answers it is made of: an analysis of Claude's that names none is refused.
    """

    analyst: str
    document_type: str
    claims: tuple[Claim, ...]
    summary: str
    model: str | None = None
    fallback_reason: str | None = None
    disagreements: tuple[Disagreement, ...] = ()
    careful_reasons: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    transcriptions: tuple[Transcription, ...] = ()
    prompt_version: str | None = None
    inputs_sha256: str | None = None
    calls: tuple[str, ...] = ()


class Analyst(Protocol):
    """Judges a document that was read."""

    def analyse(self, document: ReadDocument) -> Analysis:
        """Never raises because of what a document says.

        A refusal or failure is an `Analysis` with a `fallback_reason`.
        """
        ...
