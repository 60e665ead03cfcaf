"""A sample of schedules on the real SQL: the same world with the ledger in memory and with the migrations' own.

python -m scripts.bench.fleet_sim.sample --seed 1 --schedules 14

What the real scaler rents, ends and pays must be the same on both, or the simulation's ledger tells another story than
production's.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

import local_cloud
from control_plane.database.fleet_rows import Caps
from control_plane.fleet.errors import FleetError
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import VastError
from local_cloud.postgres import OWNER, SUPERUSER
from scripts.bench.fleet_sim import sql
from scripts.bench.fleet_sim.market import START, Market
from scripts.bench.fleet_sim.physics import WORLDS
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import World

POLICY = replace(Policy(), tick_seconds=30.0, check_share=0.0)
CAPS = Caps(machines=4, usd_per_hour=2.0, usd_per_day=6.0, credit_floor=5.0)
PAGES = 160


@dataclass(frozen=True)
class Story:
    """What happened: each rent with its machine, when it was made and ended; dollars; how documents ended."""

    rents: tuple[tuple[int, int, int], ...]
    usd: float
    completed: int


def tell(
    world_name: str, seed: int, connection: psycopg.Connection | None, bursts: int = 2, documents: int = 30
) -> Story:
    """Bursts of documents, an hour and a half apart, in one world."""
    jobs = [
        Job(START + 1800 + 5400 * burst, PAGES, "normal", START + 5400 + 5400 * burst)
        for burst in range(bursts)
        for _ in range(documents)
    ]
    world = World(seed, POLICY, jobs, Market(seed, physics=WORLDS[world_name]), connection=connection)
    post = world.post("sample", CAPS)
    while not world.work_is_done() or world.vast.open_contracts():
        with suppress(FleetError, VastError):
            tick(post)
        world.sleep()
        world.advance(POLICY.tick_seconds)
        if world.now > START + 86400:
            raise RuntimeError(f"{world_name} with seed {seed} does not end")
    contracts = world.vast.contracts.values()
    return Story(
        rents=tuple((c.machine.machine_id, int(c.created_at), int(c.destroyed_at or 0)) for c in contracts),
        usd=round(world.vast.dollars(), 6),
        completed=sum(job.status == "completed" for job in world.queue.jobs),
    )


def main() -> int:
    """Run the schedules on both; the exit status is 1 when a story differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=len(WORLDS), help="one world after the other")
    options = parser.parse_args()
    began, differ, names = time.monotonic(), 0, list(WORLDS)
    with tempfile.TemporaryDirectory() as folder, local_cloud.cloud(Path(folder)) as cloud:
        url = cloud.postgres_url.replace(f"//{OWNER}:", f"//{SUPERUSER}:")
        for number in range(options.schedules):
            world, seed = names[number % len(names)], options.seed + number
            with sql.database(url, START) as connection:
                real = tell(world, seed, connection)
            memory = tell(world, seed, None)
            differ += real != memory
            print(f"{world:<10} seed {seed:>3}: {len(real.rents)} contracts, ${real.usd:.4f}, {real.completed} read"
                  + ("" if real == memory else f"; DIFFERS in memory: {memory}; real: {real}"), flush=True)  # fmt: skip
    print(f"{options.schedules} schedules in {time.monotonic() - began:.0f} s, {differ} differ")
    return int(differ > 0)


if __name__ == "__main__":
    logging.disable()
    sys.exit(main())
