"""A network that is fused once it has proven busy."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

log = logging.getLogger(__name__)

WARM_CALLS = 200  # batches: a machine rented for a handful of documents never pays the minute that compiling takes


def compile_for_any_size(network: torch.nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """One set of kernels for all batch sizes and widths: a set per size would compile for an hour."""
    return torch.compile(network, dynamic=True)


class FusedWhenWarm:
    """Runs `network` eagerly, and compiled from its 201st batch on; eagerly again, for good, if compiling fails.

    Without fusion a GPU is bound by memory traffic (8 to 16 GB a page against 2 to 4).
    """

    def __init__(
        self,
        network: torch.nn.Module,
        fuses: bool,
        warm_calls: int = WARM_CALLS,
        compiler: Callable[[torch.nn.Module], Callable[[torch.Tensor], torch.Tensor]] = compile_for_any_size,
    ) -> None:
        self._network = network
        self._calls_left = warm_calls if fuses else -1
        self._compiler = compiler
        self._run: Callable[[torch.Tensor], torch.Tensor] = network

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        if self._calls_left == 0:
            self._run = self._compiler(self._network)
        self._calls_left -= self._calls_left >= 0
        # A batch of one is a case apart to the compiler: it would compile for a minute once more.
        if self._run is self._network or len(batch) == 1:
            return self._network(batch)
        try:
            return self._run(batch)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # whatever a compiler raises, the plain network still works
            log.warning("compiling the OCR network failed; it runs unfused", extra={"error": type(error).__name__})
            self._run = self._network
            return self._network(batch)
