#!/usr/bin/env python3
"""What limits a worker on a host and card of this shape: a model from measured costs, for hosts nobody measured yet.

    python scripts/bench/host_model.py [--parent-ms 16] [--children-ms 84]

Stages overlap, so the slowest sets the pace: child processes (decode and draw, find boxes, set text) on all cores but
the parent's, the parent process (feed the card, post-process), the copy to the card, the card itself. The defaults are
the costs of scanned PDFs in docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

PARENT_CORES = 1.08
"""CPU seconds a second that the parent gets: 45 images at 24 ms and 68 PDF pages at 16 ms both came to it, as Python's
lock lets one thread work at a time."""
COPY_MEGABYTES = 4.8  # a page's bytes and its results: 3.6 up, 1.2 down
PCIE_GB_PER_SECOND = 12.0
CARD_MS = {"H100": 5.1, "RTX 4090": 17.0, "RTX 3090": 18.0}
"""Both networks for a court filing: measured, then by memory traffic alone."""


@dataclass(frozen=True)
class Page:
    """Milliseconds of CPU that a page takes in the parent and in its children."""

    parent_ms: float
    children_ms: float


PDF, IMAGE = Page(16, 84), Page(24, 73)


def limits(page: Page, cores: float, card: str) -> dict[str, float]:
    """Pages/s that each stage could do by itself."""
    return {
        "children": max(1.0, cores - PARENT_CORES) * 1000 / page.children_ms,
        "parent": PARENT_CORES * 1000 / page.parent_ms,
        "copy": PCIE_GB_PER_SECOND * 1000 / COPY_MEGABYTES,
        "card": 1000 / CARD_MS[card],
    }


def limit(page: Page, cores: float, card: str) -> tuple[float, str]:
    """Pages/s of the whole, and the stage that holds it there."""
    return min((speed, stage) for stage, speed in limits(page, cores, card).items())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent-ms", type=float, default=PDF.parent_ms)
    parser.add_argument("--children-ms", type=float, default=PDF.children_ms)
    options = parser.parse_args(argv)
    page = Page(options.parent_ms, options.children_ms)
    print("| cores | " + " | ".join(CARD_MS) + " |\n|---" + "|---" * len(CARD_MS) + "|")
    for cores in (4, 8, 16, 32):
        found = [limit(page, cores, card) for card in CARD_MS]
        print(f"| {cores} | " + " | ".join(f"{speed:.0f} ({stage})" for speed, stage in found) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
