"""What the routes of the analysis take and answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from control_plane.database.analysis_rows import AnalysisCounts, ClaudeDoor, Judgeable, Run
from control_plane.database.enums import Priority
from control_plane.http.contract import Body, Query
from control_plane.http.models import Id

Reason = Literal["no_key", "cap", "busy", "refused", "older_prompt", "sorted"]
Basis = Literal["measured", "assumed", "off"]


class Filter(BaseModel):
    """Which of the documents that were read; all of what is said must hold."""

    document_id: Id | None = Field(None, description="This one.")
    batch_id: Id | None = Field(None, description="Documents that came in with this batch.")
    case_number: str | None = Field(None, max_length=200, description="Documents of this case.")
    document_type: str | None = Field(None, max_length=200, description="Documents of this type.")
    date_from: date | None = Field(None, description="Dated on this day (YYYY-MM-DD) or later.")
    date_to: date | None = Field(None, description="Dated on this day (YYYY-MM-DD) or earlier.")
    analyst: Literal["claude", "rules"] | None = Field(None, description="Those whose shown analysis is by it.")
    reason: Reason | None = Field(
        None,
        description="Why Claude did not judge them: no_key, cap, busy, refused, any of these (sorted); or those that "
        "an older prompt judged (older_prompt).",
    )

    def as_filter(self) -> dict[str, Any]:
        """The fields that were said, as the database's verbs take them."""
        return self.model_dump(mode="json", exclude_none=True, include=set(Filter.model_fields))


class Wanted(Filter):
    """Which documents are to be judged."""

    force: bool = Field(False, description="Judge one document anew though nothing has changed; with document_id only.")

    @model_validator(mode="after")
    def _one_document(self) -> Wanted:
        if self.force and self.document_id is None:
            raise ValueError("force judges one document anew: name it by document_id")
        return self

    def as_filter(self) -> dict[str, Any]:
        """The fields that were said, as the database's verbs take them."""
        return super().as_filter() | ({"force": True} if self.force else {})


class WantedQuery(Query, Wanted):
    """Which documents."""


class AgainBody(Body, Wanted):
    """Which documents, and how soon."""

    priority: Priority = Priority.NORMAL


class CancelBody(Body, Filter):
    """Which documents."""


class PauseBody(Body):
    """Why Claude is asked nothing."""

    message: str | None = Field(None, max_length=500)


@dataclass(frozen=True)
class JudgingEstimate(Judgeable):
    """What a filter means and what judging it would cost; `days` at the day's cap (0: today's room is enough)."""

    usd: float
    basis: Basis
    days: int


@dataclass(frozen=True)
class Queued:
    """How many documents were put into the line now, and how many of those meant are left."""

    queued: int
    left: int


@dataclass(frozen=True)
class Cancelled:
    """How many documents were taken out of the line."""

    cancelled: int


@dataclass(frozen=True)
class JudgingCost:
    """What Claude's judgements have cost: in all, per document, and per 1,000 pages."""

    documents: int
    pages: int
    usd: float
    usd_per_document: float | None
    usd_per_1000_pages: float | None


@dataclass(frozen=True)
class AnalysisReport(AnalysisCounts):
    """How the analysis stands: the door, who waits for what, what that will cost, and what it has cost."""

    door: ClaudeDoor
    without_key: JudgingEstimate
    waiting_usd: float
    waiting_basis: Basis
    expected_usd_per_1000_pages: float
    spent: JudgingCost
    today_usd: float
    max_usd_per_day: float


@dataclass(frozen=True)
class Runs:
    """Every analysis of a document, the newest first."""

    runs: list[Run]
