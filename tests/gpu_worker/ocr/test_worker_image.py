"""The worker's image has the languages that people may ask for (what it installs: tests/deployment/test_locks.py)."""

from __future__ import annotations

import re
from pathlib import Path

from control_plane.settings import languages
from gpu_worker.ocr.languages import BY_ITSELF

ROOT = Path(__file__).resolve().parents[3]

def test_the_image_has_the_languages_that_the_control_plane_lets_one_ask_for():
    dockerfile = (ROOT / "Dockerfile.worker").read_text()
    packs = re.search(r'ARG TESSERACT_LANGUAGES="([a-z_ ]+)"', dockerfile)
    assert packs and set(packs[1].split()) == languages.PACKS
    assert languages.BY_ITSELF == BY_ITSELF
    assert not BY_ITSELF & (languages.PACKS - {"eng"})


def test_the_image_runs_the_worker_as_nobody_special():
    dockerfile = (ROOT / "Dockerfile.worker").read_text()
    assert "USER worker" in dockerfile and 'CMD ["python", "-m", "gpu_worker"]' in dockerfile
