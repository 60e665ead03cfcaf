"""How fast a GPU model reads, and how sure we are (pure): measured by our own workers, else a prior.

What was measured on other models says how far priors are off: all by one factor where documents are hard or hosts are
slow, and each by its own, which is the spread. What stands beside the card counts too: a fast card in a host of few
cores or on a thin line waits for its pages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from control_plane.database.fleet_rows import Ledger
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer

# Pages/s of our worker until measured here: OCR is bound by the CPU beside the card as much as by the card, so the
# spread is narrower than the cards' own speeds.
PRIOR_PAGES_PER_SECOND: Mapping[str, float] = {
    "RTX 2060": 4.0, "RTX 2070": 5.0, "RTX 2080 Ti": 7.0, "RTX 3060": 6.0, "RTX 3060 Ti": 7.0, "RTX 3070": 8.0,
    "RTX 3080": 10.0, "RTX 3090": 12.0, "RTX 4060": 7.0, "RTX 4060 Ti": 8.0, "RTX 4070": 10.0, "RTX 4080": 14.0,
    "RTX 4090": 18.0, "RTX 5070": 12.0, "RTX 5080": 16.0, "RTX 5090": 22.0, "RTX A4000": 8.0, "RTX A5000": 11.0,
    "RTX A6000": 13.0,
}  # fmt: skip
PRIOR_UNKNOWN = 6.0
PRIOR_SPREAD, PRIOR_WEIGHT = 0.3, 2.0  # priors are wrong by a third, until two models have shown otherwise
MACHINE_SPREAD = 0.1  # machines of one model differ by a tenth
OWN_SPREAD = 0.02  # and one from itself, by the documents it is given
PROVEN = 300  # pages after which a machine's own speed is believed
CPU_SECONDS_PER_PAGE = 0.15  # 0.10 of a Xeon's virtual core (docs/performance.md); rented hosts are older
BLUR = 4.0  # card and host known to a third each: where both would do the same, expect 0.84 of it


@dataclass(frozen=True)
class Belief:
    """Pages/s, and by what share of it the truth is usually off."""

    pages_per_second: float
    spread: float


def believed(gpu_name: str, machine_id: int, ledger: Ledger) -> Belief:
    """What to expect of a machine: what it did itself in the last hours, what its model does, or what we thought."""
    return _own_speed(machine_id, ledger) or _model_speed(gpu_name, ledger)


def expected_of(offer: Offer, ledger: Ledger, policy: Policy) -> Belief:
    """What to expect of an offer: its card's speed as far as its cores and lines keep up, unless it showed its own."""
    own = _own_speed(offer.machine_id, ledger)
    if own is not None:
        return own
    card, host = _model_speed(offer.gpu_name, ledger), host_pages_per_second(offer, policy)
    return Belief(card.pages_per_second / (1 + (card.pages_per_second / host) ** BLUR) ** (1 / BLUR), card.spread)


def host_pages_per_second(offer: Offer, policy: Policy) -> float:
    """Pages/s that the offer's cores can draw and its lines can bring in and take away; infinite where unknown."""
    limits = (
        (offer.cpu_cores, CPU_SECONDS_PER_PAGE),
        (offer.our_down_mbps, policy.megabytes_in_per_page * 8),
        (offer.our_up_mbps, policy.megabytes_out_per_page * 8),
    )
    return min((have / per_page for have, per_page in limits if have and per_page), default=math.inf)


def _own_speed(machine_id: int, ledger: Ledger) -> Belief | None:
    own = [m for m in ledger.machines if m.machine_id == machine_id and m.pages_per_second and m.pages_done >= PROVEN]
    if not own:
        return None
    return Belief(max(own, key=lambda each: each.intent_at).pages_per_second or 0.0, OWN_SPREAD)


def _model_speed(gpu_name: str, ledger: Ledger) -> Belief:
    measured = ledger.speeds.get(gpu_name)
    if measured:
        return Belief(measured, MACHINE_SPREAD)
    off = [
        math.log(speed / PRIOR_PAGES_PER_SECOND[name])
        for name, speed in ledger.speeds.items()
        if name in PRIOR_PAGES_PER_SECOND and speed > 0
    ]
    shift = sum(off) / (len(off) + PRIOR_WEIGHT)
    variance = PRIOR_WEIGHT * PRIOR_SPREAD**2 + sum((each - shift) ** 2 for each in off)
    prior = PRIOR_PAGES_PER_SECOND.get(gpu_name, PRIOR_UNKNOWN)
    return Belief(prior * math.exp(shift), math.sqrt(variance / (len(off) + PRIOR_WEIGHT)))
