"""The one interface every analyst has, and the shape of what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gpu_worker.analysis.material import Material
from gpu_worker.enums import FindingKind, QuoteState
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
class Finding:
    """Something a reader should look at.

    `quote` is the document's own words where it stands (`verified`), else what was claimed; `differs` says in what the
    page differs from it.
    """

    kind: FindingKind
    page: int
    quote: str
    verified: bool
    explanation: str
    score: int
    state: QuoteState = QuoteState.NONE
    differs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoreEvidence:
    """What a score rests on: the words on a page, how they stand there, and one sentence of reason."""

    score: str
    page: int | None
    quote: str | None
    verified: bool
    reason: str
    state: QuoteState = QuoteState.NONE
    differs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """What an analyst found.

    A score nobody judged is None; dates are ISO 8601. `fallback_reason` says why it was not Claude; `inputs_sha256` is
    of all that Claude may be asked about it, and of the prompt.
    """

    analyst: str
    document_type: str
    document_date: str | None
    dates: tuple[str, ...]
    parties: tuple[Party, ...]
    case_number: str | None
    court: str | None
    summary: str
    key_facts: tuple[str, ...]
    relevancy_score: int
    findings: tuple[Finding, ...] = ()
    truth_score: int | None = None
    justice_score: int | None = None
    fraud_score: int | None = None
    perjury_score: int | None = None
    legal_credit_score: int | None = None
    score_evidence: tuple[ScoreEvidence, ...] = ()
    model: str | None = None
    fallback_reason: str | None = None
    date_claims: tuple[DateClaim, ...] = ()
    prompt_version: str | None = None
    inputs_sha256: str | None = None


class Analyst(Protocol):
    """Judges a document that was read."""

    def analyse(self, document: ReadDocument) -> Analysis:
        """Never raises because of what a document says.

        A refusal or failure is an `Analysis` with a `fallback_reason`.
        """
        ...
