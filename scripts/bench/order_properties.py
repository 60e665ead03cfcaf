#!/usr/bin/env python3
"""What must hold for the reading order of any page, on pages at random and on drawn ones.

    python scripts/bench/order_properties.py [--random 10000] [--drawn 1000] [--seed 1] [--json FILE]

Every page is put in order as it is, turned by 90, 180 and 270°, and moved by up to 2 px: nothing may be raised, every
line stands in the order once, and the order is the same each time. On drawn pages every line is also moved by up to
1 px on its own, as a second scan moves it. Exit 1 where one of these fails; failures are named by kind and seed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import make_ocr_pages as drawing  # noqa: E402
from ocr_page_words import Words  # noqa: E402

from gpu_worker.ocr.layout.page_layout import FoundLine, PageLayout  # noqa: E402
from gpu_worker.ocr.layout.reading_order import order_lines  # noqa: E402
from gpu_worker.ocr.networks.ctc import LineText, Span  # noqa: E402

SIZE = (1700, 2200)
TEXTS = ("word", "two words", ")", "]", "3", "12", "Page 7", "several words of prose here", "(a)", "• a point", "4.50")
RIM = 3.0  # px of white that the detector leaves around the ink


@dataclass(frozen=True)
class Case:
    """An upright page: its name, and its lines as text and bounds N×4."""

    name: str
    texts: tuple[str, ...]
    bounds: np.ndarray
    size: tuple[float, float] = SIZE


def main(argv: Sequence[str] | None = None) -> int:
    """Count pages and failures; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=10_000)
    parser.add_argument("--drawn", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    failures = [
        *(f for case in random_cases(options.random, options.seed) for f in failures_of(case, options.seed)),
        *(f for case in drawn_cases(options.drawn, options.seed) for f in failures_of(case, options.seed, 1.0)),
    ]
    counts = Counter(failure.split(": ")[1] for failure in failures)
    print(f"{options.random} pages at random, {options.drawn} drawn: {dict(counts) or 'all hold'}")
    print("\n".join(failures[:40]))
    if options.json:
        options.json.write_text(json.dumps({"failures": failures}, indent=2) + "\n")
    return 1 if failures else 0


def failures_of(case: Case, seed: int, jitter: float = 0.0) -> Iterator[str]:
    """What does not hold for a page, as `<name>: <what>`."""
    noise = np.random.default_rng(seed)
    try:
        order = order_of(case, case.bounds)
        if sorted(order) != list(range(len(case.texts))):
            yield f"{case.name}: not every line once"
        for quarters in (1, 2, 3):
            if order_of(case, case.bounds, quarters) != order:
                yield f"{case.name}: another order when turned by {90 * quarters}°"
        moved = case.bounds + np.tile(noise.uniform(-2, 2, 2), 2)
        if order_of(case, moved) != order:
            yield f"{case.name}: another order when moved"
        if jitter and order_of(case, case.bounds + noise.uniform(-jitter, jitter, case.bounds.shape)) != order:
            yield f"{case.name}: another order when its lines are moved"
    except Exception as error:
        yield f"{case.name}: {type(error).__name__} raised"


def order_of(case: Case, bounds: np.ndarray, quarters: int = 0) -> list[int]:
    """The numbers of a page's lines in reading order, when the page lies so that it must be turned `quarters` × 90°
    clockwise to stand upright."""
    quads = bounds[:, [[0, 1], [2, 1], [2, 3], [0, 3]]].astype(float)
    width, height = case.size
    for _ in range(quarters):
        quads = np.stack([quads[..., 1], width - quads[..., 0]], axis=-1)
        width, height = height, width
    lines = tuple(FoundLine(quad, _text(text)) for quad, text in zip(quads, case.texts, strict=True))
    if not lines:
        return []
    blocks = order_lines(PageLayout(lines, width, height, 90 * quarters))
    return [i for block in blocks for row in block for i in row]


def _text(text: str) -> LineText:
    words = text.split()
    return LineText(tuple(Span(word, n / len(words), (n + 0.9) / len(words), 0.9) for n, word in enumerate(words)), 0.9)


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """Lines anywhere, in columns, in tables, some twice, some inside others, some without size. Whole even pixels: a
    page turned about its middle has them again."""
    for number in range(count):
        noise = np.random.default_rng((seed, number))
        parts = [LAYOUTS[kind](noise) for kind in noise.integers(0, len(LAYOUTS), noise.integers(1, 3))]
        bounds = np.concatenate([np.zeros((0, 4), int), *parts])
        bounds = np.concatenate([bounds, bounds[noise.random(len(bounds)) < 0.05]]) // 2 * 2
        bounds = bounds[noise.permutation(len(bounds))]
        texts = tuple(TEXTS[i] for i in noise.integers(0, len(TEXTS), len(bounds)))
        yield Case(f"random {seed}-{number}", texts, bounds)


def _scattered(noise: np.random.Generator) -> np.ndarray:
    corner = noise.integers((0, 0), (1600, 2100), (noise.integers(0, 60), 2))
    return np.concatenate([corner, corner + noise.integers((0, 0), (500, 60), corner.shape)], axis=1)


def _columns(noise: np.random.Generator) -> np.ndarray:
    columns = []
    for number in range(noise.integers(1, 5)):
        count, width = noise.integers(1, 30), noise.choice([20, 150, 300, 380])
        tops = noise.integers(0, 700) + np.cumsum(noise.choice([0, 24, 24, 24, 24, 24, 30, 60, 300], count))
        lefts = np.full(count, number * 400)
        rights = lefts + np.where(noise.random(count) < 0.2, width // 2, width)
        columns.append(np.stack([lefts, tops, rights, tops + noise.choice([0, 2, 20, 20, 20, 20, 34], count)], axis=1))
    return np.concatenate(columns)


def _table(noise: np.random.Generator) -> np.ndarray:
    rows, cells, pitch = noise.integers(1, 20), noise.integers(1, 7), noise.choice([22, 30, 50])
    row, cell = (axis.ravel() for axis in np.meshgrid(np.arange(rows), np.arange(cells)))
    kept = noise.random(rows * cells) < 0.8
    left, top = cell[kept] * 220, noise.integers(0, 900) + row[kept] * pitch
    return np.stack([left, top, left + noise.integers(20, 200, len(left)), top + 20], axis=1)


LAYOUTS = (_scattered, _columns, _table)


def drawn_cases(count: int, seed: int) -> Iterator[Case]:
    """Drawn pages of all kinds in turn, with the places where their text was written."""
    for number in range(count):
        kind = tuple(drawing.KINDS)[number % len(drawing.KINDS)]
        page = drawing.KINDS[kind](Words(random.Random(f"{kind}-{seed + number}")))
        placed = [(text, box) for text, box in page.placed if box[2] > box[0]]
        bounds = np.array([box for _, box in placed]) + (-RIM, -RIM, RIM, RIM)
        yield Case(f"{kind} {seed + number}", tuple(text for text, _ in placed), bounds, (page.width, page.height))


if __name__ == "__main__":
    sys.exit(main())
