"""PP-OCRv6 through ONNX Runtime: the default on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gpu_worker.cores import usable_cores
from gpu_worker.ocr.engines.page_reader import PageReader
from gpu_worker.ocr.errors import EngineUnavailable
from gpu_worker.ocr.networks.cpu_networks import Batch, Choices, CpuNetworks, Result
from gpu_worker.ocr.networks.ctc import LEAST_CHANCE
from gpu_worker.ocr.networks.weights import alphabet, find_weights, load_model

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class OnnxEngine(PageReader):
    """Reads pages with ONNX Runtime; `threads` 0 means one per core."""

    def __init__(self, threads: int = 0) -> None:
        super().__init__("onnx", OnnxNetworks(threads))


class OnnxNetworks(CpuNetworks):
    """The two networks as ONNX Runtime sessions."""

    def __init__(self, threads: int = 0) -> None:
        weights = find_weights()
        threads = threads or usable_cores()
        self._detector = _open_session(weights.detector, threads)
        # Batches of lines are independent: one thread each scales better than many threads sharing every operator.
        self._recogniser = _open_session(weights.recogniser, 1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ocr-lines")
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        self.alphabet = alphabet(characters)

    def map_batches(self, read: Callable[[Batch], Result], batches: Sequence[Batch]) -> Iterable[Result]:
        """See `CpuNetworks.map_batches`."""
        return self._threads.map(read, batches)

    def run_detector(self, batch: np.ndarray) -> np.ndarray:
        """See `CpuNetworks.run_detector`."""
        heat: np.ndarray = self._detector.run(None, {"x": _channels(batch)})[0][:, 0]
        return heat

    def run_recogniser(self, batch: np.ndarray) -> Choices:
        """See `CpuNetworks.run_recogniser`."""
        chances = self._recogniser.run(None, {"x": _channels(batch)})[0]
        classes = chances.argmax(axis=2)
        best = np.take_along_axis(chances, classes[..., None], axis=2)[..., 0]
        seconds, second_best = np.zeros_like(classes), np.zeros_like(best)
        doubtful = best <= 1 - LEAST_CHANCE  # a column in twenty: a second look at all 18,710 classes is not for all
        rest = chances[doubtful]
        np.put_along_axis(rest, classes[doubtful][:, None], 0, axis=1)
        seconds[doubtful] = rest.argmax(axis=1)
        second_best[doubtful] = rest.max(axis=1)
        return classes, best, seconds, second_best


def _channels(batch: np.ndarray) -> np.ndarray:
    """Gray uint8 N×H×W → three equal channels, float32 from -1 to 1."""
    scaled = batch.astype(np.float32)
    scaled *= np.float32(2 / 255)
    scaled -= np.float32(1)
    return np.repeat(scaled[:, None], 3, axis=1)


def _open_session(path: Path, threads: int) -> InferenceSession:
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineUnavailable("The onnx engine needs ONNX Runtime: pip install onnxruntime.") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that spin while they wait take the cores from downloads and page rendering.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Every line width is a new shape: patterns would be remembered per shape and the arena never shrinks.
    options.enable_mem_pattern = False
    model = load_model(path).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
