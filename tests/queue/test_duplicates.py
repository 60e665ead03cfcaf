"""The same bytes twice: two journal entries, one document, one price."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.queue.queue_calls import new_file, new_result, new_sha256


def test_known_bytes_become_an_entry_of_the_existing_document(queue):
    sha256 = new_sha256()
    (first,) = queue.enqueue(new_file(sha256=sha256))
    copy = new_file(sha256=sha256, source="telegram", telegram_chat_id=5, telegram_message_id=6)
    (second,) = queue.enqueue(copy)
    assert (second["duplicate"], second["job_id"], second["status"]) == (True, None, "queued")
    assert second["document_id"] == first["document_id"]
    assert second["object_key"] == first["object_key"] != copy["object_key"]
    assert queue.row("select count(*) as n from processing_jobs")["n"] == 1
    entry = queue.row("select * from document_journal where duplicate")
    assert (entry["id"], entry["telegram_chat_id"], entry["object_key"]) == (
        second["journal_id"],
        5,
        copy["object_key"],
    )


def test_answers_come_in_the_order_of_the_files(queue):
    sha256 = new_sha256()
    files = [new_file(sha256=sha256), new_file(), new_file(sha256=sha256), new_file()]
    answers = queue.enqueue(*files)
    assert [answer["duplicate"] for answer in answers] == [False, False, True, False]
    assert [str(answers[n]["document_id"]) for n in (0, 1, 3)] == [files[n]["document_id"] for n in (0, 1, 3)]


def test_a_repeated_call_changes_nothing_and_answers_the_same(queue, machine):
    file = new_file(sha256=new_sha256())
    first = queue.enqueue(file)
    assert queue.enqueue(file) == first
    machine.complete(machine.claim_one())
    assert queue.enqueue(file) == [{**first[0], "status": "completed"}]
    assert queue.row("select count(*) as n from document_journal")["n"] == 1


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_the_same_file_again_runs_again_if_it_had_failed(queue, machine, end):
    sha256 = new_sha256()
    (first,) = queue.enqueue(new_file(sha256=sha256))
    job = machine.claim_one()
    if end == "fail":
        machine.fail(job, code="object_missing", retry=False)
    else:
        queue.service("cancel_job", job_id=job["job_id"])
    copy = new_file(sha256=sha256)
    (second,) = queue.enqueue(copy)
    assert second["duplicate"]
    assert second["job_id"] not in (None, first["job_id"])
    assert second["object_key"] == copy["object_key"]
    again = machine.claim_one()
    assert (again["job_id"], again["object_key"]) == (second["job_id"], copy["object_key"])
    with pytest.raises(psycopg.Error) as refusal:
        queue.service("retry_job", job_id=first["job_id"])
    assert refusal.value.sqlstate == "AS003"


def test_many_at_once_make_one_document(queue):
    sha256 = new_sha256()
    start = threading.Barrier(6)

    def enqueue(_):
        with queue.connect() as connection:
            start.wait(timeout=30)
            files = [new_file(sha256=sha256)]
            return queue.as_role("service_role", "enqueue_jobs", connection=connection, files=files)[0]

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(enqueue, range(6)))
    assert sorted(answer["duplicate"] for answer in answers) == [False] + [True] * 5
    assert len({answer["document_id"] for answer in answers}) == 1
    assert queue.row("select count(*) as n from processing_jobs")["n"] == 1
    assert queue.row("select count(*) as n from document_journal")["n"] == 6


def test_a_machine_s_word_makes_no_hash_and_no_duplicate(queue, machine):
    """It names the hash of another document, or one of its own: both stay what they are, and each is read."""
    (known,) = queue.enqueue(new_file())
    machine.complete(machine.claim_one())
    (hidden,) = queue.enqueue(new_file(source="bucket"))
    job = machine.claim_one()
    other = queue.row("select sha256 from master_document_registry where id = %s", known["document_id"])["sha256"]
    for claimed in (other, new_sha256()):
        with pytest.raises(psycopg.Error) as refusal:
            machine.complete(job, new_result(job, sha256=claimed))
        assert refusal.value.sqlstate == "AS006"
    entry = queue.row("select * from document_journal where id = %s", hidden["journal_id"])
    assert (entry["document_id"], entry["duplicate"]) == (hidden["document_id"], False)
    assert queue.job(job["job_id"])["status"] == "processing"
    machine.complete(job)
    (totals,) = queue.service("get_totals")
    assert (totals["documents"], totals["completed"], totals["reconciled"]) == (2, 2, True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "fax"}, "AS006"),
        ({"priority": "urgent"}, "AS006"),
        ({"placement": "moon"}, "AS006"),
        ({"object_key": ""}, "AS006"),
        ({"original_filename": None}, "AS006"),
        ({"document_id": "7"}, "AS006"),
        ({"document_id": None}, "AS006"),
        ({"sha256": "xyz"}, "AS006"),
        ({"sha256": None}, "AS006"),
        ({"bytes": -1}, "AS006"),
        ({"batch_id": "00000000-0000-0000-0000-000000000000"}, "AS002"),
    ],
)
def test_a_malformed_file_is_refused_and_nothing_of_its_call_enters(queue, changes, code):
    with pytest.raises(psycopg.Error) as refusal:
        queue.enqueue(new_file(), new_file(**changes))
    assert refusal.value.sqlstate == code
    assert queue.rows("select * from document_journal") == []
