"""Batches: paused and resumed at once, stopped for good, whatever their size."""

import uuid

import psycopg
import pytest

from tests.queue.queue_calls import new_file, new_sha256


@pytest.fixture
def batch(queue):
    (row,) = queue.service("start_batch", batch={"name": "archive", "priority": "low", "placement": "datacenter_only"})
    return row


def test_files_take_the_settings_of_their_batch(queue, batch):
    queue.enqueue(new_file(batch_id=str(batch["id"])), new_file(batch_id=str(batch["id"]), priority="high"))
    jobs = queue.rows("select priority, placement from processing_jobs order by seq")
    assert jobs == [
        {"priority": "low", "placement": "datacenter_only"},
        {"priority": "high", "placement": "datacenter_only"},
    ]


def test_stopping_cancels_what_waits_and_lets_running_work_end(queue, batch):
    machine = queue.machine(hosting="datacenter")
    queue.enqueue_many(3, batch_id=str(batch["id"]))
    job = machine.claim_one()
    queue.service("set_batch_status", batch_id=batch["id"], status="stopped")
    assert machine.claim(max_jobs=3) == []
    assert [row["status"] for row in queue.service("release_expired_jobs")] == ["cancelled"] * 2
    assert machine.complete(job) == "completed"
    (totals,) = queue.service("get_totals", batch_id=batch["id"])
    assert (totals["completed"], totals["cancelled"], totals["reconciled"]) == (1, 2, True)


@pytest.mark.parametrize("end", ["stopped", "completed"])
def test_an_ended_batch_takes_nothing_and_does_not_come_back(queue, batch, end):
    queue.service("set_batch_status", batch_id=batch["id"], status=end)
    for attempt in (
        lambda: queue.enqueue(new_file(batch_id=str(batch["id"]))),
        lambda: queue.service("set_batch_status", batch_id=batch["id"], status="running"),
    ):
        with pytest.raises(psycopg.Error) as refusal:
            attempt()
        assert refusal.value.sqlstate == "AS003"


def test_a_cancelled_job_of_a_stopped_batch_is_retried_outside_of_it(queue, batch, machine):
    (answer,) = queue.enqueue(new_file(batch_id=str(batch["id"])))
    queue.service("set_batch_status", batch_id=batch["id"], status="stopped")
    queue.service("release_expired_jobs")
    (retried,) = queue.service("retry_job", job_id=answer["job_id"])
    assert (retried["status"], retried["batch_id"]) == ("queued", None)
    assert queue.job(answer["job_id"])["status"] == "cancelled", "the stopped batch keeps its account"
    assert queue.service("release_expired_jobs") == []
    assert queue.machine(hosting="datacenter").claim_one()["document_id"] == answer["document_id"]


def test_a_file_sent_again_before_the_sweep_is_not_swept_with_the_stopped_batch(queue, batch):
    file = new_file(batch_id=str(batch["id"]), sha256=new_sha256())
    (answer,) = queue.enqueue(file)
    queue.service("set_batch_status", batch_id=batch["id"], status="stopped")
    (again,) = queue.enqueue(new_file(sha256=file["sha256"]))
    assert (again["document_id"], again["status"]) == (answer["document_id"], "queued")
    assert queue.service("release_expired_jobs") == []
    assert queue.job(again["job_id"])["status"] == "queued"
    assert queue.job(answer["job_id"])["error_code"] == "batch_stopped"


@pytest.mark.parametrize(
    ("function", "arguments", "code"),
    [
        ("set_batch_status", {"batch_id": uuid.uuid4(), "status": "paused"}, "AS002"),
        ("set_batch_status", {"batch_id": uuid.uuid4(), "status": "asleep"}, "AS006"),
        ("start_batch", {"batch": {"source": "fax"}}, "AS006"),
        ("start_batch", {"batch": {"status": "completed"}}, "AS006"),
    ],
)
def test_a_senseless_request_is_refused(queue, function, arguments, code):
    with pytest.raises(psycopg.Error) as refusal:
        queue.service(function, **arguments)
    assert refusal.value.sqlstate == code
