"""What second readings cost and catch: hosts that lie in 1, 5 and 50 % of documents, by the share that is checked.

python -m scripts.bench.lying_hosts [--documents 3000] [--runs 2000] [--json FILE]

A machine reads so many documents in its life. Of each the rules of `create_checks` draw whether another machine reads
it, too: by the share, more often among the first ten. A lie is text that has less than 70 % of its words in common with
the page; a drawn one is disputed, a third machine decides, and all that the liar read is read anew.
"""

import argparse
import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.table import Table

FIRST_READINGS, FIRST_SHARE = 10, 0.2  # private.first_readings, private.first_share
BEHIND = 30  # documents that the liar still reads until the second and the third reading are there
SEED = 20261126


@dataclass(frozen=True)
class Measured:
    """One row; the costs are readings of a document beyond the first, in percent of all documents."""

    share: float
    lies: float
    caught_percent: float
    read_until_caught: int | None
    lies_that_stand: float
    lies_without_checks: float
    cost_percent: float


def live(luck: random.Random, share: float, lies: float, documents: int) -> tuple[int | None, int, int]:
    """One machine: after how many documents it was caught (None: never), how often it lied, how many were checked."""
    told = checked = 0
    for number in range(documents):
        is_lie = luck.random() < lies
        told += is_lie
        if share and luck.random() < max(share, FIRST_SHARE if number < FIRST_READINGS else 0.0):
            checked += 1
            if is_lie:
                return min(documents, number + 1 + BEHIND), told, checked + 1
    return None, told, checked


def measure(share: float, lies: float, documents: int, runs: int) -> Measured:
    luck = random.Random(SEED)
    lives = [live(luck, share, lies, documents) for _ in range(runs)]
    ends = [end for end, _, _ in lives if end is not None]
    extra = sum(checked + (end or 0) for end, _, checked in lives)
    return Measured(
        share=share,
        lies=lies,
        caught_percent=round(100 * len(ends) / runs, 1),
        read_until_caught=round(median(ends)) if ends else None,
        lies_that_stand=round(mean(0 if end else told for end, told, _ in lives), 1),
        lies_without_checks=round(lies * documents, 1),
        cost_percent=round(100 * extra / (runs * documents), 2),
    )


def run(options: argparse.Namespace) -> list[Measured]:
    shares, lies = (0.0, 0.01, 0.02, 0.05, 0.1), (0.0, 0.01, 0.05, 0.5)
    return [measure(share, lie, options.documents, options.runs) for share in shares for lie in lies]


def show(measured: list[Measured]) -> None:
    table = Table(*(name.replace("_", " ") for name in Measured.__dataclass_fields__), title="Hosts that lie")
    for row in measured:
        table.add_row(*("–" if value is None else f"{value:,}" for value in asdict(row).values()))
    Console(width=120).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=3000, help="that a machine reads in its life")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured = run(options)
    show(measured)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in measured], indent=2) + "\n")


if __name__ == "__main__":
    main()
