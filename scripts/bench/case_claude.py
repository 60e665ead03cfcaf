"""Claude's verdicts on a benchmark's pairs by the product's own parts: route, queue, worker, gateway (story)."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from werkzeug.serving import make_server

import local_cloud
from control_plane.app import build_app
from control_plane.clients import build_clients
from control_plane.settings import Settings
from gpu_worker.analysis_worker.__main__ import build
from gpu_worker.analysis_worker.settings import Settings as WorkerSettings

PACE = {"ANALYSIS_COLLECT_SECONDS": "1", "ANALYSIS_POLL_SECONDS": "0.5"}
NO_CAP = {"MAX_CLAUDE_DOLLARS_PER_DAY": "1000"}
LONGEST_SECONDS, LOOK_SECONDS, LOOK_SHARE = 3600.0, 0.5, 10
AT_ONCE = 2000
ANY_KEY = "sk-ant-bench-0123456789"
"""For a stand-in that asks for none."""
ESTIMATE = "/api/case/pairs/estimate"


class NotJudged(Exception):
    """Claude did not judge the pairs; says why."""


@dataclass(frozen=True)
class Told:
    """What the estimate says beforehand."""

    documents: int
    pairs: int
    usd: float


def judge_pairs(cloud: local_cloud.Cloud, url: str, key: str) -> Told:
    """Have every pair judged that may be, and wait for it; what was told before. Raises NotJudged."""
    environ = {**cloud.control_plane_environ(), "ANTHROPIC_URL": url, "ANTHROPIC_API_KEY": key, **NO_CAP}
    with _serve(environ) as address, _work(cloud, address), httpx.Client(base_url=address, timeout=120) as desk:
        desk.headers["Authorization"] = f"Bearer {cloud.control_plane_token}"
        estimate = _ask(desk, "GET", ESTIMATE)
        while _ask(desk, "POST", "/api/case/pairs/judge", {"max_documents": AT_ONCE})["queued"]:
            _wait(desk)
    return Told(estimate["documents"], estimate["pairs"], estimate["usd"])


def _wait(desk: httpx.Client) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        began = time.monotonic()
        if not _ask(desk, "GET", ESTIMATE)["waiting"]:
            return
        door = _ask(desk, "GET", "/api/analysis")["door"]
        if door["status"] != "open":
            raise NotJudged(f"{door['status']} ({door['reason']})")
        if time.monotonic() > until:
            raise NotJudged("it took more than an hour")
        time.sleep(max(LOOK_SECONDS, LOOK_SHARE * (time.monotonic() - began)))


def _ask(desk: httpx.Client, method: str, path: str, body: dict[str, int] | None = None) -> dict[str, Any]:
    reply = desk.request(method, path, json=body)
    if reply.is_error:
        raise NotJudged(f"{path} answered {reply.status_code}: {reply.text[:200]}")
    answer: dict[str, Any] = reply.json()
    return answer


@contextmanager
def _serve(environ: dict[str, str]) -> Iterator[str]:
    """The control plane; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = Settings.from_env(environ)
    server = make_server("127.0.0.1", 0, build_app(settings, build_clients(settings)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _work(cloud: local_cloud.Cloud, address: str) -> Iterator[None]:
    """The analysis worker, at work."""
    environ = {
        "CONTROL_PLANE_URL": address, "SUPABASE_URL": cloud.supabase_url,
        "SUPABASE_PUBLISHABLE_KEY": cloud.publishable_key, "ANALYSIS_WORKER_SECRET": cloud.analysis_worker_secret,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder:
        worker = build(WorkerSettings.from_env(environ | PACE), cloud.analysis_worker_secret, Path(folder))
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            worker.stop()
            thread.join()
