"""Over HTTP: the case asked in words, and answered only with quotes that stand."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

from flask import Blueprint
from pydantic import Field

from control_plane.case.ranking import Ranked, choose, cosine, rank
from control_plane.claude.errors import ClaudeAway, ClaudeBusy, ClaudeCapReached, ClaudeOff, ClaudePaused
from control_plane.claude.ledger import Ledger
from control_plane.claude.questions import PricedQuestion, ask_question, price_question
from control_plane.database.asking_rows import AskedStatement, FoundStatement
from control_plane.http.auth import acting_name, caller, require_scope
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id
from control_plane.http.wiring import clients, settings
from control_plane.search.meaning import embed_query

log = logging.getLogger(__name__)
blueprint = Blueprint("asking", __name__)
LONGEST_QUESTION = 1000
LOOKED_AT = 24
"""Statements whose meaning is compared (10 ms each), and that Claude is shown."""
NOT_FOUND = "Not in your documents, as far as words can tell. Other words for the same may find it."
NOT_CHOSEN = "Not in your documents: none of the {} nearest quotes answers it."
BY_WORDS = "These are nearest to the words and the meaning of your question; whether they answer it, read them."
WHY_WORDS: dict[type[Exception], str] = {
    ClaudeOff: "Claude is off here",
    ClaudePaused: "Claude is paused",
    ClaudeCapReached: "Claude's limit for today is reached",
    ClaudeBusy: "Claude is busy",
    ClaudeAway: "Claude gave no answer",
}


class QuestionToCase(Body):
    """A question in words."""

    question: str = Field(max_length=LONGEST_QUESTION, pattern=r"\S", description="As one would ask a person.")
    by: Literal["words", "claude"] = Field(
        "words", description="Who chooses among the quotes; `claude` costs up to `claude_usd` and takes an owner."
    )
    most: int = Field(8, ge=1, le=20, description="Statements, 1 to 20; 8 if not said.")
    matter_id: Id | None = Field(None, description="Only in documents of this matter.")


@dataclass(frozen=True)
class Answered:
    """Statements that answer, the best first, every quote as it stands in the stored text now; none where it is not in
    the documents. `note` says so, and by whom they were chosen; `usd` is what it cost, and `claude_usd` what asking
    Claude would cost at most (null: Claude cannot be asked)."""

    question: str
    found: bool
    answered_by: Literal["words", "claude"]
    statements: list[AskedStatement]
    note: str
    usd: float
    claude_usd: float | None


@blueprint.post("/api/case/ask")
@describe(
    "Ask the case in words", "Case", body=QuestionToCase, answer=Answered, errors=(400, 403, 503), needs="read",
    trace="searched",
)  # fmt: skip
def ask(body: QuestionToCase) -> Answered:
    """Answered with quotes and nothing else. Claude is asked only where that is wanted: it chooses numbers of quotes,
    and the same question on the same quotes is paid once."""
    if body.by == "claude":
        require_scope(caller(), "admin")
    ranked = _look(body)
    quotes = _for_claude(ranked)
    priced = _price(body, quotes)
    if body.by == "words":
        return _by_words(body, ranked, priced.worst_usd if priced else None)
    if priced is None:
        is_off = settings().anthropic_api_key is None
        return _by_words(body, ranked, None, "Claude is off here." if is_off else "No quote is near.")
    return _by_claude(body, ranked, quotes, priced)


def _look(body: QuestionToCase) -> list[Ranked]:
    vector = embed_query(body.question)
    found = clients().database.find_statements(body.question, vector, body.matter_id, LOOKED_AT)
    if vector is None:
        return rank(found, None)
    return rank(found, [cosine(vector, embed_query(each.quote) or vector) for each in found])


def _for_claude(ranked: Sequence[Ranked]) -> list[FoundStatement]:
    return [each.statement for each in ranked if each.statement.claude_may]


def _price(body: QuestionToCase, quotes: Sequence[AskedStatement]) -> PricedQuestion | None:
    """What asking Claude would take; None where it cannot be asked."""
    if settings().anthropic_api_key is None or "admin" not in caller().scopes or not quotes:
        return None
    try:
        return price_question(Ledger(clients().database, settings()), body.question, quotes)
    except ClaudeOff:
        return None


def _by_words(body: QuestionToCase, ranked: Sequence[Ranked], worst_usd: float | None, why: str = "") -> Answered:
    chosen = choose(ranked, body.most)
    note = f"{why} {BY_WORDS if chosen else NOT_FOUND}".strip()
    return Answered(body.question, bool(chosen), "words", [_plain(each) for each in chosen], note, 0.0, worst_usd)


def _by_claude(
    body: QuestionToCase, ranked: Sequence[Ranked], quotes: Sequence[FoundStatement], priced: PricedQuestion
) -> Answered:
    try:
        answer = ask_question(Ledger(clients().database, settings()), priced, acting_name())
    except (ClaudeOff, ClaudePaused, ClaudeCapReached, ClaudeBusy, ClaudeAway) as error:
        log.info("a question was answered by words", extra={"code": error.code})
        return _by_words(body, ranked, priced.worst_usd, f"{WHY_WORDS[type(error)]}, so this is by words.")
    if answer.numbers is None:
        by_words = _by_words(body, ranked, priced.worst_usd, "Claude gave no sound answer, so this is by words.")
        return replace(by_words, usd=answer.usd)
    stand = {each.statement.id: each.statement for each in _look(body)}
    chosen = [quotes[number - 1] for number in answer.numbers]
    chosen = [each for each in chosen if each.id in stand and stand[each.id].quote == each.quote]
    unseen = [each for each in choose(ranked, body.most) if not each.claude_may]
    note = f"Claude chose these of {len(quotes)} quotes." if chosen else NOT_CHOSEN.format(len(quotes))
    if unseen:
        note += f" {len(unseen)} of documents that Claude may not see {'is' if len(unseen) == 1 else 'are'} by words."
    shown = [_plain(each) for each in [*chosen, *unseen]][: body.most]
    return Answered(body.question, bool(shown), "claude", shown, note, answer.usd, priced.worst_usd)


def _plain(found: FoundStatement) -> AskedStatement:
    """Without what only the choice needs."""
    return AskedStatement(**{each.name: getattr(found, each.name) for each in fields(AskedStatement)})
