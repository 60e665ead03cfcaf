"""Where the two PP-OCRv6 networks lie: inside the `rapidocr` wheel (Apache-2.0), which is never imported."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

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


def load_model(path: Path) -> onnx.ModelProto:
    """Read a network; weights too small for normal floats become zero.

    The detector holds 256,000 of them (below 1.2e-38). They change no output, but a CPU multiplies each in microcode: a
    page's detection takes 130 ms without them and 420 ms with them.
    """
    model = onnx.load(str(path))
    for constant in model.graph.initializer:
        if constant.data_type == onnx.TensorProto.FLOAT:
            values = numpy_helper.to_array(constant)
            subnormal = (values != 0) & (np.abs(values) < np.finfo(np.float32).tiny)
            if subnormal.any():
                constant.CopyFrom(numpy_helper.from_array(np.where(subnormal, np.float32(0), values), constant.name))
    return model


def alphabet(character_list: str) -> str:
    """The recogniser's classes, one character each, from its `character` metadata: the CTC blank first, the space
    last."""
    return "\0" + character_list.replace("\n", "") + " "
