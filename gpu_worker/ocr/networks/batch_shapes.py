"""Which shapes the networks are called with on a device: few, so that each is prepared once and used again (pure).

A batch of a shape prepared costs a tenth of a millisecond of launching, any other 3 to 6 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gpu_worker.ocr.networks.cpu_networks import MAX_WIDTH, MIN_WIDTH, bucket_width

LINE_COLUMNS = (16_384, 4096, 1024)  # px of line in a batch: enough to fill a card; a page's rest; a handful of lines
MAPS = (4, 1)  # maps in a batch: eight are not faster than four
USUAL_MAPS = ((1280, 1024), (1280, 896), (1024, 768), (1024, 1280), (896, 1280), (768, 1024))
"""Height and width of the maps of Letter and A4, of Legal, of a small scan, and of all three on their side."""
MAP_STEP = 128  # px: map sizes are rounded up to this


@dataclass(frozen=True)
class LineBatch:
    """Lines to read together: `rows` lines of `width` px, of which `members` are real and the rest padding."""

    width: int
    rows: int
    members: tuple[int, ...]


def line_batches(widths: np.ndarray, most_columns: int) -> list[LineBatch]:
    """Lines of these widths in batches of at most `most_columns` px (or one line)."""
    buckets: dict[int, list[int]] = {}
    for i in np.argsort(widths, kind="stable").tolist():
        buckets.setdefault(bucket_width(float(widths[i])), []).append(i)
    batches = []
    for width, members in sorted(buckets.items()):
        sizes = line_counts(width, most_columns)
        batches += [LineBatch(width, rows, tuple(part)) for rows, part in batches_of(members, sizes)]
    return batches


def line_counts(width: int, most_columns: int) -> list[int]:
    """How many lines of this padded width a batch may have, falling."""
    return sorted({max(1, min(columns, most_columns) // width) for columns in LINE_COLUMNS}, reverse=True)


def map_counts(size: tuple[int, int], most_pixels: int) -> list[int]:
    """How many maps of this size a batch may have, falling."""
    return sorted({max(1, min(maps, most_pixels // (size[0] * size[1]))) for maps in MAPS}, reverse=True)


def line_widths_prepared() -> list[int]:
    """Every padded width that a line may have."""
    widths, width = [MIN_WIDTH], MIN_WIDTH
    while width < MAX_WIDTH:
        width = bucket_width(width + 1)
        widths.append(width)
    return widths


def batches_of(members: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Cut `members` into batches of the sizes given (falling), each at least half full unless it is of the smallest
    size."""
    start = 0
    for size in sizes:
        while len(members) - start > (size // 2 if size != sizes[-1] else 0):
            yield size, list(members[start : start + size])
            start += size


def map_size(height: int, width: int) -> tuple[int, int]:
    """The padded size at which a window of a page is looked at."""
    return math.ceil(height / MAP_STEP) * MAP_STEP, math.ceil(width / MAP_STEP) * MAP_STEP
