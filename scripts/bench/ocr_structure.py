"""Tables and check boxes of page images as the worker finds them, against `x.tables.json` and `x.boxes.json` (story).

A table of the truth is a list of rows of texts, "" where a spanning cell goes on (`python -m scripts.bench.ocr_tables
--write DIR` draws some); boxes are as in `ocr_boxes.py`. A page without such a file shows none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from gpu_worker.ocr.engines.engine import create_engine
from gpu_worker.ocr.engines.page_reader import to_gray
from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.structure.boxes import find_check_boxes
from gpu_worker.ocr.structure.rulings import find_rulings
from gpu_worker.ocr.structure.tables import find_tables
from gpu_worker.reading.second_look import read_at_two_sizes
from scripts.bench.ocr_boxes import Tally, summary
from scripts.bench.table_metrics import f1, score

BOXES = ("recall", "precision", "state_accuracy", "label_accuracy", "cpu_ms")


def measure_structure(
    engine_name: str, images: Sequence[Path], truth: Path, measures: Sequence[str]
) -> dict[str, float]:
    """What `measures` ("tables", "boxes") ask, over all images, each named by its measure first."""
    engine, tables, boxes = create_engine(engine_name), TableTally(), Tally()
    for path in images:
        image = to_gray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
        (reading,) = read_at_two_sizes([image], engine)
        if "tables" in measures:
            tables.add(_truth(truth / f"{path.stem}.tables.json"), image, reading.page)
        if "boxes" in measures:
            began = time.process_time()
            found = find_check_boxes(image, reading.page)
            boxes.cpu_ms += 1000 * (time.process_time() - began)
            boxes.add(_truth(truth / f"{path.stem}.boxes.json"), found)
    shares = {f"boxes_{name}": value for name, value in summary(boxes).items() if name in BOXES}
    return (tables.summary() if "tables" in measures else {}) | (shares if "boxes" in measures else {})


class TableTally:
    """Counts over pages: neighbours of cells right, found, true; pages with the right number of tables."""

    def __init__(self) -> None:
        self._neighbours = np.zeros(3, int)
        self._pages = self._counted_right = 0
        self._seconds = 0.0

    def add(self, truth: Sequence[Sequence[Sequence[str]]], image: np.ndarray, page: PageText) -> None:
        """Count one page."""
        began = time.process_time()
        found = find_tables(page, find_rulings(image))
        self._seconds += time.process_time() - began
        self._neighbours += score([table.grid() for table in found], truth)
        self._counted_right += len(found) == len(truth)
        self._pages += 1

    def summary(self) -> dict[str, float]:
        """F1 of the cells' neighbours, the share of pages with as many tables as the truth, CPU ms a page."""
        pages = max(self._pages, 1)
        return {
            "tables_cell_f1": round(f1(*self._neighbours.tolist()), 4),
            "tables_counted_right": round(self._counted_right / pages, 4),
            "tables_cpu_ms": round(1000 * self._seconds / pages, 1),
        }


def _truth(path: Path) -> list:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
