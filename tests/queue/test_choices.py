"""Where a document may be read: by itself that only ever gets stricter; looser is a person's word."""

import psycopg
import pytest

from tests.queue.queue_calls import new_file, new_sha256

CHOICES = "select priority, placement, allow_claude, choices_unsaid from processing_jobs order by seq desc limit 1"
UNSAID = {"placement": "local_only", "allow_claude": False, "priority": "low", "choices_unsaid": True}


def choices(queue) -> tuple:
    row = queue.row(CHOICES)
    return row["placement"], row["allow_claude"], row["choices_unsaid"]


@pytest.mark.parametrize("ended", [None, "failed", "cancelled"])
def test_a_second_door_never_loosens_and_may_tighten(queue, ended):
    """Private through one door, open through another, in either order, also where the first job has ended."""
    for first, second in (("local_only", "any_host"), ("any_host", "local_only")):
        sha256 = new_sha256()
        (answer,) = queue.enqueue(new_file(sha256=sha256, placement=first))
        if ended:
            queue.rows("update processing_jobs set status = %s where id = %s", ended, answer["job_id"])
        queue.enqueue(new_file(sha256=sha256, placement=second))
        assert choices(queue) == ("local_only", False, False)
        assert queue.machine(hosting="datacenter").claim() == []


def test_what_nobody_said_waits_at_the_strictest_until_somebody_does(queue):
    sha256 = new_sha256()
    queue.enqueue(new_file(sha256=sha256, **UNSAID))
    assert choices(queue) == ("local_only", False, True)
    queue.enqueue(new_file(sha256=sha256, **UNSAID))
    assert choices(queue) == ("local_only", False, True), "a second stray says nothing either"
    queue.enqueue(new_file(sha256=sha256, placement="datacenter_only"))
    assert choices(queue) == ("datacenter_only", True, False), "the person who sends it again has said so"
    queue.enqueue(new_file(sha256=sha256, **UNSAID))
    assert choices(queue) == ("datacenter_only", True, False), "and a stray does not take that back"
    assert len(queue.machine(hosting="datacenter").claim()) == 1


def test_a_person_says_otherwise(queue):
    (answer,) = queue.enqueue(new_file(**UNSAID))
    (job,) = queue.service("set_job_choices", job_id=answer["job_id"], placement="any_host", allow_claude=True)
    assert (job["placement"], job["allow_claude"], job["priority"]) == ("any_host", True, "low")
    assert choices(queue) == ("any_host", True, False)
    held = queue.machine().claim_one()
    assert held["job_id"] == answer["job_id"]
    with pytest.raises(psycopg.Error) as refusal:
        queue.service("set_job_choices", job_id=answer["job_id"], placement="local_only", allow_claude=False)
    assert refusal.value.sqlstate == "AS003"
    (custody,) = queue.service("verify_custody", document_id=answer["document_id"])
    assert custody["intact"]


def test_choices_survive_a_retry_and_a_senseless_one_is_refused(queue):
    (answer,) = queue.enqueue(new_file(**UNSAID))
    queue.service("cancel_job", job_id=answer["job_id"])
    queue.service("retry_job", job_id=answer["job_id"])
    assert choices(queue) == ("local_only", False, True)
    for wrong in ({"placement": "the moon", "allow_claude": True}, {"placement": "any_host", "allow_claude": None}):
        with pytest.raises(psycopg.Error) as refusal:
            queue.service("set_job_choices", job_id=answer["job_id"], **wrong)
        assert refusal.value.sqlstate == "AS006"
