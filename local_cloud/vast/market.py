"""The machines on offer and what they cost at a given moment: a pure function of the seed and virtual time."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

PRICE_STEP_SECONDS = 600  # prices hold for ten minutes, then move
STORAGE_HOURS_PER_MONTH = 720.0
TAKEN_BY_OTHERS = 0.08  # share of the single asks that other customers hold at any moment

MACHINES = 72
FIRST_MACHINE_ID, FIRST_HOST_ID, FIRST_ASK_ID = 10_000, 50_000, 6_000_000
PLACES = ("Texas, US", "California, US", ", US", "Quebec, CA", "Bavaria, DE", ", NL", "Lower Silesia, PL", ", CZ",
          "Stockholm, SE", ", NO", "Hokkaido, JP", ", KR", "Victoria, AU", ", BR")  # fmt: skip


@dataclass(frozen=True)
class GpuModel:
    """A card as Vast.ai lists it; `dollars_per_hour` is its usual on-demand price."""

    name: str
    ram_mb: int
    compute_cap: int
    dlperf: float
    tflops: float
    memory_gb_per_second: float
    dollars_per_hour: float


GPU_MODELS = (
    GpuModel("RTX 3060", 12288, 860, 9.5, 12.7, 336.0, 0.055),
    GpuModel("RTX 3060 Ti", 8192, 860, 12.5, 16.2, 420.0, 0.06),
    GpuModel("RTX 3070", 8192, 860, 14.4, 20.3, 420.0, 0.07),
    GpuModel("RTX 3080", 10240, 860, 20.1, 29.8, 700.0, 0.10),
    GpuModel("RTX 3090", 24576, 860, 25.6, 35.6, 870.0, 0.16),
    GpuModel("RTX 4060 Ti", 16380, 890, 17.7, 22.1, 270.0, 0.09),
    GpuModel("RTX 4070", 12282, 890, 24.0, 29.1, 460.0, 0.11),
    GpuModel("RTX 4070 Ti", 12282, 890, 31.0, 40.1, 460.0, 0.14),
    GpuModel("RTX 4080", 16376, 890, 40.5, 48.7, 660.0, 0.19),
    GpuModel("RTX 4090", 24564, 890, 62.3, 82.6, 930.0, 0.34),
    GpuModel("RTX 5070 Ti", 16303, 1200, 44.0, 43.9, 830.0, 0.20),
    GpuModel("RTX 5080", 16303, 1200, 56.0, 56.3, 890.0, 0.27),
    GpuModel("RTX 5090", 32607, 1200, 96.0, 104.8, 1650.0, 0.48),
    GpuModel("RTX A4000", 16376, 860, 16.2, 19.2, 400.0, 0.10),
    GpuModel("RTX A5000", 24564, 860, 22.7, 27.8, 700.0, 0.19),
    GpuModel("RTX A6000", 49140, 860, 30.6, 38.7, 690.0, 0.42),
    GpuModel("RTX 6000Ada", 49140, 890, 65.0, 91.1, 850.0, 0.62),
    GpuModel("L40S", 46068, 890, 67.0, 91.6, 760.0, 0.55),
    GpuModel("A100 SXM4", 81920, 800, 84.0, 19.5, 1700.0, 0.85),
    GpuModel("H100 SXM", 81559, 900, 196.0, 66.9, 2700.0, 1.90),
)


@dataclass(frozen=True)
class Ask:
    """An offer of some of a machine's cards; it can be held by one contract at a time."""

    ask_id: int
    gpu_indexes: tuple[int, ...]


@dataclass(frozen=True)
class Machine:
    """A host's computer, with what does not change over time."""

    machine_id: int
    host_id: int
    model: GpuModel
    num_gpus: int
    datacenter: bool
    verified: bool
    geolocation: str
    reliability: float
    cpu_cores: int
    cpu_ram_mb: int
    disk_space_gb: float
    inet_down_mbps: float
    inet_up_mbps: float
    inet_down_dollars_per_gb: float
    inet_up_dollars_per_gb: float
    storage_dollars_per_gb_month: float
    cuda_max_good: float
    offer_seconds: float  # how long the host keeps offering it, from now
    price_level: float  # this host's asking price over the model's usual one
    asks: tuple[Ask, ...]


