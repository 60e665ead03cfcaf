"""How many machines, which, and when one is no longer needed (pure).

(backlog, ledger, offers, policy) → what to rent and what to end, with the reason in words. No I/O, no clock and no
randomness of its own: the same input gives the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from control_plane.database.enums import Blame, Hosting, MachineStatus, Placement
from control_plane.database.fleet_rows import Backlog, Caps, Intent, Ledger, Machine
from control_plane.fleet.actions import Pause
from control_plane.fleet.boots import learn
from control_plane.fleet.capacity import drain_seconds, due_at, overdue, pages_able, risk_usd
from control_plane.fleet.offers import (
    CostedOffer,
    bid_usd_per_hour,
    rank,
    suitable,
    traffic_usd_per_page,
)
from control_plane.fleet.proof import FRUITLESS
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

OUR_FAULT_HOSTS = 2  # so many hosts that agree on a fault of the image make it ours


@dataclass(frozen=True)
class Need:
    """Work that the machines we have will not finish in time."""

    pages: float
    due_seconds: float | None  # from now; None when any finish will do
    placement: Placement
    batch_id: str | None
    reason: str
    by_hand: bool = False
    ask_id: int | None = None  # the offer a person chose
    worth_usd: float | None = None  # a spare may cost so much to have; None: no spare


def held_back(ledger: Ledger, policy: Policy) -> str | None:
    """Why nothing may be rented now, in words, or None."""
    if not ledger.renting.is_on:
        return f"renting is paused: {ledger.renting.reason or 'by hand'}"
    if ledger.doors:  # a machine without the storage would stand there and be paid
        return "; ".join(f"{door.name} is paused: {door.message or door.code}" for door in ledger.doors)
    failed = failed_boots(ledger)
    if len(failed) < policy.breaker_failures:
        return None
    again = max(m.destroying_at or 0.0 for m in failed) + policy.breaker_seconds
    on_trial = any(m.is_live and not m.ready_at for m in ledger.rented)
    if ledger.now < again or on_trial:
        return f"{len(failed)} boots in a row failed; one more is tried {policy.breaker_seconds:.0f} s after the last"
    return None


def failed_boots(ledger: Ledger) -> list[Machine]:
    """Machines that never worked, rented since one last did and since a person last switched renting on."""
    since = max((m.ready_at or 0.0 for m in ledger.rented), default=0.0)
    since = max(since, ledger.renting.since)
    return [m for m in ledger.rented if m.blame and not m.ready_at and m.intent_at > since]


def pause_for_failures(ledger: Ledger, policy: Policy) -> Pause | None:
    """What happens on different hosts is ours, the image or the service behind it: a person must look."""
    failed = failed_boots(ledger)
    if ledger.renting.is_on and len(failed) >= policy.pause_failures and len({m.host_id for m in failed}) > 1:
        return Pause(f"{len(failed)} boots in a row failed: {why_failed(failed)}")
    ours = [m for m in failed_boots(ledger) if m.blame is Blame.OURS]
    if ledger.renting.is_on and len({m.host_id for m in ours}) >= OUR_FAULT_HOSTS:
        return Pause(f"{len(ours)} machines of different hosts {ours[-1].destroy_reason}")
    fruitless = _fruitless(ledger)
    if ledger.renting.is_on and len({m.host_id for m in fruitless}) >= OUR_FAULT_HOSTS:
        return Pause(f"{len(fruitless)} machines of different hosts in a row {fruitless[-1].destroy_reason}")
    return None


def why_failed(failed: Sequence[Machine]) -> str:
    """The reasons of failed boots, the most frequent first."""
    reasons = Counter((m.destroy_reason or "").split(":")[0] for m in failed)
    return "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))


def _fruitless(ledger: Ledger) -> list[Machine]:
    """Machines that ended with nothing to show since anybody last handed something back."""
    since = max((m.result_at or 0.0 for m in ledger.machines), default=0.0)
    since = max(since, ledger.renting.since)
    ended = [m for m in ledger.machines if (m.destroy_reason or "").startswith(FRUITLESS)]
    return [m for m in ended if (m.destroying_at or 0.0) > since]


def find_need(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> Need | None:
    """The most pressing work that a further machine should be rented for, or None."""
    rentable = [each for each in backlog if each.placement != Placement.LOCAL_ONLY and each.pages_waiting > 0]
    if ledger.renting.hand_launches > 0:
        chosen = next(iter(ledger.renting.hand_asks), None)
        return replace(usual_need(backlog), reason="asked for by hand", by_hand=True, ask_id=chosen)
    for placement in (Placement.DATACENTER_ONLY, Placement.ANY_HOST):
        work = [each for each in rentable if placement == Placement.ANY_HOST or each.placement == placement]
        machines = [m for m in ledger.live if may_serve(m.hosting, placement) and is_there(m, ledger.now, policy)]
        need = _shortage(work, machines, placement, ledger, policy)
        if need is not None:
            return need
    return None


def usual_need(backlog: Sequence[Backlog]) -> Need:
    """All that waits, whenever it is done: what offers are priced for when a person chooses."""
    pages = sum(each.pages_waiting for each in backlog if each.placement != Placement.LOCAL_ONLY)
    return Need(max(1.0, pages), None, Placement.ANY_HOST, None, "all that waits")


def _shortage(
    work: Sequence[Backlog], machines: Sequence[Machine], placement: Placement, ledger: Ledger, policy: Policy
) -> Need | None:
    """Earliest due first: the first due time by which the machines cannot do what is due by then."""
    total = sum(each.pages_waiting for each in work)
    if not work:
        return None
    ordered = sorted(work, key=lambda each: due_at(each, ledger.now, policy))
    late = overdue(machines, ledger, policy)
    machines = [each for each in machines if each not in late]
    if not machines:
        first = ordered[0]
        due = max(0.0, due_at(first, ledger.now, policy) - ledger.now)
        why = f"{len(late)} boots take longer than boots do" if late else "no machine is there"
        return Need(total, due, placement, _batch_of(work), _words(total, why, first))
    boots = learn(ledger, policy)
    # What we have, or have on the way, is done before a further machine has booted and earned that.
    if drain_seconds(total, machines, ledger, policy) < max(
        policy.useful_seconds, boots.typical_seconds() + policy.useful_seconds / 2
    ):
        return None
    pages = 0.0
    for each in ordered:
        pages += each.pages_waiting
        left = due_at(each, ledger.now, policy) - ledger.now
        missing = pages - pages_able(machines, left * policy.late_slack, ledger, policy)
        if missing > 0:
            why = f"{len(machines)} machines would be late"
            return Need(max(1.0, missing), max(0.0, left), placement, _batch_of(work), _words(pages, why, each))
        worth = risk_usd(pages, left, machines, ledger, policy)
        if worth > 0:
            why = "a boot that fails would be found out too late"
            return Need(pages, max(0.0, left), placement, _batch_of(work), _words(pages, why, each), worth_usd=worth)
    return None


def may_serve(hosting: Hosting, placement: Placement) -> bool:
    """Whether a machine of this hosting may receive documents of this placement; the claim SQL has the last word."""
    if placement == Placement.DATACENTER_ONLY:
        return hosting != Hosting.COMMUNITY
    return placement == Placement.ANY_HOST or hosting == Hosting.LOCAL


def is_there(machine: Machine, now: float, policy: Policy) -> bool:
    """Whether to count on it: a rented machine even on its way, one of our own while it reports."""
    heard = now - (machine.heard_at or 0.0) <= policy.heartbeat_lost_seconds
    return not machine.is_own or (machine.status is MachineStatus.READY and heard)


def _batch_of(work: Sequence[Backlog]) -> str | None:
    """The batch that pays: the only one waiting, else nobody in particular."""
    batches = {each.batch_id for each in work}
    return batches.pop() if len(batches) == 1 else None


def _words(pages: float, why: str, work: Backlog) -> str:
    return f"{pages:.0f} pages wait ({work.priority} first), {why}"


def room(ledger: Ledger, policy: Policy, caps: Caps) -> int:
    """How many machines may be rented now; one while the breaker is on trial."""
    free = max(0, caps.machines - sum(m.status is not MachineStatus.DESTROYED for m in ledger.rented))
    return min(free, 1) if len(failed_boots(ledger)) >= policy.breaker_failures else free


def choose(need: Need, offers: Sequence[Offer], ledger: Ledger, policy: Policy, caps: Caps) -> CostedOffer | None:
    """The offer to rent for the need, or None when the market has none that fits, the caps included."""
    costed = rank_offers(need, offers, ledger, policy)
    if need.worth_usd is not None:
        costed = [each for each in costed if each.start_usd <= need.worth_usd]
    if need.ask_id is not None:
        costed = [each for each in costed if each.offer.ask_id == need.ask_id]
    return next((each for each in costed if is_affordable(each, ledger, policy, caps)), None)


def rank_offers(need: Need, offers: Sequence[Offer], ledger: Ledger, policy: Policy) -> list[CostedOffer]:
    """The offers that may be rented for the need, best first."""
    pool = suitable(offers, need.placement, ledger, policy)
    return rank(pool, need.pages, need.due_seconds, ledger, policy)


def is_affordable(costed: CostedOffer, ledger: Ledger, policy: Policy, caps: Caps) -> bool:
    """Whether its worst case fits under the caps; the ledger has the last word."""
    hourly = costed.usd_per_hour + costed.traffic_usd_per_hour
    held = [m for m in ledger.rented if m.status is not MachineStatus.DESTROYED]
    worst = hourly * policy.reserve_seconds / 3600 + costed.pull_usd
    fits_hour = hourly + sum(m.usd_per_hour + m.traffic_usd_per_hour for m in held) <= caps.usd_per_hour
    return fits_hour and ledger.usd_today + worst <= caps.usd_per_day


def rest_of(need: Need, taken: CostedOffer, policy: Policy) -> Need | None:
    """What is left for a further machine, or None when that would not earn its boot."""
    pages = need.pages - taken.pages
    if need.by_hand or need.worth_usd is not None or pages / taken.pages_per_second < policy.useful_seconds:
        return None
    return replace(need, pages=pages)


def write_intent(label: str, deployment: str, costed: CostedOffer, need: Need, policy: Policy) -> Intent:
    """The ledger row for an offer, with the most it can cost until its reservation is extended."""
    offer = costed.offer
    price = f"{offer.gpu_name} at ${costed.usd_per_hour:.3f}/h, ${costed.usd_per_page:.6f}/page"
    return Intent(
        label=label,
        deployment=deployment,
        ask_id=offer.ask_id,
        machine_id=offer.machine_id,
        host_id=offer.host_id,
        hosting=costed.hosting,
        gpu_name=offer.gpu_name,
        geolocation=offer.geolocation,
        is_bid=offer.is_bid,
        batch_id=need.batch_id,
        reason=f"{need.reason}; {price}",
        usd_per_hour=costed.usd_per_hour,
        traffic_usd_per_hour=costed.traffic_usd_per_hour,
        traffic_usd_per_page=traffic_usd_per_page(offer, policy),
        pull_usd=costed.pull_usd,
        inet_down_mbps=offer.inet_down_mbps,
        image_gb=policy.image_gb,
        reserve_seconds=policy.reserve_seconds,
        boot_seconds=policy.longest_boot_seconds,
        by_hand=need.by_hand,
        bid_usd_per_hour=bid_usd_per_hour(offer, policy) if offer.is_bid else None,
    )
