"""What an offer would cost for the run at hand, and which to take (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.database.enums import HardwareKind, Hosting, Placement
from control_plane.database.fleet_rows import Ledger, Machine
from control_plane.fleet.boots import learn
from control_plane.fleet.failures import chance_of_failure
from control_plane.fleet.idling import keep_seconds
from control_plane.fleet.speeds import believed, expected_of
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

PRIOR_OWN = 1.0  # one of our own computers may have no card at all
MONTH_HOURS = 720.0
TRAFFIC_MARGIN = 2.0  # the worst case that is reserved, over the traffic expected


@dataclass(frozen=True)
class CostedOffer:
    """An offer, priced for a run of `pages`."""

    offer: Offer
    pages_per_second: float
    pages: float  # what it can do of the run by the time promised
    boot_seconds: float  # expected from create to ready
    finish_seconds: float  # from now
    usd: float  # expected, failures included
    usd_per_hour: float  # what Vast.ai will charge for the machine: its price, or our bid plus disk
    late_seconds: float  # beyond the promise, for these pages
    pull_usd: float
    start_usd: float  # to have it: its pull, and its card until the worker's first report
    traffic_usd_per_hour: float  # at most: TRAFFIC_MARGIN times what is expected

    @property
    def usd_per_page(self) -> float:
        """Expected, for these pages."""
        return self.usd / max(self.pages, 1e-9)

    @property
    def hosting(self) -> Hosting:
        """Whose hardware it is."""
        return Hosting.DATACENTER if self.offer.datacenter else Hosting.COMMUNITY


def chance_to_fail(offer: Offer, ledger: Ledger, policy: Policy) -> float:
    """Chance that a boot of today's image fails on an offer, from what was seen here, and Vast.ai's reliability."""
    return chance_of_failure(
        offer.machine_id, offer.host_id, offer.gpu_name, policy.image_gb, offer.reliability, ledger
    )


def cost_offer(offer: Offer, pages: float, due_seconds: float | None, ledger: Ledger, policy: Policy) -> CostedOffer:
    """Price an offer for `pages` that are due in `due_seconds` (None: whenever it is cheapest)."""
    boots, rate = learn(ledger, policy), expected_of(offer, ledger, policy).pages_per_second
    start = boots.start_seconds()
    loading = boots.expected_seconds(offer.machine_id, offer.host_id, offer.gpu_name, offer.inet_down_mbps)
    boot = loading + start
    able = pages if due_seconds is None else min(pages, rate * max(0.0, due_seconds - boot))
    share = able if able >= min(pages, 1.0) else pages  # too late for any page: price the whole, late
    work = share / rate
    disk_per_hour = policy.disk_gb * offer.storage_usd_per_gb_month / MONTH_HOURS
    per_hour = offer.total_usd_per_hour
    if offer.is_bid:
        per_hour = bid_usd_per_hour(offer, policy) + disk_per_hour
    idle = keep_seconds(restart_usd(offer, policy), per_hour, ledger, policy)
    pull = policy.image_gb * offer.inet_down_usd_per_gb
    run = per_hour * (start + work + idle) / 3600 + disk_per_hour * loading / 3600
    traffic = share * traffic_usd_per_page(offer, policy)
    chance = chance_to_fail(offer, ledger, policy)
    wasted = pull + per_hour * start / 3600
    if offer.is_bid:
        run += policy.outbid_per_hour * work / 3600 * wasted
    usd = pull + run + traffic + chance / (1 - chance) * wasted
    finish = boot + work
    late = 0.0 if due_seconds is None else max(0.0, finish - due_seconds)
    most_traffic = TRAFFIC_MARGIN * traffic_usd_per_page(offer, policy) * rate * 3600
    return CostedOffer(offer, rate, share, boot, finish, usd, per_hour, late, pull, wasted, most_traffic)


def bid_usd_per_hour(offer: Offer, policy: Policy) -> float:
    """What we bid for the GPU alone: some above the lowest that runs now, so that not every step outbids us."""
    return offer.min_bid_usd_per_hour * policy.bid_multiple


def traffic_usd_per_page(offer: Offer, policy: Policy) -> float:
    """Bytes in and out of one page, at this machine's prices."""
    down = policy.megabytes_in_per_page / 1000 * offer.inet_down_usd_per_gb
    return down + policy.megabytes_out_per_page / 1000 * offer.inet_up_usd_per_gb


def restart_usd(offer: Offer, policy: Policy) -> float:
    """What it costs to have such a machine again: the pull and the start."""
    pull = policy.image_gb * offer.inet_down_usd_per_gb
    return pull + offer.total_usd_per_hour * policy.start_seconds / 3600


def suitable(offers: Sequence[Offer], placement: Placement, ledger: Ledger, policy: Policy) -> list[Offer]:
    """Offers that policy, placement and our own memory allow."""
    blocked = {(block.kind, block.id) for block in ledger.blocks if block.blocked_until > ledger.now}
    taken = {machine.machine_id for machine in ledger.machines if machine.is_live or machine.destroyed_at is None}
    words = policy.gpu_words.split()

    def fits(offer: Offer) -> bool:
        return (
            offer.num_gpus == 1
            and any(word in offer.gpu_name for word in words)
            and offer.disk_space_gb >= policy.disk_gb
            and offer.duration_seconds >= policy.smallest_duration_seconds
            and offer.total_usd_per_hour <= policy.max_dollars_per_hour_each
            and (placement == Placement.ANY_HOST or offer.datacenter)
            and offer.machine_id not in taken
            and (HardwareKind.MACHINE, offer.machine_id) not in blocked
            and (HardwareKind.HOST, offer.host_id) not in blocked
        )

    return [offer for offer in offers if fits(offer)]


def rank(
    offers: Sequence[Offer], pages: float, due_seconds: float | None, ledger: Ledger, policy: Policy
) -> list[CostedOffer]:
    """Cheapest per page first, with what lateness is worth added to the dollars."""

    def price(each: CostedOffer) -> tuple[float, int]:
        lateness = each.late_seconds / 3600 * policy.late_dollars_per_hour
        return (each.usd + lateness) / max(each.pages, 1e-9), each.offer.ask_id

    return sorted((cost_offer(offer, pages, due_seconds, ledger, policy) for offer in offers), key=price)


def rate_of(machine: Machine, ledger: Ledger) -> float:
    """Pages/s of a machine we have: its own once it has worked, else its model's."""
    if machine.pages_per_second and machine.pages_done >= 20:
        return machine.pages_per_second
    if machine.is_own:
        return PRIOR_OWN
    return believed(machine.gpu_name, machine.machine_id or 0, machine.host_id or 0, ledger).pages_per_second
