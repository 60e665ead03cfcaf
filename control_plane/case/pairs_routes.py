"""Over HTTP: pairs of statements with both quotes, what rules or Claude say of them, and what a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint
from pydantic import Field, field_validator

from control_plane.case.comparing_costs import ComparingEstimate, estimate_comparing
from control_plane.claude.errors import ClaudeOff
from control_plane.database.enums import PairKind, PairState, Verdict
from control_plane.database.pair_rows import Around, Pair, PairCounts, PairDecision
from control_plane.errors import NotFound
from control_plane.http.auth import acting_name
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id, PageQuery, Total, path_id
from control_plane.http.wiring import clients, settings

blueprint = Blueprint("pairs", __name__)
MOST_DECIDED, JUDGED_AT_ONCE = 500, 500
RULE = (
    "Counted are pairs whose two quotes stand in the stored text and do not corroborate each other: those a person "
    "accepted, and those nobody has decided yet that rules or Claude call a conflict."
)
UNDECIDED, UNJUDGED = "undecided", "unjudged"


@dataclass(frozen=True)
class CountedPairs(PairCounts):
    """The counts, and in one sentence which pairs are counted as conflicts."""

    rule: str


@dataclass(frozen=True)
class PairPage:
    """A page of pairs, the gravest first."""

    pairs: list[Pair]
    next: int | None
    total: Total


@dataclass(frozen=True)
class PairDetail:
    """A pair, the words around both quotes on their pages, and every decision on it, the newest first."""

    pair: Pair
    a_around: Around
    b_around: Around
    decisions: list[PairDecision]


@dataclass(frozen=True)
class DecidedPairs:
    """How many pairs were decided, and how many of those asked for are there no more."""

    decided: int
    missing: int


class PairQuery(PageQuery):
    """Which pairs; words of a filter are parted by commas."""

    state: str | None = Field(
        None, description=f"Of {', '.join(PairState)}, or {UNDECIDED} (open and later). All but dismissed if not said."
    )
    verdict: str | None = Field(None, description=f"Of {', '.join(Verdict)}, or {UNJUDGED}.")
    kind: str | None = Field(None, description=f"Of {', '.join(PairKind)}.")
    person_id: Id | None = Field(None, description="Only pairs that speak of this person.")
    document_id: Id | None = Field(None, description="Only pairs with a statement of this document.")
    matter_id: Id | None = Field(None, description="Only pairs whose documents both belong to this matter.")
    stands: bool = Field(False, description="Only pairs whose quotes stand in the stored text.")
    counted: bool = Field(False, description="Only those that are counted as conflicts: see the counts.")

    @field_validator("state")
    @classmethod
    def _states(cls, value: str | None) -> str | None:
        return _known(value, {*PairState, UNDECIDED})

    @field_validator("verdict")
    @classmethod
    def _verdicts(cls, value: str | None) -> str | None:
        return _known(value, {*Verdict, UNJUDGED})

    @field_validator("kind")
    @classmethod
    def _kinds(cls, value: str | None) -> str | None:
        return _known(value, set(PairKind))

    @property
    def states(self) -> list[PairState]:
        """The states wanted."""
        said = _words(self.state) or [state for state in PairState if state != PairState.DISMISSED]
        if UNDECIDED in said:
            said = [*said, PairState.OPEN, PairState.LATER]
        return [state for state in PairState if state in said]


class PairDecisionBody(Body):
    """What a person says of a pair; `open` takes an earlier decision back."""

    state: Literal["open", "accepted", "explained", "dismissed", "later"]
    why: str | None = Field(None, max_length=2000)


class PairsDecisionBody(PairDecisionBody):
    """What a person says of several pairs at once."""

    ids: list[Id] = Field(min_length=1, max_length=MOST_DECIDED)


class MatterQuery(PageQuery):
    """Of which matter."""

    matter_id: Id | None = None


class JudgeBody(Body):
    """How many documents' pairs."""

    max_documents: int = Field(2000, ge=1, le=20_000, description="At most so many documents; 2,000 if not said.")


@dataclass(frozen=True)
class QueuedPairs:
    """Documents whose pairs wait to be judged now, and how many there are beyond."""

    queued: int
    left: int


