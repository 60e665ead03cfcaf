"""Workers that complete, fail, die and hang, files that repeat, an operator who meddles: all at the same time."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests.queue.queue_calls import new_file, new_lease, new_result, new_sha256
from tests.queue.test_counts import ANEW, KEPT

DOCUMENTS, WORKERS, SEED = 120, 5, 20261122
LAWFUL = {"AS001", "AS003", "AS004", "AS006"}  # AS006: a machine names another document's hash


def lawful(call, *arguments, **named):
    """What a program may meet and goes on from; anything else (a deadlock, a lost row) fails the test."""
    try:
        return call(*arguments, **named)
    except psycopg.Error as error:
        assert error.sqlstate in LAWFUL, error
        return []


def work(queue, luck: random.Random, over: threading.Event) -> None:
    machine = queue.machine()
    with queue.connect() as connection:
        while not over.is_set():
            jobs = lawful(machine.claim, 4, connection=connection)
            over.wait(0.01 if jobs else 0.05)
            for job in jobs:
                arguments = {"job_id": job["job_id"], "lease_token": job["lease_token"]}
                fate = luck.random()
                leases = [new_lease(job, 1, 2)]
                lawful(machine.call, "heartbeat_jobs", connection, leases=leases, lease_seconds=60, report={})
                if fate < 0.6:
                    sha256 = luck.choice([job["sha256"], *HASHES])
                    lawful(machine.complete, job, new_result(job, sha256=sha256), connection)
                elif fate < 0.75:
                    failure = {"code": "broken", "message": "Broken.", "retry": luck.random() < 0.7}
                    lawful(machine.call, "fail_job", connection, **failure, **arguments)
                elif fate < 0.85:
                    lawful(machine.call, "release_jobs", connection, leases=leases)
                # else: it dies, or hangs, and says nothing


def sweep(queue, luck: random.Random, over: threading.Event) -> None:
    with queue.connect() as connection, psycopg.connect(queue.owner_url, autocommit=True) as owner:
        while not over.wait(0.05):
            owner.execute(
                "update processing_jobs set lease_expires_at = now() - interval '1 second' where id in (select id"
                " from processing_jobs where lease_expires_at < now() + interval '59.8 seconds' for update skip locked)"
            )
            owner.execute("update processing_jobs set run_after = now() where run_after > now() and status = 'queued'")
            lawful(queue.as_role, "service_role", "release_expired_jobs", connection=connection)


def meddle(queue, luck: random.Random, over: threading.Event) -> None:
    with queue.connect() as connection, psycopg.connect(queue.owner_url, autocommit=True) as reader:
        while not over.wait(0.02):
            ids = [row[0] for row in reader.execute("select id from processing_jobs").fetchall()]
            verb = luck.choice(["cancel_job", "retry_job"])
            if ids:
                lawful(queue.as_role, "service_role", verb, connection=connection, job_id=luck.choice(ids))


def enter(queue, luck: random.Random, count: int) -> None:
    with queue.connect() as connection:
        for _ in range(count):
            files = [new_file(sha256=luck.choice([new_sha256(), *HASHES])) for _ in range(luck.randint(1, 3))]
            while not lawful(queue.as_role, "service_role", "enqueue_jobs", connection=connection, files=files):
                pass


HASHES = [new_sha256() for _ in range(40)]


def test_everything_at_once_ends_with_every_document_accounted_for(queue):
    over, luck = threading.Event(), random.Random(SEED)
    with ThreadPoolExecutor(WORKERS + 4) as threads:
        running = [threads.submit(work, queue, random.Random(luck.random()), over) for _ in range(WORKERS)]
        running += [threads.submit(role, queue, random.Random(luck.random()), over) for role in (sweep, meddle)]
        entering = [threads.submit(enter, queue, random.Random(luck.random()), DOCUMENTS // 4) for _ in range(2)]
        try:
            for entered in entering:
                entered.result(timeout=120)
            over.wait(1)
        finally:
            over.set()
        for ended in running:
            ended.result(timeout=120)
    hidden = (
        "select id from processing_jobs j where ready and not exists (select from live_lanes s"
        " where s.lane_id = j.lane_id and s.first_seq <= j.seq)"
    )
    assert queue.rows(hidden) == []
    assert queue.rows(KEPT) == queue.rows(ANEW)
    finish(queue)

    happened = {row["kind"] for row in queue.rows("select distinct kind from events")}
    assert happened >= {
        "job_completed",
        "job_released",
        "job_requeued",
        "job_retried",
        "job_cancelled",
        "document_duplicate",
    }
    (totals,) = queue.service("get_totals")
    assert totals["reconciled"], totals
    assert totals["documents"] == queue.row("select count(distinct document_id) as n from document_journal")["n"]
    assert totals["documents"] >= len(HASHES) / 2
    assert (
        queue.rows(
            "select sha256 from master_document_registry where sha256 is not null group by 1 having count(*) > 1"
        )
        == []
    )
    wrong = "select id from processing_jobs j where status = 'completed' and pages_accounted <> pages_total"
    assert queue.rows(wrong) == []
    for row in queue.rows("select id from master_document_registry"):
        assert queue.service("verify_custody", document_id=row["id"])[0]["intact"]
    completions = "select job_id from events where kind = 'job_completed' group by 1 having count(*) > 1"
    assert queue.rows(completions) == []


def finish(queue) -> None:
    """One faithful machine works off what is left."""
    machine = queue.machine(hosting="local")
    queue.rows("update processing_jobs set lease_expires_at = now() - interval '1 second' where status = 'processing'")
    queue.service("release_expired_jobs")
    for _ in range(1000):
        queue.make_due()
        jobs = machine.claim(max_jobs=20)
        if not jobs:
            return
        for job in jobs:
            machine.complete(job)
