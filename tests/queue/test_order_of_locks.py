"""Lanes, then hashes, then documents by id: who waits holds nothing that comes later, so nobody waits in a circle."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.queue.queue_calls import Queue, new_file, new_sha256
from tests.queue.test_parts import add, part
from tests.queue.transactions import CALL_SECONDS, is_blocked

IDS = [f"{digit * 8}-0000-4000-8000-000000000000" for digit in "159"]


@contextmanager
def blocked(queue: Queue, first: Callable, second: Callable) -> Iterator[tuple[psycopg.Connection, Future[Any]]]:
    """While the second call waits for the first one's transaction: that one's connection, and the answer to come."""
    owner = psycopg.connect(queue.owner_url, autocommit=True, row_factory=dict_row)
    with owner as one, queue.connect() as two, ThreadPoolExecutor(1) as thread:
        with one.transaction():
            first(one)
            waiting = thread.submit(second, two)
            while not is_blocked(queue, two, one):
                assert not waiting.done(), waiting.result()
            yield one, waiting
        waiting.result(CALL_SECONDS)


def lock(document_id) -> Callable[[psycopg.Connection], psycopg.Cursor]:
    statement = "select from master_document_registry where id = %s for no key update"
    return lambda connection: connection.execute(statement, [document_id])


def is_free(queue: Queue, document_id) -> bool:
    statement = "select id from master_document_registry where id = %s for no key update skip locked"
    return bool(queue.rows(statement, document_id))


def enqueue(queue: Queue, *files: dict) -> Callable[[psycopg.Connection], list[dict]]:
    return lambda connection: queue.as_role("service_role", "enqueue_jobs", connection=connection, files=list(files))


def scan(queue: Queue, *files: dict) -> Callable[[psycopg.Connection], list[dict]]:
    limits = {"prefix": "2026/"}
    (batch,) = queue.service("start_batch", batch={"source": "bucket", "status": "running", "limits": limits})
    step = {"batch_id": batch["id"], "after": "", "files": list(files), "step": {"place": "a", "scanned": len(files)}}
    return lambda connection: queue.as_role("service_role", "enqueue_objects", connection=connection, **step)


def unpack(queue: Queue, *files: dict) -> Callable[[psycopg.Connection], list]:
    queue.enqueue(new_file(priority="high"))
    machine = queue.machine(hosting="local")
    job = machine.claim_one()
    parts = [part(job, place, sha256=file["sha256"]) for place, file in enumerate(files, 1)]
    return lambda connection: add(machine, job, *parts, connection=connection)


def read_again(queue: Queue, *files: dict) -> Callable[[psycopg.Connection], list[dict]]:
    (old,) = queue.service("start_batch", batch={"name": "archive"})
    queue.rows("update processing_jobs set batch_id = %s", old["id"])
    for file in files:  # its journal tells the order
        queue.rows("update document_journal set batch_id = %s, seq = default where document_id = %s", old["id"],
                   file["document_id"])  # fmt: skip
    queue.service("set_batch_status", batch_id=old["id"], status="stopped")
    (batch,) = queue.service("read_again", batch_id=old["id"])
    step = {"batch_id": batch["id"], "most": 10}
    return lambda connection: queue.as_role("service_role", "enqueue_unread", connection=connection, **step)


def test_a_call_that_waits_for_a_lane_has_locked_no_document(queue):
    twice = new_file(priority="high")
    # Its hash comes before the other's: it is locked first, unless lanes come before documents.
    call = enqueue(queue, twice, new_file(priority="normal"))
    with blocked(queue, enqueue(queue, new_file(priority="normal")), call) as (one, waiting):
        (again,) = enqueue(queue, new_file(sha256=twice["sha256"], priority="normal"))(one)
        assert again["duplicate"] is False, "who waits has written nothing yet"
    first, other = waiting.result()
    assert first["duplicate"] and first["document_id"] == again["document_id"] and not other["duplicate"]


@pytest.mark.parametrize("verb", [enqueue, scan, unpack])
def test_who_waits_for_a_file_that_just_comes_in_holds_no_document(queue, verb):
    # A claim that holds the one waits for the other: with both in hands it would wait in a circle.
    known, coming = new_file(sha256="0" * 64), new_file(sha256="f" * 64)
    queue.enqueue(known)
    again = verb(queue, new_file(sha256=known["sha256"]), new_file(sha256=coming["sha256"]))
    with blocked(queue, enqueue(queue, coming), again):
        assert is_free(queue, known["document_id"])
    entered = queue.rows("select count(*) as n from master_document_registry where sha256 = %s", coming["sha256"])
    assert entered == [{"n": 1}]


@pytest.mark.parametrize("verb", [enqueue, scan, unpack, read_again])
def test_documents_are_locked_by_id_whatever_order_they_are_named_in(queue, verb):
    first, last = (new_file(document_id=document_id, sha256=new_sha256()) for document_id in IDS[:2])
    queue.enqueue(first, last)
    again = verb(queue, *(file if verb is read_again else new_file(sha256=file["sha256"]) for file in (last, first)))
    with blocked(queue, lock(first["document_id"]), again):
        assert is_free(queue, last["document_id"])


def test_the_sweep_locks_what_died_and_what_was_stopped_in_one_order(queue):
    (batch,) = queue.service("start_batch", batch={"name": "archive"})
    stopped, died = (new_file(document_id=document_id) for document_id in IDS[:2])
    queue.enqueue(died)
    queue.expire(queue.machine().claim_one()["job_id"])
    queue.enqueue({**stopped, "batch_id": str(batch["id"])})
    queue.service("set_batch_status", batch_id=batch["id"], status="stopped")

    def sweep(connection: psycopg.Connection) -> list[dict]:
        return queue.as_role("service_role", "release_expired_jobs", connection=connection)

    with blocked(queue, lock(stopped["document_id"]), sweep) as (_, swept):
        assert is_free(queue, died["document_id"])
    assert [row["status"] for row in swept.result()] == ["cancelled", "queued"]
