"""`python -m gpu_worker`: settings, clients and engine, then the worker; at its end the machine goes too."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import httpx

from gpu_worker import log_lines
from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.storage import Storage
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.embedding.embedder import create_embedder
from gpu_worker.enums import Fault
from gpu_worker.errors import GpuUnusable, SettingsError
from gpu_worker.machine import Machine, destroy_machine, find_gpu_name, find_gpu_problem, sleep_forever
from gpu_worker.ocr.engines.engine import OcrEngine, create_engine
from gpu_worker.ocr.engines.tesseract_engine import TesseractEngine
from gpu_worker.ocr.errors import OcrError
from gpu_worker.pipeline import Pipeline
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.reading.second_look import SecondEngine
from gpu_worker.recordings.speech import Speech, SpeechModelUnusable, load_speech
from gpu_worker.render.errors import RenderError
from gpu_worker.render.pool import RenderPool
from gpu_worker.render.sandbox.kernel import LayerMissing
from gpu_worker.render.sandbox.process import close_memory
from gpu_worker.settings import Settings
from gpu_worker.worker import Ending, Worker

log = logging.getLogger("gpu_worker")


def main() -> int:
    """Run the worker. Returns only after a signal, or where there is no machine to destroy."""
    log_lines.set_up(sys.stderr)
    with contextlib.suppress(LayerMissing):  # a kernel without it is no Linux
        close_memory()
    machine = Machine.from_env(os.environ)
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        log.error("%s", error)
        return _leave(machine, None, None) if machine.has_key else 2
    token = WorkerToken(settings.worker_token)
    client = httpx.Client(timeout=httpx.Timeout(60, connect=10), limits=httpx.Limits(max_connections=64))
    control_plane = ControlPlaneClient(client, settings.control_plane_url, token, settings.retry_seconds)
    fault: Fault | None = None
    try:
        engine = create_engine(pick_engine(machine, settings.ocr_engine), settings.ocr_languages)
        ending = _run(settings, client, control_plane, token, engine)
    except GpuUnusable as error:
        log.error("the worker cannot work on this machine: %s", error)
        ending, fault = Ending.BROKEN, Fault.GPU_UNUSABLE
    except Exception:  # a machine whose worker cannot work must still end itself
        log.error("the worker cannot work on this machine", exc_info=True)
        ending = Ending.BROKEN
    log.info("the worker ends: %s", ending)
    if ending is Ending.BROKEN:
        fault = fault or Fault.BROKEN
    return 0 if ending is Ending.STOPPED else _leave(machine, control_plane, fault)


def pick_engine(machine: Machine, name: str) -> str:
    """The engine to build: on a rented machine `auto` means its GPU, and nothing slower at the same price.

    Raises `GpuUnusable`. Whoever names an engine in the settings gets that one.
    """
    if name != "auto" or not machine.must_have_gpu:
        return name
    problem = find_gpu_problem()
    if problem is not None:
        raise GpuUnusable(problem)
    return "torch"


def _leave(machine: Machine, control_plane: ControlPlaneClient | None, fault: Fault | None) -> int:
    """Destroy this machine, then wait for it to disappear; one's own computer only sees this program end."""
    if machine.is_own:
        log.info("this computer is not rented, so it is left as it is; let it join again to go on")
        return 1
    destroy_machine(machine, lambda: control_plane.say_goodbye(fault) if control_plane else None)
    log.info("this machine is destroyed; waiting for it to disappear")
    sleep_forever()


def _run(
    settings: Settings, client: httpx.Client, control_plane: ControlPlaneClient, token: WorkerToken, engine: OcrEngine
) -> Ending:
    """Build the workshop and work until the worker ends."""
    queue = JobQueue(Rpc(client, settings.supabase_url, settings.supabase_key, token, settings.retry_seconds))
    work_dir = _make_work_dir(settings)
    pool = RenderPool(settings.render, work_dir)
    _report_sandbox(pool)
    batcher = OcrBatcher(engine, _second_engine(engine, settings))
    storage = Storage(client, settings.retry_seconds)
    embedder, speech = create_embedder(engine.name), _load_speech(engine, settings)
    pipeline = Pipeline(control_plane, storage, pool, batcher, embedder, work_dir, speech)
    worker = Worker(settings, queue, control_plane, pipeline, token, find_gpu_name(), _gpu_watch(engine))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    try:
        return worker.run()
    finally:
        pool.stop()
        shutil.rmtree(work_dir, ignore_errors=True)


def _gpu_watch(engine: OcrEngine) -> Callable[[], str | None]:
    """What tells of the GPU, where the engine works on one, whether it still computes."""
    is_on_gpu = engine.name == "torch" and find_gpu_problem() is None
    return find_gpu_problem if is_on_gpu else lambda: None


def _report_sandbox(pool: RenderPool) -> None:
    """Documents are worked on without a layer that the kernel lacks, and never silently."""
    try:
        pool.report_sandbox()
    except RenderError as error:
        log.error("no document can be opened here: %s", error.code)


def _second_engine(engine: OcrEngine, settings: Settings) -> SecondEngine | None:
    """Tesseract, for pages that the first engine reads badly or cannot write; a machine without it does without."""
    if engine.name == "tesseract":
        return None
    try:
        return TesseractEngine(settings.ocr_languages)
    except OcrError as error:
        log.warning("no second OCR engine: %s", error)
        return None


def _load_speech(engine: OcrEngine, settings: Settings) -> Speech | None:
    """The speech model that the settings name; a machine on which it cannot be used does without."""
    try:
        return load_speech(settings.speech_model, on_gpu=engine.name == "torch")
    except SpeechModelUnusable as error:
        log.warning("recordings will not be transcribed: %s", error)
        return None


def _make_work_dir(settings: Settings) -> Path:
    """A private folder under the machine's name; what a killed run left in it is deleted first."""
    work_dir = settings.work_dir / f"gpu_worker-{settings.machine}"
    shutil.rmtree(work_dir, ignore_errors=True)
    work_dir.mkdir(mode=0o700, parents=True)
    return work_dir


if __name__ == "__main__":
    # Threads may still wait for a slow server; the queue has its jobs back, so nothing of theirs is needed.
    status = main()
    sys.stderr.flush()
    os._exit(status)
