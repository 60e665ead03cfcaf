"""Over HTTP: how the analysis stands, judging again with its price beforehand, and the door to Claude (story)."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from flask import Blueprint

from control_plane.analysis.estimates import Pricing, days_needed
from control_plane.analysis.models import (
    AgainBody,
    AnalysisReport,
    CancelBody,
    Cancelled,
    JudgingCost,
    JudgingEstimate,
    PauseBody,
    Queued,
    Runs,
    WantedQuery,
)
from control_plane.database.analysis_rows import ClaudeDoor, Judgeable, Judged
from control_plane.database.enums import DoorName
from control_plane.errors import NotFound
from control_plane.http.contract import describe
from control_plane.http.models import path_id
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("analysis", __name__)
AT_ONCE = 500
QUEUE_SECONDS = 20.0
"""How long one request queues or cancels before it answers with what is left: some 10,000 documents."""


@blueprint.get("/api/analysis")
@describe("How the analysis stands", "Analysis", answer=AnalysisReport, errors=(503,))
def state() -> AnalysisReport:
    """Who was judged, who waits and for what, what that will cost, and what it has cost."""
    now, today = clients().database.get_analysis(), _spent_today()
    pricing = _pricing(now.spent)
    counts = {name: getattr(now, name) for name in ("judged", "sorted", "failed", "waiting", "waiting_pages")}
    return AnalysisReport(
        **counts,
        waiting_for=now.waiting_for,
        door=now.door,
        without_key=_priced(now.no_key, pricing, today),
        waiting_usd=pricing.usd(now.waiting, now.waiting_pages),
        waiting_basis=pricing.basis,
        expected_usd_per_1000_pages=pricing.usd_per_1000_pages(),
        spent=_spent(now.spent),
        today_usd=today,
        max_usd_per_day=settings().max_claude_dollars_per_day,
    )


@blueprint.get("/api/analysis/estimate")
@describe(
    "What judging documents again would cost", "Analysis", query=WantedQuery, answer=JudgingEstimate, errors=(400, 503)
)  # fmt: skip
def estimate(query: WantedQuery) -> JudgingEstimate:
    """Counts and dollars of what `POST /api/analysis/again` would queue; changes nothing."""
    found, judged = clients().database.find_judgeable(query.as_filter()), clients().database.get_analysis().spent
    return _priced(found, _pricing(judged), _spent_today())


@blueprint.post("/api/analysis/again")
@describe("Have documents judged again", "Analysis", body=AgainBody, answer=Queued, errors=(400, 409, 503))
def again(body: AgainBody) -> Queued:
    """Put them into the line, the most relevant first. What waits or is judged as it would be today is passed over, so
    asking twice pays once; nothing is spent beyond the caps."""
    wanted, queued, deadline = body.as_filter(), 0, time.monotonic() + QUEUE_SECONDS
    while time.monotonic() < deadline:
        more = clients().database.judge_again(wanted, AT_ONCE, body.priority)
        queued += more
        if more < AT_ONCE:
            break
    return Queued(queued, clients().database.find_judgeable(wanted).documents if queued else 0)


@blueprint.post("/api/analysis/cancel")
@describe("Take documents out of the line", "Analysis", body=CancelBody, answer=Cancelled, errors=(400, 503))
def cancel(body: CancelBody) -> Cancelled:
    """Those that wait to be judged are not; they keep what they have. What Claude has in hand is finished."""
    wanted, cancelled, deadline = body.as_filter(), 0, time.monotonic() + QUEUE_SECONDS
    while time.monotonic() < deadline:
        more = clients().database.cancel_analyses(wanted, AT_ONCE)
        cancelled += more
        if more < AT_ONCE:
            break
    return Cancelled(cancelled)


@blueprint.get("/api/documents/<document_id>/runs")
@describe("Every analysis of a document", "Analysis", answer=Runs, errors=(404, 503))
def runs(document_id: str) -> Runs:
    """The newest first, each with its prompt, its inputs' hash, its calls and what they cost."""
    document = clients().database.get_document(path_id(document_id, "document"))
    if document is None:
        raise NotFound("There is no such document.")
    return Runs(clients().database.list_runs(document.id))


@blueprint.post("/api/claude/pause")
@describe("Ask Claude nothing more", "Analysis", body=PauseBody, answer=ClaudeDoor, errors=(400, 503))
def pause(body: PauseBody) -> ClaudeDoor:
    """What is to be judged waits, until a person resumes."""
    clients().database.pause_door(DoorName.CLAUDE, "by_hand", body.message)
    return clients().database.get_analysis().door


@blueprint.post("/api/claude/resume")
@describe("Ask Claude again", "Analysis", answer=ClaudeDoor, errors=(503,))
def resume() -> ClaudeDoor:
    """What waits goes on, within the caps."""
    clients().database.resume_door(DoorName.CLAUDE, by_hand=True)
    return clients().database.get_analysis().door


def _pricing(judged: Judged) -> Pricing:
    return Pricing(settings(), datetime.now(UTC).date(), judged)


def _spent_today() -> float:
    return clients().database.get_costs(1).today.claude_usd


def _priced(found: Judgeable, pricing: Pricing, today: float) -> JudgingEstimate:
    usd = pricing.usd(found.documents, found.pages)
    days = days_needed(usd, settings().max_claude_dollars_per_day, today)
    return JudgingEstimate(**vars(found), usd=usd, basis=pricing.basis, days=days)


def _spent(judged: Judged) -> JudgingCost:
    per_document = judged.usd / judged.documents if judged.documents else None
    per_page = judged.usd / judged.pages if judged.pages else None
    return JudgingCost(
        judged.documents,
        judged.pages,
        judged.usd,
        None if per_document is None else round(per_document, 6),
        None if per_page is None else round(per_page * 1000, 4),
    )
