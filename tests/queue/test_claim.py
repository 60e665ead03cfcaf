"""Who gets which job: nobody shares one, batches share fairly, priority and placement decide."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.queue.queue_calls import new_file

JOBS, CLAIMERS = 2000, 8


def claim_until_refused(machine, connection=None) -> list[dict]:
    claimed = []
    while jobs := machine.claim(max_jobs=7, connection=connection):
        claimed += jobs
    return claimed


def test_concurrent_claimers_never_share_a_job_and_lose_none(queue):
    queue.enqueue_many(JOBS)

    def claim_until_empty(_):
        claimed = []
        with queue.connect() as connection:
            while share := claim_until_refused(queue.machine(), connection):  # 64 jobs for each machine
                claimed += share
        return claimed

    with ThreadPoolExecutor(CLAIMERS) as threads:
        shares = list(threads.map(claim_until_empty, range(CLAIMERS)))
    # Jobs that another claim had locked for a moment may be left over; a last claim finds them.
    while share := claim_until_refused(queue.machine()):
        shares.append(share)

    times = Counter(job["job_id"] for share in shares for job in share)
    assert len(times) == JOBS
    assert set(times.values()) == {1}
    assert len({job["lease_token"] for share in shares for job in share}) == JOBS
    assert sum(1 for share in shares if share) > 1


def test_a_claim_says_all_a_worker_needs(queue, machine):
    file = new_file(sha256="a" * 64, pages_estimate=4)
    (answer,) = queue.enqueue(file)
    job = machine.claim_one()

    assert str(job["document_id"]) == file["document_id"]
    assert job["job_id"] == answer["job_id"]
    assert (job["attempt"], job["max_attempts"], job["pages_estimate"]) == (1, 3, 4)
    assert {name: job[name] for name in ("object_key", "original_filename", "mime_type", "bytes", "sha256")} == {
        name: file[name] for name in ("object_key", "original_filename", "mime_type", "bytes", "sha256")
    }
    assert job["artifact_prefix"].startswith("processed/2")
    assert job["artifact_prefix"].endswith(f"/{file['document_id']}/{job['lease_token']}/")
    assert queue.job(job["job_id"])["machine"] == machine.label


def test_seven_thousand_waiting_jobs_delay_neither_a_high_priority_job_nor_another_batch(queue, machine):
    (big,) = queue.service("start_batch", batch={"name": "archive", "status": "running"})
    fill_batch(queue, big["id"], 7_000)
    (small,) = queue.service("start_batch", batch={"name": "three letters"})
    letters = {answer["job_id"] for answer in queue.enqueue_many(3, batch_id=str(small["id"]))}
    (photo,) = queue.enqueue(new_file(priority="high", source="telegram"))

    claimed = [machine.claim_one()["job_id"] for _ in range(7)]

    assert claimed[0] == photo["job_id"]
    assert letters < set(claimed)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_one_claim_of_many_is_shared_between_the_batches(queue, machine, turn):
    queue.rows("select setval('private.turns', %s)", turn)
    batches = [queue.service("start_batch", batch={"name": name})[0]["id"] for name in "abc"]
    for batch, count in zip(batches, (50, 50, 2), strict=True):
        queue.enqueue_many(count, batch_id=str(batch))

    shares = Counter(job["batch_id"] for job in machine.claim(max_jobs=20))

    assert [shares[batch] for batch in batches] == [9, 9, 2]


def test_within_a_batch_first_come_is_first_served(queue, machine):
    jobs = [answer["job_id"] for answer in queue.enqueue_many(5)]
    assert [machine.claim_one()["job_id"] for _ in range(5)] == jobs


def test_priorities_come_strictly_in_order(queue, machine):
    for priority in ("low", "normal", "high", "low", "high"):
        queue.enqueue(new_file(priority=priority))
    jobs = machine.claim(max_jobs=5)
    assert [queue.job(job["job_id"])["priority"] for job in jobs] == ["high", "high", "normal", "low", "low"]


@pytest.mark.parametrize(
    ("hosting", "allowed"),
    [
        ("community", {"any_host"}),
        ("datacenter", {"any_host", "datacenter_only"}),
        ("local", {"any_host", "datacenter_only", "local_only"}),
    ],
)
def test_a_machine_never_receives_a_document_it_may_not_see(queue, hosting, allowed):
    queue.enqueue(*(new_file(placement=placement) for placement in ("local_only", "datacenter_only", "any_host")))
    jobs = queue.machine(hosting=hosting).claim(max_jobs=10)
    assert {queue.job(job["job_id"])["placement"] for job in jobs} == allowed


def test_placement_holds_for_a_job_that_saw_a_worker_die(queue):
    queue.enqueue(new_file(placement="local_only"))
    home = queue.machine(hosting="local")
    home.claim_one()
    queue.service("requeue_machine_jobs", label=home.label)
    assert queue.machine(hosting="datacenter").claim() == []
    assert len(queue.machine(hosting="local").claim()) == 1


def test_a_local_only_document_does_not_go_to_claude_unless_somebody_said_so(queue):
    queue.enqueue(new_file(), new_file(placement="local_only"), new_file(placement="local_only", allow_claude=True))
    jobs = queue.machine(hosting="local").claim(max_jobs=3)
    answers = {(queue.job(job["job_id"])["placement"], job["allow_claude"]) for job in jobs}
    assert answers == {("any_host", True), ("local_only", False), ("local_only", True)}


def test_a_paused_batch_gives_nothing_until_it_runs_again(queue, machine):
    (batch,) = queue.service("start_batch", batch={"name": "paused"})
    queue.enqueue_many(3, batch_id=str(batch["id"]))
    queue.service("set_batch_status", batch_id=batch["id"], status="paused")
    assert machine.claim(max_jobs=3) == []
    assert queue.service("get_queue_stats") == []
    queue.service("set_batch_status", batch_id=batch["id"], status="running")
    assert len(machine.claim(max_jobs=3)) == 3


@pytest.mark.parametrize(("max_jobs", "lease_seconds"), [(0, 60), (101, 60), (1, 0), (1, 86_400), (None, 60)])
def test_a_senseless_claim_is_refused(machine, max_jobs, lease_seconds):
    with pytest.raises(psycopg.Error) as refusal:
        machine.claim(max_jobs=max_jobs, lease_seconds=lease_seconds)
    assert refusal.value.sqlstate == "AS006"


def test_what_has_ended_and_what_waits_behind_costs_a_claim_nothing(queue, machine):
    (batch,) = queue.service("start_batch", batch={"name": "archive"})
    fill_batch(queue, batch["id"], 5000)
    queue.rows("update processing_jobs set status = 'completed' where seq <= 2000")
    queue.rows("vacuum analyze processing_jobs")
    counted = (
        "select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) as rows from pg_stat_xact_user_tables"
        " where relname = 'processing_jobs'"
    )
    with queue.owner.transaction(force_rollback=True):
        queue.rows("select set_config('request.jwt.claims', %s, true)", json.dumps({"machine": machine.label}))
        before = queue.row(counted)["rows"]
        assert len(queue.rows("select * from claim_jobs(1, 60)")) == 1
        assert len(queue.rows("select * from claim_jobs(4, 60)")) == 4
        assert 5 <= queue.row(counted)["rows"] - before < 100


def fill_batch(queue, batch_id, count: int) -> None:
    """Many waiting jobs at once, by the owner's hand: 7,000 calls of enqueue_jobs would only cost time."""
    queue.rows(
        """
        with lane as (insert into lanes (name, batch_id, priority, placement)
            values ('batch ' || %(batch)s, %(batch)s, 'normal', 'any_host') returning id),
        documents as (insert into master_document_registry (id, object_key, original_filename, source)
            select gen_random_uuid(), 'raw/' || n, n || '.pdf', 'bucket'
            from generate_series(1, %(count)s) n returning id)
        insert into processing_jobs (document_id, batch_id, lane_id, priority, placement)
            select documents.id, %(batch)s, lane.id, 'normal', 'any_host' from documents, lane
        """.replace("%(batch)s", f"'{batch_id}'::uuid").replace("%(count)s", str(count))
    )


def test_a_token_cannot_be_used_to_read_the_whole_queue(queue, machine):
    queue.enqueue_many(300)
    assert len(claim_until_refused(machine)) == 64
    seen = set()
    thief = queue.machine()
    while jobs := thief.claim(max_jobs=50):
        seen |= {job["job_id"] for job in jobs}
        thief.release(*jobs)
    assert thief.claim(max_jobs=1) == []
    assert queue.row("select jobs_released as n from machines where label = %s", thief.label)["n"] == 300
    assert len(queue.machine().claim(max_jobs=50)) == 50  # what it handed back is there for others
