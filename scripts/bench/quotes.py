#!/usr/bin/env python3
"""Measures the quote gate on a labelled set.

    python scripts/bench/quotes.py --set FILE.jsonl --json OUT

The set has one object a line: `pages` (their texts), `quote`, `page` (as claimed), `stands`, `kind`. A quote that
stands counts as recalled when it is accepted; on which page, the set says for every kind but `wrong_page`, where any
page but the claimed one is right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.analysis.quotes.finder import QuoteFinder  # noqa: E402


def measure(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """{"n", "false_accept", "recall", "by_kind": {kind: {"n", "accepted", "stands"}}, "wrong": [row, …]}."""
    counts: dict[str, dict[str, Any]] = {}
    wrong = []
    for row in rows:
        accepted = is_accepted(row)
        kind = counts.setdefault(row["kind"], {"n": 0, "accepted": 0, "stands": row["stands"]})
        kind["n"] += 1
        kind["accepted"] += accepted
        if accepted != row["stands"]:
            wrong.append({"kind": row["kind"], "stands": row["stands"], "quote": row["quote"]})
    return {
        "n": sum(kind["n"] for kind in counts.values()),
        "false_accept": _share(counts.values(), stands=False),
        "recall": _share(counts.values(), stands=True),
        "by_kind": dict(sorted(counts.items())),
        "wrong": wrong,
    }


def is_accepted(row: dict[str, Any]) -> bool:
    """Whether the gate lets the quote pass, on a page that can be right."""
    found = QuoteFinder(row["pages"]).find(row["quote"], row["page"])
    page: int = row["page"]
    if row["stands"] and found.stands:
        return (found.page != page) if row["kind"] == "wrong_page" else (found.page == page)
    return found.stands


def _share(kinds: Iterable[dict[str, Any]], stands: bool) -> float:
    wanted = [kind for kind in kinds if kind["stands"] is stands]
    accepted, of = sum(int(kind["accepted"]) for kind in wanted), sum(int(kind["n"]) for kind in wanted)
    return round(accepted / max(1, of), 4)


def print_table(result: dict[str, Any]) -> None:
    """The kinds, those that went wrong marked, and every row that did."""
    for name, kind in result["by_kind"].items():
        right = kind["accepted"] == (kind["n"] if kind["stands"] else 0)
        print(f"{name:22} {'stands' if kind['stands'] else 'not':7} {kind['accepted']:3} of {kind['n']:3} accepted"
              f"{'' if right else '   <-'}")  # fmt: skip
    for row in result["wrong"]:
        print(f"wrongly {'refused' if row['stands'] else 'accepted'} ({row['kind']}): {row['quote']!r}")
    print(f"n {result['n']}, false accepts {result['false_accept']:.4f}, recall {result['recall']:.4f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the numbers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, required=True, help="labelled quotes, one JSON object a line")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in options.set.read_text(encoding="utf-8").splitlines() if line.strip()]
    result = measure(rows)
    print_table(result)
    if options.json:
        kept = {key: result[key] for key in ("n", "false_accept", "recall", "by_kind")}
        options.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
