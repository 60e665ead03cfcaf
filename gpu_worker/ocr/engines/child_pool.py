"""Child processes for the work that holds Python's lock: finding boxes, setting text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Lock, Thread
from typing import Any, TypeVar

from gpu_worker.cores import usable_cores

Result = TypeVar("Result")


class ChildPool:
    """Processes and not threads, started from a clean server, so that none holds a piece of CUDA.

    By default one per core but two, which feed the device. May be used from several threads. When a child dies (killed
    by the system, or by the page it had), the calls under way raise `BrokenProcessPool` and the next ones find new
    children.
    """

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers or max(1, usable_cores() - 2)
        self._children = self._start()
        self._lock = Lock()

    def map(self, function: Callable[..., Result], *arguments: Iterable[Any]) -> list[Result]:
        """The function's result for every set of arguments, in order."""
        children = self._children
        try:
            return list(children.map(function, *arguments))
        except BrokenProcessPool:
            self._replace(children)
            raise

    def stop(self) -> None:
        """End the children."""
        self._children.shutdown()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=get_context("forkserver"), initializer=_end_with_parent)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        """Start new children, once, however many calls saw the old ones die."""
        with self._lock:
            if self._children is broken:
                broken.shutdown(wait=False)
                self._children = self._start()


def _end_with_parent() -> None:
    """A worker that is killed leaves no process behind."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
