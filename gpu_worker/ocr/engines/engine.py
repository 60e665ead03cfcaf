"""The one interface every engine has, and the choice among them."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from gpu_worker.ocr.errors import EngineUnavailable
from gpu_worker.ocr.page_text import PageText

ENGINE_NAMES = ("auto", "torch", "onnx", "tesseract")


class OcrEngine(Protocol):
    """Reads page images.

    Up to `calls_at_once` threads may be in `read_pages` together, and that many keep the engine busy; a call is best
    given up to `pages_a_call` pages.
    """

    name: str
    calls_at_once: int
    pages_a_call: int

    def read_pages(self, images: Sequence[np.ndarray]) -> list[PageText]:
        """Read each image (uint8; gray H×W or RGB H×W×3) and return one `PageText` per image, in order.

        Never raises because of what an image shows: a page without text has no lines.
        """
        ...


def choose_engine(name: str) -> str:
    """The engine that `name` means on this machine: `auto` is torch where CUDA works, else onnx, else tesseract."""
    if name not in ENGINE_NAMES:
        raise EngineUnavailable(f"OCR_ENGINE must be one of {', '.join(ENGINE_NAMES)}, not {name!r}.")
    if name != "auto":
        return name
    if _cuda_works():
        return "torch"
    return "onnx" if importlib.util.find_spec("onnxruntime") else "tesseract"


def create_engine(name: str = "auto", languages: str = "eng") -> OcrEngine:
    """Build the engine `name` (see `choose_engine`); only its own libraries are imported.

    `languages` are Tesseract's codes joined by `+` and matter to Tesseract only: PP-OCRv6 reads what it knows by
    itself. Raises `EngineUnavailable` or `LanguagePackMissing`.
    """
    chosen = choose_engine(name)
    if chosen == "torch":
        from gpu_worker.ocr.engines.torch_engine import TorchEngine

        return TorchEngine()
    if chosen == "onnx":
        from gpu_worker.ocr.engines.onnx_engine import OnnxEngine

        return OnnxEngine()
    from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine

    return TesseractEngine(languages)


def _cuda_works() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()
