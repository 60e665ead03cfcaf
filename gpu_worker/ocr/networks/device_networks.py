"""The two networks on a GPU, with everything that touches pixels beside them: resize, line crops, arg-max, confidence.

A page goes up once, as bytes; down come one byte per pixel of the text map, and one class and one probability per
column of each line. (The recogniser's whole output would be 200 MB a page.)
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from gpu_worker.ocr.networks.batch_limits import BatchLimits, run_in_halves
from gpu_worker.ocr.networks.cpu_networks import LINE_HEIGHT, LineClasses, LineCrop, batches_by_width, line_widths
from gpu_worker.ocr.networks.detection import DetectionPlan, Tile, stitch
from gpu_worker.ocr.networks.fused import FusedWhenWarm

MAP_STEP = 128  # px: map sizes are rounded up to this, so that pages of like size share a batch
HEAD_ROWS = 2048  # columns whose 18,710 classes are compared at a time: 75 MB in half precision


class DeviceNetworks:
    """See `Networks`; safe to use from several threads, each on its own stream.

    Kernels are launched under a lock, waited for outside it: the queue of the device is never empty while anybody has
    work.
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
        place = {"device": device, "dtype": dtype, "memory_format": torch.channels_last}
        self.detector = FusedWhenWarm(detector.to(**place), fuses=device.type == "cuda")
        self.recogniser = FusedWhenWarm(recogniser.to(**place), fuses=device.type == "cuda")
        self._lock = threading.Lock()
        self._threads = threading.local()

    def load(self, pages: Sequence[np.ndarray]) -> DevicePages:
        """Copy gray pages to the device, one after the other in one buffer."""
        sizes = np.array([page.size for page in pages], np.int64)
        buffer = torch.empty(int(sizes.sum()), dtype=torch.uint8, pin_memory=self.device.type == "cuda")
        np.concatenate([page.reshape(-1) for page in pages], out=buffer.numpy())
        with self.turn():
            flat = buffer.to(self.device, non_blocking=True)
            return DevicePages(self, flat, np.cumsum(sizes) - sizes, [page.shape for page in pages], buffer)

    def turn(self) -> _Turn:
        """This thread's turn to launch work on its stream."""
        return _Turn(self._lock, self._stream())

    def _stream(self) -> torch.cuda.Stream | None:
        if self.device.type != "cuda":
            return None
        if not hasattr(self._threads, "stream"):
            self._threads.stream = torch.cuda.Stream(self.device)
        return self._threads.stream

    def fetch(self, launch: Callable[[], list[torch.Tensor]]) -> list[np.ndarray]:
        """Launch work, then wait for its results without keeping others from launching theirs."""
        with self.turn() as turn:
            copies = [_to_host(tensor) for tensor in launch()]
            done = turn.mark()
        if done is not None:
            done.synchronize()
        return [copy.numpy() for copy in copies]


class _Turn:
    """Holds the lock, and makes the thread's stream and inference mode current."""

    def __init__(self, lock: threading.Lock, stream: torch.cuda.Stream | None) -> None:
        self._lock = lock
        self._stream = stream
        self._contexts = [torch.inference_mode(), torch.cuda.stream(stream) if stream else nullcontext()]

    def __enter__(self) -> _Turn:
        self._lock.acquire()
        for context in self._contexts:
            context.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*error)
        self._lock.release()

    def mark(self) -> torch.cuda.Event | None:
        """An event behind everything launched so far; blocking, so that waiting costs no core."""
        if self._stream is None:
            return None
        event = torch.cuda.Event(blocking=True)
        event.record(self._stream)
        return event


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
            by_size[_map_size(tile)].append(i)
        parts: dict[int, np.ndarray] = {}
        for size, members in by_size.items():
            most = max(1, self.networks.limits.map_pixels // (size[0] * size[1]))
            for start in range(0, len(members), most):
                chosen = members[start : start + most]
                (maps,) = self.networks.fetch(
                    lambda chosen=chosen, size=size: [self._maps([jobs[i] for i in chosen], size)]
                )
                for i, text_map in zip(chosen, maps, strict=True):
                    tile = jobs[i][2]
                    parts[i] = text_map[: tile.bottom - tile.top, : tile.right - tile.left]
        in_order = iter(parts[i] for i in range(len(jobs)))
        return [stitch(plan, [next(in_order) for _ in plan.tiles]) for plan in plans]

    def _maps(self, jobs: Sequence[tuple[int, DetectionPlan, Tile]], size: tuple[int, int]) -> torch.Tensor:
        def run(part: Sequence[tuple[int, DetectionPlan, Tile]]) -> list[torch.Tensor]:
            batch = torch.stack([self._tile(*job, size) for job in part])
            batch = batch.to(self.networks.dtype).contiguous(memory_format=torch.channels_last)
            return [self.networks.detector(batch)[:, 0].mul(255).to(torch.uint8)]

        return run_in_halves(run, jobs, self.networks.limits.shrink_maps)[0]

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
        results: dict[int, LineClasses] = {}
        for bucket, members in batches_by_width(widths, self.networks.limits.line_columns):
            rows = self._rows([lines[i] for i in members], widths[members])
            classes, chances = self.networks.fetch(lambda rows=rows, bucket=bucket: self._read(rows, bucket))
            for row, i in enumerate(members):
                results[i] = LineClasses(classes[row], chances[row], float(widths[i]))
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

    def _read(self, rows: np.ndarray, bucket: int) -> list[torch.Tensor]:
        def run(part: np.ndarray) -> list[torch.Tensor]:
            crops = cut_lines(self.flat, torch.from_numpy(part).to(self.flat.device), bucket)
            batch = crops[:, None].to(self.networks.dtype).contiguous(memory_format=torch.channels_last)
            return best_classes(self.networks.recogniser(batch))

        return run_in_halves(run, rows, self.networks.limits.shrink_lines)


def _map_size(tile: Tile) -> tuple[int, int]:
    height, width = tile.bottom - tile.top, tile.right - tile.left
    return math.ceil(height / MAP_STEP) * MAP_STEP, math.ceil(width / MAP_STEP) * MAP_STEP


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
    """N×T×C logits → the best class (int32) and its probability (float32), both N×T."""
    classes, chances = [], []
    for part in logits.flatten(0, 1).split(HEAD_ROWS):
        best, index = part.max(dim=-1, keepdim=True)
        classes.append(index[:, 0].int())
        # The softmax's largest value is one over the sum of exp(logit - best); that sum needs single precision.
        chances.append((part - best).exp_().sum(dim=-1, dtype=torch.float32).reciprocal_())
    return [torch.cat(values).view(logits.shape[:2]) for values in (classes, chances)]
