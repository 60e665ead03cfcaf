"""Pages of many documents in one batch: a few threads feed the OCR engine, which wants many pages at once (story)."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from gpu_worker.errors import TransientError
from gpu_worker.ocr.engines.engine import OcrEngine
from gpu_worker.ocr.page_text import PageText
from gpu_worker.reading.second_look import Reading, SecondEngine, read_at_two_sizes, second_opinion, wants_opinion

log = logging.getLogger(__name__)
MOST_OPINIONS = max(2, (os.cpu_count() or 2) // 2)
"""Pages that the second engine reads at a time; each takes a core."""

MOST_FAILURES_IN_A_ROW = 3
"""One page can break an engine's call; three different ones in a row mean that the engine is broken."""


@dataclass(frozen=True)
class TimedReading:
    """What became of a page image, and its share of the batch's time."""

    reading: Reading
    seconds: float


@dataclass
class _Waiting:
    image: np.ndarray
    future: Future[TimedReading] = field(default_factory=Future)


class OcrBatcher:
    """Takes page images from any thread.

    As many threads feed the engine as it works well with, each taking what waits: the next call is under way before the
    last has ended. Beyond one more call's worth of pages `submit` blocks until the engine caught up, which bounds
    memory.
    """

    def __init__(self, engine: OcrEngine, second_engine: SecondEngine | None) -> None:
        self._engine = engine
        self._second_engine = second_engine
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(maxsize=2 * engine.pages_a_call)
        self._failures_in_a_row = 0
        self._opinions = ThreadPoolExecutor(MOST_OPINIONS, thread_name_prefix="ocr-second")
        self._threads = [
            threading.Thread(target=self._run, name=f"ocr-{n}", daemon=True) for n in range(engine.calls_at_once)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def engine_name(self) -> str:
        return self._engine.name

    @property
    def is_broken(self) -> bool:
        """The engine failed on several pages in a row; nothing more should be given to it."""
        return self._failures_in_a_row >= MOST_FAILURES_IN_A_ROW

    def submit(self, image: np.ndarray) -> Future[TimedReading]:
        """Queue one page image; the future gives its reading, or raises `TransientError` when the engine is broken."""
        waiting = _Waiting(image)
        self._queue.put(waiting)
        return waiting.future

    def stop(self) -> None:
        """End after the pages that wait now."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._opinions.shutdown()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._take_waiting(first)
            self._read(batch)
            if is_last:
                return

    def _take_waiting(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """What already waits, up to a call's worth, and whether the end came with it; never waits for more, as the
        engine would idle meanwhile."""
        taken = [first]
        while len(taken) < self._engine.pages_a_call:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                return taken, True
            taken.append(waiting)
        return taken, False

    def _read(self, batch: Sequence[_Waiting]) -> None:
        started = time.monotonic()
        try:
            readings = read_at_two_sizes([page.image for page in batch], self._engine)
        except Exception as error:  # whatever an engine raises must not end the thread that everybody waits for
            self._recover(batch, error)
            return
        self._failures_in_a_row = 0
        seconds = (time.monotonic() - started) / len(batch)
        for page, reading in zip(batch, readings, strict=True):
            if self._second_engine is not None and wants_opinion(reading, self._second_engine):
                self._opinions.submit(self._ask_second, page, reading, seconds, self._second_engine)
            else:
                page.future.set_result(TimedReading(reading, seconds))

    def _ask_second(self, page: _Waiting, reading: Reading, seconds: float, second_engine: SecondEngine) -> None:
        """The second engine takes seconds a page: the first one, and the GPU under it, do not wait for it."""
        started = time.monotonic()
        try:
            reading = second_opinion(page.image, reading, second_engine)
        except Exception as error:  # the first reading stands
            log.warning("the second OCR engine failed", extra={"error": type(error).__name__})
        page.future.set_result(TimedReading(reading, seconds + time.monotonic() - started))

    def _recover(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """Find the page that broke the batch by reading each alone; that one is unreadable, the others are read."""
        log.warning("the OCR engine failed on a batch", extra={"pages": len(batch), "error": type(error).__name__})
        if len(batch) > 1:
            for page in batch:
                self._read([page])
            return
        self._failures_in_a_row += 1
        if self.is_broken:
            message = "The OCR engine fails on every page of this machine."
            batch[0].future.set_exception(TransientError("ocr_engine_broken", message))
        else:
            batch[0].future.set_result(TimedReading(_unreadable(batch[0].image, self._engine.name), 0.0))


def _unreadable(image: np.ndarray, engine: str) -> Reading:
    reason = "the OCR engine failed on this page alone"
    page = PageText((), "", engine, 0.0, image.shape[1], image.shape[0], 0, reason)
    return Reading("unreadable", page, reason)
