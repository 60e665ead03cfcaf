"""The shape Claude must answer in (pure)."""

from __future__ import annotations

from anthropic import transform_schema
from pydantic import BaseModel

from gpu_worker.enums import FindingKind


class FoundParty(BaseModel):
    """A person or body, with the role the document gives them."""

    name: str
    role: str


class FoundFinding(BaseModel):
    """Something a reader should look at, with the words on the page."""

    kind: FindingKind
    page: int
    quote: str
    only_in_picture: bool = False
    explanation: str
    score: int


class JudgedScore(BaseModel):
    """A score with the words it rests on, which come first; `score` null when there is no ground to judge."""

    page: int | None
    quote: str | None
    reason: str | None
    score: int | None


class ClaudeAnswer(BaseModel):
    """Everything Claude says about one document."""

    document_type: str
    document_date: str | None
    dates: list[str]
    parties: list[FoundParty]
    case_number: str | None
    court: str | None
    summary: str
    key_facts: list[str]
    findings: list[FoundFinding]
    truth: JudgedScore
    justice: JudgedScore
    fraud: JudgedScore
    perjury: JudgedScore
    legal_credit: JudgedScore
    relevancy: JudgedScore


ANSWER_SCHEMA = transform_schema(ClaudeAnswer)
