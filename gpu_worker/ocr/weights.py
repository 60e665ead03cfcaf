"""Where the two PP-OCRv6 networks lie: inside the `rapidocr` wheel (Apache-2.0), which is never imported."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from gpu_worker.ocr.errors import EngineUnavailable


@dataclass(frozen=True)
class Weights:
    """Paths of the detector and the recogniser, both ONNX."""

    detector: Path
    recogniser: Path


def find_weights() -> Weights:
    """Return the networks' files; raises `EngineUnavailable` when the wheel is not installed."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineUnavailable("The PP-OCRv6 weights come with the rapidocr package: pip install rapidocr.")
    folder = Path(spec.submodule_search_locations[0]) / "models"
    weights = Weights(folder / "PP-OCRv6_det_small.onnx", folder / "PP-OCRv6_rec_small.onnx")
    for path in (weights.detector, weights.recogniser):
        if not path.is_file():
            raise EngineUnavailable(f"The rapidocr package holds no {path.name}: install the pinned version.")
    return weights


def alphabet(character_list: str) -> str:
    """The recogniser's classes, one character each, from its `character` metadata: the CTC blank first, the space
    last."""
    return "\0" + character_list.replace("\n", "") + " "
