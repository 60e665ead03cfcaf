"""Which part is struck when, and how: the same seed gives the same storm (pure)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What is done to a part."""

    KILL = "kill -9"
    FREEZE = "SIGSTOP"


# The emulator of Vast.ai is a vendor: it hangs, but what it has sold it does not forget.
FROZEN_ONLY = frozenset({"vast"})
PARTS = (
    "postgres", "postgrest", "gateway", "seaweedfs", "control_plane", "scaler", "importer", "analyst", "worker",
    "nginx", "vast",
)  # fmt: skip
# Seconds; most are short, some longer than a lease of the soak (30 s), so that what was in work is given to another.
SHORT, LONG, LONG_SHARE = (1.0, 12.0), (32.0, 45.0), 0.15
# Between two blows, on the average: some of them fall into the time in which another part is still away.
PAUSE_SECONDS = 11.0
CALM_SHARE = 0.08  # at the beginning, for the first machine to boot


@dataclass(frozen=True, order=True)
class Blow:
    """At `at` seconds of the storm the part goes down, and is back `seconds` later."""

    at: float
    part: str
    deed: Deed
    seconds: float


def make_plan(
    seed: int, seconds: float, parts: Sequence[str] = PARTS, pause_seconds: float = PAUSE_SECONDS
) -> list[Blow]:
    """Blows in the order of time; each pair of part and deed once before any comes again, as far as the time goes."""
    dice = random.Random(f"soak {seed}")
    pairs = [(part, deed) for part in parts for deed in Deed if deed is Deed.FREEZE or part not in FROZEN_ONLY]
    blows: list[Blow] = []
    left: list[tuple[str, Deed]] = []
    at = seconds * CALM_SHARE
    while True:
        at += dice.uniform(0.2, 1.8) * pause_seconds
        if not left:
            left = dice.sample(pairs, len(pairs))
        part, deed = left.pop()
        away = dice.uniform(*(LONG if dice.random() < LONG_SHARE else SHORT))
        if at > seconds - SHORT[0]:
            return blows
        blows.append(Blow(round(at, 1), part, deed, round(min(away, seconds - at), 1)))
