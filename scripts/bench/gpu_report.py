#!/usr/bin/env python3
"""Everything worth knowing about a card, in under ten minutes: one report of several parts, each in its own process.

    python scripts/bench/gpu_report.py --images DIR --pdfs DIR --out DIR [--pages 2000] [--parts start,jpeg,...]

start     seconds from the start of a process to its first page, and of the following ones
jpeg, pdf pages a second from files to text and vectors (`ocr_throughput.py`), how busy the card is, memory, CPU
launches  kernels a page, and shapes the networks were called with, for pages of the images in calls of 32
networks  pages a second of the two networks alone
parity    lines and pages that read the same in half and bfloat16 as with ONNX Runtime on the CPU; likeness of vectors
rapidocr  RapidOCR on the same images
compiled  the two networks alone after torch.compile; last, as it may not end

All of it ends within ten minutes: a part gets 240 s, or what is left, and what does not come to its turn is named.
Without a GPU the parts run on the CPU, for a rehearsal. `report.json` has every number.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import numpy as np

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parents[1]))

from gpu_worker.cores import usable_cores  # noqa: E402

PARTS = ("start", "jpeg", "pdf", "launches", "networks", "parity", "rapidocr", "compiled")
PART_SECONDS = 240
ALL_SECONDS = 570  # a machine is lent for commands of at most ten minutes
LEAST_SECONDS = 5  # less is no time for a part to start in
LINE_COLUMNS = 30_000  # px of line on a court filing
MAP_SIZE = (1280, 1024)
Report = dict[str, object]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts one after the other; a part that fails is named and does not end the others."""
    options = parse_options(argv)
    if options.part:
        print("\n" + json.dumps(RUN[options.part](options)))
        return 0
    ends_at = time.monotonic() + options.seconds
    report: Report = {"machine": machine()}
    for part in options.parts.split(","):
        report[part] = run_apart(part, options, min(PART_SECONDS, ends_at - time.monotonic()))
        (options.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(table(report))
    return 0


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of page images")
    parser.add_argument("--pdfs", type=Path, required=True, help="folder of scanned PDFs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=2000, help="of every run over whole files")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--seconds", type=float, default=ALL_SECONDS, help="for all parts together")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def run_apart(part: str, options: argparse.Namespace, seconds: float) -> Report:
    """One part in a process of its own, so that each starts cold and none sees the memory of another."""
    if seconds < LEAST_SECONDS:
        return {"failed": "no time was left for it"}
    folders = ["--images", options.images, "--pdfs", options.pdfs, "--out", options.out]
    command = [sys.executable, __file__, *folders, "--pages", str(options.pages), "--part", part]
    began = time.time()
    log = options.out / f"{part}.log"
    with log.open("w") as errors:
        try:
            done = subprocess.run(
                [str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, text=True, timeout=seconds,
                env={**os.environ, "BEGAN": str(began)},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return {"failed": f"took more than {seconds:.0f} s"}
    took = round(time.time() - began, 1)
    if done.returncode:
        return {"failed": log.read_text()[-2000:], "seconds": took}
    found: Report = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{part}: {took} s", json.dumps({k: v for k, v in found.items() if k != "windows"}), flush=True)
    return {**found, "seconds": took}


def machine() -> Report:
    """The card, its driver, the cores and the versions."""
    import torch

    found: Report = {"cores": usable_cores(), "torch": torch.__version__, "python": sys.version.split()[0]}
    if torch.cuda.is_available():
        fields = "name,driver_version,memory.total,clocks.max.sm"
        command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"]
        found["card"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return found


# --- parts -----------------------------------------------------------------------------------------------------------


def start(options: argparse.Namespace) -> Report:
    """Seconds since the process was started: libraries loaded, engine built, first page, and what later calls take."""
    began = float(os.environ.get("BEGAN", time.time()))
    from gpu_worker.ocr.engines.engine import create_engine

    imported = time.time() - began
    pages = images(options.images, call_pages())
    engine = create_engine("torch")
    ready = time.time() - began
    engine.read_pages(pages[:1])
    first = time.time() - began
    calls = []
    for _ in range(4):
        call = time.perf_counter()
        engine.read_pages(pages)
        calls.append(round(time.perf_counter() - call, 3))
    return {
        "imported_s": round(imported, 2), "ready_s": round(ready, 2), "first_page_s": round(first, 2),
        "calls_s": calls,
    }  # fmt: skip


def whole_files(folder: Path, pages: int) -> Report:
    """`ocr_throughput.whole_path` over a folder."""
    from scripts.bench.ocr_throughput import find_files, whole_path

    return whole_path(find_files(folder), "torch", pages, max(1, pages // 8))


def launches(options: argparse.Namespace) -> Report:
    """Kernels and copies the device is given for a page, in calls of 32 and of one, and the networks' shapes."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    from gpu_worker.ocr.engines.torch_engine import TorchEngine

    engine = TorchEngine()
    networks, shapes = engine._networks, Counter()
    for name in ("detector", "recogniser"):
        if hasattr(networks, name):
            setattr(networks, name, counted(getattr(networks, name), name, shapes))
    many = call_pages()
    pages = images(options.images, 2 * many)
    engine.read_pages(pages[:many])
    engine.read_pages(pages[many:])
    first = len(shapes)
    engine.read_pages(pages[:many])
    calls = sum(shapes.values()) / (3 * many)
    report: Report = {"shapes_of_2_calls": first, "calls_of_networks_per_page": round(calls, 2)}
    if torch.cuda.is_available():
        for count in (32, 1):
            with profile(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as profiler:
                engine.read_pages(pages[:count])
                torch.cuda.synchronize()
            events = Counter(e.name for e in profiler.events() if "Launch" in e.name or "Memcpy" in e.name)
            report[f"launches_per_page_in_{count}"] = {
                name: round(n / count, 1) for name, n in events.items() if name.startswith("cuda")
            }
    return report


def counted(network: Callable, name: str, shapes: Counter) -> Callable:
    def run(batch: object) -> object:
        shapes[(name, *getattr(batch, "shape", ()))] += 1
        return network(batch)

    return run


def networks_alone(options: argparse.Namespace, compiled: bool = False) -> Report:
    """Milliseconds of both networks per court filing, on input that is on the device already."""
    import torch

    from gpu_worker.ocr.networks.torch_graph import load_graph
    from gpu_worker.ocr.networks.weights import find_weights

    weights = find_weights()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    place = {"device": device, "dtype": torch.float16 if device == "cuda" else torch.float32}
    detector = load_graph(weights.detector)[0].to(memory_format=torch.channels_last, **place)
    recogniser = load_graph(weights.recogniser, drop_last=True)[0].to(memory_format=torch.channels_last, **place)
    maps = torch.rand(16 if device == "cuda" else 1, 1, *MAP_SIZE, **place)
    lines = torch.rand(64 if device == "cuda" else 2, 1, 48, 480, **place)

    def page_ms(detect: Callable, recognise: Callable) -> Report:
        found = timed(lambda: detect(maps)) / len(maps)
        read = timed(lambda: recognise(lines)) / lines[..., 0, :].numel()
        both = found + read * LINE_COLUMNS
        return {
            "detector_ms": round(1e3 * found, 3), "recogniser_ms": round(1e3 * read * LINE_COLUMNS, 3),
            "pages_per_second": round(1 / both, 1),
        }  # fmt: skip

    if not compiled:
        return page_ms(detector, recogniser)
    if device == "cpu":
        return {"failed": "compiled on a GPU only"}
    began = time.perf_counter()
    report = page_ms(*(torch.compile(network, dynamic=True) for network in (detector, recogniser)))
    return {**report, "seconds_with_compiling": round(time.perf_counter() - began, 1)}


def parity(options: argparse.Namespace) -> Report:
    """Share of lines that read letter for letter as ONNX Runtime reads them in single precision on the CPU."""
    import torch

    from gpu_worker.ocr.engines.onnx_engine import OnnxEngine
    from gpu_worker.ocr.engines.torch_engine import TorchEngine

    pages = images(options.images, 16 if torch.cuda.is_available() else 2)
    expected = [page.text for page in OnnxEngine().read_pages(pages)]
    report: Report = {"pages": len(pages), "lines": sum(len(text.splitlines()) for text in expected)}
    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16), ("single", torch.float32)):
        found = [page.text for page in TorchEngine(dtype=dtype).read_pages(pages)]
        report[f"{name}_lines_alike"] = round(alike(expected, found, str.splitlines), 4)
        report[f"{name}_words_alike"] = round(alike(expected, found, str.split), 4)
    return report


def alike(expected: Sequence[str], found: Sequence[str], cut: Callable[[str], list[str]]) -> float:
    """Share of pieces, counted as bags page by page, that both have."""
    pairs = [(Counter(cut(one)), Counter(cut(other))) for one, other in zip(expected, found, strict=True)]
    return 2 * sum((a & b).total() for a, b in pairs) / max(1, sum(a.total() + b.total() for a, b in pairs))


def rapidocr_part(options: argparse.Namespace) -> Report:
    """RapidOCR as its users call it, on CUDA where ONNX Runtime has it."""
    import onnxruntime

    from scripts.bench.ocr_throughput import find_files, rapidocr

    speed = rapidocr(find_files(options.images), min(100, options.pages))
    return {"pages_per_second": speed, "providers": onnxruntime.get_available_providers()}


def call_pages() -> int:
    """Pages of a call; on a CPU, where this is a rehearsal, two."""
    import torch

    return 32 if torch.cuda.is_available() else 2


# --- helpers ---------------------------------------------------------------------------------------------------------


def images(folder: Path, count: int) -> list[np.ndarray]:
    """Gray pages, the folder's gone over until there are `count`."""
    import cv2

    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".jpg", ".png")]
    return [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in islice(cycle(paths), count)]


def timed(run: Callable[[], object], calls: int = 20) -> float:
    """Seconds of one call: the mean, after 3 that are not counted."""
    import torch

    with torch.inference_mode(), on_time() as wait:
        for _ in range(3):
            run()
        wait()
        began = time.perf_counter()
        for _ in range(calls if torch.cuda.is_available() else 1):
            run()
        wait()
    return (time.perf_counter() - began) / (calls if torch.cuda.is_available() else 1)


@contextmanager
def on_time() -> Iterator[Callable[[], None]]:
    import torch

    yield torch.cuda.synchronize if torch.cuda.is_available() else lambda: None


def table(report: Report) -> str:
    """The numbers one would look at first."""
    rows = []
    for part, values in report.items():
        for name, value in values.items() if isinstance(values, dict) else ():
            if name != "windows":
                rows.append(f"{part:>10}  {name:<34} {value}")
    return "\n".join(rows)


RUN: dict[str, Callable[[argparse.Namespace], Report]] = {
    "start": start,
    "jpeg": lambda options: whole_files(options.images, options.pages),
    "pdf": lambda options: whole_files(options.pdfs, options.pages),
    "launches": launches,
    "networks": networks_alone,
    "parity": parity,
    "rapidocr": rapidocr_part,
    "compiled": lambda options: networks_alone(options, compiled=True),
}

if __name__ == "__main__":
    sys.exit(main())
