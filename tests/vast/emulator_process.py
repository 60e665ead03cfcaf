"""An emulator in its own process, and the handles tests turn on it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_plane.vast.cli import Reply, VastCli
from control_plane.vast.client import VastClient

REPOSITORY = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60.0


@dataclass
class HttpAnswer:
    """Status, parsed body and content type of a plain HTTP call."""

    status: int
    body: Any
    content_type: str


class EmulatorProcess:
    """`python -m local_cloud.vast`, startable again on the same port and state file."""

    def __init__(self, folder: Path, *arguments: str, worker: Sequence[str] = ("sleep", "1000")) -> None:
        self.folder = folder
        self._arguments = [*arguments, "--worker-command", json.dumps(list(worker))]
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start, or start again; returns when it listens."""
        command = [sys.executable, "-m", "local_cloud.vast", "--port", str(self.port)]
        command += ["--state", str(self.folder / "state.json"), "--api-key-file", str(self.folder / "key")]
        self.process = subprocess.Popen(
            [*command, *self._arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "SECRET_OF_THE_HOST": "must not leak"},
        )  # fmt: skip
        line = self.process.stdout.readline()
        self.port = int(line.rsplit(":", 1)[1])
        self.key = (self.folder / "key").read_text()

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._reap()

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        self._reap()

    def _reap(self) -> None:
        self.process.wait(timeout=DEADLINE_SECONDS)
        self.process.stdout.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def http(self, method: str, path: str, body: Any = None, key: str | None = None) -> HttpAnswer:
        """A plain HTTP call, as a worker or an administrator makes it."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method)
        if key is not None:
            request.add_header("Authorization", f"Bearer {key}")
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return _read(refused.code, refused)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """An admin call that must work."""
        answer = self.http(method, f"/admin/{path}", body)
        assert answer.status == 200, answer
        return answer.body

    def inject(self, **fault: Any) -> None:
        self.admin("POST", "faults", {"faults": [fault]})

    def advance(self, seconds: float) -> None:
        self.admin("POST", "clock", {"advance_seconds": seconds})

    def contract(self, contract_id: int) -> dict[str, Any]:
        return next(c for c in self.admin("GET", "state")["contracts"] if c["contract_id"] == contract_id)

    def rent(self, ask_id: int | None = None, **order: Any) -> int:
        """Rent over plain HTTP, which is faster than the CLI; a contract's number."""
        ask_id = ask_id or self.cheapest()["id"]
        body = {"image": "me/worker:1", "disk": 20.0, "runtype": "args", "cancel_unavail": True} | order
        answer = self.http("PUT", f"/api/v0/asks/{ask_id}/", body, self.key)
        assert answer.status == 200, answer
        return answer.body["new_contract"]

    def destroy(self, contract_id: int) -> HttpAnswer:
        return self.http("DELETE", f"/api/v0/instances/{contract_id}/", {}, self.key)

    def cheapest(self, **query: Any) -> dict[str, Any]:
        query = {"order": [["dph_total", "asc"]], "limit": 1, "num_gpus": {"eq": 1}, "allocated_storage": 20.0} | query
        return self.http("POST", "/api/v0/bundles/", query, self.key).body["offers"][0]

    def cli(self, home: Path) -> VastCli:
        return VastCli(self.url, self.key, home)

    def client(self, home: Path, **options: Any) -> VastClient:
        return VastClient(self.url, self.key, home, **options)

    def wait(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds; fails after the deadline."""
        end = time.monotonic() + DEADLINE_SECONDS
        while not (value := condition()):
            assert time.monotonic() < end, "the condition never held"
            time.sleep(0.02)
        return value


def run(cli: VastCli, *arguments: str) -> Reply:
    """One call of the real CLI."""
    return cli.run(arguments, DEADLINE_SECONDS)


def _read(status: int, answer: Any) -> HttpAnswer:
    text, kind = answer.read().decode(), answer.headers.get("Content-Type", "")
    return HttpAnswer(status, json.loads(text) if kind.startswith("application/json") else text, kind)
