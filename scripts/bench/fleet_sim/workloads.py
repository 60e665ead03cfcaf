"""What arrives when: one large batch, bursts with a promise to keep (pure)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from control_plane.settings.fleet_policy import Policy
from scripts.bench.fleet_sim.market import START
from scripts.bench.fleet_sim.physics import Physics
from scripts.bench.fleet_sim.work import Job

HOUR = 3600.0


def batch(seed: int, policy: Policy) -> list[Job]:
    """7,000 documents of 10 to 30 pages at once, at lowest cost within the bulk promise."""
    rng = random.Random(f"batch-{seed}")
    at = START + HOUR
    return [Job(at, rng.randint(10, 30), "low", at + policy.low_promise_seconds) for _ in range(7_000)]


def bursts(seed: int, policy: Policy) -> list[Job]:
    """Six bursts of 1,000 to 40,000 pages within a day, each due within the hour."""
    rng = random.Random(f"bursts-{seed}")
    jobs, at = [], START + HOUR
    for _ in range(6):
        pages = int(1000 * 40 ** rng.random())
        due = at + policy.normal_promise_seconds
        jobs += [Job(at, 5, "normal", due) for _ in range(pages // 5)]
        at += rng.uniform(1.5, 4.5) * HOUR
    return jobs


def arrivals(workload: str, seed: int, policy: Policy, physics: Physics) -> list[Job]:
    """A workload's documents with what nobody sees beforehand: how hard they are, and how wrong their estimates."""
    rng = random.Random(f"hardness-{workload}-{seed}")
    factor = physics.estimate_factor ** rng.choice((-1.0, 1.0))
    jobs = WORKLOADS[workload](seed, policy)
    for job in jobs:
        job.hardness = rng.lognormvariate(-0.08, 0.4)  # around 1, a few take three times as long
        if factor != 1.0:
            job.estimate = max(1, round(job.pages * factor * rng.lognormvariate(0.0, 0.3)))
    return jobs


WORKLOADS: Mapping[str, Callable[[int, Policy], list[Job]]] = {"batch": batch, "bursts": bursts}
