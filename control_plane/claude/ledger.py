"""The ledger of calls: what one may cost is reserved before it, what it did cost is written after it (story)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from control_plane.claude.errors import ClaudeBusy, ClaudeCapReached, ClaudeOff, ClaudePaused
from control_plane.claude.standing import AccountRefusal
from control_plane.database import Database
from control_plane.database.asking_rows import ReservedQuestion
from control_plane.database.claude_rows import CallRequest, Reservation, Settlement
from control_plane.database.enums import CallOutcome, DoorName
from control_plane.errors import Conflict, ControlPlaneError
from control_plane.settings import Settings
from control_plane.settings.claude_prices import Model, Price, actual_usd

log = logging.getLogger(__name__)
BUSY_SECONDS = 10


@dataclass(frozen=True)
class Ledger:
    """Claude's ledger, with the caps that hold today."""

    database: Database
    settings: Settings

    def price(self, model: Model, in_batch: bool = False) -> Price:
        """What a model costs today. Raises ClaudeOff."""
        price = model.price_on(datetime.now(UTC).date())
        if price is None:
            raise ClaudeOff("The model has no price yet, so what it costs cannot be capped; use plain rules.")
        return price.times(self.settings.claude.prices.batch_share) if in_batch else price

    def reserve(
        self, machine: str | None, requests: Sequence[CallRequest], hold_seconds: int, in_batch: bool = False
    ) -> list[Reservation]:
        """Reserve calls against every cap; one answer each, in order."""
        return self.database.reserve_claude(machine, requests, self._caps(), hold_seconds, in_batch)

    def reserve_question(
        self, asked_sha256: str, asked_by: str, model: str, worst_usd: float, hold_seconds: int
    ) -> ReservedQuestion:
        """Reserve a person's question against the day's cap; what was chosen for the same one comes back unpaid."""
        day = {"day": self._caps()["day"]}
        return self.database.reserve_question(asked_sha256, asked_by, model, worst_usd, day, hold_seconds)

    def _caps(self) -> dict[str, float | None]:
        policy = self.settings.claude
        return {
            "day": self.settings.max_claude_dollars_per_day,
            "batch": policy.max_usd_per_batch,
            "document": policy.max_usd_per_document,
        }

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Write what calls cost; if even that fails, their reservations expire at their worst case."""
        try:
            self.database.settle_claude(settlements)
        except ControlPlaneError as error:
            log.error("claude calls could not be settled; their worst cases count", extra={"code": error.code})
            return
        for each in settlements:
            about = {"call_id": each.call_id, "outcome": each.outcome, "cost_usd": each.cost_usd, **each.usage}
            log.info("claude call", extra=about)

    def pause(self, refusal: AccountRefusal) -> None:
        """Close the door: one alarm, and every document waits. Whoever asked is answered even if that fails."""
        log.error("anthropic refuses the account", extra={"code": refusal.code})
        try:
            self.database.pause_door(DoorName.CLAUDE, refusal.code, refusal.message)
        except ControlPlaneError as error:
            log.error("claude could not be paused", extra={"code": error.code})

    def resume(self) -> None:
        """A probe was answered: open the door again."""
        self.database.resume_door(DoorName.CLAUDE)


def settlement_of(call_id: str, price: Price, message: Mapping[str, Any] | None) -> Settlement:
    """What a message says it used; one that does not say is unknown."""
    usage = (message or {}).get("usage")
    if not isinstance(usage, dict):
        return Settlement(call_id, CallOutcome.UNKNOWN, None)
    tokens = {name: value for name, value in usage.items() if name.endswith("_tokens") and isinstance(value, int)}
    is_refusal = (message or {}).get("stop_reason") == "refusal"
    outcome = CallOutcome.REFUSED if is_refusal else CallOutcome.ANSWERED
    return Settlement(call_id, outcome, round(actual_usd(price, usage), 6), tokens)


def refusal_of(reservation: Reservation | ReservedQuestion) -> ControlPlaneError | None:
    """Why a call may not be made, as an answer to whoever asked; None when it may."""
    message = reservation.message or "The ledger takes no call for this job."
    match reservation.code:
        case None:
            return None
        case "lease_lost":
            return Conflict(message, "lease_lost")
        case "claude_cap_reached":
            return ClaudeCapReached(message)
        case "claude_busy":
            return ClaudeBusy(message, BUSY_SECONDS)
        case "claude_paused":
            return ClaudePaused(message)
        case _:
            return ClaudeOff(message)
