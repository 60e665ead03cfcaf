"""One call to Claude that was reserved: sent, and settled however it ends (story)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import current_app

from control_plane.claude.client import Answer, ClaudeClient, NeverSent, NoAnswer
from control_plane.claude.errors import ClaudeAway, ClaudeBusy, ClaudeOff, ClaudePaused
from control_plane.claude.ledger import Ledger, settlement_of
from control_plane.claude.standing import OVERLOADED, Weather, account_refusal
from control_plane.database.claude_rows import Settlement
from control_plane.database.enums import CallOutcome
from control_plane.settings.claude_prices import Price

HOLD_SECONDS = 600
"""A reservation outlives every call: Anthropic is waited for 240 s at most."""
BUSY_SECONDS = 5


@contextmanager
def claude_slot() -> Iterator[ClaudeClient]:
    """The client, for one call of the few at once. Raises ClaudeOff without a key, and ClaudeBusy."""
    client: ClaudeClient | None = current_app.extensions["claude"]
    if client is None:
        raise ClaudeOff("No ANTHROPIC_API_KEY is set, so Claude is off; use plain rules.")
    slots: threading.BoundedSemaphore = current_app.extensions["claude_slots"]
    # Each call holds a thread of the server for up to minutes, and up to 30 MB: the other routes must keep theirs.
    if not slots.acquire(blocking=False):
        raise ClaudeBusy("As many calls to Claude are in flight as are allowed; try again shortly.", BUSY_SECONDS)
    try:
        yield client
    finally:
        slots.release()


def send_reserved(client: ClaudeClient, ledger: Ledger, call_id: str, body: Mapping[str, Any], price: Price) -> Answer:
    """Send it, and settle it however it ends. Raises ClaudeAway."""
    settlement = Settlement(call_id, CallOutcome.UNKNOWN, None)
    try:
        answer = client.send(body)
        failed = Settlement(call_id, CallOutcome.FAILED, 0.0)
        settlement = settlement_of(call_id, price, answer.body) if answer.status == 200 else failed
        return answer
    except NeverSent as error:
        settlement = Settlement(call_id, CallOutcome.FAILED, 0.0)
        raise ClaudeAway("Anthropic cannot be reached; nothing was charged.") from error
    except NoAnswer as error:
        raise ClaudeAway("Anthropic gave no answer in time.") from error
    finally:
        ledger.settle([settlement])


def require_account(ledger: Ledger, answer: Answer, model: str) -> None:
    """Close the door where it is the account that is refused, or everybody is. Raises ClaudePaused."""
    weather: Weather = current_app.extensions["claude_weather"]
    if weather.is_storm(answer.status, answer.body):
        ledger.pause(OVERLOADED)
        raise ClaudePaused(OVERLOADED.message)
    if answer.status != 200 and (refusal := account_refusal(answer.status, answer.body, model)):
        # The account's, not this request's: whoever asked must not learn more than that Claude waits.
        ledger.pause(refusal)
        raise ClaudePaused("Anthropic does not serve this deployment now; people were told.")
