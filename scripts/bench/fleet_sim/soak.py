"""Crash everywhere: after every seeded schedule of faults no contract is open and no job is lost, and at every moment
the caps hold (`bounds.py`).

python -m scripts.bench.fleet_sim.soak --seed 1 --schedules 10000 [--processes 2]
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from control_plane.database.enums import MachineStatus, RentingStatus
from control_plane.database.fleet_rows import Caps
from control_plane.fleet.errors import FleetError
from control_plane.fleet.post import Post
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import VastError
from scripts.bench.fleet_sim.bounds import Bounds
from scripts.bench.fleet_sim.chaos import Chaos, Crash, Odds
from scripts.bench.fleet_sim.market import Market
from scripts.bench.fleet_sim.physics import soak_physics
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import START, World

POLICY = Policy(
    tick_seconds=15.0, image_gb=2.0, shortest_boot_seconds=120.0, longest_boot_seconds=300.0, idle_seconds=120.0,
    normal_promise_seconds=900.0, useful_seconds=120.0, reserve_seconds=1200.0, reserve_margin_seconds=300.0,
    breaker_seconds=300.0, review_seconds=300.0, review_pages=100, start_seconds=30.0,
    unwilling_seconds=60.0, result_seconds=240.0, longest_job_seconds=900.0, max_machine_hours=0.4,
)  # fmt: skip
CAPS = Caps(machines=4, usd_per_hour=2.0, usd_per_day=6.0, credit_floor=5.0)
CHAOS_SECONDS = 2400.0
CALM_SECONDS = 4 * 3600.0  # after the faults, all must be done and gone within this
MACHINES = 16


@dataclass(frozen=True)
class Outcome:
    """One schedule's end. `problem` is None when all is well."""

    seed: int
    problem: str | None
    contracts: int
    crashes: int
    most_over: int  # contracts open beyond the machines' cap, at one moment
    strays: Counter[str]  # contracts that Vast.ai made or kept against its word, by cause
    dollars: float
    failed_jobs: int
    ended_at: float


class Controller:
    """One process that ticks, crashes, and is started anew under another name."""

    def __init__(self, name: str, start: Callable[[str], Post]) -> None:
        self._name = name
        self._start = start
        self._lives = 0
        self.crashes = 0
        self.is_busy = False
        self._revive()

    def _revive(self) -> None:
        self._lives += 1
        self._post = self._start(f"{self._name}-{self._lives}")

    def tick(self) -> None:
        """One tick, as `scaler.run` does it."""
        self.is_busy = True
        try:
            tick(self._post)
        except (FleetError, VastError):
            pass
        except Crash:
            self.crashes += 1
            self._revive()
        finally:
            self.is_busy = False


def run_schedule(seed: int) -> Outcome:
    """One world, two controllers, every fault; the same seed gives the same outcome."""
    rng = random.Random(f"soak-{seed}")
    world = World(seed, POLICY, _arrivals(rng), Market(seed, MACHINES, soak_physics()))
    odds = Odds()
    world.vast.sells_twice = rng.random() < odds.sell_twice
    world.workers_can_leave = rng.random() >= odds.no_own_key
    world.vast.liars = odds.liars
    world.vast.image_is_broken = rng.random() < odds.broken_image
    bounds = Bounds(world, POLICY, CAPS)
    world.after_step = bounds.look
    chaos_ends = START + CHAOS_SECONDS
    controllers: list[Controller] = []

    def pass_time(seconds: float) -> None:
        """A call that takes long: the world goes on, and the other controller may well take over."""
        end = world.now + seconds
        while world.now < end:
            world.advance(min(POLICY.tick_seconds, end - world.now))
            for each in controllers:
                if not each.is_busy:
                    each.tick()

    def wrap(target: object, name: str) -> object:
        return Chaos(target, name, rng, odds, lambda: world.now < chaos_ends, pass_time, world.clock)

    for name in ("a", "b"):
        controllers.append(Controller(name, lambda holder: world.post(holder, CAPS, wrap)))
    while world.now < chaos_ends + CALM_SECONDS:
        for each in controllers:
            if rng.random() < 0.9:
                each.tick()
        world.advance(POLICY.tick_seconds)
        if world.now > chaos_ends / 2 + START / 2:
            _mend(world)
        if world.now > chaos_ends and not _problems(world):
            break
    return Outcome(
        seed=seed,
        problem="; ".join([*_problems(world), *bounds.problems.values()]) or None,
        contracts=len(world.vast.contracts),
        crashes=sum(each.crashes for each in controllers),
        most_over=bounds.most_over,
        strays=bounds.causes,
        dollars=world.vast.dollars(),
        failed_jobs=sum(job.status == "failed" for job in world.queue.jobs),
        ended_at=world.now - START,
    )


def _mend(world: World) -> None:
    """A person pushes the right image and resumes renting."""
    world.vast.image_is_broken = False
    if not world.ledger.renting.is_on:
        world.ledger.set_renting(RentingStatus.ON, None)


def _arrivals(rng: random.Random) -> list[Job]:
    """A few groups of documents while faults happen."""
    jobs = []
    for _ in range(rng.randint(1, 4)):
        at = START + rng.uniform(0, CHAOS_SECONDS)
        priority = rng.choice(("high", "normal", "low"))
        pages = rng.choice((1, 1, 40, 200))
        due = at + POLICY.promise_seconds(priority)
        jobs += [Job(at, pages, priority, due) for _ in range(rng.choice((1, 5, 60)))]
    return jobs


def _problems(world: World) -> list[str]:
    """What must not be at the end."""
    problems = []
    left = [c.contract_id for c in world.vast.open_contracts()]
    lost = sum(job.status not in ("completed", "failed") for job in world.queue.jobs)
    rows = [m.label for m in world.ledger.machines.values() if m.status is not MachineStatus.DESTROYED]
    if left:
        problems.append(f"contracts still billed: {left}")
    if lost or not world.work_is_done():
        problems.append(f"{lost} jobs lost")
    if rows:
        problems.append(f"rows still open: {rows}")
    return problems


def main() -> int:
    """Run the schedules; the exit status is 1 when one of them left something behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    seeds = range(options.seed, options.seed + options.schedules)
    with ProcessPoolExecutor(options.processes) as pool:
        outcomes = list(pool.map(run_schedule, seeds, chunksize=20))
    bad = [each for each in outcomes if each.problem]
    for each in bad[:20]:
        print(f"seed {each.seed}: {each.problem}", file=sys.stderr)
    over = [each.seed for each in outcomes if each.most_over > 0]
    strays = sum((each.strays for each in outcomes), Counter())
    print(
        f"{len(outcomes)} schedules in {time.monotonic() - began:.0f} s: {len(bad)} bad; "
        f"{sum(each.crashes for each in outcomes)} crashes, {sum(each.contracts for each in outcomes)} contracts, "
        f"{sum(each.failed_jobs for each in outcomes)} jobs failed visibly, "
        f"at most {max(each.most_over for each in outcomes)} beyond the machines' cap, in {len(over)} schedules "
        f"({', '.join(map(str, over[:20]))}); contracts made or kept against Vast.ai's word: {dict(strays)}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    logging.disable()
    sys.exit(main())
