"""Dollars, lateness and idle share of the real scaler in a simulated market.

python scripts/bench/fleet.py --seed 1 --schedules 20 --json fleet.json [--plot docs/images/fleet.png]
python scripts/bench/fleet.py --world boot20 --seed 1 --schedules 3 --json boot20.json
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from control_plane.database.fleet_rows import Caps  # noqa: E402
from control_plane.fleet.scaler import tick  # noqa: E402
from control_plane.settings.fleet_policy import Policy  # noqa: E402
from scripts.bench.fleet_sim.market import Market  # noqa: E402
from scripts.bench.fleet_sim.physics import WORLDS, Physics  # noqa: E402
from scripts.bench.fleet_sim.rivals import Plain, lateness, lower_bound  # noqa: E402
from scripts.bench.fleet_sim.workloads import WORKLOADS  # noqa: E402
from scripts.bench.fleet_sim.world import START, World  # noqa: E402

CAPS = Caps(machines=8, usd_per_hour=3.0, usd_per_day=30.0, credit_floor=5.0)
DAY_SECONDS = 86400.0
MOST_PLAIN_MACHINES = 6


@dataclass(frozen=True)
class Result:
    """One policy on one workload in one market."""

    policy: str
    workload: str
    seed: int
    dollars: float
    mean_late_seconds: float
    late_share: float
    worst_late_seconds: float
    idle_share: float  # of the GPU seconds paid
    contracts: int
    most_open: int
    jobs_not_completed: int
    alarms: dict[str, int]  # by name
    ended_hours: float


def main() -> None:
    """Run, print a table, write JSON and a plot."""
    options = _options()
    logging.getLogger("control_plane").setLevel(logging.CRITICAL)
    began, policy, rows = time.monotonic(), Policy(), []
    for seed in range(options.seed, options.seed + options.schedules):
        for name in options.workloads:
            rows.append(compare(name, seed, policy, WORLDS[options.world]))
    summary = summarise(rows)
    print_table(summary)
    print(f"{len(rows)} runs in {time.monotonic() - began:.0f} s")
    if options.json:
        report = {"world": options.world, "policy": asdict(policy), "caps": asdict(CAPS)}
        Path(options.json).write_text(json.dumps(report | {"summary": summary, "runs": rows}, indent=1))
    if options.plot:
        from scripts.bench.fleet_sim.plot import plot

        plot(rows, Path(options.plot))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", default="kind", choices=list(WORLDS))
    parser.add_argument("--schedules", type=int, default=10, help="markets per workload")
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS), choices=list(WORKLOADS))
    parser.add_argument("--json")
    parser.add_argument("--plot")
    return parser.parse_args()


def compare(workload: str, seed: int, policy: Policy, physics: Physics) -> dict[str, Any]:
    """Every policy on one workload in one market, and the bound."""
    ours = run_ours(workload, seed, policy, physics)
    plain = run_plain(workload, seed, policy, 1, physics)
    equal, machines = plain, 1
    while _is_later(equal, ours) and machines < MOST_PLAIN_MACHINES:
        machines += 1
        equal = run_plain(workload, seed, policy, machines, physics)
    always = run_always(workload, seed, policy, physics)
    bound = lower_bound(Market(seed, physics=physics), WORKLOADS[workload](seed, policy), policy)
    return {
        "workload": workload, "seed": seed, "bound": bound, "ours": asdict(ours), "plain": asdict(plain),
        "plain_equal": asdict(equal) | {"machines": machines, "is_as_punctual": not _is_later(equal, ours)},
        "always": asdict(always),
    }  # fmt: skip


def _is_later(rival: Result, ours: Result) -> bool:
    return rival.mean_late_seconds > ours.mean_late_seconds + 1.0


def run_ours(workload: str, seed: int, policy: Policy, physics: Physics) -> Result:
    """The real scaler, tick by tick."""
    world = World(seed, policy, WORKLOADS[workload](seed, policy), Market(seed, physics=physics))
    post = world.post("bench", CAPS)
    return _run("ours", workload, seed, world, lambda: tick(post))


def run_plain(workload: str, seed: int, policy: Policy, machines: int, physics: Physics) -> Result:
    """Cheapest per hour, while there is work."""
    market = Market(seed, physics=physics)
    world = World(seed, policy, WORKLOADS[workload](seed, policy), market, has_ledger=False)
    return _run("plain", workload, seed, world, Plain(world, machines).tick)


def run_always(workload: str, seed: int, policy: Policy, physics: Physics) -> Result:
    """One machine, day and night."""
    market = Market(seed, physics=physics)
    world = World(seed, policy, WORKLOADS[workload](seed, policy), market, has_ledger=False)
    plain = Plain(world, always=True)
    return _run("always", workload, seed, world, plain.tick, START + DAY_SECONDS)


def _run(
    name: str, workload: str, seed: int, world: World, step: Callable[[], object], until: float = 0.0
) -> Result:
    while not (world.work_is_done() and (world.now >= until if until else not world.vast.open_contracts())):
        step()
        world.advance(world.policy.tick_seconds)
        if world.now > START + 10 * DAY_SECONDS:
            raise RuntimeError(f"{name} on {workload} with seed {seed} does not end")
    late = lateness(world.queue.jobs)
    return Result(
        policy=name,
        workload=workload,
        seed=seed,
        dollars=world.vast.dollars(),
        mean_late_seconds=late["mean_late_seconds"],
        late_share=late["late_share"],
        worst_late_seconds=late["worst_late_seconds"],
        idle_share=_idle_share(world),
        contracts=len(world.vast.contracts),
        most_open=world.most_open,
        jobs_not_completed=sum(job.status != "completed" for job in world.queue.jobs),
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


def summarise(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per workload: what everyone costs, and the ratios that are promised."""
    lines = []
    for name in dict.fromkeys(row["workload"] for row in rows):
        mine = [row for row in rows if row["workload"] == name]
        ratios = [row["ours"]["dollars"] / row["bound"] for row in mine]
        against = [row["ours"]["dollars"] / row["plain_equal"]["dollars"] for row in mine]
        lines.append({
            "workload": name, "markets": len(mine), "bound": mean(row["bound"] for row in mine),
            "ours": mean(row["ours"]["dollars"] for row in mine),
            "plain": mean(row["plain"]["dollars"] for row in mine),
            "plain_equal": mean(row["plain_equal"]["dollars"] for row in mine),
            "always": mean(row["always"]["dollars"] for row in mine),
            "over_bound": sum(row["ours"]["dollars"] for row in mine) / sum(row["bound"] for row in mine),
            "over_bound_median": median(ratios), "over_bound_worst": max(ratios),
            "over_plain_equal": mean(against), "over_plain_equal_worst": max(against),
            "late_share": mean(row["ours"]["late_share"] for row in mine),
            "late_seconds": mean(row["ours"]["mean_late_seconds"] for row in mine),
            "plain_late_seconds": mean(row["plain"]["mean_late_seconds"] for row in mine),
            "idle_share": mean(row["ours"]["idle_share"] for row in mine),
            "most_open": max(row["ours"]["most_open"] for row in mine),
            "not_completed": sum(row["ours"]["jobs_not_completed"] for row in mine),
            "contracts": mean(row["ours"]["contracts"] for row in mine),
            "ended_hours": max(row["ours"]["ended_hours"] for row in mine),
        })  # fmt: skip
    return lines


def print_table(summary: Sequence[dict[str, Any]]) -> None:
    """Dollars are means per market."""
    columns = list(summary[0])
    for column in columns:
        values = [line[column] for line in summary]
        cells = [f"{value:>12.4f}" if isinstance(value, float) else f"{value!s:>12}" for value in values]
        print(f"{column:<24}" + "".join(cells))


if __name__ == "__main__":
    main()
