"""Batches of pages of many documents, and engines that fail."""

import threading

import numpy as np
import pytest
from workshop import wait_until

from gpu_worker.errors import TransientError
from gpu_worker.ocr.page_text import Line, PageText
from gpu_worker.reading.ocr_batcher import OcrBatcher


def page_image(value: int) -> np.ndarray:
    return np.full((40, 30), value, dtype=np.uint8)


class NumberEngine:
    """Reads a page's gray value as its text; `poison` is a value it cannot bear."""

    name = "number"

    def __init__(self, poison: frozenset[int] = frozenset(), pages_a_call: int = 4, calls_at_once: int = 1) -> None:
        self.poison = poison
        self.pages_a_call = pages_a_call
        self.calls_at_once = calls_at_once
        self.batches: list[int] = []
        self.calls = 0
        self.go = threading.Event()
        self.go.set()

    def read_pages(self, images):
        self.calls += 1
        self.go.wait(30)
        values = [int(image[0, 0]) for image in images]
        self.batches.append(len(values))
        if self.poison & set(values):
            raise RuntimeError("out of memory")
        return [self.read(value) for value in values]

    def read(self, value: int) -> PageText:
        quad = ((0, 0), (30, 0), (30, 40), (0, 40))
        return PageText((Line((), str(value), quad, 0.99),), str(value), self.name, 0.99, 30, 40)


@pytest.fixture
def start():
    started = []

    def make(engine):
        started.append(OcrBatcher(engine, None))
        return started[-1]

    yield make
    for batcher in started:
        batcher.stop()


def test_pages_that_wait_are_read_in_one_batch_and_answered_in_order(start):
    engine = NumberEngine()
    engine.go.clear()
    batcher = start(engine)
    futures = [batcher.submit(page_image(value)) for value in range(6)]
    engine.go.set()
    assert [future.result(30).reading.page.text for future in futures] == list("012345")
    assert max(engine.batches) > 1 and sum(engine.batches) == 6


def test_submit_blocks_when_enough_pages_wait(start):
    engine = NumberEngine(pages_a_call=1)
    engine.go.clear()
    batcher = start(engine)
    submitted = []

    def submit_many():
        for value in range(9):
            submitted.append(batcher.submit(page_image(value)))

    thread = threading.Thread(target=submit_many)
    thread.start()
    try:
        wait_until(lambda: len(submitted) == 3, "one page in the engine and two waiting")
        assert thread.is_alive()
    finally:
        engine.go.set()
        thread.join(30)
    assert len(submitted) == 9
    assert [future.result(30).reading.page.text for future in submitted] == list("012345678")


def test_the_next_call_is_under_way_before_the_last_has_ended(start):
    engine = NumberEngine(pages_a_call=2, calls_at_once=3)
    engine.go.clear()
    batcher = start(engine)
    futures = [batcher.submit(page_image(value)) for value in range(7)]
    wait_until(lambda: engine.calls == 3, "three calls in the engine at once")
    engine.go.set()
    assert [future.result(30).reading.page.text for future in futures] == list("0123456")


def test_pages_that_wait_at_the_end_are_still_read(start):
    engine = NumberEngine(pages_a_call=2, calls_at_once=2)
    batcher = start(engine)
    futures = [batcher.submit(page_image(value)) for value in range(9)]
    batcher.stop()
    assert [future.result(0).reading.page.text for future in futures] == list("012345678")


def test_page_that_breaks_the_engine_is_unreadable_and_its_neighbours_are_read(start):
    engine = NumberEngine(poison=frozenset({2}))
    engine.go.clear()
    batcher = start(engine)
    futures = [batcher.submit(page_image(value)) for value in range(5)]
    engine.go.set()
    readings = [future.result(30).reading for future in futures]
    assert [reading.outcome for reading in readings] == ["ocr", "ocr", "unreadable", "ocr", "ocr"]
    assert "this page alone" in readings[2].reason
    assert not batcher.is_broken


def test_engine_that_fails_on_every_page_is_broken_and_no_page_is_given_up(start):
    batcher = start(NumberEngine(poison=frozenset({1, 2, 3, 4})))
    futures = [batcher.submit(page_image(value)) for value in (1, 2, 3, 4)]
    with pytest.raises(TransientError) as caught:
        for future in futures:
            future.result(30)
    assert caught.value.code == "ocr_engine_broken"
    assert batcher.is_broken
