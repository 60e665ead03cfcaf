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
    """Reads every page as one word. Breaks on scans (which are darker than the sound page that tests it), on what is
    larger than `most_pixels`, or on everything."""

    name = "fragile"
    calls_at_once = 1
    pages_a_call = 4

    def __init__(self, is_dead: bool = False, most_pixels: int | None = None) -> None:
        self.is_dead, self.most_pixels = is_dead, most_pixels

    def breaks(self, image) -> bool:
        if self.most_pixels is not None:
            return image.shape[0] * image.shape[1] > self.most_pixels
        return self.is_dead or image.mean() < 254

    def read_pages(self, images):
        if any(self.breaks(image) for image in images):
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

    def run(engine: FragileEngine, embedder=None, gpu_problem: str | None = None) -> Ending:
        settings = Settings.from_env(workshop.environ(IDLE_SECONDS="1"))
        client, token = httpx.Client(timeout=60), WorkerToken(settings.worker_token)
        queue = JobQueue(Rpc(client, settings.supabase_url, settings.supabase_key, token, settings.retry_seconds))
        control_plane = ControlPlaneClient(client, settings.control_plane_url, token, settings.retry_seconds)
        pools.append(RenderPool(settings.render))
        storage, batcher = Storage(client, settings.retry_seconds), OcrBatcher(engine, None)
        pipeline = Pipeline(control_plane, storage, pools[-1], batcher, embedder or MiniLm(), workshop.folder)
        try:
            return Worker(settings, queue, control_plane, pipeline, token, None, lambda: gpu_problem).run()
        finally:
            batcher.stop()

    yield run
    for pool in pools:
        pool.stop()


@pytest.mark.parametrize("engine", [FragileEngine(is_dead=True), FragileEngine(most_pixels=200_000)])
def test_a_machine_whose_engine_is_dead_ends_as_broken_and_hands_its_jobs_back_unharmed(workshop, work, engine):
    """One that has memory for small pages only is as dead as one that reads none."""
    names = ("care_receipt.png", "police_report.tiff")
    scans = [workshop.upload((DOCUMENTS / name).read_bytes(), name) for name in names]
    assert work(engine) is Ending.BROKEN
    for job_id in scans:
        job = workshop.job(job_id)
        assert (job["status"], job["attempt"], job["error_code"]) == ("queued", 0, "worker_died")
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


class DeadEmbedder(MiniLm):
    """The card under it died."""

    def embed(self, passages):
        raise RuntimeError("CUDA error: unspecified launch failure")


@pytest.mark.parametrize("gpu_problem", ["torch cannot compute on the GPU", None])
def test_a_card_that_dies_while_vectors_are_made_costs_no_document_an_attempt(workshop, work, gpu_problem):
    """Where the card still computes, the failure is the document's, which is tried again and counted."""
    job_id = workshop.upload((DOCUMENTS / "custody_order.pdf").read_bytes(), "custody_order.pdf")
    ending = work(FragileEngine(most_pixels=10**9), DeadEmbedder(), gpu_problem)
    job = workshop.job(job_id)
    if gpu_problem:
        assert ending is Ending.BROKEN
        assert (job["status"], job["attempt"], job["error_code"]) == ("queued", 0, "worker_died")
    else:
        assert (job["attempt"], job["error_code"]) == (1, "worker_error")
