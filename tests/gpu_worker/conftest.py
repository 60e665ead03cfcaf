"""Real workers on the embedded cloud, behind a real control plane."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gpu_worker.ocr.engines.engine import OcrEngine
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.second_look import Reading, SecondEngine
from local_cloud import Cloud
from tests.gpu_worker.workshop import REPOSITORY, Workshop, answers, free_port
from tests.patience import wait_until


@pytest.fixture(scope="session")
def worker_control_plane(cloud: Cloud, tmp_path_factory) -> Iterator[str]:
    """The URL of a real control plane over the embedded cloud."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {**cloud.control_plane_environ(), "CONTROL_PLANE_URL": url, "PORT": str(port), "PATH": os.environ["PATH"]}
    log = tmp_path_factory.mktemp("control_plane") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "control_plane", "serve"], cwd=REPOSITORY, env=environ, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: answers(url) or process.poll() is not None, "the control plane answers")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(40)


@pytest.fixture
def workshop(clean_cloud: Cloud, worker_control_plane: str, tmp_path: Path) -> Iterator[Workshop]:
    """An empty cloud with a control plane; workers started in it are killed at the end."""
    made = Workshop(clean_cloud, worker_control_plane, tmp_path)
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
