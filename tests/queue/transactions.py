"""Two open transactions: the proof of a lock, where threads would only show it when they happen to meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psycopg

from tests.queue.queue_calls import Queue

CALL_SECONDS = 30


def call_while_open(
    queue: Queue, first: Callable[[psycopg.Connection], Any], second: Callable[[psycopg.Connection], Any]
) -> Any:
    """Makes the second call while the first one's transaction is open, then commits that; returns the second's answer.

    Fails when the second call did not wait for the first one's end.
    """
    with queue.connect() as one, queue.connect() as two, ThreadPoolExecutor(1) as thread:
        with one.transaction():
            first(one)
            asked = thread.submit(second, two)
            while not is_blocked(queue, two, one):
                assert not wait([asked], timeout=0.02).done, "the second call did not wait for the first one's end"
        return asked.result(CALL_SECONDS)


def is_blocked(queue: Queue, waiting: psycopg.Connection, holding: psycopg.Connection) -> bool:
    row = queue.row("select %s = any (pg_blocking_pids(%s)) as blocked", holding.info.backend_pid,
                    waiting.info.backend_pid)  # fmt: skip
    return row["blocked"]
