#!/usr/bin/env python3
"""Accuracy and speed of the OCR engines on a folder of page images with truth, all engines in one run, page by page
in turn.

    python scripts/bench/ocr.py --images DIR --truth DIR [--engines onnx,rapidocr] [--json FILE] [--repeat N]
        [--measures text,tables,boxes]

The truth of `x.png` is `x.txt` (in reading order) or FUNSD's `x.json` (words in no order); of its tables and check
boxes, which our engines alone are asked for, `x.tables.json` and `x.boxes.json` (`ocr_structure.py`). Times run from
the file on disk to the text. `rapidocrlite` runs in an environment of its own, whose interpreter RAPIDOCRLITE_PYTHON
names (`rapidocrlite_child.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.bench.ocr_metrics import PageScore, score_page, summarise  # noqa: E402

OURS = ("onnx", "torch", "tesseract")
THEIRS = ("rapidocr", "pytesseract", "rapidocrlite")
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"}

Reader = Callable[[Path], str]
Report = dict[str, dict[str, float | None]]
STRUCTURE = ("tables", "boxes")


@dataclass(frozen=True)
class Sample:
    """A page image and what it really says."""

    image: Path
    truth: str
    ordered: bool


@dataclass
class Tally:
    """What one engine has done so far."""

    scores: list[PageScore] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit 2 when the folders hold no page with truth."""
    options = parse_options(argv)
    engines, measures = options.engines.split(","), options.measures.split(",")
    samples = load_samples(options.images, options.truth)[: options.limit]
    images = images_of(options.images)[: options.limit] if set(measures) & set(STRUCTURE) else []
    if not (samples if "text" in measures else images):
        print(f"no image in {options.images} has its truth in {options.truth}", file=sys.stderr)
        return 2
    report = read_texts(samples, engines, options.repeat) if "text" in measures else {name: {} for name in engines}
    if images:
        add_structure(report, images, options.truth, measures)
    print_table(report, len(samples if "text" in measures else images))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def read_texts(samples: Sequence[Sample], engines: Sequence[str], repeat: int) -> Report:
    """Words, characters, order and speed of every engine."""
    readers = {name: open_reader(name) for name in engines}
    for reader in readers.values():
        reader(samples[0].image)  # the first page pays for loading
    tallies = {name: Tally() for name in readers}
    for turn in range(repeat):
        for number, sample in enumerate(samples):
            read_in_turn(sample, readers, tallies, number, keep=turn == 0)
        if repeat > 1:
            print(
                f"turn {turn + 1}: {(turn + 1) * len(samples)} pages, {resident_mebibytes():.0f} MiB resident",
                flush=True,
            )
    return {name: summary(tally, repeat) for name, tally in tallies.items()}


def add_structure(report: Report, images: Sequence[Path], truth: Path, measures: Sequence[str]) -> None:
    """Tables and boxes of our engines; null for others, which find none."""
    from scripts.bench.ocr_structure import measure_structure  # loads networks

    found = {name: measure_structure(name, images, truth, measures) for name in report if name in OURS}
    columns = next(iter(found.values()), {})
    for name, row in report.items():
        row.update(found.get(name, dict.fromkeys(columns)))


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of page images")
    parser.add_argument("--truth", type=Path, required=True, help="folder of <stem>.txt or FUNSD <stem>.json")
    parser.add_argument(
        "--engines", default="onnx,tesseract,rapidocr,pytesseract", help=f"of {', '.join(OURS + THEIRS)}"
    )
    parser.add_argument("--measures", default="text", help="of text, tables, boxes")
    parser.add_argument("--json", type=Path, help="write the measures here")
    parser.add_argument("--limit", type=int, help="only the first N pages")
    parser.add_argument("--repeat", type=int, default=1, help="go over the pages N times and report memory")
    return parser.parse_args(argv)


