"""What is promised of a world, and whether it was kept (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Any

ON_TIME = 0.95  # of the documents that one who knows the market could do in time
OVER_BOUND = 2.0
OVER_BOUND_KIND: Mapping[str, float] = {"batch": 1.25, "bursts": 1.6}
SHARE_OF_MARKETS = 0.9  # in the kind world: 18 of 20, not only in the mean
OVER_PLAIN = 1.05


@dataclass(frozen=True)
class Result:
    """One policy on one workload in one market."""

    dollars: float
    on_time: float  # share of the documents
    mean_late_seconds: float
    worst_late_seconds: float
    idle_share: float  # of the GPU seconds paid
    contracts: int
    most_open: int
    not_completed: int
    alarms: Mapping[str, int]  # by name
    ended_hours: float


@dataclass(frozen=True)
class Run:
    """One market: what we did, what the clairvoyant could, what the plain policy did."""

    world: str
    workload: str
    seed: int
    bound_usd: float
    possible_on_time: float
    ours: Result
    plain: Result

    @property
    def over_bound(self) -> float:
        """Our dollars over the bound."""
        return self.ours.dollars / self.bound_usd

    @property
    def over_plain(self) -> float:
        """Our dollars over the plain policy's."""
        return self.ours.dollars / self.plain.dollars

    @property
    def on_time(self) -> float:
        """Of what was possible."""
        return min(1.0, self.ours.on_time / self.possible_on_time) if self.possible_on_time else 1.0


def most_over_bound(world: str, workload: str) -> float:
    """The goal for the dollars over the bound."""
    return OVER_BOUND_KIND.get(workload, OVER_BOUND) if world == "kind" else OVER_BOUND


def misses(run: Run) -> list[str]:
    """The goals that one market misses, in words."""
    goal = most_over_bound(run.world, run.workload)
    found = []
    if run.ours.not_completed:
        found.append(f"{run.ours.not_completed} documents not done")
    if run.on_time <= ON_TIME:
        found.append(f"{run.on_time:.1%} on time")
    if run.over_bound > goal:
        found.append(f"{run.over_bound:.2f} times the bound")
    if run.over_plain > OVER_PLAIN:
        found.append(f"{run.over_plain:.2f} times the plain policy's dollars")
    return found


def summarise(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Per world and workload: the numbers of the table, and the markets that miss a goal."""
    lines = []
    for world, workload in dict.fromkeys((run.world, run.workload) for run in runs):
        mine = [run for run in runs if (run.world, run.workload) == (world, workload)]
        ratios = [run.over_bound for run in mine]
        within = sum(ratio <= most_over_bound(world, workload) for ratio in ratios)
        lines.append({
            "world": world, "workload": workload, "markets": len(mine),
            "bound_usd": mean(run.bound_usd for run in mine), "ours_usd": mean(run.ours.dollars for run in mine),
            "plain_usd": mean(run.plain.dollars for run in mine),
            "over_bound": sum(run.ours.dollars for run in mine) / sum(run.bound_usd for run in mine),
            "over_bound_median": median(ratios), "over_bound_worst": max(ratios), "within_goal": within,
            "over_plain_worst": max(run.over_plain for run in mine),
            "possible_on_time": mean(run.possible_on_time for run in mine),
            "on_time": mean(run.on_time for run in mine), "on_time_worst": min(run.on_time for run in mine),
            "plain_on_time": mean(run.plain.on_time for run in mine),
            "idle_share": mean(run.ours.idle_share for run in mine),
            "contracts": mean(run.ours.contracts for run in mine),
            "most_open": max(run.ours.most_open for run in mine),
            "not_completed": sum(run.ours.not_completed for run in mine),
            "misses": {run.seed: found for run in mine if (found := misses(run))},
        })  # fmt: skip
    return lines


def as_json(run: Run) -> dict[str, Any]:
    """A run with its ratios and misses."""
    ratios = {"over_bound": run.over_bound, "over_plain": run.over_plain, "on_time_of_possible": run.on_time}
    return asdict(run) | ratios | {"misses": misses(run)}
