"""How well the roles of lines are found on drawn documents of known roles: precision and recall of each (story).

    python -m scripts.bench.ocr_roles [--first 1000] [--count 20] [--json FILE]

Seeds from 1 to 999 are for tuning, those from 1000 on for reporting.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from gpu_worker.ocr.structure.role_lines import Role, outline_page
from gpu_worker.ocr.structure.roles import find_roles
from scripts.role_pages import KINDS, draw_document

Numbers = dict[str, dict[str, float]]


def measure(first: int, count: int) -> Numbers:
    """Precision, recall and lines of every role, over all kinds of documents; under "all" the CPU ms a page."""
    right, found, true = Counter[Role](), Counter[Role](), Counter[Role]()
    pages, seconds = 0, 0.0
    for kind in KINDS:
        for seed in range(first, first + count):
            document = draw_document(kind, seed)
            began = time.process_time()
            told = find_roles([outline_page(page, page.text) for page, _ in document]).roles
            seconds += time.process_time() - began
            pages += len(document)
            for mine, (_, truth) in zip(told, document, strict=True):
                right.update(a for a, b in zip(mine, truth, strict=True) if a == b)
                found.update(mine)
                true.update(truth)
    shares = {
        role.value: {
            "precision": round(right[role] / max(found[role], 1), 4),
            "recall": round(right[role] / max(true[role], 1), 4),
            "lines": true[role],
        }
        for role in Role
    }
    return {**shares, "all": {"pages": pages, "cpu_ms": round(1000 * seconds / max(pages, 1), 2)}}


def main() -> None:
    """Print a line a role."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    results = measure(asked.first, asked.count)
    for role, numbers in results.items():
        print(f"{role:12}", *(f"{name} {value:<8}" for name, value in numbers.items()))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
