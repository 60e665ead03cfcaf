"""A lease is a fence: who lost it changes nothing, and a document that kills its workers ends visibly."""

import json
import uuid

import psycopg
import pytest

from control_plane.database.connection import parse_rows
from control_plane.database.fleet_rows import Ledger
from tests.queue.queue_calls import new_file, new_lease

EVERY_VERB = {
    "complete_job": None,
    "fail_job": lambda job: {"code": "corrupt_pdf", "message": "It broke.", "retry": True},
}


def say(machine, verb: str, job: dict) -> None:
    if verb == "complete_job":
        machine.complete(job)
    else:
        machine.call(verb, job_id=job["job_id"], lease_token=job["lease_token"], **EVERY_VERB[verb](job))


def snapshot(queue) -> list[list[dict]]:
    documents = ("master_document_registry", "document_journal", "document_pages", "document_repository")
    return [queue.rows(f"select * from {table} order by 1") for table in ("processing_jobs", "events", *documents)]


@pytest.fixture
def stale(queue, machine):
    """A job as its first worker saw it, before it was given to a second one."""
    queue.enqueue(new_file())
    job = machine.claim_one()
    queue.expire(job["job_id"])
    queue.service("release_expired_jobs")
    assert machine.claim_one()["job_id"] == job["job_id"]
    return job


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_a_stale_token_changes_nothing(queue, machine, stale, verb):
    before = snapshot(queue)
    with pytest.raises(psycopg.Error) as refusal:
        say(machine, verb, stale)
    assert refusal.value.sqlstate == "AS001"
    assert snapshot(queue) == before


def test_a_stale_token_is_told_so_by_heartbeat_and_releases_nothing(queue, machine, stale):
    before = snapshot(queue)
    assert machine.heartbeat(new_lease(stale)) == [{"job_id": stale["job_id"], "held": False, "cancelled": False}]
    assert machine.release(stale) == []
    assert snapshot(queue) == before


@pytest.mark.parametrize("verb", EVERY_VERB)
def test_another_machine_cannot_use_a_stolen_token(queue, machine, verb):
    queue.enqueue(new_file())
    job = machine.claim_one()
    thief = queue.machine()
    with pytest.raises(psycopg.Error) as refusal:
        say(thief, verb, job)
    assert refusal.value.sqlstate == "AS001"
    assert thief.release(job) == []
    assert thief.heartbeat(new_lease(job)) == [{"job_id": job["job_id"], "held": False, "cancelled": False}]


def set_clock(queue, step: str) -> None:
    """The database's clock jumps forward by `step` (back, where it is negative): every moment told is as far away."""
    queue.rows("update processing_jobs set lease_expires_at = lease_expires_at - %s::interval", step)
    queue.rows("update machines set last_heartbeat_at = last_heartbeat_at - %s::interval", step)


