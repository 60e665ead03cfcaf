"""Whether work with hours to spare should wait for a machine that the market had before and has not now (pure).

At any moment somebody else holds the best machine, one time in four, and prices move by a tenth: work that is promised
in twelve hours and takes three need not take the second best. Nothing is forecast: what was there may come again, and
if it does not the work begins while it can still be done more than once.
"""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.fleet_rows import Ledger
from control_plane.fleet.offers import CostedOffer, rank, suitable
from control_plane.fleet.plan import Need
from control_plane.fleet.sightings import Sightings
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer


def may_wait(need: Need, ledger: Ledger, policy: Policy) -> bool:
    """Whether a wait is thinkable: promised in hours, not asked for by a person, and no machine of ours is there."""
    in_hours = need.due_seconds is not None and need.due_seconds >= policy.patient_seconds
    return in_hours and not need.by_hand and not ledger.live


def why_wait(need: Need, offers: Sequence[Offer], seen: Sightings, ledger: Ledger, policy: Policy) -> str | None:
    """Why nothing is rented yet, in words; None when the best offer of now should be taken."""
    now, before = _best(need, offers, ledger, policy), _best(need, seen.at_their_cheapest(), ledger, policy)
    if now is None or before is None or need.due_seconds is None:
        return None
    spare = need.due_seconds / now.finish_seconds - policy.patient_times
    saved = now.usd - before.usd * seen.rise(offers)
    if spare <= 0 or saved <= policy.waiting_dollars / min(spare, 1.0):
        return None
    hours = spare * now.finish_seconds / 3600
    return (
        f"this work is waiting for a better price, {hours:.1f} h at most: now it would cost ${now.usd:.2f}, and "
        f"${before.usd:.2f} on a {before.offer.gpu_name} that was there before; rent one by hand to begin at once"
    )


def _best(need: Need, offers: Sequence[Offer], ledger: Ledger, policy: Policy) -> CostedOffer | None:
    """The cheapest for all of the work, lateness aside: both sides of the comparison have the time."""
    pool = suitable(offers, need.placement, ledger, policy)
    return next(iter(rank(pool, need.pages, None, ledger, policy)), None)