@blueprint.get("/api/case/pairs")
@describe(
    "Pairs of statements to be seen side by side, the gravest first", "Case", query=PairQuery, answer=PairPage,
    errors=(400, 503), trace="saw",
)  # fmt: skip
def pairs(query: PairQuery) -> PairPage:
    """A page of pairs whose quotes stand, and of those that a person decided on."""
    verdicts = _words(query.verdict)
    page = clients().database.list_pairs(
        query.limit, query.cursor, query.states, [word for word in Verdict if word in verdicts], UNJUDGED in verdicts,
        [kind for kind in PairKind if kind in _words(query.kind)], query.person_id, query.document_id, query.matter_id,
        query.stands, query.counted,
    )  # fmt: skip
    return PairPage(page.rows, page.next, page.total)


@blueprint.get("/api/case/pairs/counts")
@describe("How many pairs there are, and which are counted", "Case", query=MatterQuery, answer=CountedPairs,
    errors=(400, 503))  # fmt: skip
def counts(query: MatterQuery) -> CountedPairs:
    """By what a person said of them."""
    return CountedPairs(**vars(clients().database.get_pair_counts(query.matter_id)), rule=RULE)


@blueprint.get("/api/case/pairs/<pair_id>")
@describe(
    "One pair with the words around both quotes", "Case", answer=PairDetail, errors=(404, 503), trace="saw"
)  # fmt: skip
def pair(pair_id: str) -> PairDetail:
    """Both passages, where they stand, and what was decided."""
    found = _pair(pair_id)
    a_around, b_around = (
        clients().database.get_words_around(side.document_id, side.page, side.start, len(side.quote))
        or Around("", "")
        for side in (found.a, found.b)
    )  # fmt: skip
    return PairDetail(found, a_around, b_around, clients().database.list_pair_decisions(found.id))


@blueprint.post("/api/case/pairs/<pair_id>/decision")
@describe(
    "Say what a pair is", "Case", body=PairDecisionBody, answer=Pair, errors=(400, 404, 503), needs="decide"
)  # fmt: skip
def decide(pair_id: str, body: PairDecisionBody) -> Pair:
    """Accept, explain or dismiss it, or put it off; what was decided before is kept."""
    found = _pair(pair_id)
    clients().database.decide_pairs([found.id], PairState(body.state), body.why, acting_name())
    return _pair(found.id)


@blueprint.post("/api/case/pairs/decide")
@describe(
    "Say what several pairs are", "Case", body=PairsDecisionBody, answer=DecidedPairs, errors=(400, 503), needs="decide"
)  # fmt: skip
def decide_many(body: PairsDecisionBody) -> DecidedPairs:
    """The same decision for all of them."""
    wanted = sorted(set(body.ids))
    decided = clients().database.decide_pairs(wanted, PairState(body.state), body.why, acting_name())
    return DecidedPairs(decided, len(wanted) - decided)


@blueprint.get("/api/case/pairs/estimate")
@describe("What Claude's verdicts on the pairs would cost", "Case", answer=ComparingEstimate, errors=(503,))
def estimate() -> ComparingEstimate:
    """Counts and dollars of what `POST /api/case/pairs/judge` would queue; changes nothing."""
    return estimate_comparing(clients().database.find_comparable(), settings(), datetime.now(UTC).date(),
                              clients().database.get_costs(1).today.claude_usd)  # fmt: skip


@blueprint.post("/api/case/pairs/judge")
@describe(
    "Have the pairs judged by Claude", "Case", body=JudgeBody, answer=QueuedPairs, errors=(400, 403, 503)
)  # fmt: skip
def judge(body: JudgeBody) -> QueuedPairs:
    """The gravest first, the cheap model for all, the strong one where it sees a conflict; within the caps. What was
    judged on the same words is passed over, so asking twice pays once."""
    if settings().anthropic_api_key is None:
        raise ClaudeOff("No ANTHROPIC_API_KEY is set, so Claude is off; rules have judged hours and amounts.")
    queued = 0
    while queued < body.max_documents:
        wanted = min(JUDGED_AT_ONCE, body.max_documents - queued)
        more = clients().database.judge_pairs(wanted)
        queued += more
        if more < wanted:
            break
    return QueuedPairs(queued, clients().database.find_comparable().documents)


def _pair(pair_id: str) -> Pair:
    found = clients().database.get_pair(path_id(pair_id, "pair"))
    if found is None:
        raise NotFound("There is no such pair (any more): its statements are not in the stored text.")
    return found


def _words(said: str | None) -> list[str]:
    return [word.strip() for word in (said or "").split(",") if word.strip()]


def _known(said: str | None, words: set[str]) -> str | None:
    unknown = sorted(set(_words(said)) - words)
    if unknown:
        raise ValueError(f"must be of {', '.join(sorted(words))}")
    return said