def load_samples(images: Path, truth: Path) -> list[Sample]:
    """Every image whose truth is there, by name."""
    samples = []
    for image in images_of(images):
        text, words = truth / f"{image.stem}.txt", truth / f"{image.stem}.json"
        if text.is_file():
            samples.append(Sample(image, text.read_text(encoding="utf-8"), ordered=True))
        elif words.is_file():
            samples.append(Sample(image, funsd_words(words), ordered=False))
    return samples


def images_of(folder: Path) -> list[Path]:
    """The images of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


def funsd_words(path: Path) -> str:
    form = json.loads(path.read_text(encoding="utf-8"))["form"]
    return " ".join(word["text"] for item in form for word in item["words"])


def open_reader(name: str) -> Reader:
    """An engine as its users call it: a path in, the page's text out."""
    if name == "rapidocr":
        return _rapidocr()
    if name == "pytesseract":
        return _pytesseract()
    if name == "rapidocrlite":
        return _rapidocrlite()
    return _ours(name)


def _ours(name: str) -> Reader:
    import cv2

    from gpu_worker.ocr.engines.engine import create_engine
    from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine
    from gpu_worker.reading.ocr_batcher import OcrBatcher

    engine = create_engine(name)
    batcher = OcrBatcher(engine, TesseractEngine() if name != "tesseract" else None)
    # Gray already when decoded: a JPEG then never becomes colour at all.
    return lambda path: batcher.submit(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)).result().reading.page.text


def _rapidocr() -> Reader:
    from rapidocr import RapidOCR

    engine = RapidOCR()
    return lambda path: "\n".join(engine(str(path)).txts or ())


def _pytesseract() -> Reader:
    import pytesseract
    from PIL import Image

    return lambda path: pytesseract.image_to_string(Image.open(path))


def _rapidocrlite() -> Reader:
    """Ends with this process, which is when its input does."""
    command = [os.environ["RAPIDOCRLITE_PYTHON"], str(Path(__file__).with_name("rapidocrlite_child.py"))]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(path: Path) -> str:
        assert child.stdin and child.stdout
        print(path.resolve(), file=child.stdin, flush=True)
        text: str = json.loads(child.stdout.readline())
        return text

    return read


def read_in_turn(
    sample: Sample, readers: dict[str, Reader], tallies: dict[str, Tally], number: int, keep: bool
) -> None:
    """Let every engine read one page, each time another one first, so that a busy minute hits all alike."""
    names = list(readers)
    start = number % len(names)
    for name in names[start:] + names[:start]:
        began, cpu_began = time.perf_counter(), cpu_seconds()
        text = readers[name](sample.image)
        tallies[name].seconds += time.perf_counter() - began
        tallies[name].cpu_seconds += cpu_seconds() - cpu_began
        if keep:
            tallies[name].scores.append(score_page(sample.truth, text, sample.ordered))


def summary(tally: Tally, repeat: int) -> dict[str, float | None]:
    pages = len(tally.scores) * repeat
    scores = asdict(summarise(tally.scores))
    rounded = {key: None if value is None else round(value, 4) for key, value in scores.items()}
    speed = round(pages / max(tally.seconds, 1e-9), 4)
    return {**rounded, "pages_per_second": speed, "cpu_seconds_per_page": round(tally.cpu_seconds / pages, 4)}


def cpu_seconds() -> float:
    """Of this process and its children: on a machine that is busy with other things, the fairer measure."""
    own = psutil.Process()
    return sum(own.cpu_times()[:4]) + sum(sum(child.cpu_times()[:2]) for child in own.children())


def resident_mebibytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return pages * resource.getpagesize() / 2**20


def print_table(report: Report, pages: int) -> None:
    print(f"{pages} pages, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    columns = list(next(iter(report.values())))
    print(f"{'engine':<12}" + "".join(f"{column:>22}" for column in columns))
    for name, row in report.items():
        print(f"{name:<12}" + "".join(f"{'-' if row[c] is None else format(row[c], '.4f'):>22}" for c in columns))


if __name__ == "__main__":
    sys.exit(main())
