"""Dollars, lateness and idle share of the real scaler in a simulated world, against one who knows everything.

python scripts/bench/fleet.py --world boot20 --seed 7 --json boot20.json
python scripts/bench/fleet.py --world all --seed 1 --markets 20 --json worlds.json
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from control_plane.database.fleet_rows import Caps  # noqa: E402
from control_plane.fleet.errors import FleetError  # noqa: E402
from control_plane.fleet.scaler import tick  # noqa: E402
from control_plane.settings.fleet_policy import Policy  # noqa: E402
from control_plane.vast.errors import VastError  # noqa: E402
from scripts.bench.fleet_sim.clairvoyant import lower_bound, on_time_share  # noqa: E402
from scripts.bench.fleet_sim.market import START, Market  # noqa: E402
from scripts.bench.fleet_sim.physics import WORLDS  # noqa: E402
from scripts.bench.fleet_sim.rivals import Plain, lateness  # noqa: E402
from scripts.bench.fleet_sim.verdict import Result, Run, as_json, summarise  # noqa: E402
from scripts.bench.fleet_sim.workloads import WORKLOADS, arrivals  # noqa: E402
from scripts.bench.fleet_sim.world import World  # noqa: E402

CAPS = Caps(machines=8, usd_per_hour=3.0, usd_per_day=30.0, credit_floor=5.0)
DAY_SECONDS = 86400.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print a table, write JSON and a picture; the exit status is 1 when a goal is missed."""
    options = _options(arguments)
    began = time.monotonic()
    runs = list(_runs(options))
    summary = summarise(runs)
    print_table(summary)
    print(f"{len(runs)} runs in {time.monotonic() - began:.0f} s")
    if options.json:
        report = {"policy": asdict(Policy()), "caps": asdict(CAPS), "summary": summary}
        Path(options.json).write_text(json.dumps(report | {"runs": [as_json(run) for run in runs]}, indent=1))
    return int(any(line["misses"] for line in summary))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="kind", choices=[*WORLDS, "all"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markets", type=int, default=1, help="so many seeds, from this one on")
    parser.add_argument("--json", help="where to write every run and the summary")
    return parser.parse_args(arguments)


def _runs(options: argparse.Namespace) -> Iterator[Run]:
    for world in WORLDS if options.world == "all" else [options.world]:
        for workload in WORKLOADS:
            for seed in range(options.seed, options.seed + options.markets):
                yield compare(world, workload, seed)


def compare(world: str, workload: str, seed: int) -> Run:
    """Both policies on one workload in one market, and the bounds."""
    ours, plain = run_ours(world, workload, seed), run_plain(world, workload, seed)
    policy, market = Policy(), Market(seed, physics=WORLDS[world])
    jobs = arrivals(workload, seed, policy, WORLDS[world])
    bound = lower_bound(market, jobs, policy.disk_gb)
    return Run(world, workload, seed, bound, on_time_share(market, jobs, CAPS.machines or 1), ours, plain)


def run_ours(world: str, workload: str, seed: int) -> Result:
    """The real scaler, tick by tick."""
    made = _world(world, workload, seed)
    post = made.post("bench", CAPS)

    def step() -> None:
        with suppress(FleetError, VastError):  # as `scaler.run` does: the next tick looks again
            tick(post)
        made.sleep()

    return _run(made, step)


def run_plain(world: str, workload: str, seed: int) -> Result:
    """Cheapest per hour, while there is work."""
    made = _world(world, workload, seed, has_ledger=False)
    plain = Plain(made)

    def step() -> None:
        plain.tick()
        made.sleep()

    return _run(made, step)


def _world(world: str, workload: str, seed: int, has_ledger: bool = True) -> World:
    policy, physics = Policy(), WORLDS[world]
    jobs = arrivals(workload, seed, policy, physics)
    return World(seed, policy, jobs, Market(seed, physics=physics), has_ledger=has_ledger)


def _run(world: World, step: Callable[[], object]) -> Result:
    while not world.work_is_done() or world.vast.open_contracts():
        step()
        world.advance(world.policy.tick_seconds)
        if world.now > START + 10 * DAY_SECONDS:
            raise RuntimeError("a world of bench does not end")
    late = lateness(world.queue.jobs)
    return Result(
        dollars=world.vast.dollars(),
        on_time=1 - late["late_share"],
        mean_late_seconds=late["mean_late_seconds"],
        worst_late_seconds=late["worst_late_seconds"],
        idle_share=_idle_share(world),
        contracts=len(world.vast.contracts),
        most_open=world.most_open,
        not_completed=sum(job.status != "completed" for job in world.queue.jobs),
        alarms=dict(Counter(name for name, *_ in world.ledger.alarms)),
        ended_hours=(world.now - START) / 3600,
    )


def _idle_share(world: World) -> float:
    """Share of the GPU seconds paid in which no page was read."""
    paid = 0.0
    for contract in world.vast.contracts.values():
        if contract.runs_at is not None:
            end = min(contract.destroyed_at or world.now, contract.stopped_at or world.now)
            paid += max(0.0, end - contract.runs_at)
    return 1 - world.busy_seconds / paid if paid else 0.0


def print_table(summary: Sequence[dict[str, Any]]) -> None:
    """One line per world and workload; dollars are means per market."""
    print("world     workload  markets  bound    ours   plain  over: mean worst within  on time worst  over plain")
    for line in summary:
        print(
            "{world:<9} {workload:<9} {markets:>7} {bound_usd:>6.3f} {ours_usd:>7.3f} {plain_usd:>7.3f}"
            "  {over_bound:>10.2f} {over_bound_worst:>5.2f} {within_goal:>6}  {on_time:>7.1%} {on_time_worst:>5.1%}"
            "  {over_plain_worst:>10.2f}".format(**line)
        )
        for seed, found in line["misses"].items():
            print(f"          seed {seed}: {', '.join(found)}")


if __name__ == "__main__":
    logging.getLogger("control_plane").setLevel(logging.CRITICAL)
    sys.exit(main())
