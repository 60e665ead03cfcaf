"""Pages read in child processes that die, by a page or by the system; prints the outcome of every page.

python -m tests.gpu_worker.reading.children_that_die deadly_page|killed_children
"""

import contextlib
import os
import signal
import sys

from gpu_worker.ocr.engines.child_pool import ChildPool
from gpu_worker.reading.ocr_batcher import OcrBatcher
from tests.gpu_worker.reading.test_ocr_batcher import NumberEngine, outcomes, page_image

DEADLY = 2


def read_in_child(value: int) -> int:
    if value == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


class ChildEngine(NumberEngine):
    def __init__(self, pool: ChildPool) -> None:
        super().__init__(pages_a_call=3, calls_at_once=2)
        self.pool = pool

    def read_pages(self, images):
        self.go.wait(30)
        values = [int(image[0, 0]) for image in images]
        self.pool.map(read_in_child, values)
        return [self.read(value) for value in values]


def deadly_page(engine: ChildEngine, batcher: OcrBatcher) -> list[str]:
    engine.go.clear()
    futures = [batcher.submit(page_image(value)) for value in (0, 1, DEADLY, 3, 4, 5, 6)]
    engine.go.set()
    return outcomes(futures)


def killed_children(engine: ChildEngine, batcher: OcrBatcher) -> list[str]:
    found = []
    for _ in range(2):
        for child in engine.pool.map(read_in_child, [0, 1]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        found += outcomes([batcher.submit(page_image(value)) for value in (0, 1, 3, 4)])
    return found


if __name__ == "__main__":
    pool = ChildPool(workers=2)
    engine = ChildEngine(pool)
    batcher = OcrBatcher(engine, None)
    print(*{"deadly_page": deadly_page, "killed_children": killed_children}[sys.argv[1]](engine, batcher))
    batcher.stop()
    pool.stop()
