"""Work on a GPU that is recorded once per shape and then replayed: one launch instead of hundreds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import torch

log = logging.getLogger(__name__)
Work = Callable[[torch.Tensor], list[torch.Tensor]]


@dataclass(frozen=True)
class _Recording:
    graph: torch.cuda.CUDAGraph
    given: torch.Tensor
    results: list[torch.Tensor]


class Recordings:
    """CUDA graphs of work with one input of a fixed shape; all on one stream, so that they share their memory.

    Recorded before any other thread uses the device: memory that one returns to torch meanwhile would spoil a
    recording. Results are valid until the next replay.
    """

    def __init__(self, device: torch.device) -> None:
        self.stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._memory = torch.cuda.graph_pool_handle()
        self._recordings: dict[Hashable, _Recording] = {}

    def record(self, key: Hashable, work: Work, given: torch.Tensor) -> bool:
        """Run and record `work` on `given`, whose values do not matter; false when the device has no memory for it."""
        try:
            work(given)  # loads and chooses kernels, which must not happen in a recording
            self.stream.synchronize()
            torch.cuda.empty_cache()  # a recording's memory is apart from that of what runs unrecorded
            graph = torch.cuda.CUDAGraph()
            graph.capture_begin(pool=self._memory)
            try:
                results = work(given)
            finally:
                graph.capture_end()
        except torch.OutOfMemoryError:
            log.warning("too little memory on the GPU to record all shapes; %s are", len(self._recordings))
            return False
        self._recordings[key] = _Recording(graph, given, results)
        return True

    def replay(self, key: Hashable, given: torch.Tensor) -> list[torch.Tensor] | None:
        """The results for `given`, or None where `key` was not recorded. Must run on `stream`, one at a time."""
        recording = self._recordings.get(key)
        if recording is None:
            return None
        recording.given.copy_(given, non_blocking=True)
        recording.graph.replay()
        return recording.results
