#!/usr/bin/env python3
"""Check boxes on a folder of page images: found, invented, ticked or not, and with which words.

    python scripts/bench/ocr_boxes.py --images DIR --truth DIR [--json FILE] [--limit N]

The truth of `x.jpg` is `x.boxes.json`, as `scripts/make_box_pages.py` writes it; a page without that file has no box.
A box is found where its true centre lies in it. A doubtful state counts neither as right nor as wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.ocr.engines.engine import create_engine  # noqa: E402
from gpu_worker.ocr.structure.boxes import BoxState, CheckBox, find_check_boxes  # noqa: E402
from scripts.bench.ocr import images_of  # noqa: E402


@dataclass
class Tally:
    """Counts over pages; `wrong` are ticked boxes called empty or the other way round, `cpu_ms` is of finding alone."""

    pages: int = 0
    true: int = 0
    found: int = 0
    invented: int = 0
    right_state: int = 0
    wrong_state: int = 0
    doubtful: int = 0
    right_label: int = 0
    cpu_ms: float = 0.0

    def add(self, truth: Sequence[dict], boxes: Sequence[CheckBox]) -> None:
        """Count one page."""
        self.pages += 1
        self.true += len(truth)
        left = list(boxes)
        for each in truth:
            x, y = each["center"]
            hit = next((b for b in left if b.box[0] <= x <= b.box[2] and b.box[1] <= y <= b.box[3]), None)
            if hit is None:
                continue
            left.remove(hit)
            self.found += 1
            self.right_state += hit.state == each["state"]
            self.doubtful += hit.state == BoxState.DOUBTFUL
            self.wrong_state += hit.state not in (each["state"], BoxState.DOUBTFUL)
            self.right_label += "".join(hit.label.lower().split()) == "".join(each["label"].lower().split())
        self.invented += len(left)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit 2 when the folder holds no page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args(argv)
    images = images_of(options.images)[: options.limit]
    if not images:
        print(f"no image in {options.images}", file=sys.stderr)
        return 2
    engine, tally = create_engine("onnx"), Tally()
    for path in images:
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        (page,) = engine.read_pages([gray])
        truth = options.truth / f"{path.stem}.boxes.json"
        began = time.process_time()
        boxes = find_check_boxes(gray, page)
        tally.cpu_ms += 1000 * (time.process_time() - began)
        tally.add(json.loads(truth.read_text()) if truth.is_file() else [], boxes)
    report = summary(tally)
    print("\n".join(f"{name:<16}{value:>10}" for name, value in report.items()))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def summary(tally: Tally) -> dict[str, float]:
    """Counts, and shares of them."""
    return {
        **asdict(tally),
        "recall": round(tally.found / max(tally.true, 1), 4),
        "precision": round(tally.found / max(tally.found + tally.invented, 1), 4),
        "state_accuracy": round(tally.right_state / max(tally.found, 1), 4),
        "label_accuracy": round(tally.right_label / max(tally.found, 1), 4),
        "cpu_ms": round(tally.cpu_ms / max(tally.pages, 1), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
