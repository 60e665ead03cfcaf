#!/usr/bin/env python3
"""How right the rules are on labelled documents: type, own date, parties, case number, roles of dates.

    python scripts/bench/rules.py --set FILE.jsonl --json OUT [--misses]

One object a line: `text`, `types` (any is right), `date`, `date_doubt` with `date_readings`, `date_also`, `parties`,
`case_number`, `roles_of_dates` (day → acceptable roles joined by `|`). Exit 2 when the file holds no document.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.analysis.rules import analyse_text  # noqa: E402
from scripts.bench.rules_metrics import GOALS, Tally, score_document  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Score every document of the set, print the table, write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, required=True, help="labelled documents, one JSON object a line")
    parser.add_argument("--json", type=Path, help="where the numbers go")
    parser.add_argument("--misses", action="store_true", help="print what was wrong, document by document")
    options = parser.parse_args(argv)
    documents = [json.loads(line) for line in options.set.read_text("utf-8").splitlines() if line.strip()]
    if not documents:
        print(f"{options.set} holds no document", file=sys.stderr)
        return 2
    tally = Tally()
    for document in documents:
        misses = score_document(tally, document, analyse_text(document["text"]))
        if options.misses and misses:
            print(f"{document['name']}: " + "; ".join(misses))
    numbers = tally.numbers()
    _print_table(numbers)
    if options.json:
        kept = {name: numbers[name] for name in GOALS}
        options.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 0


def _print_table(numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        if isinstance(value, float):
            goal = GOALS.get(name)
            print(f"{name:20} {value:6.3f}" + (f"   goal {goal}" if goal else ""))
    print("counts: " + ", ".join(f"{name} {value}" for name, value in numbers["counts"].items()))


if __name__ == "__main__":
    sys.exit(main())
