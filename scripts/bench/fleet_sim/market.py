"""The machines of a seed: prices that move, hosts that are slow, bad or taken (pure)."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from control_plane.vast.rows import Offer
from scripts.bench.fleet_sim.physics import FAMILIES, KIND, PAGES_PER_SECOND, Physics, Weather, page_seconds, weather

MONTH_HOURS = 720.0
PRICE_STEP_SECONDS = 600
START = 1_795_000_000.0 // 86400 * 86400  # a midnight UTC: when every world begins
TAKEN_STEP_SECONDS = 3600
GONE_SECONDS = 1800  # so long another customer keeps what he took before us
TAKEN_SHARE = 0.25  # of the machines, at any moment, held by other customers
# Usual $/h; the emulator's market has the same.
GPU_DOLLARS = {
    "RTX 3060": 0.055, "RTX 3060 Ti": 0.06, "RTX 3070": 0.07, "RTX 3080": 0.10, "RTX 3090": 0.16, "RTX 4060 Ti": 0.09,
    "RTX 4070": 0.11, "RTX 4080": 0.19, "RTX 4090": 0.34, "RTX 5080": 0.27, "RTX 5090": 0.48, "RTX A4000": 0.10,
    "RTX A5000": 0.19,
}  # fmt: skip


@dataclass(frozen=True)
class SimMachine:
    """A host's machine with what it shows, and with what only the clairvoyant knows."""

    machine_id: int
    host_id: int
    gpu_name: str
    usual_usd_per_hour: float
    storage_usd_per_gb_month: float
    down_usd_per_gb: float
    up_usd_per_gb: float
    down_mbps: float
    reliability: float
    datacenter: bool
    offer_days: float
    bid_share: float
    pages_per_second: float  # hidden
    fail_chance: float  # hidden: of a boot
    slowness: float  # hidden: the host's, around 1

    @property
    def family(self) -> int:
        """Hosts of a family fail together."""
        return self.host_id % FAMILIES


