"""Engines that break under a real worker on the real queue: what it costs the document, and whether it goes."""

import httpx
import pytest

from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.rpc import Rpc
from gpu_worker.clients.storage import Storage
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.embedding.minilm import MiniLm
from gpu_worker.ocr.page_text import Line, PageText, Word
from gpu_worker.pipeline import Pipeline
from gpu_worker.reading.ocr_batcher import OcrBatcher
from gpu_worker.render.pool import RenderPool
from gpu_worker.settings import Settings
from gpu_worker.worker import Ending, Worker
from tests.gpu_worker.workshop import DOCUMENTS, Workshop


class FragileEngine:
    """Reads every page as one word. Breaks on scans (larger than the sound page that tests it), or on everything."""

    name = "fragile"
    calls_at_once = 1
    pages_a_call = 4

    def __init__(self, is_dead: bool) -> None:
        self.is_dead = is_dead

    def read_pages(self, images):
        if self.is_dead or any(image.shape[0] > 500 for image in images):
            raise RuntimeError("CUDA error: unspecified launch failure")
        return [self.read(*image.shape[:2]) for image in images]

    def read(self, height: int, width: int) -> PageText:
        word = Word("word", (0, 0, 40, 20), 0.99)
        line = Line((word,), "word", ((0, 0), (40, 0), (40, 20), (0, 20)), 0.99)
        return PageText((line,), "word", self.name, 0.99, width, height)


@pytest.fixture
def work(workshop: Workshop):
    """Let a worker with this engine work until it is idle or broken; returns why it ended."""
    pools = []

    def run(engine: FragileEngine) -> Ending:
        settings = Settings.from_env(workshop.environ(IDLE_SECONDS="1"))
        client, token = httpx.Client(timeout=60), WorkerToken(settings.worker_token)
        queue = JobQueue(Rpc(client, settings.supabase_url, settings.supabase_key, token, settings.retry_seconds))
        control_plane = ControlPlaneClient(client, settings.control_plane_url, token, settings.retry_seconds)
        pools.append(RenderPool(settings.render))
        storage, batcher = Storage(client, settings.retry_seconds), OcrBatcher(engine, None)
        parts = (control_plane, storage, pools[-1], batcher, MiniLm(), workshop.folder)
        try:
            return Worker(settings, queue, control_plane, Pipeline(*parts), token, None).run()
        finally:
            batcher.stop()

    yield run
    for pool in pools:
        pool.stop()


def test_a_machine_whose_engine_is_dead_ends_as_broken_and_hands_its_jobs_back_unharmed(workshop, work):
    names = ("care_receipt.png", "police_report.tiff")
    scans = [workshop.upload((DOCUMENTS / name).read_bytes(), name) for name in names]
    assert work(FragileEngine(is_dead=True)) is Ending.BROKEN
    for job_id in scans:
        job = workshop.job(job_id)
        assert (job["status"], job["attempt"], job["error_code"]) == ("queued", 0, None)
    assert not workshop.sql("select * from document_pages")


def test_pages_that_break_a_sound_engine_cost_themselves_and_not_the_machine(workshop, work):
    """Every scanned page breaks it, one after the other; what had text of its own is kept, and the machine goes on."""
    names = ("declaration_scan.pdf", "care_receipt.png", "police_report.tiff")
    scans = [workshop.upload((DOCUMENTS / name).read_bytes(), name) for name in names]
    mixed = workshop.upload((DOCUMENTS / "custody_order.pdf").read_bytes(), "custody_order.pdf")
    assert work(FragileEngine(is_dead=False)) is Ending.IDLE
    for job_id in (*scans, mixed):
        job = workshop.job(job_id)
        assert (job["status"], job["attempt"]) == ("completed", 1)
        outcomes = {page["outcome"] for page in workshop.pages(job)}
        assert outcomes == ({"text_layer", "unreadable"} if job_id == mixed else {"unreadable"})
