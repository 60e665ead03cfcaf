"""A control plane over the embedded cloud: in this process, and as the real server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from control_plane.app import build_app
from control_plane.clients import build_clients
from local_cloud import Cloud
from tests.control_plane.desk import REPOSITORY, Desk, Server, answers, make_desk, wait_until


@pytest.fixture
def desk(clean_cloud: Cloud) -> Desk:
    """The app in this process, over an empty cloud; files of at most 5 MB."""
    return make_desk(clean_cloud, MAX_UPLOAD_BYTES="5000000")


@pytest.fixture
def away(desk: Desk) -> Callable[[str], FlaskClient]:
    """The same app with one dependency at a port where nobody listens."""

    def build(dependency: str) -> FlaskClient:
        nowhere = "http://127.0.0.1:9"
        changes = {"database": {"supabase_url": nowhere}, "storage": {"spaces_endpoint": nowhere}}[dependency]
        broken = build_clients(replace(desk.settings, **changes))
        clients = replace(desk.clients, **{dependency: getattr(broken, dependency)})
        return build_app(desk.settings, clients).test_client()

    return build


@pytest.fixture
def server(clean_cloud: Cloud, tmp_path: Path) -> Iterator[Server]:
    """The real server: gunicorn in processes of its own."""
    port = clean_cloud.control_plane_port
    environ = {**clean_cloud.control_plane_environ(), "PORT": str(port), "PATH": os.environ["PATH"]}
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "control_plane", "serve"], cwd=REPOSITORY, env=environ, stdout=output, stderr=output
        )
    auth = {"Authorization": f"Bearer {clean_cloud.control_plane_token}"}
    running = Server(f"http://127.0.0.1:{port}", port, process, log, auth)
    try:
        wait_until(lambda: process.poll() is None and answers(running.url), 30, lambda: log.read_text())
        yield running
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
