"""The two networks on a GPU, with everything that touches pixels beside them: resize, line crops, arg-max, confidence.

A page goes up once, as bytes; down come one byte per pixel of the text map, and two classes with their
probabilities per column of each line. (The recogniser's whole output would be 200 MB a page.)
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from gpu_worker.ocr.networks.batch_limits import BatchLimits, run_in_halves
from gpu_worker.ocr.networks.batch_shapes import (
    USUAL_MAPS,
    LineBatch,
    batches_of,
    line_batches,
    line_counts,
    line_widths_prepared,
    map_counts,
    map_size,
)
from gpu_worker.ocr.networks.cpu_networks import LINE_HEIGHT, LineClasses, LineCrop, line_classes, line_widths
from gpu_worker.ocr.networks.detection import DetectionPlan, Tile, stitch
from gpu_worker.ocr.networks.recordings import Recordings

TileJob = tuple[int, DetectionPlan, Tile]
HEAD_ROWS = 2048  # columns whose 18,710 classes are compared at a time: 75 MB in half precision
ARENA_SHARE = 1 / 32  # of the free memory, at most 640 MB
ARENA_PAGES = 4  # threads whose pages it has room for
MOST_PAGE_BYTES = 160_000_000  # of a thread: 32 pages at 250 dpi; more go into memory of their own


class DeviceNetworks:
    """See `Networks`; safe to use from several threads.

    Work is launched under a lock, on one stream, and waited for outside the lock: the queue of the device is never
    empty while anybody has work. On a GPU the networks' work is recorded once per shape and then replayed, so that a
    batch costs one launch; launching it piece by piece took longer than doing it.
    """

    def __init__(
        self,
        detector: torch.nn.Module,
        recogniser: torch.nn.Module,
        alphabet: str,
        device: torch.device,
        dtype: torch.dtype,
        limits: BatchLimits | None = None,
    ) -> None:
        self.alphabet = alphabet
        self.device = device
        self.dtype = dtype
        self.limits = limits or BatchLimits.from_free_memory(device)
        self.detector, self.recogniser = (
            network.to(device=device, dtype=dtype).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            for network in (detector, recogniser)
        )
        self._recordings = Recordings(device) if device.type == "cuda" else None
        self._arena = _Arena(device)
        self._lock = threading.Lock()
        if self._recordings is not None:
            self._record(self._recordings)

    def load(self, pages: Sequence[np.ndarray]) -> DevicePages:
        """Copy gray pages to the device, one after the other in one buffer."""
        sizes = np.array([page.size for page in pages], np.int64)
        buffer = torch.empty(int(sizes.sum()), dtype=torch.uint8, pin_memory=self.device.type == "cuda")
        np.concatenate([page.reshape(-1) for page in pages], out=buffer.numpy())
        with self.turn():
            flat, start = self._arena.place(len(buffer))
            flat[start : start + len(buffer)].copy_(buffer, non_blocking=True)
        offsets = start + np.cumsum(sizes) - sizes
        return DevicePages(self, flat, offsets, [page.shape for page in pages], buffer)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """This thread's turn to launch work."""
        stream = torch.cuda.stream(self._recordings.stream) if self._recordings else nullcontext()
        with self._lock, torch.inference_mode(), stream:
            yield

    def launch(self, work: Callable[[], list[torch.Tensor]]) -> Launched:
        """Launch work and the copies of its results to the host, without waiting for them."""
        with self.turn():
            copies = [_to_host(tensor) for tensor in work()]
            if self._recordings is None:
                return Launched(copies, None)
            done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # so that waiting costs no core
            done.record(self._recordings.stream)
            return Launched(copies, done)

    def find_maps(self, batch: torch.Tensor) -> list[torch.Tensor]:
        """Scaled pages N×1×H×W → text maps N×H×W (uint8)."""
        found = self._recordings.replay(_key(batch), batch) if self._recordings else None
        return self._find_maps(batch) if found is None else found

    def _find_maps(self, batch: torch.Tensor) -> list[torch.Tensor]:
        return [self.detector(batch)[:, 0].mul(255).to(torch.uint8)]

    def read_lines(self, flat: torch.Tensor, width: int, rows: torch.Tensor) -> list[torch.Tensor]:
        """Lines of the pages in `flat`, N×10 as `DevicePages._rows` says → best classes and probabilities."""
        is_recorded = self._recordings is not None and flat is self._arena.memory
        found = self._recordings.replay(_key(rows, width), rows) if self._recordings and is_recorded else None
        return self._read_lines(flat, width, rows.to(self.device, non_blocking=True)) if found is None else found

    def _read_lines(self, flat: torch.Tensor, width: int, rows: torch.Tensor) -> list[torch.Tensor]:
        crops = cut_lines(flat, rows, width)[:, None].to(self.dtype)
        return best_classes(self.recogniser(crops.contiguous(memory_format=torch.channels_last)))

    def _record(self, recordings: Recordings) -> None:
        """Prepare every shape of lines and the usual ones of maps: 5 s, before there is work."""
        with self.turn():
            for size in USUAL_MAPS:
                for maps in map_counts(size, self.limits.map_pixels):
                    batch = torch.zeros((maps, 1, *size), dtype=self.dtype, device=self.device)
                    if not recordings.record(_key(batch), self._find_maps, batch):
                        return
            for width in line_widths_prepared():
                work = partial(self._read_lines, self._arena.memory, width)
                for lines in line_counts(width, self.limits.line_columns):
                    rows = torch.ones((lines, 10), dtype=torch.float64, device=self.device)
                    if not recordings.record(_key(rows, width), work, rows):
                        return


