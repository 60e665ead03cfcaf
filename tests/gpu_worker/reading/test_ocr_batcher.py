"""Batches of pages of many documents, and engines that fail."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from gpu_worker.errors import MachineBroken
from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.reading.ocr_batcher import OcrBatcher
from tests.gpu_worker.workshop import REPOSITORY
from tests.patience import wait_until


def page_image(value: int) -> np.ndarray:
    return np.full((40, 30), value, dtype=np.uint8)


class NumberEngine:
    """Reads a page's gray value as its text; `poison` is a value it cannot bear."""

    name = "number"
    knows_more = False

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
        line = Line((Word(str(value), (0, 0, 30, 40), 0.99),), str(value), quad, 0.99)
        return PageText((line,), str(value), self.name, 0.99, 30, 40)


@pytest.fixture
def start():
    started = []

    def make(engine, second_engine=None):
        started.append(OcrBatcher(engine, second_engine))
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


def outcomes(futures) -> list[str]:
    return [future.result(60).reading.outcome for future in futures]


def test_pages_that_break_the_engine_are_unreadable_and_their_neighbours_are_read(start):
    """Three in a row: a page's fault is not the machine's, however many there are."""
    engine = NumberEngine(poison=frozenset({2, 3, 4, 7}))
    engine.go.clear()
    batcher = start(engine)
    futures = []
    thread = threading.Thread(target=lambda: futures.extend(batcher.submit(page_image(n)) for n in range(9)))
    thread.start()
    engine.go.set()
    thread.join(30)
    assert outcomes(futures) == ["ocr", "ocr", *3 * ["unreadable"], "ocr", "ocr", "unreadable", "ocr"]
    assert "this page alone" in futures[2].result().reading.reason


def test_the_second_engine_reads_a_page_that_breaks_the_first(start):
    batcher = start(NumberEngine(poison=frozenset({3})), NumberEngine())
    reading = batcher.submit(page_image(3)).result(30).reading
    assert (reading.outcome, reading.page.text) == ("ocr_fallback", "3")


@pytest.mark.parametrize("calls_at_once", [1, 3])
def test_no_page_is_given_up_by_a_machine_whose_engine_fails_on_a_sound_page_too(start, calls_at_once):
    engine = NumberEngine(calls_at_once=calls_at_once)
    batcher = start(engine)
    assert batcher.submit(page_image(1)).result(30).reading.outcome == "ocr"
    engine.poison = frozenset(range(256))  # its device died
    for future in [batcher.submit(page_image(value)) for value in (1, 2, 3, 4)]:
        with pytest.raises(MachineBroken):
            future.result(30)
    calls = engine.calls
    with pytest.raises(MachineBroken):
        batcher.submit(page_image(5)).result(30)
    assert engine.calls == calls, "nothing more is given to it"


def test_an_engine_that_reads_nothing_on_a_sound_page_is_broken_too(start):
    class Blind(NumberEngine):
        def read(self, value: int) -> PageText:
            return PageText((), "", self.name, 0.0, 30, 40)

    with pytest.raises(MachineBroken):
        start(Blind(poison=frozenset({3}))).submit(page_image(3)).result(30)


class WatchfulEngine(NumberEngine):
    """Page 1 stays in the engine until page 2, which breaks it, is tried again, or for a second."""

    def __init__(self) -> None:
        super().__init__(poison=frozenset({2}), pages_a_call=1, calls_at_once=2)
        self.tries = {1: 0, 2: 0}
        self.inside, self.again = threading.Event(), threading.Event()
        self.had_company = False

    def read_pages(self, images):
        value = int(images[0][0, 0])
        if value in self.tries:
            self.tries[value] += 1
        if value == 1:
            self.inside.set()
            self.had_company = self.again.wait(1)
        if self.tries[2] > 1:
            self.again.set()
        return super().read_pages(images)


def test_a_page_that_failed_is_tried_again_only_when_no_other_is_in_the_engine(start):
    """Whatever it then ends, a child process or the device's context, it cannot be another page's work."""
    engine = WatchfulEngine()
    batcher = start(engine)
    futures = [batcher.submit(page_image(1))]
    assert engine.inside.wait(30)
    futures.append(batcher.submit(page_image(2)))
    assert outcomes(futures) == ["ocr", "unreadable"]
    assert engine.tries[2] > 1 and not engine.had_company


def run_children(scene: str) -> list[str]:
    """What `children_that_die.py` prints: in its own process, as the server that forks children outlives a test."""
    command = [sys.executable, "-m", "tests.gpu_worker.reading.children_that_die", scene]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_page_that_kills_its_child_process_costs_itself_only():
    """The children are shared: pages that others were reading meanwhile are read again, not given up."""
    assert run_children("deadly_page") == ["ocr", "ocr", "unreadable", *4 * ["ocr"]]


def test_children_that_the_system_kills_cost_no_page():
    assert run_children("killed_children") == 8 * ["ocr"]
