"""How fast a machine reads, and how sure we are (pure): measured by our own workers, else a prior.

From the general to the particular, each level held to the one above until enough was measured: priors; how far they
are off, by what was measured on other models (all by one factor where documents are hard, each by its own, which is
the spread); the model's median; what its host's machines and the machine itself did beside their models'. A pace
with an image of another size says less. What stands beside the card counts too: a fast card in a host of few cores or
on a thin line waits for its pages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from control_plane.database.fleet_rows import Ledger, Pace
from control_plane.fleet.failures import likeness
from control_plane.fleet.quantiles import weighted_quantile
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
# What one pace says of a machine beside its model's: its own most, then its host's; held to the model like two paces.
SAME_MACHINE, SAME_HOST, MODEL_WEIGHT = 4.0, 1.0, 2.0
OWN_SPREAD = 0.02  # and one from itself, by the documents it is given
PROVEN = 300  # pages after which a machine's own speed is believed
CPU_SECONDS_PER_PAGE = 0.15  # 0.10 of a Xeon's virtual core (docs/performance.md); rented hosts are older
BLUR = 4.0  # card and host known to a third each: where both would do the same, expect 0.84 of it


@dataclass(frozen=True)
class Belief:
    """Pages/s, and by what share of it the truth is usually off."""

    pages_per_second: float
    spread: float


def believed(gpu_name: str, machine_id: int, host_id: int, ledger: Ledger) -> Belief:
    """What to expect of a machine: what it did itself in the last hours, else its model's pace as its host has it."""
    return _own_speed(machine_id, ledger) or _learned(gpu_name, machine_id, host_id, ledger.paces)


def expected_of(offer: Offer, ledger: Ledger, policy: Policy) -> Belief:
    """What to expect of an offer: its card's speed as far as its cores and lines keep up, unless it showed its own."""
    own = _own_speed(offer.machine_id, ledger)
    if own is not None:
        return own
    card = _learned(offer.gpu_name, offer.machine_id, offer.host_id, ledger.paces)
    host = host_pages_per_second(offer, policy)
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


def _learned(gpu_name: str, machine_id: int, host_id: int, paces: Sequence[Pace]) -> Belief:
    """The model's pace, times what this machine and its host were beside their models."""
    models = _models(paces)
    model = Belief(models[gpu_name], MACHINE_SPREAD) if gpu_name in models else _prior(gpu_name, models)
    weighed = [(_weight(each, machine_id, host_id, paces), each) for each in paces]
    total = sum(weight for weight, _ in weighed)
    beside = sum(weight * math.log(each.pages_per_second / models[each.gpu_name]) for weight, each in weighed)
    return replace(model, pages_per_second=model.pages_per_second * math.exp(beside / (total + MODEL_WEIGHT)))


def _models(paces: Sequence[Pace]) -> dict[str, float]:
    """Median pages/s of each model that was measured."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for each in paces:
        seen.setdefault(each.gpu_name, []).append((each.pages_per_second, _likeness(each, paces)))
    return {name: weighted_quantile(values, 0.5) for name, values in seen.items()}


def _weight(pace: Pace, machine_id: int, host_id: int, paces: Sequence[Pace]) -> float:
    if pace.machine_id == machine_id:
        return SAME_MACHINE * _likeness(pace, paces)
    return SAME_HOST * _likeness(pace, paces) if host_id and pace.host_id == host_id else 0.0


def _likeness(pace: Pace, paces: Sequence[Pace]) -> float:
    """By the image's size; the newest pace comes first and is today's image."""
    return likeness(pace.image_gb, paces[0].image_gb)


def _prior(gpu_name: str, models: Mapping[str, float]) -> Belief:
    known = [(name, speed) for name, speed in models.items() if name in PRIOR_PAGES_PER_SECOND]
    off = [math.log(speed / PRIOR_PAGES_PER_SECOND[name]) for name, speed in known]
    shift = sum(off) / (len(off) + PRIOR_WEIGHT)
    variance = PRIOR_WEIGHT * PRIOR_SPREAD**2 + sum((each - shift) ** 2 for each in off)
    prior = PRIOR_PAGES_PER_SECOND.get(gpu_name, PRIOR_UNKNOWN)
    return Belief(prior * math.exp(shift), math.sqrt(variance / (len(off) + PRIOR_WEIGHT)))
