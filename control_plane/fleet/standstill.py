"""What people must be told because nothing moves by itself: work waits, and nothing is done (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from control_plane.database.enums import HardwareKind, Placement
from control_plane.database.fleet_rows import Backlog, Caps, Ledger, Machine
from control_plane.fleet import plan
from control_plane.fleet.actions import Action, Alarm
from control_plane.fleet.evidence import is_on_its_way
from control_plane.fleet.offers import suitable
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

OWN = "own computers"


def find_alarms(
    backlog: Sequence[Backlog], ledger: Ledger, can_see: bool, policy: Policy, caps: Caps, not_rented: str | None = None
) -> list[Action]:
    """Boots that fail one after another, and each standstill with its cause; `not_rented`: why, if that was tried."""
    alarms: list[Action] = []
    failed = plan.failed_boots(ledger)
    if len(failed) >= policy.breaker_failures:
        alarms.append(Alarm("boots_failing", f"{len(failed)} boots in a row failed: {plan.why_failed(failed)}"))
    for about, work, machines in _kinds(backlog, ledger):
        stood = stood_seconds(work, machines, ledger, policy)
        if stood > policy.standstill_seconds:
            waiting = sum(each.queued for each in work)
            cause = _own_cause(machines) if about else find_cause(ledger, can_see, policy, caps, not_rented)
            since = f"none was done for {stood / 60:.0f} minutes"
            alarms.append(Alarm("standstill", f"{waiting} documents wait and {since}: {cause}", about))
    return alarms


def _kinds(
    backlog: Sequence[Backlog], ledger: Ledger
) -> list[tuple[str, list[Backlog], list[Machine]]]:
    """Work for machines at large, and work that only our own computers may see: either may stand still alone."""
    at_large = [each for each in backlog if each.placement != Placement.LOCAL_ONLY]
    ours = [each for each in backlog if each.placement == Placement.LOCAL_ONLY]
    return [("", at_large, list(ledger.machines)), (OWN, ours, [m for m in ledger.machines if m.is_own])]


def stood_seconds(
    work: Sequence[Backlog], machines: Sequence[Machine], ledger: Ledger, policy: Policy
) -> float:
    """How long this work has waited while none of the machines handed anything back; 0 while one reads.

    Documents in hand are work, for as long as reading them may take. What was not done while no scaler led is no
    standstill until it has lasted twice as long: scalers that end again and again are one.
    """
    waiting = [each for each in work if each.queued]
    if not waiting:
        return 0.0
    done = max((m.result_at or 0.0 for m in machines), default=0.0)
    since = max(done, min(each.oldest_at for each in waiting))
    readers = [m for m in machines if m.is_live and m.jobs_held and m.held_since is not None]
    pages = max((m.pages_held for m in readers), default=0.0)
    began = min((m.held_since or 0.0 for m in readers), default=0.0)
    if readers and ledger.now - began < policy.standstill_seconds + pages / policy.slowest_pages_per_second:
        return 0.0
    stood = ledger.now - since
    return stood if stood > 2 * policy.standstill_seconds else ledger.now - max(since, ledger.hearing_since)


def find_cause(ledger: Ledger, can_see: bool, policy: Policy, caps: Caps, not_rented: str | None = None) -> str:
    """Why nothing moves, in words."""
    held = plan.held_back(ledger, policy)
    if held is not None:
        return held
    if not can_see:
        return "Vast.ai's list cannot be read or believed, so nothing is rented"
    if ledger.now - ledger.hearing_since < policy.standstill_seconds and ledger.hearing_since:
        return f"no scaler was at work until {(ledger.now - ledger.hearing_since) / 60:.0f} minutes ago"
    coming = [m for m in ledger.rented if m.is_live and is_on_its_way(m)]
    if coming:
        first = min(coming, key=lambda m: m.intent_at)
        said = f"Vast.ai says {first.vast_status or 'nothing'}"
        return f"{len(coming)} machines are on their way, one for {(ledger.now - first.intent_at) / 60:.0f} min; {said}"
    there = [m for m in ledger.machines if m.is_live and not m.is_own]
    if there:
        return _idle_cause(there)
    if not plan.room(ledger, policy, caps):
        return f"all {caps.machines} machines are in use or being returned"
    return not_rented or "a machine was asked for just now"


def _idle_cause(there: Sequence[Machine]) -> str:
    """Machines are there: with documents that do not come back, or without taking any."""
    holders = [m for m in there if m.jobs_held]
    if holders:
        first = min(holders, key=lambda m: m.held_since or 0.0)
        held = sum(m.jobs_held for m in holders)
        return f"{len(holders)} machines hold {held} documents and hand none back, {first.label} for the longest time"
    said = f"; of {there[0].label}: {there[0].verdict_reason}" if there[0].verdict_reason else ""
    return f"{len(there)} machines are there and take none of it{said}"


def _own_cause(machines: Sequence[Machine]) -> str:
    """Documents that no stranger's machine may see."""
    live = [m for m in machines if m.is_live]
    if not live:
        return "they may be read on our own computers alone, and none has joined"
    if any(m.jobs_held for m in live):
        return "they may be read on our own computers alone, which hand nothing back"
    return f"they may be read on our own computers alone, and {live[0].label} takes none: switched off, perhaps"


def why_none(need: plan.Need, offers: Sequence[Offer], ledger: Ledger, policy: Policy, caps: Caps) -> str:
    """Why none of the offers that a search gave can be rented, the most frequent reason first."""
    if not offers:
        return "no machine could be rented: the market has no offer for FLEET_QUERY"
    fitting = plan.rank_offers(need, offers, ledger, policy)
    if fitting:
        cheapest = fitting[0].usd_per_hour
        capped = f"each of {len(fitting)} offers that fit would pass a cap, from ${cheapest:.3f} an hour on"
        spent = f"${ledger.usd_today:.2f} of ${caps.usd_per_day:.2f} a day are spent or reserved"
        return f"no machine could be rented: {capped}; {spent}"
    blocked = {(block.kind, block.id) for block in ledger.blocks if block.blocked_until > ledger.now}
    reasons = Counter(_misfit(each, need, blocked, ledger, policy) for each in offers)
    said = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return f"no machine could be rented: of {len(offers)} offers none fits ({said})"


def _misfit(
    offer: Offer, need: plan.Need, blocked: set[tuple[HardwareKind, int]], ledger: Ledger, policy: Policy
) -> str:
    """Why this one does not fit."""
    if (HardwareKind.MACHINE, offer.machine_id) in blocked or (HardwareKind.HOST, offer.host_id) in blocked:
        return "blocked after failures here"
    if offer.total_usd_per_hour > policy.max_dollars_per_hour_each:
        return "too dear an hour"
    if need.placement == Placement.DATACENTER_ONLY and not offer.datacenter:
        return "in no datacenter"
    return "rented already" if suitable([offer], need.placement, _without_machines(ledger), policy) else "too small"


def _without_machines(ledger: Ledger) -> Ledger:
    return Ledger(ledger.now, ledger.renting)
