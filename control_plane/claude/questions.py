"""A person's question to Claude, within the day's cap, and paid once (story)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from control_plane.claude.asking import QUESTION, read_chosen, write_question
from control_plane.claude.calls import HOLD_SECONDS, claude_slot, require_account, send_reserved
from control_plane.claude.errors import ClaudeOff
from control_plane.claude.ledger import Ledger, refusal_of
from control_plane.claude.request import build_request
from control_plane.database.asking_rows import AskedStatement
from control_plane.settings.claude_prices import Model, Price, actual_usd, worst_case_usd


@dataclass(frozen=True)
class ChosenQuotes:
    """Numbers of quotes, from 1 on, or None where Claude gave no sound answer; and what that cost now."""

    numbers: list[int] | None
    usd: float


@dataclass(frozen=True)
class PricedQuestion:
    """A question as it would go to Anthropic, and what it costs at most."""

    body: dict[str, Any]
    model: Model
    price: Price
    worst_usd: float
    count: int


def price_question(ledger: Ledger, question: str, quotes: Sequence[AskedStatement]) -> PricedQuestion:
    """What asking would take. Raises ClaudeOff where the model has no price."""
    model = ledger.settings.claude.model(QUESTION.model)
    if model is None:
        raise ClaudeOff("The model has no price, so what it costs cannot be capped.")
    body, price = build_request(QUESTION, write_question(question, quotes), model, None), ledger.price(model)
    return PricedQuestion(body, model, price, round(worst_case_usd(price, body), 6), len(quotes))


def ask_question(ledger: Ledger, priced: PricedQuestion, asked_by: str) -> ChosenQuotes:
    """Ask it, or get back what was chosen for the same one. Raises an error of `control_plane.claude.errors`."""
    with claude_slot() as client:
        digest = sha256(json.dumps(priced.body, sort_keys=True).encode()).hexdigest()
        reserved = ledger.reserve_question(digest, asked_by, priced.model.name, priced.worst_usd, HOLD_SECONDS)
        if refusal := refusal_of(reserved):
            raise refusal
        if reserved.chosen is not None:
            return ChosenQuotes(reserved.chosen, 0.0)
        call_id = str(reserved.call_id)
        answer = send_reserved(client, ledger, call_id, priced.body, priced.price)
        require_account(ledger, answer, priced.model.name)
        if answer.status != 200:
            return ChosenQuotes(None, 0.0)
        usage = (answer.body or {}).get("usage")
        usd = actual_usd(priced.price, usage) if isinstance(usage, dict) else priced.worst_usd
        numbers = read_chosen(answer.body, priced.count)
        if numbers is not None:
            ledger.database.keep_chosen(call_id, numbers)
        return ChosenQuotes(numbers, round(usd, 6))
