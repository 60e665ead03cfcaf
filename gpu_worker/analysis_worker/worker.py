"""The analysis worker: claim, ask in batches, take the answers, publish (story).

It keeps nothing: killed at any moment, its leases run out, the same documents ask the same questions, and the gateway
gives back the calls that were made for them.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from gpu_worker.analysis.analyst import Analysis, Analyst, ReadDocument
from gpu_worker.analysis.comparing import Comparing
from gpu_worker.analysis.judging import Judging
from gpu_worker.analysis.prompts import PROMPT_VERSION
from gpu_worker.analysis_worker.case_sweep import CaseSweep
from gpu_worker.analysis_worker.desk import Asked, Desk, Sent
from gpu_worker.analysis_worker.documents import Documents
from gpu_worker.analysis_worker.held import Held
from gpu_worker.analysis_worker.open_batches import OpenBatches
from gpu_worker.analysis_worker.outbox import Outbox
from gpu_worker.analysis_worker.queue import AnalysisQueue
from gpu_worker.analysis_worker.settings import Settings
from gpu_worker.analysis_worker.work import (
    AWAY,
    AWAY_SECONDS,
    BUSY,
    CAPPED,
    OFF,
    PAUSED,
    TWICE,
    Waiting,
    Work,
    wait_for,
)
from gpu_worker.clients.worker_token import WorkerToken
from gpu_worker.disk import says_full
from gpu_worker.errors import DocumentError, LeaseLost, TokenDead, TransientError, WorkerError
from gpu_worker.render.errors import RenderError

log = logging.getLogger(__name__)
COMPARE = "compare"
MOST_HELD = 2_000
"""Documents under lease at once: a day of the default cap, and some 20 MB of replies."""
CLAIMED_AT_ONCE = 50
URGENT_AT_ONCE = 4
POSTPONED = {BUSY: BUSY, AWAY: AWAY, "timeout": AWAY, PAUSED: PAUSED}
"""What a document waits for that was asked about directly, by why there was no answer."""
FINAL = ("not_read", "claude_no_answer", "claude_request", "not_asked")
"""These do not pass by themselves. Everything else (storage, the database, the control plane) does."""


class AnalysisWorker:
    """Judges documents until told to stop. `run` is called once."""

    def __init__(
        self, settings: Settings, desk: Desk, queue: AnalysisQueue, documents: Documents, direct: Analyst,
        token: WorkerToken, case: CaseSweep,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._desk = desk
        self._queue = queue
        self._documents = documents
        self._direct = direct
        self._token = token
        self._case = case
        self._stop = threading.Event()
        self._held = Held(Outbox(settings.collect_seconds))
        self._batches = OpenBatches(settings.poll_seconds)

    def stop(self) -> None:
        """Claim nothing more; may be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped, then hand back what is held: what was asked for it is found again."""
        heart = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)
        heart.start()
        with ThreadPoolExecutor(URGENT_AT_ONCE, thread_name_prefix="urgent") as urgent:
            while not self._stop.is_set():
                if not self._try(lambda: self._tick(urgent)):
                    self._stop.wait(self._settings.poll_seconds)
        self._try(lambda: self._queue.release(self._held.jobs()))

    def _try(self, step: Callable[[], object]) -> object:
        """What the step gives; None when the control plane, the database or the storage is away."""
        try:
            return step()
        except TokenDead:
            self._token.replace("")
        except WorkerError as error:
            log.warning("the analysis waits: %s", error)
        return None

    def _tick(self, urgent: ThreadPoolExecutor) -> bool:
        """One round; True while there is more to do at once. The case comes after what somebody may wait for."""
        is_more = self._judge(urgent)
        return bool(self._try(self._case.step)) or is_more

    def _judge(self, urgent: ThreadPoolExecutor) -> bool:
        if not self._token.value:
            self._desk.renew_token()
        moved = self._look_at_batches()
        claimed = self._claim()
        for work in claimed:
            if work.claimed.is_urgent:
                urgent.submit(self._guard, work, self._judge_directly)
            else:
                self._guard(work, self._advance)
            if self._held.is_full:
                self._send()
        self._send()
        return moved or len(claimed) == CLAIMED_AT_ONCE

    def _keep_beating(self) -> None:
        """Extend the leases and renew the token, whatever the rounds take."""
        while not self._stop.wait(self._settings.heartbeat_seconds):
            self._try(self._beat)

    def _beat(self) -> None:
        if self._token.value and self._token.is_half_used(time.time(), time.monotonic()):
            self._desk.renew_token()
        jobs = self._held.jobs()
        for job_id in self._queue.heartbeat(jobs, self._settings.lease_seconds) if jobs else ():
            self._held.let_go(job_id)

    def _claim(self) -> list[Work]:
        room = min(CLAIMED_AT_ONCE, MOST_HELD - len(self._held))
        if room <= 0:
            return []
        return self._held.add(self._queue.claim(room, self._settings.lease_seconds, PROMPT_VERSION))

    def _guard(self, work: Work, step: Callable[[Work], None]) -> None:
        """Take a step with a document; whatever goes wrong is told to the queue and is this document's alone."""
        try:
            step(work)
        except LeaseLost:
            log.warning("the lease was lost; what came of it is thrown away", extra={"job_id": work.job.job_id})
            self._held.let_go(work.job.job_id)
        except TokenDead:
            self._token.replace("")  # a fresh one is fetched; the lease runs out, and the document is claimed again
            self._held.let_go(work.job.job_id)
        except (DocumentError, TransientError) as error:
            self._give_back(work, error)
        except Exception as error:
            if says_full(error):
                log.error("the disk is full", extra={"job_id": work.job.job_id})
                return self._give_back(work, TransientError("disk_full", "The disk is full."))
            log.exception("the analysis failed on a document", extra={"job_id": work.job.job_id})
            message = f"The analysis failed on this document ({type(error).__name__})."
            self._give_back(work, TransientError("worker_error", message))

    def _give_back(self, work: Work, error: DocumentError | TransientError) -> None:
        self._held.let_go(work.job.job_id)
        is_final = isinstance(error, DocumentError) or error.code in (*FINAL, "worker_error")
        try:
            if is_final:
                self._queue.fail(work.job, error.code, str(error), retry=True)
            else:
                self._queue.postpone(work.job, AWAY, AWAY_SECONDS)
        except WorkerError as problem:
            log.warning("a failure could not be told: %s", problem, extra={"job_id": work.job.job_id})

    def _postpone(self, work: Work, waiting: Waiting) -> None:
        self._held.let_go(work.job.job_id)
        self._queue.postpone(work.job, waiting.reason, waiting.seconds)

    def _publish(self, work: Work, analysis: Analysis) -> None:
        file = self._documents.store(work.job, analysis)
        self._queue.complete(work.job, analysis, file, round(time.monotonic() - work.began, 1))
        self._held.let_go(work.job.job_id)

    def _advance(self, work: Work) -> None:
        """Ask what is still to be asked about a document, or publish what came of it."""
        if work.claimed.kind == COMPARE:
            self._compare(work)
            return
        material = self._documents.fetch(work.job, work.claimed.mime_type)
        judging = Judging(material)
        asks = judging.asks(work.replies)
        if not asks:
            self._publish(work, judging.conclude(work.replies))
            return
        questions = []
        for ask in asks:
            jpegs = self._documents.fetch_pictures(work.job, [chosen.page for chosen in ask.pictures])
            work.shown[ask.key] = tuple(jpegs)
            questions.append(Sent(work.job, ask.key, ask.build_body(jpegs)))
        self._held.put(questions)

    def _compare(self, work: Work) -> None:
        """Ask what is still to be asked about a document's pairs, or keep what was said of them."""
        if work.compared is None:
            work.compared = self._queue.get_comparison(work.job)
        comparing = Comparing(work.compared)
        asks = comparing.asks(work.replies)
        if asks:
            self._held.put([Sent(work.job, ask.key, ask.build_body({})) for ask in asks])
            return
        self._queue.complete_comparison(work.job, comparing.conclude(work.replies))
        self._held.let_go(work.job.job_id)

    def _judge_directly(self, work: Work) -> None:
        """At once and at the full price: somebody waits for it, or it finds out whether Claude answers again."""
        material = self._documents.fetch(work.job, work.claimed.mime_type)
        document = ReadDocument(work.job, material, lambda page, _: self._picture(work, page))
        analysis = self._direct.analyse(document)
        reason = analysis.fallback_reason if analysis.analyst != "claude" else None
        if reason == CAPPED:  # asked in a batch the gateway says whose cap it is
            self._advance(work)
        elif reason in POSTPONED:
            self._postpone(work, Waiting(POSTPONED[reason], AWAY_SECONDS))
        else:
            self._publish(work, analysis)

    def _picture(self, work: Work, page: int) -> bytes:
        pictures = self._documents.fetch_pictures(work.job, [page])
        if page not in pictures:
            raise RenderError("not_kept")
        return pictures[page]

    def _send(self) -> None:
        """Send what was collected as one batch. What was asked before is not sent again, and its call is awaited."""
        questions = self._held.take()
        if not questions:
            return
        try:
            answered = self._desk.submit(questions)
        except WorkerError:
            for _, own in itertools.groupby(questions, key=lambda each: each.job.job_id):
                self._held.put(list(own))
            raise
        for job_id, asked in itertools.groupby(answered, key=lambda each: each.job_id):
            if work := self._held.get(job_id):
                self._guard(work, functools.partial(self._note, asked=list(asked)))

    def _note(self, work: Work, asked: Sequence[Asked]) -> None:
        if waiting := wait_for(asked):
            self._postpone(work, waiting)
            return
        codes = {each.code for each in asked if each.code}
        if "lease_lost" in codes:
            raise LeaseLost("The lease is another's.")
        if OFF in codes and work.claimed.kind == COMPARE:
            self._queue.complete_comparison(work.job, Comparing(work.compared or ()).conclude(work.replies))
            self._held.let_go(work.job.job_id)
            return
        if OFF in codes:
            judging = Judging(self._documents.fetch(work.job, work.claimed.mime_type))
            self._publish(work, judging.conclude(work.replies, OFF))
            return
        if TWICE in codes:
            raise TransientError("claude_no_answer", "Claude was asked twice about this document and gave no answer.")
        if codes:
            raise TransientError("claude_request", "The gateway did not take a question about this document.")
        work.await_calls(asked)
        for each in asked:
            self._batches.expect(str(each.batch_id))

    def _look_at_batches(self) -> bool:
        """Take the results of batches that have ended; True if any had. One that cannot be looked at holds up none."""
        moved = False
        for batch_id in self._batches.due():
            try:
                moved = self._look_at(batch_id) or moved
            except TransientError as error:
                log.warning("a message batch could not be looked at: %s", error)
                self._batches.look_later(batch_id)
        return moved

    def _look_at(self, batch_id: str) -> bool:
        status = self._desk.get_status(batch_id)
        if status == "in_progress":
            self._batches.look_later(batch_id)
            return False
        if status == "ended":
            self._take_results(batch_id)
        self._batches.forget(batch_id)
        for work in self._held.waiting_for(batch_id):
            if work.give_up_on(batch_id) and not work.pending:
                self._guard(work, self._advance)
        return True

    def _take_results(self, batch_id: str) -> None:
        owners = {call_id: work for work in self._held.waiting_for(batch_id) for call_id in work.pending}
        ours = [result for result in self._desk.get_results(batch_id) if result.custom_id in owners]
        for result in ours:
            work = owners[result.custom_id]
            if result.custom_id not in work.pending:
                continue
            if waiting := work.take(result):
                self._guard(work, functools.partial(self._postpone, waiting=waiting))
            elif not work.pending:
                self._guard(work, self._advance)
