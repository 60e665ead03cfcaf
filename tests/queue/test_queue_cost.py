"""What the queue's verbs cost, by the blocks they look at: that is the same on every machine and under every load."""


import json

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.queue.queue_calls import new_file, new_result

MOST_BLOCKS_A_COMPLETION = 300
COMPLETE = "select * from complete_job(%s, %s, %s, %s)"


def blocks(queue, statement: str, *values) -> int:
    """Blocks of 8 KiB that a statement looks at, with all that it calls, once what it plans is planned."""
    plan = queue.row(f"explain (analyze, buffers, format json) {statement}", *values)["QUERY PLAN"][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def test_a_completion_looks_at_few_blocks(queue, machine):
    queue.enqueue_many(12)
    jobs = machine.claim(max_jobs=12)
    costs = [complete(queue, machine, job) for job in jobs]
    # It was 490 when the registry was written five times, and 340 when the text was indexed, the list's row made anew
    # and all of ten seals read at each.
    assert min(costs) < MOST_BLOCKS_A_COMPLETION, costs


def complete(queue, machine, job: dict) -> int:
    """Hands in what was read; the blocks it takes."""
    return blocks(queue, COMPLETE, machine.label, job["job_id"], job["lease_token"], Jsonb(new_result(job)))


def test_nothing_is_written_twice_by_a_completion(queue, machine):
    """The rows of the document, its job and its machine: one version each; the row of the list two, one heap-only."""
    queue.enqueue_many(2)
    for job in machine.claim(max_jobs=2):
        queue.rows("select pg_stat_force_next_flush()")
        before = written(queue)
        machine.complete(job)
        after = written(queue)
        spent = {name: after[name] - before[name] for name in after}
        spent.pop("machines")
        assert spent == {"master_document_registry": 1, "processing_jobs": 1, "document_journal": 1,
                         "document_repository": 1, "analysis_runs": 1, "document_index": 2}  # fmt: skip


def written(queue) -> dict[str, int]:
    """Versions of rows that each table ever got."""
    queue.caller.execute("select pg_stat_force_next_flush()")
    rows = queue.rows("select relname, n_tup_ins + n_tup_upd as n from pg_stat_user_tables where relname = any (%s)",
                      ["master_document_registry", "processing_jobs", "document_journal", "document_repository",
                       "analysis_runs", "document_index", "machines"])  # fmt: skip
    return {row["relname"]: row["n"] for row in rows}


def test_a_backup_s_snapshot_makes_a_machine_s_calls_no_dearer(queue, machine):
    """Of what it held, and of its own row, each call would step over all that the snapshot keeps."""
    queue.enqueue_many(400)
    queue.rows("vacuum analyze processing_jobs")  # nothing is held: by machine is the cheapest way to any job
    other = queue.machine()
    with psycopg.connect(queue.owner_url) as backup:
        backup.execute("set transaction isolation level repeatable read")
        backup.execute("select 1 from processing_jobs limit 1")
        complete_all(queue, machine, 320)
        assert complete_all(queue, machine, 20) < 1.1 * complete_all(queue, other, 20), "it has no past"
        assert claim_blocks(queue, machine) < 1.2 * claim_blocks(queue, queue.machine())
        # A heartbeat steps over what was noted beside the machine (30 blocks); both stepped over all it held (66).
        for verb in ("heartbeat_jobs(%s, 60, '{}')", "release_jobs(%s)"):
            assert verb_blocks(queue, verb, machine) < verb_blocks(queue, verb, other) + 45, verb
    assert queue.row("select jobs_done from machines where label = %s", machine.label)["jobs_done"] < 340
    machine.heartbeat()
    assert queue.row("select jobs_done, pages_done from machines where label = %s", machine.label) == {
        "jobs_done": 340, "pages_done": 680}  # fmt: skip
    assert queue.rows("select * from machine_work where machine = %s", machine.label) == []


@pytest.mark.parametrize("lanes, wanted", [(1, 1), (1, 8), (20, 1), (20, 8), (20, 20), (5, 8)])
def test_one_claim_of_sixteen_tidies_however_many_lanes_it_visits(queue, machine, lanes, wanted):
    """It was none, where the turns went on by eight and began at one."""
    fill(queue, lanes, 400)
    queue.rows("select setval('private.turns', 1)")
    tidied = queue.rows(
        "select (private.take_from_lanes(%s, '{any_host}')).is_tidying from generate_series(1, 64)", wanted
    )
    assert sum(row["is_tidying"] for row in tidied) in (3, 4, 5)


def complete_all(queue, machine, jobs: int) -> float:
    """Claims and completes so many; the blocks that a completion takes, by the cheapest ten."""
    costs = []
    while len(costs) < jobs:
        costs += [complete(queue, machine, job) for job in machine.claim(max_jobs=20)]
    return sum(sorted(costs)[:10]) / 10


def test_a_machine_that_completes_is_stamped_ten_seconds_late_at_most(queue, machine):
    queue.enqueue_many(3)
    jobs = machine.claim(max_jobs=3)
    done = "select jobs_done, left_at > now() - interval '1 minute' as is_fresh from machines"
    machine.complete(jobs[0])
    assert queue.row(done) == {"jobs_done": 1, "is_fresh": True}
    machine.complete(jobs[1])
    assert queue.row(done)["jobs_done"] == 1, "beside its row, which was written lately"
    queue.rows("update machines set left_at = now() - interval '11 seconds'")
    machine.complete(jobs[2])
    assert queue.row(done) == {"jobs_done": 3, "is_fresh": True}


def test_a_mark_never_passes_what_a_machine_holds(queue, machine):
    queue.enqueue_many(100)
    machine.claim(max_jobs=2)
    for _ in range(20):
        machine.complete(machine.claim_one())
    assert queue.row("select count(*) as n from claim_marks") == {"n": 1}
    assert len(machine.claim(max_jobs=100)) == 62, "64 in all"
    for _ in range(20):
        assert machine.claim(max_jobs=1) == []


def claim_blocks(queue, machine) -> int:
    """What a claim of one looks at; nothing of it stays."""
    with queue.owner.transaction(force_rollback=True):
        queue.rows("select set_config('request.jwt.claims', %s, true)", json.dumps({"machine": machine.label}))
        queue.rows("select * from claim_jobs(1, 60)")  # plans
        queue.rows("select setval('private.turns', 1)")  # one in 64 tidies
        return blocks(queue, "select * from claim_jobs(1, 60)")


def verb_blocks(queue, verb: str, machine) -> int:
    """What a verb over one held job looks at; nothing of it stays."""
    with queue.owner.transaction(force_rollback=True):
        queue.rows("select set_config('request.jwt.claims', %s, true)", json.dumps({"machine": machine.label}))
        job = queue.row("select job_id, lease_token from claim_jobs(1, 60)")
        leases = Jsonb([{name: str(value) for name, value in job.items()}])
        queue.rows(f"select * from {verb}", Jsonb([]))  # plans
        return blocks(queue, f"select * from {verb}", leases)


def fill(queue, lanes: int, jobs: int, deaths: int = 0) -> None:
    """Jobs of many batches by the owner's hand."""
    queue.rows(
        f"""
        with batch as (insert into batches (name) select 'batch ' || n from generate_series(1, {lanes}) n
            returning id, seq),
        lane as (insert into lanes (name, batch_id, priority, placement)
            select 'batch ' || id, id, 'normal', 'any_host' from batch returning id, batch_id),
        numbered as (select id, batch_id, row_number() over () as n from lane),
        documents as (insert into master_document_registry (id, object_key, original_filename, source)
            select gen_random_uuid(), 'raw/' || n, n || '.pdf', 'bucket' from generate_series(1, {jobs}) n
            returning id, seq)
        insert into processing_jobs (document_id, batch_id, lane_id, priority, placement, deaths)
            select d.id, l.batch_id, l.id, 'normal', 'any_host', {deaths}
            from documents d join numbered l on l.n = 1 + d.seq % {lanes}
        """
    )
    queue.rows("vacuum analyze processing_jobs, lanes, live_lanes, batches")


def test_a_claim_costs_the_same_from_one_batch_and_from_many(queue, machine):
    fill(queue, 1, 400)
    from_one = claim_blocks(queue, machine)
    fill(queue, 300, 600)
    assert claim_blocks(queue, machine) < from_one * 1.2


def test_suspects_do_not_slow_a_claim(queue, machine):
    fill(queue, 20, 400)
    without = claim_blocks(queue, machine)
    fill(queue, 1, 3000, deaths=1)
    assert claim_blocks(queue, machine) < without * 1.3


def test_what_a_backup_s_snapshot_keeps_is_stepped_over_once(queue, machine):
    fill(queue, 1, 1500)
    at_first = claim_blocks(queue, machine)
    with psycopg.connect(queue.owner_url) as backup:
        backup.execute("set transaction isolation level repeatable read")
        backup.execute("select 1 from processing_jobs limit 1")
        queue.rows("update processing_jobs set status = 'completed' where seq < (select min(seq) + 1200 "
                   "from processing_jobs)")  # fmt: skip
        for _ in range(2):
            queue.rows("select private.tidy_lane(lane_id) from live_lanes")
        assert claim_blocks(queue, machine) < at_first * 1.2


def test_every_claimable_job_lies_behind_a_sign_whatever_happens(queue, machine):
    """Returned, retried, promoted, moved to another lane: a claim finds it, though the lane was found empty before."""
    answers = queue.enqueue_many(6)
    jobs = machine.claim(max_jobs=6)
    assert machine.claim() == []
    assert queue.rows("select * from live_lanes") == []
    machine.release(*jobs[:1])
    assert [job["job_id"] for job in machine.claim(max_jobs=6)] == [answers[0]["job_id"]]
    assert machine.claim() == []
    machine.fail(jobs[1])
    queue.make_due()
    assert [job["job_id"] for job in machine.claim(max_jobs=6)] == [answers[1]["job_id"]]
    queue.service("cancel_job", job_id=answers[2]["job_id"])
    assert machine.claim() == []
    queue.service("retry_job", job_id=answers[2]["job_id"])
    queue.service(
        "set_job_choices", job_id=answers[2]["job_id"], placement="any_host", allow_claude=True, priority="low"
    )
    assert [job["job_id"] for job in machine.claim(max_jobs=6)] == [answers[2]["job_id"]]


def test_a_lane_is_not_called_empty_while_a_job_is_on_its_way_into_it(queue, machine):
    queue.enqueue_many(1)
    with queue.connect() as connection, connection.transaction():
        queue.as_role("service_role", "enqueue_jobs", connection=connection, files=[new_file()])
        assert len(machine.claim(max_jobs=5)) == 1
        assert machine.claim() == []
    assert len(machine.claim(max_jobs=5)) == 1
