#!/usr/bin/env python3
"""How many pages a second a worker reads on this machine: whole files in, text out, through the worker's own parts.

    python scripts/bench/ocr_throughput.py --files DIR [--pages 2000] [--engine auto] [--dollars-per-hour 0.20]
                                           [--rapidocr] [--json FILE]

Every page is drawn, read and embedded, as many documents at once as a worker has. Every window of 500 pages is a line
with its speed and the memory of worker and children; on a GPU the report adds how busy it is and its memory.
`--rapidocr` adds RapidOCR on the same pages (on CUDA where onnxruntime has it). `gpu_report.py` runs this and more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gpu_worker.cores import usable_cores  # noqa: E402
from gpu_worker.embedding.embedder import create_embedder  # noqa: E402
from gpu_worker.embedding.passages import cut_passages  # noqa: E402
from gpu_worker.ocr.engines.engine import create_engine  # noqa: E402
from gpu_worker.reading.ocr_batcher import OcrBatcher  # noqa: E402
from gpu_worker.reading.pages import read_pages  # noqa: E402
from gpu_worker.render.pool import RenderPool  # noqa: E402
from gpu_worker.settings import RenderLimits, documents_at_once  # noqa: E402
from inspector.heads import HEAD_BYTES, inspect  # noqa: E402
from inspector.kinds import TAKEN  # noqa: E402

WINDOW_PAGES = 500


@dataclass
class Window:
    """Speed and memory over some pages; CPU seconds are those of the worker and of its children."""

    pages: int
    pages_per_second: float
    worker_cpu_seconds_per_page: float
    children_cpu_seconds_per_page: float
    mebibytes: float


@dataclass
class Counter:
    """Counts pages of all threads; closes a window every so many."""

    window_pages: int
    process: psutil.Process = field(default_factory=psutil.Process)
    windows: list[Window] = field(default_factory=list)
    pages: int = 0
    words: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._began, self._cpu = time.perf_counter(), self._usage()[:2]

    def add(self, words: int) -> None:
        with self._lock:
            self.pages += 1
            self.words += words
            if self.pages % self.window_pages == 0:
                self._close_window()

    def _close_window(self) -> None:
        now, (own, children, mebibytes) = time.perf_counter(), self._usage()
        pages = self.window_pages
        window = Window(
            self.pages,
            round(pages / (now - self._began), 2),
            round((own - self._cpu[0]) / pages, 5),
            round((children - self._cpu[1]) / pages, 5),
            round(mebibytes),
        )
        self._began, self._cpu = now, (own, children)
        self.windows.append(window)
        print(f"{window.pages:>7} pages {window.pages_per_second:>9.2f} a second {window.mebibytes:>7} MiB", flush=True)

    def _usage(self) -> tuple[float, float, float]:
        """CPU seconds of the worker and of its children (those that have ended too), and their memory."""
        own, resident = self.process.cpu_times(), self.process.memory_info().rss
        children = own.children_user + own.children_system
        for child in self.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times, memory = child.cpu_times(), child.memory_info()
                children += times.user + times.system
                resident += memory.rss
        return own.user + own.system, children, resident / 2**20


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; exit 2 when the folder holds no file a worker reads."""
    options = parse_options(argv)
    files = find_files(options.files)
    if not files:
        print(f"no file in {options.files} is one that a worker reads", file=sys.stderr)
        return 2
    report = whole_path(files, options.engine, options.pages, min(WINDOW_PAGES, options.pages))
    if report["engine"] == "torch" and has_gpu():
        price = options.usd_per_hour / 3600 / report["pages_per_second"] * 1e6
        report["gpu_usd_per_million_pages"] = round(price, 2)
    if options.rapidocr:
        report["rapidocr_pages_per_second"] = rapidocr(files, min(options.pages, 100))
    print(json.dumps({name: value for name, value in report.items() if name != "windows"}, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=Path, required=True, help="folder of files, gone over again and again")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--engine", default="auto", help="auto, torch, onnx or tesseract")
    parser.add_argument("--dollars-per-hour", type=float, default=0.20)
    parser.add_argument("--rapidocr", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(argv)


def find_files(folder: Path) -> list[tuple[Path, str]]:
    """The files a worker reads, each with its reader."""
    found = []
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        with path.open("rb") as opened:
            kind = inspect(opened.read(HEAD_BYTES))
        if kind in TAKEN and kind:
            found.append((path, kind.reader))
    return found


def has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def whole_path(files: Sequence[tuple[Path, str]], engine_name: str, pages: int, window_pages: int) -> dict:
    """Bytes in, text and vectors out: children draw, the batcher feeds the engine, as many documents at once as a
    worker has.

    The speed is that of the second half, when everything is warm.
    """
    began = time.perf_counter()
    engine = create_engine(engine_name)
    embedder = create_embedder(engine.name)
    ready_seconds = time.perf_counter() - began
    batcher, pool = OcrBatcher(engine, None), RenderPool(RenderLimits())
    counter, queue, lock = Counter(window_pages), cycle(files), threading.Lock()

    def work() -> None:
        while counter.pages < pages:
            with lock:
                path, kind = next(queue)
            texts = []
            with pool.open(path, kind) as file:
                for page in read_pages(file, batcher, lambda: None):
                    texts.append(page.text)
                    counter.add(page.as_outcome().words)
            embedder.embed([passage.text for passage in cut_passages(texts)])

    many = documents_at_once(usable_cores())
    try:
        with busy_share(engine.name) as share, ThreadPoolExecutor(many) as threads:
            for done in [threads.submit(work) for _ in range(many)]:
                done.result()
    finally:
        batcher.stop()
        pool.stop()
    steady = counter.windows[len(counter.windows) // 2 :]
    return {
        "engine": engine.name,
        "cores": usable_cores(),
        "ready_seconds": round(ready_seconds, 2),
        "pages": counter.pages,
        "words": counter.words,
        "pages_per_second": round(len(steady) / sum(1 / window.pages_per_second for window in steady), 2),
        "worker_cpu_seconds_per_page": steady[-1].worker_cpu_seconds_per_page,
        "children_cpu_seconds_per_page": steady[-1].children_cpu_seconds_per_page,
        "gpu_busy_share": round(float(np.mean(share[len(share) // 2 :])), 3) if share else None,
        "gpu_mebibytes": gpu_mebibytes() if share else None,
        "first_mebibytes": counter.windows[0].mebibytes,
        "last_mebibytes": counter.windows[-1].mebibytes,
        "windows": [vars(window) for window in counter.windows],
    }


def gpu_mebibytes() -> int:
    """The most memory that torch held on the GPU."""
    import torch

    return torch.cuda.max_memory_reserved() // 2**20


@contextmanager
def busy_share(engine_name: str) -> Iterator[list[float]]:
    """Samples of the GPU's utilisation as NVML counts it (0..1), ten a second; none where there is no GPU at work."""
    samples: list[float] = []
    if engine_name != "torch" or not has_gpu():
        yield samples
        return
    command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sampler:
        reader = threading.Thread(target=lambda: samples.extend(float(line) / 100 for line in sampler.stdout or ()))
        reader.start()
        try:
            yield samples
        finally:
            sampler.terminate()
            reader.join()


def rapidocr(files: Sequence[tuple[Path, str]], pages: int) -> float | None:
    """Pages/s of RapidOCR on the folder's images, on CUDA where ONNX Runtime has it; None without images."""
    import onnxruntime
    from rapidocr import RapidOCR

    images = [path for path, kind in files if kind == "image"]
    if not images:
        return None
    use_cuda = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    engine = RapidOCR(params={"EngineConfig.onnxruntime.use_cuda": use_cuda})
    for path in images[:3]:
        engine(str(path))
    began = time.perf_counter()
    for path in islice(cycle(images), pages):
        engine(str(path))
    return round(pages / (time.perf_counter() - began), 2)


if __name__ == "__main__":
    sys.exit(main())