class _Arena:
    """Memory for pages that never moves, because what is recorded reads from where it was recorded; every thread has a
    part of its own."""

    def __init__(self, device: torch.device) -> None:
        free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
        self._part = min(MOST_PAGE_BYTES, int(free * ARENA_SHARE / ARENA_PAGES))
        self.memory = torch.empty(ARENA_PAGES * self._part, dtype=torch.uint8, device=device)
        self._given = count()
        self._threads = threading.local()

    def place(self, size: int) -> tuple[torch.Tensor, int]:
        """Where this thread's pages go: this memory and its part there, or, if they do not fit, some of their own."""
        if not hasattr(self._threads, "part"):
            self._threads.part = next(self._given)
        if size > self._part or self._threads.part >= ARENA_PAGES:
            return torch.empty(size, dtype=torch.uint8, device=self.memory.device), 0
        return self.memory, self._threads.part * self._part


def _key(given: torch.Tensor, width: int = 0) -> tuple[int, ...]:
    """What a recording is known by: the shape of its input, and how wide lines are cut."""
    return *given.shape, width


@dataclass(frozen=True)
class Launched:
    """Results on their way to the host."""

    copies: list[torch.Tensor]
    done: torch.cuda.Event | None

    def wait(self) -> list[np.ndarray]:
        """The results, once they are there."""
        if self.done is not None:
            self.done.synchronize()
        return [copy.numpy() for copy in self.copies]


def _to_host(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.device.type != "cuda":
        return tensor
    return torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True).copy_(tensor, non_blocking=True)


@dataclass(frozen=True)
class DevicePages:
    """See `LoadedPages`. `flat` holds the pages' bytes on the device, page n from `offsets[n]`; `buffer` must outlive
    the copy."""

    networks: DeviceNetworks
    flat: torch.Tensor
    offsets: np.ndarray
    shapes: list[tuple[int, ...]]
    buffer: torch.Tensor

    # --- detection -----------------------------------------------------------------------------------------------

    def detect(self, numbers: Sequence[int], plans: Sequence[DetectionPlan]) -> list[np.ndarray]:
        """See `LoadedPages.detect`."""
        jobs = [(n, plan, tile) for n, plan in zip(numbers, plans, strict=True) for tile in plan.tiles]
        by_size: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (_, _, tile) in enumerate(jobs):
            by_size[map_size(tile.bottom - tile.top, tile.right - tile.left)].append(i)
        launched: list[tuple[list[int], Launched]] = []
        for size, members in by_size.items():
            for maps, chosen in batches_of(members, map_counts(size, self.networks.limits.map_pixels)):
                filled = [*chosen, *chosen[-1:] * (maps - len(chosen))]
                work = partial(self._maps, [jobs[i] for i in filled], size)
                launched.append((chosen, self.networks.launch(work)))
        parts: dict[int, np.ndarray] = {}
        for chosen, batch in launched:
            for i, text_map in zip(chosen, batch.wait()[0], strict=False):
                tile = jobs[i][2]
                parts[i] = text_map[: tile.bottom - tile.top, : tile.right - tile.left]
        in_order = iter(parts[i] for i in range(len(jobs)))
        return [stitch(plan, [next(in_order) for _ in plan.tiles]) for plan in plans]

    def _maps(self, jobs: Sequence[TileJob], size: tuple[int, int]) -> list[torch.Tensor]:
        def run(part: Sequence[TileJob]) -> list[torch.Tensor]:
            batch = torch.stack([self._tile(*job, size) for job in part]).to(self.networks.dtype)
            batch = batch.contiguous(memory_format=torch.channels_last)
            return self.networks.find_maps(batch)

        return run_in_halves(run, jobs, self.networks.limits.shrink_maps)

    def _tile(self, number: int, plan: DetectionPlan, tile: Tile, size: tuple[int, int]) -> torch.Tensor:
        """A window of the resized page, 1×H×W from -1 to 1, its last row and column repeated up to `size`."""
        page = self._page(number)[None, None].float()
        if page.shape[2:] != (plan.height, plan.width):
            shrinks = plan.width < page.shape[3]
            page = F.interpolate(page, (plan.height, plan.width), mode="bilinear", antialias=shrinks)
        window = page[..., tile.top : tile.bottom, tile.left : tile.right]
        rim = (0, size[1] - window.shape[3], 0, size[0] - window.shape[2])
        return F.pad(window, rim, mode="replicate")[0].mul_(2 / 255).sub_(1)

    def _page(self, number: int) -> torch.Tensor:
        height, width = self.shapes[number]
        return self.flat[self.offsets[number] :][: height * width].view(height, width)

    # --- recognition ---------------------------------------------------------------------------------------------

    def recognise(self, lines: Sequence[LineCrop]) -> list[LineClasses]:
        """See `LoadedPages.recognise`."""
        if not lines:
            return []
        widths = line_widths(lines)
        rows = self._rows(lines, widths)
        batches = line_batches(widths, self.networks.limits.line_columns)
        launched = [self.networks.launch(partial(self._read, rows, batch)) for batch in batches]
        results: dict[int, LineClasses] = {}
        for batch, read in zip(batches, launched, strict=True):
            found = read.wait()
            for row, i in enumerate(batch.members):
                results[i] = line_classes(found, row, float(widths[i]))
        return [results[i] for i in range(len(lines))]

    def _rows(self, lines: Sequence[LineCrop], widths: np.ndarray) -> np.ndarray:
        """All that the device needs to cut out a line, N×10: offset, page height and width, width, corner, steps
        along and down."""
        pages = np.array([line.page for line in lines])
        quads = np.stack([line.quad for line in lines])
        along = (quads[:, 1] - quads[:, 0]) / widths[:, None]
        down = (quads[:, 3] - quads[:, 0]) / LINE_HEIGHT
        shapes = np.array(self.shapes)[pages]
        return np.column_stack([self.offsets[pages], shapes, widths, quads[:, 0], along, down]).astype(np.float64)

    def _read(self, rows: np.ndarray, batch: LineBatch) -> list[torch.Tensor]:
        def run(part: Sequence[Any]) -> list[torch.Tensor]:
            return self.networks.read_lines(self.flat, batch.width, torch.from_numpy(np.asarray(part)))

        # Padding reads the last line again.
        numbers = np.array(batch.members)[np.minimum(np.arange(batch.rows), len(batch.members) - 1)]
        return run_in_halves(run, rows[numbers], self.networks.limits.shrink_lines)


