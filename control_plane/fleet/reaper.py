"""An independent second look (story): what does Vast.ai bill us for that the ledger does not want?

Runs alone, from cron and from another machine as well: `python -m control_plane reap`. It needs no scaler, and reaps
only what carries this deployment's label. Exit status: 0 all is well, 1 it found something, 2 it could not see.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from control_plane.clients import build_supabase, build_vast
from control_plane.database import Database
from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import DayCharge, Ledger, Machine
from control_plane.database.heartbeat import Heartbeat
from control_plane.fleet.bill_steps import first_day, settle_bills
from control_plane.fleet.errors import FleetError
from control_plane.fleet.ledger import FleetLedger
from control_plane.settings import Settings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.client import VastClient
from control_plane.vast.errors import VastError
from control_plane.vast.rows import Charge, VastInstance

log = logging.getLogger(__name__)

DESTROYING_TOO_LONG_SECONDS = 300.0  # a scaler that lives has asked several times by then
LATE_AFTER_SECONDS = 2700  # it looks every quarter of an hour; one look may fail
SILENT_SECONDS = 900.0  # so long after its last deadline or word, a scaler that lives has ended it
OLD_SECONDS = 86400.0
CHARGES_TOLERANCE = 1.25  # charged more than this times the ledger's own sum, and a few cents, is an alarm
CHARGES_TOLERANCE_DOLLARS = 0.05
TOLD_CHARGES = 3


@dataclass(frozen=True)
class Catch:
    """A contract of ours that must end, and why."""

    contract_id: int
    label: str
    reason: str
    row_is_its: bool  # False: the label's row, if any, is about another contract


def run(settings: Settings, place: str | None = None) -> int:
    """One look; the exit status says how it went. A second reaper names its place: its silence is seen by itself."""
    beat = Heartbeat(Database(build_supabase(settings)), f"reap {place}" if place else "reap", LATE_AFTER_SECONDS)
    ledger = FleetLedger(build_supabase(settings))
    vast = build_vast(settings)
    prefix = f"aseagi-{settings.deployment}-"
    try:
        caught = reap(ledger, vast, prefix, settings.fleet.most_reaped)
        odd = reconcile(ledger, vast, prefix, settings.fleet, datetime.now(UTC))
    except (FleetError, VastError) as error:
        log.error("the reaper cannot see: %s", error, extra={"code": error.code})
        beat(error.code)
        return 2
    beat()
    return 1 if caught or odd else 0


def reap(ledger: FleetLedger, vast: VastClient, prefix: str, most: int) -> list[Catch]:
    """Destroy what is ours and unwanted; what it found, destroyed or not.

    The list comes first: every listed label had its row before it was rented, so a row that is missing now never was.
    Raises LedgerBlind or VastBlind, having destroyed nothing.
    """
    listed = vast.list_instances()
    known = ledger.get_fleet()
    catches = judge(known, listed, prefix)
    _warn_of_strangers(known, listed, prefix)
    if len(catches) > most:
        numbers = ", ".join(str(each.contract_id) for each in catches)
        message = f"{len(catches)} contracts look unwanted, over FLEET_MOST_REAPED={most}; none destroyed: {numbers}"
        ledger.raise_alarm("mass_reap_refused", message)
        log.error(message)
        return catches
    ledger.clear_alarm("mass_reap_refused")
    for each in catches:
        _reap_one(ledger, vast, each)
    return catches


def judge(ledger: Ledger, listed: Sequence[VastInstance], prefix: str) -> list[Catch]:
    """Contracts of ours that no row wants (pure). A label without our prefix is never touched."""
    rows = {machine.label: machine for machine in ledger.machines}
    catches = []
    for each in listed:
        if each.label.startswith(prefix):
            row = rows.get(each.label)
            reason = _unwanted(row, each, ledger.now)
            if reason:
                its = row is not None and row.contract_id in (None, each.contract_id)
                catches.append(Catch(each.contract_id, each.label, reason, its))
    return catches


def _unwanted(row: Machine | None, listed: VastInstance, now: float) -> str | None:
    if row is None:
        return "the ledger does not know its label"
    if row.contract_id not in (None, listed.contract_id):
        return f"the label's contract is {row.contract_id}"
    if row.status is MachineStatus.DESTROYED:
        return "the ledger has it as destroyed"
    if row.status is MachineStatus.DESTROYING:
        asked = now - (row.destroying_at or now)
        return f"its end was decided {asked:.0f} s ago" if asked > DESTROYING_TOO_LONG_SECONDS else None
    if row.reserved_until < now:
        return "its reservation ran out: no scaler extends it"
    silent = now - max(row.boot_deadline_at, row.heard_at or 0.0)
    return f"no word from its worker for {silent:.0f} s, and no scaler ended it" if silent > SILENT_SECONDS else None


def _reap_one(ledger: FleetLedger, vast: VastClient, catch: Catch) -> None:
    message = f"contract {catch.contract_id} was still billed: {catch.reason}"
    try:
        if catch.row_is_its:
            ledger.mark_destroying(catch.label, f"reaped: {catch.reason}")
            ledger.record_boot(catch.label, None, "")  # a row that was done reopens, until two lists lack it again
        vast.destroy_instance(catch.contract_id)
    except VastError as error:
        message += f", and could not be destroyed: {error}"
    log.error(message, extra={"label": catch.label})
    ledger.raise_alarm("reaped", message, catch.label)


def _warn_of_strangers(ledger: Ledger, listed: Sequence[VastInstance], prefix: str) -> None:
    for each in listed:
        if not each.label.startswith(prefix) and ledger.now - each.started_at > OLD_SECONDS:
            log.warning("contract %d is not ours and over a day old; left alone", each.contract_id)


def reconcile(ledger: FleetLedger, vast: VastClient, prefix: str, policy: Policy, now: datetime) -> list[str]:
    """Write what Vast.ai charged, prove by it what has stopped, and say what the ledger cannot explain."""
    since = first_day(ledger.get_fleet(), now)
    charges = vast.list_charges(since, now.date())
    ours = [each for each in charges if each.label.startswith(prefix)]
    ledger.record_charges(sum_by_day(ours))
    ledger.record_bill_reading(sorted({each.contract_id for each in ours}), since.isoformat())
    odd = find_odd(ours, ledger.get_fleet())
    for each in odd:
        log.error(each)
    if odd:
        more = f" (and {len(odd) - TOLD_CHARGES} more)" if len(odd) > TOLD_CHARGES else ""
        ledger.raise_alarm("charges", "; ".join(odd[:TOLD_CHARGES]) + more)
    else:
        ledger.clear_alarm("charges")
    return odd + settle_bills(ledger, vast, policy)


def sum_by_day(charges: Sequence[Charge]) -> list[DayCharge]:
    """One sum per contract, UTC day and kind (pure)."""
    sums: dict[tuple[int, str, str, str], float] = defaultdict(float)
    for each in charges:
        day = datetime.fromtimestamp(each.started_at, UTC).date().isoformat()
        sums[each.contract_id, each.label, day, each.kind] += each.usd
    return [DayCharge(*key, dollars) for key, dollars in sums.items()]


def find_odd(charges: Sequence[Charge], ledger: Ledger) -> list[str]:
    """Charges that the ledger's recent machines do not explain, in words (pure)."""
    rows = {machine.contract_id: machine for machine in ledger.machines}
    dollars: dict[int, float] = defaultdict(float)
    for each in charges:
        dollars[each.contract_id] += each.usd
    odd = []
    for contract_id, charged in sorted(dollars.items()):
        row = rows.get(contract_id)
        if row is None or row.status is not MachineStatus.DESTROYED:
            continue  # older than the ledger's short view, or still running: no sum to compare yet
        hours = ((row.destroyed_at or ledger.now) - row.intent_at) / 3600
        thought = hours * (row.usd_per_hour + row.traffic_usd_per_hour) + row.pull_usd
        if charged > thought * CHARGES_TOLERANCE + CHARGES_TOLERANCE_DOLLARS:
            odd.append(f"contract {contract_id} was charged ${charged:.4f} where at most ${thought:.4f} was expected")
    return odd
