"""What simulated worlds are made of (pure). Nothing here is the planner's: it must find out.

A boot is drawn from what it takes in that world, never computed as the planner expects it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Mean pages/s of each model over all seeds; a seed's models differ from it, and its machines from their models.
PAGES_PER_SECOND: Mapping[str, float] = {
    "RTX 3060": 6.0, "RTX 3060 Ti": 7.0, "RTX 3070": 8.0, "RTX 3080": 10.0, "RTX 3090": 12.0, "RTX 4060 Ti": 8.0,
    "RTX 4070": 10.0, "RTX 4080": 14.0, "RTX 4090": 18.0, "RTX 5080": 16.0, "RTX 5090": 22.0, "RTX A4000": 8.0,
    "RTX A5000": 11.0,
}  # fmt: skip


@dataclass(frozen=True)
class Physics:
    """One world. Boots are functions of the line's Mb/s, the host's slowness (around 1) and luck, in seconds."""

    boot: Callable[[float, float, random.Random], float]
    start: tuple[float, float] = (42.0, 78.0)  # from running to the worker's first report: evenly between
    image_gb: float = 8.0
    megabytes_in_per_page: float = 0.5
    megabytes_out_per_page: float = 0.3
    bad_share: float = 0.12  # of the machines: they never start our image
    deaths_per_hour: float = 0.01
    rival_patience: float = 900.0  # seconds the plain policy gives a boot; it is told what this world needs
    slowness: float = 0.0  # how much hosts differ in what they do with an image: sigma of a lognormal


def _by_line(image_gb: float) -> Callable[[float, float, random.Random], float]:
    """The line is the bottleneck; it gives up to 30 % less than the offer says, and nothing else takes time."""
    return lambda mbps, slowness, luck: image_gb * 8000 / mbps * luck.uniform(1.0, 1.4)


def _by_host(minutes: float) -> Callable[[float, float, random.Random], float]:
    """Unpacking is the bottleneck: about so many minutes whatever the line, by the host's disk and by luck."""
    return lambda mbps, slowness, luck: 60 * minutes * slowness * luck.lognormvariate(0.0, 0.12)


KIND = Physics(_by_line(8.0))
WORLDS: Mapping[str, Physics] = {
    "kind": KIND,
    "boot12": Physics(_by_host(12), slowness=0.15, rival_patience=3600.0),
    "boot20": Physics(_by_host(20), slowness=0.15, rival_patience=3600.0),
    "bad30": Physics(_by_line(8.0), bad_share=0.3),
    "deaths": Physics(_by_line(8.0), deaths_per_hour=0.3),
}


def soak_physics() -> Physics:
    """A small image, so that an hour holds many lives."""
    return Physics(_by_line(2.0), start=(21.0, 39.0), image_gb=2.0, deaths_per_hour=0.5)
