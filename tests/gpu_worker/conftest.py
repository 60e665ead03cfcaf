"""Real workers on the embedded cloud, behind a real control plane."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import REPOSITORY, Workshop, answers, free_port, wait_until

from local_cloud import Cloud


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
