"""A real control plane for tests that need one beside them, and not for the next test.

It notes that it lives and watches over the others every quarter of a minute: in a database that is another test's by
then, that is a row nobody asked for.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from local_cloud import Cloud
from tests.patience import wait_until

REPOSITORY = Path(__file__).parents[1]


class FrontDesk:
    """`python -m control_plane serve` over the cloud, started when it is asked for and not yet there."""

    def __init__(self, cloud: Cloud, log: Path) -> None:
        self.cloud = cloud
        self.log = log
        self.url = ""
        self.process: subprocess.Popen | None = None

    def open(self) -> str:
        """The URL where it answers."""
        if self.process is None or self.process.poll() is not None:
            self.process = self._start()
            wait_until(self._has_answered_or_ended, "the control plane answers")
            assert self.process.poll() is None, self.log.read_text()
        return self.url

    def close(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(40)
            self.process = None

    def _start(self) -> subprocess.Popen:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        environ = {**self.cloud.control_plane_environ(), "CONTROL_PLANE_URL": self.url, "PORT": str(port)}
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "control_plane", "serve"],
                cwd=REPOSITORY, env={**environ, "PATH": os.environ["PATH"]}, stdout=output, stderr=output,
            )  # fmt: skip

    def _has_answered_or_ended(self) -> bool:
        if self.process.poll() is not None:
            return True
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
