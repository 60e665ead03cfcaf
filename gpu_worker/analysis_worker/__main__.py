"""`python -m gpu_worker.analysis_worker`: judges what was read, on our own machine, until told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import httpx

from gpu_worker import log_lines
from gpu_worker.analysis.claude import ClaudeAnalyst, build_client
from gpu_worker.analysis_worker.case_queue import CaseQueue
from gpu_worker.analysis_worker.case_sweep import CaseSweep
from gpu_worker.analysis_worker.desk import RETRY_SECONDS, Desk
from gpu_worker.analysis_worker.documents import Documents
from gpu_worker.analysis_worker.queue import AnalysisQueue
from gpu_worker.analysis_worker.settings import Settings
from gpu_worker.analysis_worker.worker import AnalysisWorker
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.storage import Storage
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.errors import SettingsError

log = logging.getLogger("gpu_worker.analysis_worker")
GOODBYE_SECONDS = 20.0
"""How long what is held may take to be handed back. What is not comes free with its lease, as after kill -9."""
PATIENCE_SECONDS = 120.0
"""How long an urgent document waits for a busy Claude, before it waits in the line."""


def main() -> int:
    """Run until a signal; 2 means that the settings are not usable."""
    log_lines.set_up(sys.stderr)
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        log.error("%s", error)
        return 2
    stop = threading.Event()
    if settings.secret is None:
        log.info("no ANALYSIS_WORKER_SECRET is set, so there is nothing to do here")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        return 0
    with tempfile.TemporaryDirectory(prefix="analysis-") as folder:
        worker = build(settings, settings.secret, Path(folder))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: end(worker))
        worker.run()
    return 0


def end(worker: AnalysisWorker) -> None:
    """Stop, at the latest after a while: in a house that has ended around it each call would be tried for a minute."""
    worker.stop()
    last = threading.Timer(GOODBYE_SECONDS, os._exit, [0])
    last.daemon = True
    last.start()


def build(settings: Settings, secret: str, folder: Path) -> AnalysisWorker:
    """The worker with its clients."""
    token = WorkerToken("")
    client = httpx.Client(timeout=httpx.Timeout(60, connect=10))
    desk = Desk(client, settings.control_plane_url, secret, token)
    rpc = Rpc(client, settings.supabase_url, settings.supabase_key, token, RETRY_SECONDS)
    documents = Documents(desk, Storage(client, RETRY_SECONDS), folder)
    direct = ClaudeAnalyst(build_client(settings.control_plane_url, token), token, PATIENCE_SECONDS)
    return AnalysisWorker(settings, desk, AnalysisQueue(rpc), documents, direct, token, CaseSweep(CaseQueue(rpc)))


if __name__ == "__main__":
    sys.exit(main())
