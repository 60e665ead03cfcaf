#!/usr/bin/env python3
"""Speed of the torch engine on this machine's GPU: the networks alone, the whole path from JPEG bytes to text, how
busy the GPU is.

    python scripts/bench/ocr_gpu.py --images DIR [--pages 2000] [--dollars-per-hour 0.20] [--rapidocr] [--json FILE]

`--rapidocr` also measures RapidOCR on CUDA, where onnxruntime-gpu is installed. Exits 3 where there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BATCH_PAGES = 96
LINE_COLUMNS = 30_000  # px of line on a court filing
MAP_SIZE = (1280, 1024)


def main(argv: Sequence[str] | None = None) -> int:
    options = parse_options(argv)
    import torch

    if not torch.cuda.is_available():
        print("no CUDA GPU on this machine: nothing to measure", file=sys.stderr)
        return 3
    report = {"gpu": torch.cuda.get_device_name(0), "torch": torch.__version__, **networks_alone()}
    report |= whole_path(options.images, options.pages)
    if options.rapidocr:
        report["rapidocr_pages_per_second"] = rapidocr_on_cuda(options.images, min(options.pages, 100))
    price = options.dollars_per_hour / 3600 / report["pages_per_second"] * 1e6
    report["gpu_dollars_per_million_pages"] = round(price, 2)
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of page images, gone over again and again")
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--dollars-per-hour", type=float, default=0.20)
    parser.add_argument("--rapidocr", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser.parse_args(argv)


def networks_alone() -> dict[str, float]:
    """Pages/s of detector and recogniser on pages that are on the device already, plain and fused."""
    import torch

    from gpu_worker.ocr.torch_graph import load_graph
    from gpu_worker.ocr.weights import find_weights

    weights = find_weights()
    place = {"device": "cuda", "dtype": torch.float16, "memory_format": torch.channels_last}
    detector = load_graph(weights.detector)[0].to(**place)
    recogniser = load_graph(weights.recogniser, drop_last=True)[0].to(**place)
    maps = torch.rand(16, 1, *MAP_SIZE).to(**place)
    lines = torch.rand(64, 1, 48, 480).to(**place)

    def page_seconds(detect, recognise) -> float:  # noqa: ANN001
        return timed(lambda: detect(maps)) / len(maps) + timed(lambda: recognise(lines)) * LINE_COLUMNS / (64 * 480)

    plain = page_seconds(detector, recogniser)
    fused = page_seconds(torch.compile(detector, dynamic=True), torch.compile(recogniser, dynamic=True))
    return {"networks_pages_per_second": round(1 / plain, 1), "networks_fused_pages_per_second": round(1 / fused, 1)}


def timed(run) -> float:  # noqa: ANN001
    """Seconds of one call: the mean of 20, after 3 that are not counted."""
    import torch

    with torch.inference_mode():
        for _ in range(3):
            run()
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(20):
            run()
        torch.cuda.synchronize()
    return (time.perf_counter() - began) / 20


def whole_path(images: Path, pages: int) -> dict[str, float]:
    """JPEG (or other image) bytes in, text out: decoding in processes, one batch ahead of the engine."""
    from gpu_worker.ocr.torch_engine import TorchEngine

    files = [path.read_bytes() for path in sorted(images.iterdir()) if path.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    engine = TorchEngine()
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:
        decoded = pool.map(decode, islice(cycle(files), pages + BATCH_PAGES), chunksize=4)
        engine.read_pages(list(islice(decoded, BATCH_PAGES)))  # loading, and the first kernels
        began, words = time.perf_counter(), 0
        with busy_share() as share:
            while batch := list(islice(decoded, BATCH_PAGES)):
                words += sum(len(page.words) for page in engine.read_pages(batch))
        seconds = time.perf_counter() - began
    return {
        "pages": pages,
        "words": words,
        "pages_per_second": round(pages / seconds, 1),
        "gpu_busy_share": round(float(np.mean(share)), 3) if share else 0.0,
    }


def decode(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


@contextmanager
def busy_share() -> Iterator[list[float]]:
    """Samples of the GPU's utilisation as NVML counts it (0..1), ten a second."""
    command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]
    samples: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sampler:
        reader = threading.Thread(target=lambda: samples.extend(float(line) / 100 for line in sampler.stdout))
        reader.start()
        yield samples
        sampler.terminate()
        reader.join()


def rapidocr_on_cuda(images: Path, pages: int) -> float | None:
    """Pages/s of RapidOCR on the same GPU; None where ONNX Runtime here has no CUDA."""
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        print("onnxruntime has no CUDA here: RapidOCR is not measured", file=sys.stderr)
        return None
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"EngineConfig.onnxruntime.use_cuda": True})
    files = [p for p in sorted(images.iterdir()) if p.suffix.lower() in {".jpg", ".jpeg", ".png"}]
    for path in files[:3]:
        engine(str(path))
    began = time.perf_counter()
    for path in islice(cycle(files), pages):
        engine(str(path))
    return round(pages / (time.perf_counter() - began), 2)


if __name__ == "__main__":
    sys.exit(main())
