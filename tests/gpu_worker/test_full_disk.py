"""A worker whose disk is full: it takes nothing in, and no document is given up for it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.storage import Storage
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.disk import LEAST_FREE_BYTES
from gpu_worker.embedding.minilm import MiniLm
from gpu_worker.pipeline import Pipeline
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import Settings
from gpu_worker.worker import Worker
from tests.gpu_worker.test_broken_machine import FragileEngine
from tests.gpu_worker.workshop import DOCUMENTS, Workshop
from tests.patience import wait_until
from tests.tiny_disk import fill, tiny_disk


class CrowdedEngine(FragileEngine):
    """Reads every page as one word; the first time somebody else fills the disk meanwhile."""

    def __init__(self, folder: Path) -> None:
        super().__init__(is_dead=False)
        self.folder = folder
        self.filler: Path | None = None

    def read_pages(self, images):
        if self.filler is None:
            self.filler = fill(self.folder)
        return [self.read(*image.shape[:2]) for image in images]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with tiny_disk(tmp_path / "disk", str(LEAST_FREE_BYTES + 2**20)) as folder:
        yield folder


@pytest.fixture
def start(workshop: Workshop, disk: Path) -> Iterator[Callable[[FragileEngine], None]]:
    """Let a worker work on that disk until the test ends."""
    ends: list[Callable[[], None]] = []

    def begin(engine: FragileEngine) -> None:
        settings = Settings.from_env(workshop.environ())
        client, token = httpx.Client(timeout=60), WorkerToken(settings.worker_token)
        queue = JobQueue(Rpc(client, settings.supabase_url, settings.supabase_key, token, settings.retry_seconds))
        control_plane = ControlPlaneClient(client, settings.control_plane_url, token, settings.retry_seconds)
        pool, batcher = RenderPool(settings.render, disk), OcrBatcher(engine, None)
        parts = (control_plane, Storage(client, settings.retry_seconds), pool, batcher, MiniLm(), disk)
        worker = Worker(settings, queue, control_plane, Pipeline(*parts), token, None)
        thread = threading.Thread(target=worker.run)
        thread.start()
        ends.extend((worker.stop, thread.join, batcher.stop, pool.stop))

    yield begin
    for end in ends:
        end()


def test_nothing_is_claimed_until_there_is_room(workshop: Workshop, disk: Path, start, caplog) -> None:
    filler = fill(disk)
    job_id = workshop.upload((DOCUMENTS / "care_receipt.png").read_bytes(), "care_receipt.png")
    start(FragileEngine(is_dead=False))
    wait_until(lambda: caplog.text.count("the disk is full; nothing is claimed") > 1, "the worker says why it waits")
    assert (workshop.job(job_id)["status"], workshop.job(job_id)["attempt"]) == ("queued", 0)
    filler.unlink()
    job = workshop.finish(job_id)
    assert (job["status"], job["attempt"]) == ("completed", 1)


def test_a_disk_that_fills_up_meanwhile_is_no_fault_of_the_document(workshop: Workshop, disk: Path, start) -> None:
    engine = CrowdedEngine(disk)
    job_id = workshop.upload((DOCUMENTS / "care_receipt.png").read_bytes(), "care_receipt.png")
    start(engine)
    wait_until(lambda: workshop.job(job_id)["error_code"], "the job goes back")
    job = workshop.job(job_id)
    assert (job["status"], job["error_code"], job["attempt"]) == ("queued", "disk_full", 1)
    assert not workshop.sql("select * from document_pages") and list(disk.iterdir()) == [disk / "filler"]
    assert engine.filler is not None
    engine.filler.unlink()
    workshop.sql("update processing_jobs set run_after = now() where id = %s", job_id)
    assert workshop.finish(job_id)["status"] == "completed"