@cache
def build_machines(seed: int) -> tuple[Machine, ...]:
    """The market of a seed: always the same machines, at least 200 asks on at least 60 of them."""
    rng = random.Random(f"market-{seed}")
    machines = []
    ask_id = FIRST_ASK_ID
    for index in range(MACHINES):
        model = GPU_MODELS[index % len(GPU_MODELS)]
        num_gpus = rng.choice((1, 2, 2, 4, 4, 8))
        slices = _slices(num_gpus)
        asks = tuple(Ask(ask_id + i, gpu_indexes) for i, gpu_indexes in enumerate(slices))
        ask_id += len(slices)
        machines.append(_machine(rng, index, model, num_gpus, asks))
    return tuple(machines)


def _machine(rng: random.Random, index: int, model: GpuModel, num_gpus: int, asks: tuple[Ask, ...]) -> Machine:
    datacenter = rng.random() < 0.25
    fast = datacenter or rng.random() < 0.5
    return Machine(
        machine_id=FIRST_MACHINE_ID + index,
        host_id=FIRST_HOST_ID + rng.randrange(MACHINES // 2),
        model=model,
        num_gpus=num_gpus,
        datacenter=datacenter,
        verified=datacenter or rng.random() < 0.85,
        geolocation=rng.choice(PLACES),
        reliability=round(rng.uniform(0.985, 0.9995) if fast else rng.uniform(0.90, 0.995), 4),
        cpu_cores=8 * num_gpus,
        cpu_ram_mb=32_000 * num_gpus,
        disk_space_gb=round(rng.uniform(60, 900), 1),
        inet_down_mbps=round(rng.uniform(700, 4000) if fast else rng.uniform(60, 700), 1),
        inet_up_mbps=round(rng.uniform(400, 2500) if fast else rng.uniform(20, 300), 1),
        inet_down_dollars_per_gb=rng.choice((0.0, 0.001, 0.002, 0.005, 0.01, 0.02)),
        inet_up_dollars_per_gb=rng.choice((0.0, 0.002, 0.005, 0.01, 0.02)),
        storage_dollars_per_gb_month=round(rng.uniform(0.08, 0.30), 3),
        cuda_max_good=rng.choice((12.8, 13.0, 13.0, 13.2, 13.2)),
        offer_seconds=rng.choice((0.3, 2, 7, 30, 90)) * 86_400.0,
        price_level=rng.uniform(0.75, 1.5) * (1.25 if datacenter else 1.0),
        asks=asks,
    )


def _slices(num_gpus: int) -> list[tuple[int, ...]]:
    """Each card alone, then aligned groups of 2, 4 and 8, as Vast.ai cuts a machine."""
    sizes = [size for size in (1, 2, 4, 8) if size <= num_gpus]
    return [tuple(range(start, start + size)) for size in sizes for start in range(0, num_gpus, size)]


def price_factor(seed: int, machine_id: int, now: float) -> float:
    """How far prices of a machine are from its usual ones at `now`: a slow daily wave and a ten-minute step."""
    phase = machine_id % 24 / 24 * math.tau
    wave = 0.08 * math.sin(now / 86_400.0 * math.tau + phase)
    step = random.Random(f"{seed}-{machine_id}-{int(now // PRICE_STEP_SECONDS)}").uniform(-0.06, 0.06)
    return 1.0 + wave + step


def is_taken_by_others(seed: int, ask_id: int, now: float) -> bool:
    """Whether another customer holds a single card's ask in this hour."""
    return random.Random(f"{seed}-{ask_id}-{int(now // 3600)}").random() < TAKEN_BY_OTHERS


def free_asks(seed: int, held: Iterable[tuple[Machine, Ask]], now: float) -> list[tuple[Machine, Ask]]:
    """The asks none of whose cards is held, by the given contracts or by other customers."""
    everything = [(machine, ask) for machine in build_machines(seed) for ask in machine.asks]
    others = [(m, a) for m, a in everything if len(a.gpu_indexes) == 1 and is_taken_by_others(seed, a.ask_id, now)]
    busy = {(machine.machine_id, index) for machine, ask in [*held, *others] for index in ask.gpu_indexes}
    return [(m, a) for m, a in everything if not busy.intersection((m.machine_id, i) for i in a.gpu_indexes)]


def gpu_dollars_per_hour(seed: int, machine: Machine, num_gpus: int, now: float) -> float:
    """The on-demand price of `num_gpus` cards of a machine at `now`."""
    price = machine.model.dollars_per_hour * machine.price_level * num_gpus
    return round(price * price_factor(seed, machine.machine_id, now), 6)


def min_bid_dollars_per_hour(seed: int, machine: Machine, num_gpus: int, now: float) -> float:
    """The lowest bid that runs at `now`: a machine-specific share of the on-demand price."""
    share = 0.45 + machine.machine_id % 7 * 0.05
    return round(gpu_dollars_per_hour(seed, machine, num_gpus, now) * share, 6)


def offer_row(seed: int, machine: Machine, ask: Ask, now: float, storage_gb: float, is_bid: bool) -> dict[str, Any]:
    """One row of a search, with the fields and units of the real one (`gpu_ram` in MB, `duration` in seconds)."""
    model, num_gpus = machine.model, len(ask.gpu_indexes)
    min_bid = min_bid_dollars_per_hour(seed, machine, num_gpus, now)
    dph_base = min_bid if is_bid else gpu_dollars_per_hour(seed, machine, num_gpus, now)
    storage_per_hour = storage_gb * machine.storage_dollars_per_gb_month / STORAGE_HOURS_PER_MONTH
    dph_total = dph_base + storage_per_hour
    share = num_gpus / machine.num_gpus
    return {
        "id": ask.ask_id, "ask_contract_id": ask.ask_id, "bundle_id": ask.ask_id, "machine_id": machine.machine_id,
        "host_id": machine.host_id, "gpu_name": model.name, "num_gpus": num_gpus, "gpu_frac": share,
        "gpu_ram": model.ram_mb, "gpu_total_ram": model.ram_mb * num_gpus, "gpu_arch": "nvidia",
        "gpu_mem_bw": model.memory_gb_per_second, "gpu_display_active": False, "compute_cap": model.compute_cap,
        "cuda_max_good": machine.cuda_max_good, "driver_version": "580.95.05", "total_flops": model.tflops * num_gpus,
        "dlperf": model.dlperf * num_gpus, "dlperf_per_dphtotal": model.dlperf * num_gpus / dph_total,
        "flops_per_dphtotal": model.tflops * num_gpus / dph_total, "score": model.dlperf * num_gpus / dph_total,
        "cpu_name": "AMD EPYC 7402P", "cpu_arch": "amd64", "cpu_cores": machine.cpu_cores, "cpu_ghz": 2.8,
        "cpu_cores_effective": machine.cpu_cores * share, "cpu_ram": machine.cpu_ram_mb, "has_avx": 1,
        "disk_space": machine.disk_space_gb, "disk_bw": 1800.0, "disk_name": "nvme", "pcie_bw": 12.5, "pci_gen": 4.0,
        "bw_nvlink": 0.0, "mobo_name": "ROMED8-2T", "ubuntu_version": "22.04", "direct_port_count": 16,
        "inet_down": machine.inet_down_mbps, "inet_up": machine.inet_up_mbps,
        "inet_down_cost": machine.inet_down_dollars_per_gb, "inet_up_cost": machine.inet_up_dollars_per_gb,
        "storage_cost": machine.storage_dollars_per_gb_month, "storage_total_cost": storage_per_hour,
        "dph_base": dph_base, "dph_total": dph_total, "min_bid": min_bid, "is_bid": is_bid,
        "duration": machine.offer_seconds, "start_date": now, "end_date": now + machine.offer_seconds,
        "reliability": machine.reliability, "reliability2": machine.reliability, "external": False,
        "verification": "verified" if machine.verified else "unverified", "verified": machine.verified,
        "hosting_type": int(machine.datacenter), "datacenter": machine.datacenter, "static_ip": machine.datacenter,
        "geolocation": machine.geolocation, "rentable": True, "rented": False, "vms_enabled": False,
        "public_ipaddr": f"203.0.113.{machine.machine_id % 250 + 1}", "cluster_id": None,
    }  # fmt: skip
