"""What simulated worlds are made of (pure). Nothing here is the planner's: it must find out.

A boot is a stream of layers through a line and a disk, pages go through a card and a line, and what a world shows
(speeds of its models, lines, estimates, lists) may be far from what it does.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# Mean pages/s of each model over all seeds; a seed's models differ from it, and its machines from their models.
PAGES_PER_SECOND: Mapping[str, float] = {
    "RTX 3060": 6.0, "RTX 3060 Ti": 7.0, "RTX 3070": 8.0, "RTX 3080": 10.0, "RTX 3090": 12.0, "RTX 4060 Ti": 8.0,
    "RTX 4070": 10.0, "RTX 4080": 14.0, "RTX 4090": 18.0, "RTX 5080": 16.0, "RTX 5090": 22.0, "RTX A4000": 8.0,
    "RTX A5000": 11.0,
}  # fmt: skip
LAYERS_GB = (0.03, 0.25, 2.6, 3.4, 1.1, 0.5, 0.12)  # compressed, in the order they are pulled; 8 GB
UNPACKED = 2.3  # bytes on the disk for each byte pulled


@dataclass(frozen=True)
class Physics:
    """One world. Boots are functions of the line's Mb/s, the host's slowness (around 1) and luck, in seconds."""

    boot: Callable[[float, float, random.Random], float]
    start: tuple[float, float] = (42.0, 78.0)  # from running to the worker's first report: evenly between
    image_gb: float = 8.0
    megabytes_in_per_page: float = 0.5
    megabytes_out_per_page: float = 0.3
    bad_share: float = 0.12  # of the machines: they never start our image
    bad_hosts: bool = False  # whole hosts are bad, not single machines
    deaths_per_hour: float = 0.01
    rival_patience: float = 900.0  # seconds the plain policy gives a boot; it is told what this world needs
    slowness: float = 0.0  # how much hosts differ in what they do with an image: sigma of a lognormal
    speed_factor: float = 1.0  # a seed's models are this much faster or slower than thought, at most
    drift_per_hour: float = 0.0  # of every price
    lines_mbps: tuple[float, float] | None = None  # offered lines, instead of the market's own
    line_share: tuple[float, float] = (1.0, 1.0)  # of the offered line, what pages really get
    lines_bound: bool = False  # a page's bytes may take longer than the card
    gone_share: float = 0.0  # of the creates: somebody else was faster, and searches show the offer for a while
    estimate_factor: float = 1.0  # a seed's page counts are estimated so many times too high or too low
    away_seconds: float = 0.0  # once within the work's first hours Vast.ai answers nothing at all
    call_seconds: tuple[float, float] = (0.0, 0.0)  # what each call to Vast.ai takes
    stale_seconds: float = 0.0  # how old its answers are
    families_per_hour: float = 0.0  # outages of a whole family of hosts
    skew: bool = False  # the database's clock jumps and comes back, Vast.ai's is minutes off


def _by_line(image_gb: float) -> Callable[[float, float, random.Random], float]:
    """The line is the bottleneck; it gives up to 30 % less than the offer says, and nothing else takes time."""
    return lambda mbps, slowness, luck: image_gb * 8000 / mbps * luck.uniform(1.0, 1.4)


def pull_layers(disk_mb_per_second: float) -> Callable[[float, float, random.Random], float]:
    """Docker's way: one layer after the other comes down the line, and each is unpacked when the one before is.

    The host's slowness is its disk's; what the line gives changes from layer to layer.
    """

    def boot(mbps: float, slowness: float, luck: random.Random) -> float:
        disk = disk_mb_per_second / slowness * luck.lognormvariate(0.0, 0.12)
        pulled = unpacked = 0.0
        for gigabytes in LAYERS_GB:
            pulled += gigabytes * 8000 / (mbps * luck.uniform(0.6, 0.95))
            unpacked = max(unpacked, pulled) + gigabytes * UNPACKED * 1000 / disk
        return unpacked + luck.uniform(2.0, 15.0)  # and the container is made

    return boot


def page_seconds(card_pages_per_second: float, line_mbps: float, physics: Physics) -> float:
    """What a page takes: pages are fetched ahead, so the slower of card and line sets the pace."""
    bits = (physics.megabytes_in_per_page + physics.megabytes_out_per_page) * 8 if physics.lines_bound else 0.0
    return max(1 / card_pages_per_second, bits / line_mbps)


@dataclass(frozen=True)
class Weather:
    """When things happen to a whole world; drawn once per seed."""

    away: tuple[float, float] = (math.inf, math.inf)  # Vast.ai, from and to
    outages: Sequence[tuple[float, float, int]] = ()  # from, to, family of hosts
    jumps: Sequence[tuple[float, float]] = ()  # from when on the database's clock is so many seconds ahead
    vast_ahead: float = 0.0

    def is_away(self, now: float) -> bool:
        """Whether Vast.ai answers nothing."""
        return self.away[0] <= now < self.away[1]

    def ahead(self, now: float) -> float:
        """How far the database's clock is from the true one."""
        return next((seconds for at, seconds in reversed(self.jumps) if at <= now), 0.0)

    def outage(self, family: int, since: float) -> float:
        """When a family's hosts next go dark; infinite if never."""
        return min((max(a, since) for a, b, who in self.outages if who == family and b > since), default=math.inf)


