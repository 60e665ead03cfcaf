"""Calls that make the same lanes wait for each other there, and neither for the other's documents: no deadlock."""

from concurrent.futures import ThreadPoolExecutor

from tests.queue.queue_calls import new_file
from tests.queue.transactions import CALL_SECONDS, is_blocked


def test_a_call_that_waits_for_a_lane_has_locked_no_document(queue):
    twice = new_file(priority="high")
    with queue.connect() as one, queue.connect() as two, ThreadPoolExecutor(1) as thread:

        def enqueue(connection, *files):
            return queue.as_role("service_role", "enqueue_jobs", connection=connection, files=list(files))

        with one.transaction():
            enqueue(one, new_file(priority="normal"))
            # Its hash comes before the other's: it is locked first, unless lanes come before documents.
            waiting = thread.submit(enqueue, two, twice, new_file(priority="normal"))
            while not is_blocked(queue, two, one):
                assert not waiting.done()
            (again,) = enqueue(one, new_file(sha256=twice["sha256"], priority="normal"))
            assert again["duplicate"] is False, "who waits has written nothing yet"
        first, other = waiting.result(CALL_SECONDS)
    assert first["duplicate"] and first["document_id"] == again["document_id"] and not other["duplicate"]
