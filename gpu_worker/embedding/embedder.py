"""The embedding model where it runs best."""

from __future__ import annotations

from gpu_worker.embedding.minilm import MiniLm


def create_embedder(engine_name: str) -> MiniLm:
    """Beside the OCR networks where those run on a GPU, else on the CPU: a passage takes 64 ms of a core, three times
    what all the rest of a page takes."""
    if engine_name == "torch":
        import torch

        if torch.cuda.is_available():
            from gpu_worker.embedding.device_minilm import DeviceMiniLm

            return DeviceMiniLm()
    return MiniLm()
