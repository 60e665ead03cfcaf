"""Real workers on the embedded cloud, behind a real control plane."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gpu_worker.ocr.engines.engine import OcrEngine
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.second_look import Reading, SecondEngine
from local_cloud import Cloud
from tests.gpu_worker.workshop import Workshop


@pytest.fixture
def workshop(clean_cloud: Cloud, front_desk: str, tmp_path: Path) -> Iterator[Workshop]:
    """An empty cloud with a control plane; workers started in it are killed at the end."""
    made = Workshop(clean_cloud, front_desk, tmp_path)
    yield made
    for worker in made.workers:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def read() -> Iterator[Callable[..., Reading]]:
    """Reads one page image as a worker does, with an engine and perhaps a second one."""
    batchers: list[OcrBatcher] = []

    def read_image(image: np.ndarray, engine: OcrEngine, second_engine: SecondEngine | None = None) -> Reading:
        batchers.append(OcrBatcher(engine, second_engine))
        return batchers[-1].submit(image).result(300).reading

    yield read_image
    for batcher in batchers:
        batcher.stop()