def cut_lines(flat: torch.Tensor, rows: torch.Tensor, bucket: int) -> torch.Tensor:
    """Cut lines out of the pages in `flat`, upright, with one bilinear resample: N×48×`bucket` float32 from -1 to 1.

    `rows` is as `DevicePages._rows` says. What lies beyond a line's own width is mid-gray, the networks' zero.
    """
    offset, height, width, length = (rows[:, i].long()[:, None, None] for i in range(4))
    geometry = rows[:, 4:].float()
    corner, along, down = (geometry[:, i : i + 2] for i in (0, 2, 4))
    u = torch.arange(bucket, device=flat.device, dtype=torch.float32) + 0.5
    v = torch.arange(LINE_HEIGHT, device=flat.device, dtype=torch.float32) + 0.5
    x, y = (
        (corner[:, axis, None, None] + along[:, axis, None, None] * u + down[:, axis, None, None] * v[:, None] - 0.5)
        for axis in (0, 1)
    )
    x, y = torch.minimum(x.clamp_(min=0), width - 1), torch.minimum(y.clamp_(min=0), height - 1)
    left, top = x.long(), y.long()
    right, low = torch.minimum(left + 1, width - 1), torch.minimum(top + 1, height - 1)
    x, y = x - left, y - top
    upper = torch.lerp(_at(flat, offset + top * width + left), _at(flat, offset + top * width + right), x)
    lower = torch.lerp(_at(flat, offset + low * width + left), _at(flat, offset + low * width + right), x)
    values = torch.lerp(upper, lower, y).mul_(2 / 255).sub_(1)
    return values.masked_fill_(torch.arange(bucket, device=flat.device) >= length, 0.0)


def _at(flat: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return flat[index].float()


def best_classes(logits: torch.Tensor) -> list[torch.Tensor]:
    """N×T×C logits → the best class (int32) and its probability (float32), the second class and its, each N×T."""
    found: list[list[torch.Tensor]] = []
    for part in logits.flatten(0, 1).split(HEAD_ROWS):  # type: ignore[no-untyped-call]
        best, index = part.max(dim=-1, keepdim=True)
        # The softmax's largest value is one over the sum of exp(logit - best); that sum needs single precision.
        shares = (part - best).exp_()
        chance = shares.sum(dim=-1, dtype=torch.float32).reciprocal_()
        second, second_index = shares.scatter_(-1, index, 0).max(dim=-1)
        found.append([index[:, 0].int(), chance, second_index.int(), second.float() * chance])
    return [torch.cat(values).view(logits.shape[:2]) for values in zip(*found, strict=True)]
