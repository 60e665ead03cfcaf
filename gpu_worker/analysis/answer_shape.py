"""The shape Claude must answer in: in every statement the words come first, then why, then the value (pure)."""

from __future__ import annotations

from pydantic import BaseModel

from gpu_worker.analysis.scales import Scale, Step
from gpu_worker.enums import DateRole, FindingKind, TranscriptionKind


class Stated(BaseModel):
    """A statement with the words it rests on; `box` is empty unless they stand only in the page's picture."""

    page: int
    quote: str
    box: list[int]


class StatedParty(Stated):
    """A person or body, with the role that the quoted words give them."""

    role: str
    name: str


class StatedDay(Stated):
    """A day, with what it is to the document; `is_own` for the day that the document itself is of."""

    role: DateRole
    is_own: bool
    day: str


class StatedAmount(Stated):
    """An amount of money, with what the quoted words say it is for."""

    what: str
    amount: str


class StatedCaseNumber(Stated):
    """A court's number for the case."""

    case_number: str


class StatedCourt(Stated):
    """The court that the document is of."""

    court: str


class StatedFinding(Stated):
    """Something a reader should look at; a contradiction has the words that it contradicts, too."""

    against_page: int
    against_quote: str
    reason: str
    kind: FindingKind
    strength: Step


class StatedScore(Stated):
    """A judgement by the words of a scale."""

    reason: str
    scale: Scale
    step: Step


class StatedLine(BaseModel):
    """A line as it stands in a picture; `doubtful` where letters had to be guessed."""

    text: str
    doubtful: bool


class StatedTranscription(BaseModel):
    """What is written by hand on a page, or said in a picture of a chat, line by line."""

    page: int
    kind: TranscriptionKind
    lines: list[StatedLine]


class Judgement(BaseModel):
    """What the careful model says: findings and scores."""

    findings: list[StatedFinding]
    scores: list[StatedScore]


class Answer(BaseModel):
    """What the quick model says: everything about one document."""

    document_type: str
    parties: list[StatedParty]
    dates: list[StatedDay]
    amounts: list[StatedAmount]
    case_numbers: list[StatedCaseNumber]
    courts: list[StatedCourt]
    facts: list[Stated]
    findings: list[StatedFinding]
    scores: list[StatedScore]
    transcriptions: list[StatedTranscription] = []
