"""The worker: claim → process → complete or fail, until it is told to stop, is idle, or its token is dead (story)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from gpu_worker.clients.control_plane import ControlPlaneClient
from gpu_worker.clients.job_queue import JobQueue
from gpu_worker.clients.retry import backoff_seconds
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.disk import is_full, says_full
from gpu_worker.errors import DocumentError, LeaseLost, MachineBroken, TokenDead, TransientError, WorkerError
from gpu_worker.job import Job, Lease
from gpu_worker.pipeline import Pipeline
from gpu_worker.result import MachineReport, Result
from gpu_worker.settings import Settings

log = logging.getLogger(__name__)
POLL_SECONDS = 2.0
"""The longest pause between two claims of an idle worker: a document sent in now starts within it."""

NO_ROOM = "The disk of the machine that read this document was full. It is tried again."


class Ending(StrEnum):
    """Why a worker's run ended, which decides what becomes of its machine."""

    STOPPED = "stopped"  # a signal: whoever sent it looks after the machine
    IDLE = "idle"  # no work for `idle_seconds`: the machine must go
    TOKEN_DEAD = "token_dead"  # the ledger no longer has this machine: it must go
    BROKEN = "broken"  # this machine cannot read pages (no OCR engine, or it fails on all): it must go


class Worker:
    """Keeps every document thread busy while there is work. `run` is called once."""

    def __init__(
        self, settings: Settings, queue: JobQueue, control_plane: ControlPlaneClient, pipeline: Pipeline,
        token: WorkerToken, gpu_name: str | None, find_gpu_problem: Callable[[], str | None] = lambda: None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._queue = queue
        self._control_plane = control_plane
        self._pipeline = pipeline
        self._token = token
        self._gpu_name = gpu_name
        self._find_gpu_problem = find_gpu_problem
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._ending: Ending | None = None
        self._lock = threading.Lock()
        self._leases: dict[str, Lease] = {}
        self._slot_free = threading.Event()
        self._busy_at = time.monotonic()
        self._busy_since = time.monotonic()
        self._busy_seconds = 0.0
        self._pages_done = 0

    def stop(self, ending: Ending = Ending.STOPPED) -> None:
        """Claim nothing more; may be called from a signal handler or any thread. The first reason counts."""
        self._ending = self._ending or ending
        self._stop.set()
        self._slot_free.set()

    def run(self) -> Ending:
        """Work until stopped; then drain what finishes in time and release the rest."""
        most = self._settings.documents_at_once + self._settings.analyses_at_once
        threads = ThreadPoolExecutor(most, thread_name_prefix="document")
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heart.start()
        try:
            self._claim_until_stopped(threads)
        finally:
            threads.shutdown(wait=False)
            self._drain()
            self._ended.set()
        return self._ending or Ending.STOPPED

    def _claim_until_stopped(self, threads: ThreadPoolExecutor) -> None:
        pauses = _pauses()
        while not self._stop.is_set():
            self._slot_free.clear()
            free = self._count_free()
            jobs = self._claim(free) if free else []
            for job in jobs:
                threads.submit(self._process, self._hold(job))
            if jobs:
                pauses = _pauses()
            self._note_idleness()
            if not self._count_free():
                self._slot_free.wait()
            elif not jobs:
                self._stop.wait(next(pauses))

    def _count_free(self) -> int:
        """Documents that can be taken in: as many as are not being read, while not too many wait for their analysis."""
        with self._lock:
            reading = sum(lease.is_reading for lease in self._leases.values())
            waiting = len(self._leases) - reading
        return self._settings.documents_at_once - reading if waiting < self._settings.analyses_at_once else 0

    def _claim(self, free: int) -> list[Job]:
        """None while the disk is full: no document is to be spent on that, and a rented machine ends as idle."""
        if is_full(self._pipeline.work_dir):
            log.warning("the disk is full; nothing is claimed")
            return []
        try:
            return self._queue.claim_jobs(free, self._settings.lease_seconds)
        except TokenDead:
            self.stop(Ending.TOKEN_DEAD)
        except TransientError as error:
            log.warning("claiming failed: %s", error)
        return []

    def _hold(self, job: Job) -> Lease:
        lease = Lease(job, self._slot_free.set)
        with self._lock:
            if not self._leases:
                self._busy_since = time.monotonic()
            self._leases[job.job_id] = lease
        return lease

    def _let_go(self, lease: Lease) -> None:
        with self._lock:
            self._leases.pop(lease.job.job_id, None)
            self._pages_done += lease.pages_done
            self._busy_at = time.monotonic()
            if not self._leases:
                self._busy_seconds += self._busy_at - self._busy_since
        self._slot_free.set()

    def _note_idleness(self) -> None:
        if self._leases:
            self._busy_at = time.monotonic()
        elif time.monotonic() - self._busy_at >= self._settings.idle_seconds:
            self.stop(Ending.IDLE)

    def _process(self, lease: Lease) -> None:
        job = lease.job
        context = {"job_id": job.job_id, "attempt": job.attempt, "worker": self._settings.machine}
        log.info("job claimed", extra=context)
        is_over = True
        try:
            self._finish(lease, lambda: self._pipeline.process(lease))
            log.info("job done, %s pages", lease.pages_done, extra=context)
        except MachineBroken:
            is_over = False  # it stays ours until the end, when all go back at once: we must not claim it again
            self.stop(Ending.BROKEN)
        except LeaseLost:
            log.warning("the lease was lost; the result is thrown away", extra=context)
        except TokenDead:
            self.stop(Ending.TOKEN_DEAD)
        except WorkerError as error:
            log.warning("the job's end could not be told: %s", error, extra=context)
        finally:
            if is_over:
                self._let_go(lease)

    def _finish(self, lease: Lease, process: Callable[[], Result]) -> None:
        """Tell the queue how the job ended; raises `MachineBroken`, which is no end of the job's."""
        job = lease.job
        try:
            result = process()
            lease.check()
            self._control_plane.complete_job(job, result)
        except DocumentError as error:
            lease.check()  # a failure after the lease ended (our own end kills render children) is not the document's
            if is_full(self._pipeline.work_dir):  # nor is what a child could not write
                return self._fail_for_want_of_room(job)
            self._queue.fail_job(job, error.code, str(error), retry=False, pages=error.pages)
        except TransientError as error:
            lease.check()
            self._queue.fail_job(job, error.code, str(error), retry=True)
        except (MachineBroken, LeaseLost, TokenDead):
            raise
        except Exception as error:
            if says_full(error):
                return self._fail_for_want_of_room(job)
            if problem := self._find_gpu_problem():  # vectors and speech are made on the card too
                log.error("the GPU died under a document: %s", problem, extra={"job_id": job.job_id})
                raise MachineBroken() from error
            log.exception("the worker failed on a document", extra={"job_id": job.job_id})
            message = f"The worker failed on this document ({type(error).__name__}). It is tried again."
            self._queue.fail_job(job, "worker_error", message, retry=True)

    def _fail_for_want_of_room(self, job: Job) -> None:
        """It costs an attempt: a document that is too large for every disk must come to an end."""
        log.error("the disk is full", extra={"job_id": job.job_id})
        self._queue.fail_job(job, "disk_full", NO_ROOM, retry=True)

    def _beat(self) -> None:
        """Extend leases, report, renew the token; misses are made up for at the next beat."""
        while not self._ended.is_set():
            try:
                if self._token.is_half_used(time.time(), time.monotonic()):
                    self._control_plane.renew_token()
                self._heartbeat()
            except TokenDead:
                self.stop(Ending.TOKEN_DEAD)
            except WorkerError as error:
                log.warning("a heartbeat failed: %s", error)
            except Exception:  # a heart that stops costs every document in work its lease
                log.exception("a heartbeat failed")
            self._ended.wait(self._settings.heartbeat_seconds)

    def _heartbeat(self) -> None:
        with self._lock:
            leases = list(self._leases.values())
        lost = self._queue.heartbeat_jobs(leases, self._settings.lease_seconds, self._report(leases))
        for lease in leases:
            if lease.job.job_id in lost:
                lease.lose()

    def _report(self, leases: list[Lease]) -> MachineReport:
        now = time.monotonic()
        pages = self._pages_done + sum(lease.pages_done for lease in leases)
        busy_seconds = self._busy_seconds + (now - self._busy_since if leases else 0.0)
        return MachineReport(
            gpu_name=self._gpu_name,
            ocr_engine=self._pipeline.batcher.engine_name,
            pages_per_second=round(pages / busy_seconds, 3) if pages else None,
            pages_done=pages,
            idle_seconds=0 if leases else round(now - self._busy_at, 1),
        )

    def _drain(self) -> None:
        """Give what is in work a last few seconds, then hand it back unharmed."""
        deadline = time.monotonic() + (self._settings.drain_seconds if self._ending is Ending.STOPPED else 0)
        while True:
            self._slot_free.clear()
            if not self._leases or time.monotonic() >= deadline:
                break
            self._slot_free.wait(deadline - time.monotonic())
        with self._lock:
            leases = list(self._leases.values())
        for lease in leases:
            lease.lose()
        try:
            # No document is at fault where a machine broke, until one breaks a second machine.
            self._queue.release_jobs(leases, broken=self._ending is Ending.BROKEN)
        except WorkerError as error:
            log.warning("%s jobs could not be released (%s); their leases expire", len(leases), error.code)


def _pauses() -> Iterator[float]:
    """Pauses between claims of an empty queue."""
    return backoff_seconds(first=0.1, factor=1.4, most=POLL_SECONDS)
