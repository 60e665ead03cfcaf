"""After each reading of the bill: what has stopped is proved, what grows is destroyed again (story)."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta

from control_plane.database.fleet_rows import Ended, Ledger
from control_plane.fleet.bill_proof import BillStatus, is_overdue, judge_bill
from control_plane.fleet.ledger import FleetLedger
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.client import VastClient
from control_plane.vast.errors import VastError

log = logging.getLogger(__name__)


def first_day(known: Ledger, now: datetime) -> date:
    """From which day on the bill is read (UTC): yesterday, or the end of the oldest contract not yet proved."""
    yesterday = (now - timedelta(days=1)).date()
    ends = (datetime.fromtimestamp(each.ended_at, UTC).date() for each in known.unproved)
    return min([yesterday, *ends])


def settle_bills(ledger: FleetLedger, vast: VastClient, policy: Policy) -> list[str]:
    """Judge each ended contract by the readings so far; what is still billed, in words."""
    known = ledger.get_fleet()
    billed = []
    for each in known.unproved:
        word = judge_bill(each, policy)
        if word.status is BillStatus.STOPPED:
            ledger.prove_bill(each.contract_id)
            ledger.clear_alarm("still_billed", each.label)
            ledger.clear_alarm("bill_unproved", each.label)
        elif word.status is BillStatus.GROWS:
            billed.append(_end_again(ledger, vast, each, word.reason))
        elif is_overdue(each, known.now, policy):
            message = f"contract {each.contract_id} ended, and that its bill has stopped is not proved: {word.reason}"
            ledger.raise_alarm("bill_unproved", message, each.label)
    return billed


def _end_again(ledger: FleetLedger, vast: VastClient, ended: Ended, reason: str) -> str:
    """Whatever the lists say: its row reopens, counts under the caps again, and is destroyed again."""
    message = f"contract {ended.contract_id} is not listed, and {reason}; it is destroyed again"
    log.error(message, extra={"label": ended.label})
    ledger.raise_alarm("still_billed", message, ended.label)
    if ended.has_row:
        ledger.record_boot(ended.label, None, "")
        ledger.record_destroy_call(ended.label)
    try:
        vast.destroy_instance(ended.contract_id)
    except VastError as error:
        log.warning("the destroy was not confirmed: %s", error, extra={"label": ended.label})
    return message
