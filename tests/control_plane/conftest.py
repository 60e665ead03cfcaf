"""A control plane over the embedded cloud: in this process, and as the real server."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient

from control_plane.clients import build_clients
from local_cloud import Cloud
from tests.control_plane.desk import REPOSITORY, Desk, Server, answers, client_of, make_desk, wait_until
from tests.fakes.drive import FakeDrive, serve_drive


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
        return client_of(desk.settings, clients)

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


@pytest.fixture
def drive():
    fake = FakeDrive()
    fake.add_folder("folder-root", "Case 7")
    server = serve_drive(fake)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


@pytest.fixture
def drive_settings(drive: FakeDrive, private_key: str, tmp_path: Path) -> dict[str, str]:
    """What makes a control plane read the stand-in of Google Drive."""
    account = {
        "type": "service_account", "client_email": "reader@project.iam.example", "private_key": private_key,
        "token_uri": f"{drive.url}/token", "private_key_id": "1", "project_id": "project", "client_id": "7",
    }  # fmt: skip
    credentials = tmp_path / "account.json"
    credentials.write_text(json.dumps(account))
    return {"GOOGLE_DRIVE_CREDENTIALS_FILE": str(credentials), "GOOGLE_DRIVE_API_URL": drive.url}
