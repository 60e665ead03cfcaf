"""Whether the rest of a long run should move to another machine (pure).

Nobody knows what a model does before it was tried, so a trial is worth more than what is expected of it: where it turns
out dear it costs its start and a few pages, and where it turns out cheap it saves on all that is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from control_plane.database.enums import Hosting, MachineStatus, Placement
from control_plane.database.fleet_rows import Backlog, Caps, Ledger, Machine
from control_plane.fleet.ending import usd_per_page
from control_plane.fleet.offers import CostedOffer, chance_to_fail, rate_of, traffic_usd_per_page
from control_plane.fleet.plan import Need, is_affordable, may_serve, rank_offers
from control_plane.fleet.speeds import expected_of
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

STANDARD = NormalDist()


def find_swap(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> Need | None:
    """Now and then in a long run: the work whose machine may be dearer than the market, to be priced anew.

    Returns the need a replacement would serve; rent it only where `choose_trial` finds one.
    """
    rented = [m for m in ledger.live if not m.is_own]
    ready = [m for m in rented if m.status is MachineStatus.READY and m.pages_done >= policy.review_pages]
    if ledger.now % policy.review_seconds >= policy.tick_seconds or not ready or len(ready) < len(rented):
        return None
    dearest = max(ready, key=lambda m: (usd_per_page(m, ledger), m.label))
    pages = sum(each.pages_waiting for each in backlog if may_serve(dearest.hosting, each.placement))
    share = pages * rate_of(dearest, ledger) / sum(rate_of(m, ledger) for m in ready)
    if share / rate_of(dearest, ledger) < 2 * policy.useful_seconds:
        return None
    speed, price = rate_of(dearest, ledger), usd_per_page(dearest, ledger)
    reason = f"{dearest.gpu_name} does {speed:.1f} pages/s at ${price:.6f} a page"
    return Need(share, None, _asked_of(dearest, backlog), dearest.batch_id, f"{share:.0f} pages wait and {reason}")


def _asked_of(machine: Machine, backlog: Sequence[Backlog]) -> Placement:
    """What a replacement must be: a datacenter's only where work asks for it, not because this one happens to be."""
    asked = any(each.pages_waiting and each.placement == Placement.DATACENTER_ONLY for each in backlog)
    return Placement.DATACENTER_ONLY if asked and machine.hosting == Hosting.DATACENTER else Placement.ANY_HOST


def choose_trial(need: Need, offers: Sequence[Offer], ledger: Ledger, policy: Policy, caps: Caps) -> CostedOffer | None:
    """The offer that is worth most to try, or None when none pays for its trial."""
    costed = rank_offers(need, offers, ledger, policy)
    affordable = [each for each in costed if is_affordable(each, ledger, policy, caps)]
    gains = [(gain_usd(each, need.pages, ledger, policy), -each.offer.ask_id, each) for each in affordable]
    gain, _, best = max(gains, key=lambda each: each[:2], default=(0.0, 0, None))
    return best if gain > policy.worthwhile * need.pages * _dearest_usd_per_page(ledger) else None


def gain_usd(costed: CostedOffer, pages: float, ledger: Ledger, policy: Policy) -> float:
    """What trying an offer for the pages left is expected to save, its trial and its failure paid."""
    belief = expected_of(costed.offer, ledger, policy)
    hourly = costed.usd_per_hour / 3600 / belief.pages_per_second
    page = hourly + traffic_usd_per_page(costed.offer, policy)
    less = _dearest_usd_per_page(ledger) - page
    chance = chance_to_fail(costed.offer, ledger, policy)
    trial = costed.start_usd / (1 - chance) + max(0.0, -less) * policy.review_pages
    return (1 - chance) * pages * _expected_above_zero(less, belief.spread * hourly) - trial


def _dearest_usd_per_page(ledger: Ledger) -> float:
    return max((usd_per_page(m, ledger) for m in ledger.live if not m.is_own), default=0.0)


def _expected_above_zero(mean: float, spread: float) -> float:
    """Mean of what a normal quantity is above zero: what choosing the better of two brings."""
    if spread <= 0:
        return max(0.0, mean)
    z = mean / spread
    return mean * STANDARD.cdf(z) + spread * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
