"""PP-OCRv6 on torch: on CUDA in half precision with everything on the device, on a CPU for tests and bf16 machines."""

from __future__ import annotations

import ctypes

import numpy as np
import torch

from gpu_worker.ocr.engines.child_pool import ChildPool
from gpu_worker.ocr.engines.page_reader import PageReader
from gpu_worker.ocr.networks.cpu_networks import Choices, CpuNetworks, Networks
from gpu_worker.ocr.networks.device_networks import DeviceNetworks, best_classes
from gpu_worker.ocr.networks.torch_graph import load_graph
from gpu_worker.ocr.networks.weights import alphabet, find_weights

MMAP_THRESHOLD, TRIM_THRESHOLD, TOP_PAD = -3, -1, -2  # names of glibc's malloc.h
CUDA_CALLS = 3  # one on the device, one before it, one behind it
CUDA_PAGES = 32  # some 28 launches of the recogniser, one per width of line, whether for 16 pages or for 32


class TorchEngine(PageReader):
    """Reads pages on `device` (`cuda` where it works, else `cpu`) in `dtype` (half precision on CUDA, bf16 where a
    CPU has it).

    On CUDA, several calls are under way at once, each on its own stream: while one is on the device, others are having
    their boxes found and their text set in child processes.
    """

    def __init__(self, device: str | None = None, dtype: torch.dtype | None = None) -> None:
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        if device == "cpu":
            super().__init__("torch", CpuTorchNetworks(dtype or _cpu_dtype()))
            return
        super().__init__("torch", _device_networks(device, dtype or torch.float16), ChildPool())
        self.calls_at_once, self.pages_a_call = CUDA_CALLS, CUDA_PAGES


class CpuTorchNetworks(CpuNetworks):
    """The two networks in torch, cropping and resizing with OpenCV."""

    def __init__(self, dtype: torch.dtype) -> None:
        _keep_freed_memory()
        weights = find_weights()
        detector, _ = load_graph(weights.detector)
        recogniser, metadata = load_graph(weights.recogniser, drop_last=True)
        self._dtype = dtype
        self._detector, self._recogniser = (
            net.to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
            for net in (detector, recogniser)
        )
        self.alphabet = alphabet(metadata["character"])

    @torch.inference_mode()
    def run_detector(self, batch: np.ndarray) -> np.ndarray:
        """See `CpuNetworks.run_detector`."""
        found: np.ndarray = self._detector(self._scaled(batch))[:, 0].float().numpy()
        return found

    @torch.inference_mode()
    def run_recogniser(self, batch: np.ndarray) -> Choices:
        """See `CpuNetworks.run_recogniser`."""
        classes, best, seconds, second_best = best_classes(self._recogniser(self._scaled(batch)).float())
        return classes.numpy(), best.numpy(), seconds.numpy(), second_best.numpy()

    def _scaled(self, batch: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(batch)[:, None].to(self._dtype).mul_(2 / 255).sub_(1)


def _keep_freed_memory() -> None:
    """Let glibc keep what is freed: mapping every activation afresh makes batches up to 2.7 times slower."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return  # not glibc
    for option in (MMAP_THRESHOLD, TRIM_THRESHOLD, TOP_PAD):
        mallopt(option, 32 * 2**20)


def _cpu_dtype() -> torch.dtype:
    """bf16 where the CPU multiplies it natively (twice as fast, same text); elsewhere it would be emulated."""
    return torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16") else torch.float32


def _device_networks(device: str, dtype: torch.dtype) -> Networks:
    weights = find_weights()
    detector, _ = load_graph(weights.detector)
    recogniser, metadata = load_graph(weights.recogniser, drop_last=True)
    return DeviceNetworks(detector, recogniser, alphabet(metadata["character"]), torch.device(device), dtype)
