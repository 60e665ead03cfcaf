"""A worker's life: killed, stopped, idle, renewed, disowned; the queue and the machine are right after each."""

import signal
import time
from pathlib import Path

from tests.gpu_worker.workshop import DOCUMENTS, Workshop
from tests.patience import wait_until

SCAN = DOCUMENTS / "declaration_scan.pdf"


def start_on_scan(workshop: Workshop, **changes: str):
    """A worker with a scan in work, and the job's id."""
    job_id = workshop.upload(SCAN.read_bytes(), "declaration.pdf")
    worker = workshop.start_worker(**changes)
    wait_until(lambda: workshop.job(job_id)["status"] == "processing", "the job is claimed")
    return worker, job_id


def test_job_of_a_killed_worker_is_done_by_another_and_once(workshop):
    worker, job_id = start_on_scan(workshop, LEASE_SECONDS="5", HEARTBEAT_SECONDS="1")
    children = wait_until(lambda: child_processes(worker.process.pid), "a render child starts")
    worker.kill()
    wait_until(lambda: not any(is_running(child) for child in children), "its children end with it")
    wait_until(lambda: workshop.sql("select * from release_expired_jobs()"), "the lease expires")
    workshop.sql("update processing_jobs set run_after = now() where run_after is not null")  # no need to wait for it
    second = workshop.start_worker()
    job = workshop.finish(job_id)
    assert (job["status"], job["attempt"]) == ("completed", 2), second.log
    assert len(workshop.pages(job)) == 2
    assert workshop.sql("select count(*) from master_document_registry")[0]["count"] == 1


def test_sigterm_hands_the_job_back_unharmed_and_leaves_nothing_behind(workshop):
    pages = [SCAN.read_bytes() + b"%" + bytes([65 + copy]) for copy in range(4)]
    jobs = [workshop.upload(content, f"{copy}.pdf") for copy, content in enumerate(pages)]
    environ = workshop.environ()
    worker = workshop.start_worker(environ)
    wait_until(lambda: any(workshop.job(job)["status"] == "processing" for job in jobs), "jobs are claimed")
    children = child_processes(worker.process.pid)
    assert worker.stop() == 0, worker.log
    statuses = {workshop.job(job)["status"] for job in jobs}
    assert statuses <= {"queued", "completed"}
    assert {workshop.job(job)["attempt"] for job in jobs if workshop.job(job)["status"] == "queued"} == {0}
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), "the children end")
    assert not list(workshop.folder.glob("gpu_worker-*"))


def child_processes(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_idle_worker_without_a_key_asks_to_be_destroyed_and_claims_nothing_more(workshop):
    worker = workshop.start_worker(IDLE_SECONDS="1")

    def status() -> str:
        return workshop.sql("select status from machines")[0]["status"]

    wait_until(lambda: status() == "destroying", "the worker says goodbye")
    assert "the worker ends: idle" in worker.log
    job_id = workshop.upload(b"A letter that came after the goodbye was said.", "late.txt")
    wait_until(lambda: "waiting for it to disappear" in worker.log, "the worker waits to be destroyed")
    assert worker.process.poll() is None, "PID 1 must not exit: Vast.ai would start it again"
    assert workshop.job(job_id)["status"] == "queued"
    worker.process.send_signal(signal.SIGTERM)
    assert worker.wait() == 0


def test_token_is_renewed_before_it_ends(workshop):
    """The first lives long enough for a slow machine to start its worker."""
    environ, made_at = workshop.environ(token_seconds=20, HEARTBEAT_SECONDS="1"), time.monotonic()
    worker = workshop.start_worker(environ)
    wait_until(lambda: time.monotonic() - made_at > 21, "the first token ends")
    job = workshop.finish(workshop.upload(b"A note that came after the first token's end.", "note.txt"))
    assert job["status"] == "completed", worker.log


def test_worker_that_left_the_ledger_stops_and_its_result_is_thrown_away(workshop):
    worker, job_id = start_on_scan(workshop, HEARTBEAT_SECONDS="1")
    workshop.sql("update machines set status = 'destroyed'")
    wait_until(lambda: "the worker ends: token_dead" in worker.log, "the worker notices")
    assert workshop.job(job_id)["status"] == "processing"
    assert not workshop.sql("select * from document_pages")


def test_cancelled_job_is_dropped_and_the_next_is_done(workshop):
    worker, job_id = start_on_scan(workshop, HEARTBEAT_SECONDS="1")
    workshop.sql("select * from cancel_job(%s)", job_id)
    job = workshop.finish(workshop.upload(b"The next letter in the queue, which nobody cancelled.", "next.txt"))
    assert job["status"] == "completed", worker.log
    wait_until(lambda: "thrown away" in worker.log, "the worker drops the cancelled job")
    assert workshop.job(job_id)["status"] == "cancelled"


def test_worker_without_settings_says_which_are_missing_and_shows_no_value(workshop):
    environ = workshop.environ(SUPABASE_URL="", WORKER_TOKEN="not-a-jwt-but-secret")
    worker = workshop.start_worker(environ)
    assert worker.wait() == 2
    assert "SUPABASE_URL is missing" in worker.log and "WORKER_TOKEN is not a token" in worker.log
    assert "not-a-jwt" not in worker.log
