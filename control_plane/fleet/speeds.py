"""How fast a GPU model reads, and how sure we are (pure): measured by our own workers, else a prior.

What was measured on other models says how far priors are off: all by one factor where documents are hard or hosts are
slow, and each by its own, which is the spread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from control_plane.database.fleet_rows import Ledger

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


@dataclass(frozen=True)
class Belief:
    """Pages/s, and by what share of it the truth is usually off."""

    pages_per_second: float
    spread: float


def believed(gpu_name: str, machine_id: int, ledger: Ledger) -> Belief:
    """What to expect of a machine: what it did itself in the last hours, what its model does, or what we thought."""
    own = [m for m in ledger.machines if m.machine_id == machine_id and m.pages_per_second and m.pages_done >= PROVEN]
    if own:
        return Belief(max(own, key=lambda each: each.intent_at).pages_per_second or 0.0, OWN_SPREAD)
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
