"""The outbox tells each consumer of each change once, and chains what happened to a document."""

import psycopg
import pytest

from tests.queue.claims import new_analysis
from tests.queue.queue_calls import new_file, new_lease, new_result, new_sha256


def kinds(events: list[dict]) -> list[str]:
    return [event["kind"] for event in events]


def acknowledge(queue, consumer: str, events: list[dict]) -> list[dict]:
    return queue.service("ack_events", consumer=consumer, event_ids=[event["id"] for event in events])


def test_every_change_of_state_is_told_in_order(queue, machine):
    sha256 = new_sha256()
    queue.enqueue(new_file(sha256=sha256))
    queue.enqueue(new_file(sha256=sha256))
    machine.release(machine.claim_one())
    machine.fail(machine.claim_one())
    queue.make_due()
    queue.service("requeue_machine_jobs", label=(machine.label if machine.claim() else ""))
    job = queue.machine().claim_one()
    queue.service("cancel_job", job_id=job["job_id"])
    queue.service("retry_job", job_id=job["job_id"])
    machine.complete(machine.claim_one())
    events = queue.service("take_events", consumer="test", max_events=100)
    assert kinds(events) == [
        "job_queued", "document_duplicate", "job_claimed", "job_released", "job_claimed", "job_retried", "job_claimed",
        "job_requeued", "job_claimed", "job_cancelled", "job_queued", "job_claimed", "job_completed",
    ]  # fmt: skip


def test_each_consumer_gets_each_event_once(queue):
    queue.enqueue_many(25)
    for consumer in ("telegram", "dashboard"):
        seen = []
        while events := queue.service("take_events", consumer=consumer, max_events=10):
            assert acknowledge(queue, consumer, events)
            seen += [event["id"] for event in events]
        assert len(seen) == len(set(seen)) == 25


def test_what_is_not_acknowledged_is_offered_again_and_only_that(queue):
    queue.enqueue_many(4)
    events = queue.service("take_events", consumer="test", max_events=4)
    acknowledge(queue, "test", events[:3])
    assert queue.service("take_events", consumer="test", max_events=4) == []
    queue.rows("update event_deliveries set offered_until = now() - interval '1 second'")
    queue.enqueue(new_file())
    again = queue.service("take_events", consumer="test", max_events=1)
    assert again == [events[3]]
    assert len(queue.service("take_events", consumer="test", max_events=4)) == 1


def test_an_event_that_commits_late_is_not_skipped(queue):
    with psycopg.connect(queue.owner.info.dsn, password=queue.owner.info.password) as slow:
        slow.execute("insert into events (kind) values ('alarm_raised')")
        queue.enqueue(new_file())
        assert "alarm_raised" not in kinds(queue.service("take_events", consumer="test", max_events=10))
        slow.commit()
    assert set(kinds(drain(queue, "test"))) >= {"alarm_raised"}
    queue.rows("update event_deliveries set offered_until = now() - interval '1 second'")
    assert sorted(kinds(queue.service("take_events", consumer="test", max_events=10))) == ["alarm_raised", "job_queued"]


def drain(queue, consumer: str) -> list[dict]:
    events = []
    while more := queue.service("take_events", consumer=consumer, max_events=10):
        events += more
    return events


def test_a_refused_change_tells_nothing(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    before = len(queue.rows("select * from events"))
    with pytest.raises(psycopg.Error):
        machine.complete(job, new_result(job, pages=[]))
    machine.heartbeat(new_lease(job, pages_done=1))
    assert len(queue.rows("select * from events")) == before


def test_no_event_carries_text_of_the_document(queue, machine):
    queue.enqueue(new_file(original_filename="secret name.pdf"))
    job = machine.claim_one()
    machine.complete(job, new_result(job, text="secret text", analysis=new_analysis(summary="secret summary")))
    assert not any("secret" in str(row["payload"]) for row in queue.rows("select payload from events"))


@pytest.mark.parametrize("arguments", [{"consumer": "", "max_events": 1}, {"consumer": "a", "max_events": 0}])
def test_a_senseless_take_is_refused(queue, arguments):
    with pytest.raises(psycopg.Error) as refusal:
        queue.service("take_events", **arguments)
    assert refusal.value.sqlstate == "AS006"


@pytest.fixture
def document(queue, machine):
    """A document with five events."""
    queue.enqueue_many(2)
    job, other = machine.claim(max_jobs=2)
    machine.fail(job)
    queue.make_due()
    machine.complete(machine.claim_one())
    machine.complete(other)
    return job["document_id"]


def test_the_custody_chain_of_an_untouched_document_is_intact(queue, document):
    [custody] = queue.service("verify_custody", document_id=document)
    assert (custody["events"], custody["intact"], custody["broken_at"]) == (5, True, None)
    registered = queue.row("select sha256 from master_document_registry where id = %s", document)
    assert custody["sha256"] == registered["sha256"]
    assert set(custody["artifacts"]["ocr.txt"]) == {"key", "bytes", "sha256"}


@pytest.mark.parametrize(
    "tampering",
    [
        "update events set payload = '{}' where custody_seq = 3 and document_id = %s",
        "update events set machine = 'another' where custody_seq = 3 and document_id = %s",
        "delete from events where custody_seq = 2 and document_id = %s",
        "delete from events where custody_seq = 5 and document_id = %s",
        "update events set created_at = created_at - interval '1 day' where custody_seq = 1 and document_id = %s",
    ],
)
def test_tampering_with_the_custody_chain_shows(queue, document, tampering):
    queue.rows(tampering, document)
    assert not queue.service("verify_custody", document_id=document)[0]["intact"]