FAMILIES = 6  # of hosts that share a building, a provider, a person


def weather(physics: Physics, seed: int, start: float) -> Weather:
    """A seed's weather over two days; things happen from half an hour after the start on."""
    luck = random.Random(f"weather-{seed}")
    away = start + luck.uniform(0.9, 3.0) * 3600
    outages, at = [], start
    while physics.families_per_hour and at < start + 48 * 3600:
        at += luck.expovariate(physics.families_per_hour / 3600)
        outages.append((at, at + luck.uniform(600, 5400), luck.randrange(FAMILIES)))
    jumps: list[tuple[float, float]] = []
    at = start
    while physics.skew and at < start + 48 * 3600:
        at += luck.uniform(900, 7200)
        jumps.append((at, 0.0 if jumps and jumps[-1][1] else luck.choice((-600.0, -45.0, 75.0, 400.0, 3600.0))))
    return Weather(
        away=(away, away + physics.away_seconds),
        outages=tuple(outages),
        jumps=tuple(jumps),
        vast_ahead=luck.choice((-240.0, 240.0)) if physics.skew else 0.0,
    )


KIND = Physics(pull_layers(400.0))
WORLDS: Mapping[str, Physics] = {
    "kind": KIND,
    "boot12": Physics(pull_layers(27.0), slowness=0.15, rival_patience=3600.0),
    "boot20": Physics(pull_layers(15.8), slowness=0.15, rival_patience=3600.0),
    "speeds": Physics(pull_layers(400.0), speed_factor=3.0),
    "rising": Physics(pull_layers(400.0), drift_per_hour=0.08),
    "lines": Physics(
        pull_layers(400.0), lines_mbps=(100.0, 500.0), line_share=(0.4, 1.0), lines_bound=True,
        megabytes_in_per_page=2.0, rival_patience=3600.0,
    ),
    "deaths": Physics(pull_layers(400.0), deaths_per_hour=0.3),
    "bad30": Physics(pull_layers(400.0), bad_share=0.3, bad_hosts=True),
    "gone60": Physics(pull_layers(400.0), gone_share=0.6, stale_seconds=120.0),
    "away": Physics(pull_layers(400.0), away_seconds=3600.0),
    "slow": Physics(pull_layers(400.0), call_seconds=(5.0, 40.0), stale_seconds=180.0),
    "estimates": Physics(pull_layers(400.0), estimate_factor=3.0),
    "families": Physics(pull_layers(400.0), families_per_hour=2.0),
    "skew": Physics(pull_layers(400.0), skew=True),
}  # fmt: skip


def soak_physics() -> Physics:
    """A small image, so that an hour holds many lives."""
    return Physics(_by_line(2.0), start=(21.0, 39.0), image_gb=2.0, deaths_per_hour=0.5)
