"""How well tables are found: on drawn pages by kind, and none on pages without one (story).

    python -m scripts.bench.ocr_tables [--first 1000] [--count 20] [--read] [--json FILE] [--write DIR]

Seeds from 1 to 999 are for tuning, those from 1000 on for reporting. `--read` has the words recognised; else they are
where they were drawn, which measures the tables alone. `--write` only draws them, as a set for
`ocr.py --measures tables`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.structure.joining import join_tables
from gpu_worker.ocr.structure.rulings import find_rulings
from gpu_worker.ocr.structure.table import Table
from gpu_worker.ocr.structure.tables import find_tables
from scripts.bench.table_metrics import f1, score
from scripts.table_pages import KINDS, TablePage, draw_pages

Read = Callable[[TablePage], PageText]


def tables_of(pages: list[TablePage], read: Read) -> tuple[list[Table], float]:
    """A document's tables, and the CPU seconds that finding them took."""
    found, seconds = [], 0.0
    for number, page in enumerate(pages, 1):
        words = read(page)
        started = time.process_time()
        tables = find_tables(words, find_rulings(page.image))
        seconds += time.process_time() - started
        found += [replace(table, page=number, last_page=number) for table in tables]
    return join_tables(found), seconds


def truth_of(pages: list[TablePage]) -> list[list[list[str]]]:
    """What the document's tables say; over two pages it is one table whose header stands once."""
    grids = [grid for page in pages for grid in page.tables]
    return [[*grids[0], *(row for grid in grids[1:] for row in grid[1:])]]


def measure(kind: str, first: int, count: int, read: Read) -> dict[str, float]:
    """F1 of the cells' neighbours, the share of documents with one table, CPU ms a page."""
    totals, exact, pages_done, seconds = np.zeros(3, int), 0, 0, 0.0
    for seed in range(first, first + count):
        pages = draw_pages(kind, seed)
        found, took = tables_of(pages, read)
        totals += score([table.grid() for table in found], truth_of(pages))
        exact += len(found) == 1
        pages_done, seconds = pages_done + len(pages), seconds + took
    return {
        "cell_f1": round(f1(*totals.tolist()), 3),
        "one_table": round(exact / count, 3),
        "cpu_ms": round(1000 * seconds / pages_done, 1),
    }


def write_pages(folder: Path, first: int, count: int) -> None:
    """The pages as pictures, each with its `x.tables.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        for seed in range(first, first + count):
            for number, page in enumerate(draw_pages(kind, seed), 1):
                stem = f"{kind}-{seed}-{number}"
                cv2.imwrite(str(folder / f"{stem}.png"), page.image)
                (folder / f"{stem}.tables.json").write_text(json.dumps(page.tables))


def _reader() -> Read:
    from gpu_worker.ocr.engines.onnx_engine import OnnxEngine  # loads networks: only where asked for

    reader = OnnxEngine()
    return lambda page: reader.read_pages([page.image])[0]


def main() -> None:
    """Print a line a kind."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if asked.write:
        write_pages(asked.write, asked.first, asked.count)
        return
    read = _reader() if asked.read else TablePage.as_read
    results = {kind: measure(kind, asked.first, asked.count, read) for kind in KINDS}
    for kind, numbers in results.items():
        print(f"{kind:12}", *(f"{name} {value:<7}" for name, value in numbers.items()))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