class Market:
    """What can be rented at a moment of virtual time; a pure function of the seed."""

    def __init__(self, seed: int, size: int = 60, physics: Physics = KIND) -> None:
        self._seed = seed
        self.physics = physics
        self.weather: Weather = weather(physics, seed, START)
        rng = random.Random(f"fleet-market-{seed}")
        # Our priors are wrong by a fifth per model; machines of one model differ by a tenth.
        speed = {name: PAGES_PER_SECOND[name] * rng.lognormvariate(0, 0.2) for name in GPU_DOLLARS}
        names = list(GPU_DOLLARS)
        machines = [_machine(rng, i, names[i % len(names)], speed, size, physics) for i in range(size)]
        self.machines = tuple(_altered(each, seed, physics) for each in machines)

    def price(self, machine: SimMachine, now: float) -> float:
        """GPU dollars per hour, on demand."""
        wave = 0.08 * math.sin(now / 86400 * math.tau + machine.machine_id)
        step = _fraction(self._seed, machine.machine_id, int(now // PRICE_STEP_SECONDS), 1) * 0.12 - 0.06
        drift = (1 + self.physics.drift_per_hour) ** ((now - START) / 3600)
        return machine.usual_usd_per_hour * (1 + wave + step) * drift

    def lowest_bid(self, machine: SimMachine, now: float) -> float:
        """GPU dollars per hour under which an interruptible contract is stopped."""
        surge = 1.6 if _fraction(self._seed, machine.machine_id, int(now // TAKEN_STEP_SECONDS), 3) < 0.08 else 1.0
        return self.price(machine, now) * machine.bid_share * surge

    def is_free(self, machine: SimMachine, now: float) -> bool:
        """Whether no other customer holds it in this hour, and its family is not dark."""
        taken = _fraction(self._seed, machine.machine_id, int(now // TAKEN_STEP_SECONDS), 2) < TAKEN_SHARE
        return not taken and self.weather.outage(machine.family, now) > now

    def is_lost(self, machine: SimMachine, now: float) -> bool:
        """Whether somebody else was faster, in this half hour, than whoever asks for it now; searches show it still."""
        share, half_hour = self.physics.gone_share, int(now // GONE_SECONDS)
        return share > 0 and _fraction(self._seed, machine.machine_id, half_hour, 4) < share

    def offer(self, machine: SimMachine, now: float, storage_gb: float, is_bid: bool) -> Offer:
        """The row of a search."""
        gpu = self.price(machine, now)
        disk = storage_gb * machine.storage_usd_per_gb_month / MONTH_HOURS
        return Offer(
            ask_id=machine.machine_id * 10 + is_bid, machine_id=machine.machine_id, host_id=machine.host_id,
            gpu_name=machine.gpu_name, num_gpus=1,
            disk_space_gb=200, total_usd_per_hour=gpu + disk, gpu_usd_per_hour=gpu,
            min_bid_usd_per_hour=self.lowest_bid(machine, now),
            storage_usd_per_gb_month=machine.storage_usd_per_gb_month,
            inet_down_usd_per_gb=machine.down_usd_per_gb, inet_up_usd_per_gb=machine.up_usd_per_gb,
            inet_down_mbps=machine.down_mbps, duration_seconds=machine.offer_days * 86400,
            reliability=machine.reliability, verified=True, datacenter=machine.datacenter, geolocation="Texas, US",
            is_bid=is_bid,
        )  # fmt: skip


def _machine(
    rng: random.Random, index: int, gpu_name: str, speed: dict[str, float], size: int, physics: Physics
) -> SimMachine:
    datacenter = rng.random() < 0.25
    fast = datacenter or rng.random() < 0.5
    bad = rng.random() < physics.bad_share
    host_id = 500 + rng.randrange(max(2, size // 2))
    return SimMachine(
        machine_id=10_000 + index,
        host_id=host_id,
        gpu_name=gpu_name,
        usual_usd_per_hour=GPU_DOLLARS[gpu_name] * rng.uniform(0.75, 1.5) * (1.25 if datacenter else 1.0),
        storage_usd_per_gb_month=rng.uniform(0.08, 0.30),
        down_usd_per_gb=rng.choice((0.0, 0.001, 0.002, 0.005, 0.01, 0.02)),
        up_usd_per_gb=rng.choice((0.0, 0.002, 0.005, 0.01, 0.02)),
        down_mbps=rng.uniform(700, 4000) if fast else rng.uniform(100, 700),
        reliability=rng.uniform(0.985, 0.9995) if fast else rng.uniform(0.95, 0.995),
        datacenter=datacenter,
        offer_days=rng.choice((2, 7, 30, 90)),
        bid_share=rng.uniform(0.45, 0.75),
        pages_per_second=speed[gpu_name] * rng.lognormvariate(0, 0.08),
        fail_chance=1.0 if bad else rng.uniform(0.0, 0.06),
        slowness=random.Random(f"host-{host_id}").lognormvariate(0.0, physics.slowness),
    )


def _altered(machine: SimMachine, seed: int, physics: Physics) -> SimMachine:
    """The machine as this world makes it; a kind world leaves it as it is."""
    luck = random.Random(f"{seed}-{machine.machine_id}")
    model = random.Random(f"{seed}-{machine.gpu_name}").uniform(-1, 1)
    card = machine.pages_per_second * physics.speed_factor**model
    line = luck.uniform(*physics.lines_mbps) if physics.lines_mbps else machine.down_mbps
    real = line * luck.uniform(*physics.line_share)
    fail_chance = machine.fail_chance
    if physics.bad_hosts:
        is_bad = random.Random(f"{seed}-host-{machine.host_id}").random() < physics.bad_share
        fail_chance = 1.0 if is_bad else fail_chance * (fail_chance < 1)
    return replace(
        machine, pages_per_second=1 / page_seconds(card, real, physics), down_mbps=line, fail_chance=fail_chance
    )


@lru_cache(maxsize=200_000)
def _fraction(*key: int) -> float:
    """A number in [0, 1) that depends on the key alone (64-bit mixing, as splitmix does)."""
    value = 0x9E3779B97F4A7C15
    for part in key:
        value = (value ^ (part + 0x7F4A7C15)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        value ^= value >> 31
        value = value * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        value ^= value >> 29
    return value / 2**64


def cheapest_first(offers: Sequence[Offer]) -> list[Offer]:
    """As the plain policy looks at the market."""
    return sorted(offers, key=lambda each: (each.total_usd_per_hour, each.ask_id))
