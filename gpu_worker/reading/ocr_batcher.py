"""Pages of many documents in one batch: a few threads feed the OCR engine, which wants many pages at once (story)."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2
import numpy as np

from gpu_worker.cores import usable_cores
from gpu_worker.enums import Outcome
from gpu_worker.errors import MachineBroken
from gpu_worker.ocr.engines.engine import OcrEngine
from gpu_worker.ocr.engines.page_reader import to_gray
from gpu_worker.ocr.page_text import PageText
from gpu_worker.ocr.structure.boxes import CheckBox, find_check_boxes
from gpu_worker.reading.right_of_way import RightOfWay
from gpu_worker.reading.second_look import Reading, SecondEngine, read_at_two_sizes, second_opinion, wants_opinion

log = logging.getLogger(__name__)
MOST_OPINIONS = max(2, usable_cores() // 2)
"""Pages that the second engine reads at a time; each takes a core."""

TRIES_ALONE = 2
"""A page that fails alone has one more chance: a child process that the system killed was not the page's fault."""

SOUND_SIZE = 2200, 1700
"""Height and width of the page that tells a page's fault from the machine's: Letter at 200 dpi, as a machine whose
memory does for smaller pages only is no more use than one that reads none."""


@dataclass(frozen=True)
class TimedReading:
    """What became of a page image, its share of the batch's time, and its check boxes (px of the image)."""

    reading: Reading
    seconds: float
    boxes: tuple[CheckBox, ...] = ()


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
        self._right_of_way = RightOfWay()
        self._broken = threading.Event()
        self._opinions = ThreadPoolExecutor(MOST_OPINIONS, thread_name_prefix="ocr-second")
        self._marks = ThreadPoolExecutor(MOST_OPINIONS, thread_name_prefix="ocr-marks")
        self._threads = [
            threading.Thread(target=self._run, name=f"ocr-{n}", daemon=True) for n in range(engine.calls_at_once)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def engine_name(self) -> str:
        return self._engine.name

    def submit(self, image: np.ndarray) -> Future[TimedReading]:
        """Queue one page image; the future gives its reading, or raises `MachineBroken`."""
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
        self._marks.shutdown()

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
        if self._broken.is_set():
            for page in batch:
                page.future.set_exception(MachineBroken())
            return
        started = time.monotonic()
        try:
            with self._right_of_way.together():
                readings = self._look_at(batch)
        except Exception as error:  # whatever an engine raises must not end the thread that everybody waits for
            log.warning("the OCR engine failed on a batch", extra={"pages": len(batch), "error": type(error).__name__})
            self._recover(batch)
            return
        seconds = (time.monotonic() - started) / len(batch)
        for page, reading in zip(batch, readings, strict=True):
            self._answer(page, reading, seconds)

    def _look_at(self, batch: Sequence[_Waiting]) -> list[Reading]:
        if self._broken.is_set():
            raise MachineBroken()
        return read_at_two_sizes([page.image for page in batch], self._engine)

    def _answer(self, page: _Waiting, reading: Reading, seconds: float) -> None:
        if self._second_engine is not None and wants_opinion(reading, self._second_engine):
            self._opinions.submit(self._ask_second, page, reading, seconds, self._second_engine)
        else:
            self._marks.submit(self._find_boxes, page, reading, seconds)

    def _ask_second(self, page: _Waiting, reading: Reading, seconds: float, second_engine: SecondEngine) -> None:
        """The second engine takes seconds a page: the first one, and the GPU under it, do not wait for it."""
        started = time.monotonic()
        try:
            reading = second_opinion(page.image, reading, second_engine)
        except Exception as error:  # the first reading stands
            log.warning("the second OCR engine failed", extra={"error": type(error).__name__})
        self._find_boxes(page, reading, seconds + time.monotonic() - started)

    def _find_boxes(self, page: _Waiting, reading: Reading, seconds: float) -> None:
        """In a thread of their own: the device does not wait for them, and most of it holds no lock."""
        boxes: tuple[CheckBox, ...] = ()
        try:
            boxes = find_check_boxes(to_gray(page.image), reading.page) if reading.outcome.is_recognised else ()
        except Exception as error:  # the words stand
            log.warning("the check boxes of a page were not found", extra={"error": type(error).__name__})
        page.future.set_result(TimedReading(reading, seconds, boxes))

    def _recover(self, batch: Sequence[_Waiting]) -> None:
        """Find the pages that broke the batch by reading it in halves, in the end page by page."""
        if len(batch) > 1:
            self._read(batch[: len(batch) // 2])
            self._read(batch[len(batch) // 2 :])
            return
        started, (page,) = time.monotonic(), batch
        try:
            with self._right_of_way.alone():  # what ends a child process fails every call under way
                reading = self._read_alone(page)
        except MachineBroken as error:
            page.future.set_exception(error)
            return
        self._answer(page, reading, time.monotonic() - started)

    def _read_alone(self, page: _Waiting) -> Reading:
        """A page that failed is unreadable if a sound page can be read after it; if not, raises `MachineBroken`."""
        for _ in range(TRIES_ALONE):
            try:
                return self._look_at([page])[0]
            except MachineBroken:
                raise
            except Exception as error:
                log.warning("the OCR engine failed on a page alone", extra={"error": type(error).__name__})
            if not self._reads_a_sound_page():
                self._broken.set()
                raise MachineBroken()
        return _unreadable(page.image, self._engine.name)

    def _reads_a_sound_page(self) -> bool:
        try:
            (reading,) = read_at_two_sizes([sound_page()], self._engine)
        except Exception as error:
            log.error("the OCR engine fails on a sound page", extra={"error": type(error).__name__})
            return False
        if not reading.outcome.is_recognised:
            log.error("the OCR engine cannot read a sound page")
        return reading.outcome.is_recognised


def sound_page() -> np.ndarray:
    """A page image (gray, `SOUND_SIZE`) that every engine can read."""
    page = np.full(SOUND_SIZE, 255, np.uint8)
    return cv2.putText(page, "The engine can read this.", (200, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 3)


def _unreadable(image: np.ndarray, engine: str) -> Reading:
    reason = "the OCR engine failed on this page alone"
    page = PageText((), "", engine, 0.0, image.shape[1], image.shape[0], 0, reason)
    return Reading(Outcome.UNREADABLE, page, reason)
