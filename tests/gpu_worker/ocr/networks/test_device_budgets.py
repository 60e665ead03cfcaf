"""What a GPU is asked to do, counted without one: shapes, batches, padding."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gpu_worker.cores import usable_cores
from gpu_worker.embedding.device_minilm import DeviceMiniLm
from gpu_worker.embedding.minilm import MiniLm
from gpu_worker.ocr.networks.batch_limits import BatchLimits
from gpu_worker.ocr.networks.batch_shapes import (
    LINE_COLUMNS,
    USUAL_MAPS,
    line_batches,
    line_counts,
    line_widths_prepared,
    map_size,
)
from gpu_worker.ocr.networks.cpu_networks import LineCrop
from gpu_worker.ocr.networks.detection import plan_detection
from gpu_worker.ocr.networks.device_networks import DeviceNetworks

PREPARED = {(width, rows) for width in line_widths_prepared() for rows in line_counts(width, LINE_COLUMNS[0])}


def widths_of_lines(seed: int, pages: int) -> np.ndarray:
    """Widths as pages have them: 60 lines each, most of some 500 px, a few very short or very long."""
    return np.ceil(np.clip(np.random.default_rng(seed).lognormal(5.8, 0.9, 60 * pages), 8, 4096))


@pytest.mark.parametrize("pages", [1, 5, 32])
def test_lines_come_in_prepared_shapes_only_each_once(pages):
    assert len(PREPARED) <= 100  # each is recorded before work starts
    for seed in range(50):
        widths = widths_of_lines(seed, pages)
        batches = line_batches(widths, LINE_COLUMNS[0])
        assert {(batch.width, batch.rows) for batch in batches} <= PREPARED
        assert sorted(i for batch in batches for i in batch.members) == list(range(len(widths)))
        assert all(len(batch.members) <= batch.rows for batch in batches)
        assert all(widths[i] <= batch.width for batch in batches for i in batch.members)


@pytest.mark.parametrize(("pages", "batches_a_page", "padding"), [(32, 4.5, 1.2), (1, 45, 1.6)])
def test_batches_and_padding_stay_within_budget(pages, batches_a_page, padding):
    """A batch is one launch; a page in a call of 32 took 317 before."""
    widths = widths_of_lines(1, pages)
    batches = line_batches(widths, LINE_COLUMNS[0])
    assert len(batches) / pages <= batches_a_page
    assert sum(batch.width * batch.rows for batch in batches) <= padding * widths.sum()


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("inches", [(8.5, 11), (8.27, 11.69), (8.5, 14)])
def test_usual_pages_are_looked_at_in_prepared_sizes(inches, dpi):
    for width, height in (inches, inches[::-1]):
        plan = plan_detection(round(width * dpi), round(height * dpi))
        assert [map_size(tile.bottom - tile.top, tile.right - tile.left) for tile in plan.tiles][0] in USUAL_MAPS
        assert len(plan.tiles) == 1


class Counting(torch.nn.Module):
    """Stands for a network: its answer's shape, and the shapes it was called with."""

    def __init__(self, answer: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.answer, self.shapes = answer, []

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(batch.shape))
        return self.answer(batch)


def test_a_call_of_many_pages_calls_the_networks_with_few_shapes():
    detector = Counting(torch.zeros_like)
    recogniser = Counting(lambda batch: torch.zeros(len(batch), batch.shape[3] // 8, 4))
    limits = BatchLimits(8_000_000, LINE_COLUMNS[0])
    networks = DeviceNetworks(detector, recogniser, "abcd", torch.device("cpu"), torch.float32, limits)
    pages = networks.load([np.zeros((1100, 850), np.uint8)] * 9)
    maps = pages.detect(range(9), [plan_detection(850, 1100)] * 9)
    assert [m.shape for m in maps] == [(1100, 850)] * 9
    assert [shape[0] for shape in detector.shapes] == [4, 4, 1]
    quads = [np.array([[0, 0], [w, 0], [w, 48], [0, 48]], float) for w in widths_of_lines(3, 1)]
    read = pages.recognise([LineCrop(page, quad) for page in range(9) for quad in quads])
    assert len(read) == 9 * len(quads)
    assert {(shape[3], shape[0]) for shape in recogniser.shapes} <= PREPARED
    assert len(recogniser.shapes) <= 9 * 10


def test_vectors_made_for_a_gpu_are_those_made_on_the_cpu():
    passages = ["The respondent shall have parenting time on alternate weekends.", "hello", "Order to show cause " * 60]
    single, half = (DeviceMiniLm("cpu", dtype).embed(passages) for dtype in (torch.float32, torch.float16))
    expected = MiniLm().embed(passages)
    assert (single * expected).sum(axis=1).min() > 0.99999 and (half * expected).sum(axis=1).min() > 0.999


def test_vectors_that_do_not_fit_on_the_card_are_made_in_smaller_batches():
    passages = [f"The mother had the child on day {day}." for day in range(5)]
    embedder = DeviceMiniLm("cpu", torch.float32)
    expected, forward, batches = embedder.embed(passages), embedder._encoder.forward, []

    def small_card(words, is_word):
        batches.append(len(words))
        if len(words) > 2:
            raise torch.OutOfMemoryError
        return forward(words, is_word)

    embedder._encoder.forward = small_card
    assert (embedder.embed(passages) * expected).sum(axis=1).min() > 0.99999
    assert batches == [5, 2, 3, 1, 2]


@pytest.mark.parametrize(
    ("files", "most"),
    [({"cpu.max": "150000 100000\n"}, 2), ({"cpu.max": "max 100000\n"}, None), ({}, None),
     ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
     ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None)],
)  # fmt: skip
def test_cores_are_those_a_container_may_use(tmp_path, files, most):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    unlimited = usable_cores(tmp_path / "none")
    assert usable_cores(tmp_path) == (unlimited if most is None else min(unlimited, most))
