"""Dollars per workload and policy, as a picture for the docs; needs matplotlib (scripts/bench/requirements.txt)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from scripts.bench.fleet_sim.verdict import Run  # noqa: E402

NAMES = {
    "batch": "140,000 pages at once",
    "bursts": "six bursts, each due within the hour",
    "uploads": "60 single uploads in a day",
}
BARS = (
    ("clairvoyant bound", "#9aa5b1", lambda row: row.bound_usd),
    ("this fleet", "#2f6f4f", lambda row: row.ours.dollars),
    ("plain policy, as punctual", "#d08a2e", lambda row: row.rivals["plain_equal"].dollars),
    ("one machine always on", "#a33c3c", lambda row: row.rivals["always"].dollars),
)


def plot(rows: Sequence[Run], path: Path) -> None:
    """Mean dollars of each policy per workload; every dot is one market."""
    figure, axes = pyplot.subplots(1, len(NAMES), figsize=(12, 3.8))
    for axis, (workload, title) in zip(axes, NAMES.items(), strict=True):
        mine = [row for row in rows if row.workload == workload]
        for position, (_, colour, dollars) in enumerate(BARS):
            values = [dollars(row) for row in mine]
            axis.bar(position, mean(values), color=colour, alpha=0.85)
            axis.scatter([position] * len(values), values, color="black", s=6, alpha=0.4, zorder=3)
            axis.text(position, mean(values), f" ${mean(values):.2f}", ha="center", va="bottom", fontsize=9)
        axis.set_title(title, fontsize=10)
        axis.set_yscale("log")
        axis.set_xticks([])
    axes[0].set_ylabel("dollars (log scale)")
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=colour) for _, colour, _ in BARS]
    figure.legend(handles, [name for name, *_ in BARS], loc="lower center", ncol=4, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
