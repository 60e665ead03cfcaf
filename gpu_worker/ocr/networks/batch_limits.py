"""How much goes to the device at once: found from its free memory, halved when that was too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

MAP_BYTES = 200  # per pixel of a text map, at the detector's peak in half precision
COLUMN_BYTES = 30_000  # per column of a line, at the recogniser's peak: two thirds of it are its 18,710 classes
SHARE = 0.4  # of the free memory; the rest is the allocator's and the crops'
MOST_MAP_PIXELS = 8_000_000
MOST_LINE_COLUMNS = 16_384  # more does not make a big card faster

Item = TypeVar("Item")


class BatchLimits:
    """Pixels of text map and columns of line in one batch."""

    def __init__(self, map_pixels: int, line_columns: int) -> None:
        self.map_pixels = map_pixels
        self.line_columns = line_columns

    @staticmethod
    def from_free_memory(device: torch.device) -> BatchLimits:
        """What fits twice: what is recorded has memory of its own."""
        if device.type != "cuda":
            return BatchLimits(4_000_000, 4096)
        share = SHARE * torch.cuda.mem_get_info(device)[0] / 2
        return BatchLimits(
            min(MOST_MAP_PIXELS, int(share / MAP_BYTES)), min(MOST_LINE_COLUMNS, int(share / COLUMN_BYTES))
        )

    def shrink_maps(self) -> None:
        self.map_pixels = max(1, self.map_pixels // 2)

    def shrink_lines(self) -> None:
        self.line_columns = max(1, self.line_columns // 2)


def run_in_halves(
    run: Callable[[Sequence[Item]], list[torch.Tensor]], items: Sequence[Item], shrink: Callable[[], None]
) -> list[torch.Tensor]:
    """Run a batch; when the device is out of memory, make later batches smaller (`shrink`) and run this one in two
    halves.

    A single item that does not fit raises `torch.OutOfMemoryError`.
    """
    try:
        return run(items)
    except torch.OutOfMemoryError:
        if len(items) == 1:
            raise
    # Outside the handler: the traceback would keep the failed batch's tensors alive.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    shrink()
    middle = len(items) // 2
    # Copied, as what one half returns may be overwritten by the next.
    halves = [[part.clone() for part in run_in_halves(run, half, shrink)] for half in (items[:middle], items[middle:])]
    return [torch.cat(pair) for pair in zip(*halves, strict=True)]
