"""Drawn pages with known text, and the engines, loaded once."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from ocr_page_canvas import Canvas, font  # noqa: E402,F401
from ocr_page_words import Words  # noqa: E402

from gpu_worker.ocr.engines.onnx_engine import OnnxEngine  # noqa: E402
from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine  # noqa: E402

# The same examples in every run, so that a red test is a change's fault; `--hypothesis-profile thorough` draws more.
settings.register_profile("steady", derandomize=True, deadline=None, database=None, max_examples=200)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=10_000)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def onnx_engine() -> OnnxEngine:
    return OnnxEngine()


@pytest.fixture(scope="session")
def tesseract_engine() -> TesseractEngine:
    return TesseractEngine()


@pytest.fixture(scope="session")
def note() -> tuple[np.ndarray, list[str]]:
    """A short note (gray 420×1000) and its lines."""
    import random

    words = Words(random.Random(5))
    page = Canvas((1000, 420), words.random)
    lines = [words.title(4), words.sentence()[:52], f"Filed {words.date()}", f"Amount due {words.money()} dollars"]
    for number, line in enumerate(lines):
        page.text(line, 60, 50 + 90 * number, 34)
    return page.image(), [line.strip() for line in lines]
