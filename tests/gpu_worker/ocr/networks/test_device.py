"""What runs on a GPU, run on the CPU: cutting lines, batches that find their size, the same text as ONNX Runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from ocr_page_canvas import font
from ocr_page_words import Words
from PIL import Image, ImageDraw

from gpu_worker.ocr.engines.torch_engine import CpuTorchNetworks
from gpu_worker.ocr.networks.batch_limits import BatchLimits, run_in_halves
from gpu_worker.ocr.networks.cpu_networks import LINE_HEIGHT, LineCrop, rectify
from gpu_worker.ocr.networks.ctc import LineText, decode
from gpu_worker.ocr.networks.detection import plan_detection
from gpu_worker.ocr.networks.device_networks import DeviceNetworks, best_classes, cut_lines
from gpu_worker.ocr.networks.torch_graph import load_graph
from gpu_worker.ocr.networks.weights import find_weights

LINES = 200
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """torch's threads spin while they wait for each other; on a machine that does other things too, one is faster."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def line_page() -> tuple[np.ndarray, list[LineCrop]]:
    """200 short lines of drawn text on one gray page, in four faces and several sizes, and where they lie."""
    import random

    words = Words(random.Random(11))
    page = Image.new("L", (800, LINES * 50 // 2), 255)
    draw, lines = ImageDraw.Draw(page), []
    for number in range(LINES):
        x, y = 400 * (number % 2) + 10, 50 * (number // 2) + 5
        text = [words.name(), words.money(), words.date(), words.title(2), words.case_number()][number % 5]
        face = font(("serif", "sans", "mono", "serif bold")[number % 4], 20 + number % 9)
        draw.text((x + 4, y + 4), text, fill=number % 60, font=face)
        right, bottom = x + 8 + face.getlength(text), y + 12 + face.size
        lines.append(LineCrop(0, np.array([[x, y], [right, y], [right, bottom], [x, bottom]], float)))
    return np.asarray(page).copy(), lines


def lines_of(networks, page: np.ndarray, lines: list[LineCrop]) -> list[LineText]:
    read = networks.load([page]).recognise(lines)
    return [decode(line.classes, line.probabilities, line.width, networks.alphabet) for line in read]


def texts(networks, page: np.ndarray, lines: list[LineCrop]) -> list[str]:
    return [line.text for line in lines_of(networks, page, lines)]


@pytest.fixture(scope="module")
def onnx_lines(onnx_engine, line_page) -> list[LineText]:
    return lines_of(onnx_engine._networks, *line_page)


@pytest.fixture(scope="module")
def onnx_texts(onnx_lines) -> list[str]:
    return [line.text for line in onnx_lines]


def agreement(first: list[str], second: list[str]) -> float:
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def networks_on_device(dtype: torch.dtype, limits: BatchLimits | None = None) -> DeviceNetworks:
    weights = find_weights()
    detector, _ = load_graph(weights.detector)
    recogniser, metadata = load_graph(weights.recogniser, drop_last=True)
    alphabet = "\0" + metadata["character"].replace("\n", "") + " "
    return DeviceNetworks(detector, recogniser, alphabet, torch.device("cpu"), dtype, limits)


def test_the_converted_networks_give_what_the_original_ones_give():
    random = np.random.default_rng(0)
    for path, shape, last in [
        (find_weights().detector, (1, 1, 160, 96), False),
        (find_weights().recogniser, (2, 1, 48, 104), True),
    ]:
        x = random.uniform(-1, 1, shape).astype(np.float32)
        expected = onnxruntime.InferenceSession(str(path)).run(None, {"x": np.repeat(x, 3, axis=1)})[0]
        with torch.inference_mode():
            found = load_graph(path, drop_last=last)[0](torch.from_numpy(x))
        assert np.abs((found.softmax(-1) if last else found).numpy() - expected).max() < 1e-4


# Half precision is slow where it is only imitated: 40 s of a processor for 200 lines.
@pytest.mark.parametrize("dtype, most", [(torch.float32, LINES), (torch.float16, 16), (torch.bfloat16, LINES)])
def test_torch_reads_what_onnx_reads(dtype, most, line_page, onnx_texts):
    page, lines = line_page
    assert len(onnx_texts) == LINES and all(onnx_texts)
    assert agreement(texts(networks_on_device(dtype), page, lines[:most]), onnx_texts[:most]) >= 0.995


def test_the_cpu_path_of_torch_reads_the_same_text_with_the_same_doubts(line_page, onnx_lines):
    page, lines = line_page
    found = lines_of(CpuTorchNetworks(torch.float32), page, lines[:40])
    assert [line.text for line in found] == [line.text for line in onnx_lines[:40]]
    weakest, expected = ([span.weakest for line in each for span in line.spans] for each in (found, onnx_lines[:40]))
    assert weakest == pytest.approx(expected, abs=0.01) and min(expected) < 0.99


def test_lines_cut_on_the_device_are_those_cut_by_opencv():
    random = np.random.default_rng(2)
    pages = [cv2.GaussianBlur(random.integers(0, 255, (h, w), np.uint8), (0, 0), 2) for h, w in ((90, 300), (200, 120))]
    quads = [
        [(10, 20), (210, 30), (208, 60), (8, 50)],
        [(100, 180), (95, 20), (60, 21), (65, 181)],
        [(-5, 70), (150, 70), (150, 99), (-5, 99)],
    ]
    lines = [LineCrop(number, np.array(quad, float)) for number, quad in zip((0, 1, 0), quads, strict=True)]
    loaded = networks_on_device(torch.float32).load(pages)
    widths = np.array([200.0, 150.0, 180.0])
    crops = cut_lines(loaded.flat, torch.from_numpy(loaded._rows(lines, widths)), 208)
    for crop, line, width in zip(crops, lines, widths.astype(int), strict=True):
        expected = rectify(pages[line.page], line.quad, int(width)).astype(np.float32) * (2 / 255) - 1
        # OpenCV rounds positions to 1/32 px, and corners here are no rectangle's: its affine map is off by a pixel at
        # most.
        assert np.abs(crop[:, :width].numpy() - expected).mean() < 0.03
        assert (crop[:, width:] == 0).all()
    assert crops.shape == (3, LINE_HEIGHT, 208)


def test_detection_on_the_device_finds_the_same_map(onnx_engine, line_page):
    page = line_page[0][:600]
    plan = plan_detection(page.shape[1], page.shape[0])
    (expected,) = onnx_engine._networks.load([page]).detect([0], [plan])
    (found,) = networks_on_device(torch.float32).load([page]).detect([0], [plan])
    assert found.shape == expected.shape
    assert ((found > 77) != (expected > 77)).mean() < 0.005  # resizing differs by a rounding


def test_out_of_memory_halves_the_batch_and_goes_on(line_page, onnx_texts):
    limits = BatchLimits(map_pixels=4_000_000, line_columns=8192)
    networks = networks_on_device(torch.float32, limits)
    recogniser, sizes = networks.recogniser, []

    def small_card(batch: torch.Tensor) -> torch.Tensor:
        sizes.append(len(batch))
        if batch.numel() > 48 * 2500:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return recogniser(batch)

    networks.recogniser = small_card
    page, lines = line_page
    assert agreement(texts(networks, page, lines[:40]), onnx_texts[:40]) == 1
    assert limits.line_columns < 8192 and max(sizes) > min(sizes)


def test_one_line_that_does_not_fit_raises():
    def run(items):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        run_in_halves(run, [1, 2, 3], lambda: None)


def test_best_classes_are_the_softmax_ones():
    logits = torch.randn(3, 5, 50, generator=torch.Generator().manual_seed(1)) * 4
    classes, chances, seconds, second_chances = best_classes(logits)
    expected, order = logits.softmax(-1).sort(-1, descending=True)
    assert (classes == order[..., 0]).all() and torch.allclose(chances, expected[..., 0], atol=1e-5)
    assert (seconds == order[..., 1]).all() and torch.allclose(second_chances, expected[..., 1], atol=1e-5)


IN_OTHER_PROCESSES = """
import sys
import numpy as np, torch
from gpu_worker.ocr.engines.page_reader import PageReader
from gpu_worker.ocr.engines.child_pool import ChildPool
from gpu_worker.ocr.engines.torch_engine import CpuTorchNetworks
torch.set_num_threads(1)
pool = ChildPool(workers=1)
(page,) = PageReader("torch", CpuTorchNetworks(torch.float32), pool).read_pages([np.load(sys.argv[1])])
pool.stop()
print(page.text)
"""


def test_boxes_and_text_are_made_in_other_processes(tmp_path, note):
    image, lines = note
    np.save(tmp_path / "note.npy", image)
    # A process of its own: the server that forks the workers lives as long as whoever started it.
    done = subprocess.run(
        [sys.executable, "-c", IN_OTHER_PROCESSES, tmp_path / "note.npy"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == " ".join(lines).split(), done.stderr