def test_a_clock_that_jumps_forward_costs_the_work_in_hand_and_nothing_else(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    set_clock(queue, "2 hours")
    queue.service("release_expired_jobs")
    other = queue.machine()
    again = other.claim_one()
    with pytest.raises(psycopg.Error) as refusal:
        machine.complete(job)
    assert refusal.value.sqlstate == "AS001"
    other.complete(again)
    assert [row["kind"] for row in queue.rows("select kind from events where kind = 'job_completed'")] == [
        "job_completed"
    ]


def test_a_clock_that_jumps_back_leaves_work_with_who_lives_and_takes_it_from_who_is_known_dead(queue, machine):
    queue.enqueue(new_file(), new_file())
    kept, dead = machine.claim_one(), queue.machine()
    lost = dead.claim_one()
    set_clock(queue, "-2 hours")
    assert machine.heartbeat(new_lease(kept)) == [{"job_id": kept["job_id"], "held": True, "cancelled": False}]
    soon = queue.row("select lease_expires_at < now() + interval '10 minutes' as soon from processing_jobs"
                     " where id = %s", kept["job_id"])  # fmt: skip
    assert soon == {"soon": True}, "the next sign of life puts its lease right"
    machine.complete(kept)
    queue.service("requeue_machine_jobs", label=dead.label)
    queue.make_due()
    assert machine.claim_one()["job_id"] == lost["job_id"]


def test_an_expired_lease_is_claimed_again_with_a_fresh_token(queue, machine):
    queue.enqueue(new_file())
    first = machine.claim_one()
    assert queue.service("release_expired_jobs") == []
    queue.expire(first["job_id"])
    assert queue.service("release_expired_jobs") == [{"job_id": first["job_id"], "status": "queued"}]
    second = queue.machine().claim_one()
    assert second["job_id"] == first["job_id"]
    assert second["lease_token"] != first["lease_token"]
    assert second["attempt"] == 2


def test_a_late_worker_whose_lease_nobody_took_may_still_complete(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    queue.expire(job["job_id"])
    assert machine.complete(job) == "completed"


def test_heartbeats_extend_the_lease_and_carry_progress(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    queue.expire(job["job_id"])
    assert machine.heartbeat(new_lease(job, pages_done=3, pages_total=9))[0]["held"]
    held = queue.job(job["job_id"])
    assert (held["pages_done"], held["pages_total"]) == (3, 9)
    assert queue.service("release_expired_jobs") == []


@pytest.mark.parametrize("report", [
    [], [{"idle_seconds": 1}], {"pages_per_second": "x", "idle_seconds": {}},
    {"pages_per_second": 1e300, "idle_seconds": -5},
    {"gpu_name": "x" * 10_000, "more": ["y"] * 1000},
])  # fmt: skip
def test_no_report_blinds_those_who_read_it(queue, machine, report):
    queue.enqueue(new_file())
    queue.rows("update machines set pages_done = 100")
    machine.heartbeat(report=report)
    kept = queue.row("select report from machines")["report"]
    assert len(json.dumps(kept)) < 500
    (fleet,) = queue.service("get_fleet")
    assert queue.service("get_queue_stats")
    assert parse_rows(Ledger, [fleet["get_fleet"]])[0].machines
    assert kept.get("idle_seconds", 0) >= 0 and kept.get("pages_per_second", 0) <= 1000


def test_a_worker_that_makes_no_progress_for_half_an_hour_loses_its_lease(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    queue.rows("update processing_jobs set progress_at = now() - interval '31 minutes'")
    assert not machine.heartbeat(new_lease(job))[0]["held"]
    assert machine.heartbeat(new_lease(job, pages_done=1))[0]["held"]
    assert machine.heartbeat(new_lease(job, pages_done=1))[0]["held"]


@pytest.mark.parametrize("death", ["release_expired_jobs", "requeue_machine_jobs"])
def test_a_document_that_kills_its_worker_three_times_fails_with_a_reason(queue, death):
    queue.enqueue(new_file(source="telegram", telegram_chat_id=7))
    for attempt in (1, 2, 3):
        victim = queue.machine()
        job = victim.claim_one()
        assert job["attempt"] == attempt
        victim.heartbeat(new_lease(job, pages_total=4))
        queue.expire(job["job_id"])
        queue.service(death, **({"label": victim.label} if death == "requeue_machine_jobs" else {}))

    ended = queue.job(job["job_id"])
    assert (ended["status"], ended["error_code"], ended["attempt"]) == ("failed", "worker_died", 3)
    assert "3 times" in ended["error_message"]
    assert queue.machine().claim() == []
    pages = queue.rows("select outcome, reason from document_pages where job_id = %s", job["job_id"])
    assert pages == [{"outcome": "skipped", "reason": "worker_died"}] * 4
    entry = queue.row("select processing_status, error_message from document_journal")
    assert entry == {"processing_status": "failed", "error_message": ended["error_message"]}
    assert queue.service("get_totals")[0]["reconciled"]


@pytest.mark.parametrize("death", ["release_expired_jobs", "requeue_machine_jobs"])
def test_a_first_death_among_several_documents_costs_none_of_them_an_attempt(queue, death):
    queue.enqueue_many(3)
    victim = queue.machine()
    held = victim.claim(max_jobs=3)
    victim.heartbeat(*(new_lease(job) for job in held))
    for job in held:
        queue.expire(job["job_id"])
    queue.service(death, **({"label": victim.label} if death == "requeue_machine_jobs" else {}))
    assert queue.rows("select attempt, deaths, status from processing_jobs") == [
        {"attempt": 0, "deaths": 1, "status": "queued"}
    ] * 3
    (suspect,) = queue.machine().claim(max_jobs=3)
    queue.expire(suspect["job_id"])
    queue.service("release_expired_jobs")
    assert queue.job(suspect["job_id"])["attempt"] == 1, "a second death is its own"


def test_machines_that_fall_silent_together_cost_their_documents_nothing(queue):
    """The database was away for longer than a lease: all leases ran out, and no document did it."""
    queue.enqueue_many(2)
    for _ in range(4):
        for machine in (queue.machine(), queue.machine()):
            machine.claim_one()
            machine.heartbeat()
        queue.rows("update machines set last_heartbeat_at = now() - interval '5 minutes'")
        queue.rows("update processing_jobs set lease_expires_at = now() - interval '1 second'")
        assert [row["status"] for row in queue.service("release_expired_jobs")] == ["queued", "queued"]
    assert queue.rows("select attempt, deaths from processing_jobs") == [{"attempt": 0, "deaths": 0}] * 2


def test_a_worker_killer_does_not_take_its_neighbours_down(queue):
    """Eight documents are claimed together each time; the killer strikes whenever a machine holds it."""
    killer = queue.enqueue_many(8)[3]["job_id"]
    for _ in range(100):
        machine = queue.machine()
        jobs = machine.claim(max_jobs=8)
        if not jobs:
            break
        if killer in {job["job_id"] for job in jobs}:
            queue.service("requeue_machine_jobs", label=machine.label)
        else:
            for job in jobs:
                machine.complete(job)

    statuses = queue.rows("select id = %s as killer, status, count(*) from processing_jobs group by 1, 2", killer)
    assert sorted(statuses, key=lambda row: row["killer"]) == [
        {"killer": False, "status": "completed", "count": 7},
        {"killer": True, "status": "failed", "count": 1},
    ]


def test_a_machine_holds_one_suspect_at_a_time(queue):
    queue.enqueue_many(3)
    first = queue.machine()
    first.claim(max_jobs=3)
    queue.service("requeue_machine_jobs", label=first.label)
    second = queue.machine()
    (suspect,) = second.claim(max_jobs=3)
    assert second.claim(max_jobs=3) == []
    second.complete(suspect)
    assert len(second.claim(max_jobs=3)) == 1


def test_a_suspect_does_not_push_in_before_a_higher_priority(queue):
    queue.enqueue(new_file(priority="low"))
    first = queue.machine()
    suspect = first.claim_one()
    queue.service("requeue_machine_jobs", label=first.label)
    (urgent,) = queue.enqueue(new_file(priority="high"))
    second = queue.machine()
    assert [second.claim_one()["job_id"] for _ in range(2)] == [urgent["job_id"], suspect["job_id"]]


def test_a_released_job_costs_no_attempt(queue, machine):
    queue.enqueue(new_file())
    for _ in range(5):
        job = machine.claim_one()
        assert job["attempt"] == 1
        assert machine.release(job) == [{"job_id": job["job_id"]}]


def test_a_document_that_breaks_machine_after_machine_comes_to_an_end(queue):
    """Each of them was paid for: the first is nobody's fault, then it is claimed alone, and the fourth is the last."""
    queue.enqueue_many(2)
    first = queue.machine()
    held = first.claim(max_jobs=2)
    first.release(*held, broken=True)
    assert queue.rows("select attempt, deaths from processing_jobs") == [{"attempt": 0, "deaths": 1}] * 2
    for attempt in (1, 2, 3):
        victim = queue.machine()
        (job,) = victim.claim(max_jobs=2)
        assert job["attempt"] == attempt
        victim.release(job, broken=True)
    ended = queue.job(job["job_id"])
    assert (ended["status"], ended["error_code"], ended["attempt"]) == ("failed", "worker_died", 3)
    innocent = queue.machine().claim_one()
    assert innocent["job_id"] != job["job_id"] and innocent["attempt"] == 1


def test_a_machine_lost_through_no_fault_of_the_document_costs_no_attempt(queue):
    queue.enqueue(new_file())
    for _ in range(5):
        outbid = queue.machine()
        assert outbid.claim_one()["attempt"] == 1
        assert len(queue.service("requeue_machine_jobs", label=outbid.label, worker_died=False)) == 1


def test_a_failed_job_waits_longer_each_time_and_not_in_step_with_others(queue, machine):
    queue.enqueue_many(20)
    waits = {}
    for attempt in (1, 2):
        jobs = machine.claim(max_jobs=20)
        answers = [machine.fail(job) for job in jobs]
        assert {answer["status"] for answer in answers} == {"queued"}
        rows = queue.rows("select extract(epoch from run_after - now()) as wait from processing_jobs")
        waits[attempt] = [row["wait"] for row in rows]
        assert machine.claim(max_jobs=20) == []
        queue.make_due()
    assert max(waits[1]) < min(waits[2])
    assert max(waits[1]) - min(waits[1]) > 1
    last = [machine.fail(job) for job in machine.claim(max_jobs=20)]
    assert last == [{"status": "failed", "run_after": None}] * 20


def test_a_final_failure_is_not_tried_again(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    assert machine.fail(job, code="password_protected", retry=False)["status"] == "failed"
    ended = queue.job(job["job_id"])
    assert (ended["error_code"], ended["error_message"]) == ("password_protected", "It broke.")


def test_a_cancelled_job_is_lost_to_its_worker(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    assert queue.service("cancel_job", job_id=job["job_id"])[0]["status"] == "cancelled"
    assert machine.heartbeat(new_lease(job)) == [{"job_id": job["job_id"], "held": False, "cancelled": True}]
    with pytest.raises(psycopg.Error) as refusal:
        machine.complete(job)
    assert refusal.value.sqlstate == "AS001"


def test_retry_gives_all_attempts_again(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    machine.fail(job, retry=False)
    assert queue.service("retry_job", job_id=job["job_id"])[0]["status"] == "queued"
    again = machine.claim_one()
    assert (again["job_id"], again["attempt"]) == (job["job_id"], 1)
    machine.complete(again)
    for verb, status in (("retry_job", "AS003"), ("cancel_job", "AS003")):
        with pytest.raises(psycopg.Error) as refusal:
            queue.service(verb, job_id=job["job_id"])
        assert refusal.value.sqlstate == status


@pytest.mark.parametrize("verb", ["retry_job", "cancel_job"])
def test_a_job_nobody_knows_is_not_found(queue, verb):
    with pytest.raises(psycopg.Error) as refusal:
        queue.service(verb, job_id=uuid.uuid4())
    assert refusal.value.sqlstate == "AS002"


@pytest.mark.parametrize("status", ["destroying", "destroyed"])
def test_the_token_of_a_machine_that_left_the_ledger_is_dead(queue, machine, status):
    queue.enqueue_many(2)
    job = machine.claim_one()
    queue.rows("update machines set status = %s where label = %s", status, machine.label)
    attempts = [
        lambda: machine.claim(),
        lambda: machine.heartbeat(new_lease(job)),
        lambda: machine.complete(job),
        lambda: machine.fail(job),
    ]
    if status == "destroyed":
        attempts.append(lambda: machine.release(job))
    for attempt in attempts:
        with pytest.raises(psycopg.Error) as refusal:
            attempt()
        assert refusal.value.sqlstate == "AS004"
    if status == "destroying":
        assert machine.release(job) == [{"job_id": job["job_id"]}]


def test_a_token_without_a_machine_is_dead(queue):
    for claims in ({}, {"machine": None}, {"machine": "aseagi-test-nobody"}):
        with pytest.raises(psycopg.Error) as refusal:
            queue.as_role("gpu_worker", "claim_jobs", claims, max_jobs=1, lease_seconds=60)
        assert refusal.value.sqlstate == "AS004"


def test_an_idle_heartbeat_marks_the_machine_alive(queue):
    machine = queue.machine(status="booting")
    assert machine.heartbeat(report={"pages_per_second": 12.5}) == []
    row = queue.row("select * from machines where label = %s", machine.label)
    assert row["status"] == "ready"
    assert row["ready_at"] and row["last_heartbeat_at"]
    queue.enqueue(new_file(pages_estimate=6))
    (stats,) = queue.service("get_queue_stats")
    assert (stats["queued"], stats["pages_waiting"], stats["pages_measured_per_second"]) == (1, 6, 12.5)


def test_check_lease_names_the_keys_only_while_the_lease_is_held(queue, machine):
    queue.enqueue(new_file())
    job = machine.claim_one()
    right = {"machine": machine.label, "job_id": job["job_id"], "lease_token": job["lease_token"]}
    (keys,) = queue.service("check_lease", **right)
    assert (keys["object_key"], keys["artifact_prefix"]) == (job["object_key"], job["artifact_prefix"])
    for wrong in ({"machine": queue.machine().label}, {"lease_token": uuid.uuid4()}, {"job_id": uuid.uuid4()}):
        assert queue.service("check_lease", **{**right, **wrong}) == []
    queue.expire(job["job_id"])
    assert queue.service("check_lease", **right) == []
