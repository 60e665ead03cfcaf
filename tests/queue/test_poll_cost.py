"""What is asked every few seconds costs the same whatever has gathered, and what it is told from is exact."""

import random
from contextlib import ExitStack

import pytest

from tests.queue.queue_calls import new_file
from tests.queue.test_queue_cost import blocks, fill

SEED, STEPS, NAMES = 20261127, 120, "abcdefgh"
MOST_BLOCKS = 110  # 100 are promised; on how many pages the same rows lie makes ten of difference (seen: 83 to 95)
MOST_BLOCKS_IN_A_ROUND = 150  # no person waits for these, and each is asked by one program (seen: 95 to 112)
POLLS = (
    "select * from get_queue_stats()",
    "select * from get_batches(null, 21)",
    "select * from get_totals()",
    "select * from get_analysis()",
    "select * from get_analytics()",
    "select * from get_fleet()",
    "select * from get_estimates(null, 11, null, true)",
    "select * from count_refused_files()",
    "select * from refused_files order by id desc limit 11",
    "select * from job_list where kind = 'read' order by seq desc limit 13",
    "select * from job_list where kind = 'read' and status = 'queued' and choices_unsaid is true"
    " order by seq desc limit 51",
    "select count(*) from job_list where kind = 'read' and status = 'queued' and choices_unsaid is true",
)
ROUNDS = (  # of the scaler, the importer, the notifier, and of who measures
    "select * from get_metrics()",
    "select * from pause_dear_batches(50)",
    "select * from clear_unseen_alarms(array['standstill', 'all_silent'], 300)",
    "select * from raise_alarm('standstill', 'Nothing moves.', '7')",
    "select * from get_scans()",
    "select * from complete_batches()",
    "select * from settle_estimates()",
    "select * from append_record()",
    "select * from take_events('telegram', 20)",
    "select * from announce_alarms()",
)
CAUGHT_UP = """
insert into event_cursors select 'telegram', e.transaction_id, e.id from events e
  order by e.transaction_id desc, e.id desc limit 1
"""
OLDEST = """
    select j.batch_id, j.priority, j.placement, count(*) filter (where j.status = 'queued') as queued,
      min(j.created_at) as oldest from processing_jobs j left join batches b on b.id = j.batch_id
    where j.kind = 'read' and j.status in ('queued', 'processing') and coalesce(b.status, 'open') not in
      ('paused', 'stopped') group by 1, 2, 3 order by 1, 2, 3
"""
OLDEST_TOLD = """
    select batch_id, priority, placement, queued, oldest_created_at as oldest from get_queue_stats() order by 1, 2, 3
"""


def poll_blocks(queue, statement: str) -> int:
    """On a connection that has its plans; the least of some, for statistics that come in between."""
    for _ in range(8):
        queue.rows(statement)
    return min(blocks(queue, statement) for _ in range(3))


def test_no_poll_grows_with_batches_that_wait_or_with_files_that_were_refused(queue):
    queue.machine()
    fill(queue, 1000, 3000)
    queue.rows("select record_refused_file(jsonb_build_object('original_filename', n || '.exe', 'source', 'upload'))"
               " from generate_series(1, 2000) n")  # fmt: skip
    queue.rows("select raise_alarm('standstill', 'Nothing moves.', n::text) from generate_series(1, 2000) n")
    queue.rows("update batches set status = 'running' where true")
    queue.rows("insert into batch_checkpoints (batch_id, finished_at) select id, now() from batches")
    queue.rows(CAUGHT_UP)
    while queue.service("append_record")[0]["waiting"]:
        pass
    for _ in range(3):  # what one has seen a later one may fold
        queue.service("release_expired_jobs")
    queue.rows("vacuum analyze processing_jobs, job_counts, live_lanes, lane_heads, lanes, batches, events, "
               "master_document_registry, refused_names, refused_news, document_sums, alarms, batch_checkpoints, "
               "record_pending, record_entries")  # fmt: skip
    assert len(queue.service("get_queue_stats")) >= 1000
    assert queue.service("count_refused_files") == [{"count_refused_files": 2000}]
    told = {statement: poll_blocks(queue, statement) for statement in POLLS}
    assert max(told.values()) <= MOST_BLOCKS, told
    rounds = {statement: poll_blocks(queue, statement) for statement in ROUNDS}
    assert max(rounds.values()) <= MOST_BLOCKS_IN_A_ROUND, rounds


SUMMED = ("select * from get_totals()", "select * from get_analysis()", "select * from get_batches(null, 21)")
CURSOR = "select transaction_id, event_id from sums_cursor"


def finish(queue, documents: int) -> None:
    machine = queue.machine()
    queue.enqueue_many(documents)
    for job in machine.claim(max_jobs=documents):
        machine.complete(job)


def test_what_was_finished_is_counted_once_for_all_who_ask_though_nobody_sweeps(queue):
    finish(queue, 12)
    (told,) = queue.service("get_totals")
    assert (told["completed"], [told]) == (12, queue.service("get_totals", anew=True))
    blocks_told = {statement: poll_blocks(queue, statement) for statement in SUMMED}
    assert max(blocks_told.values()) <= MOST_BLOCKS, blocks_told


def test_where_nothing_may_be_written_sums_are_told_all_the_same(queue):
    finish(queue, 3)
    before = queue.rows(CURSOR)
    with queue.owner.transaction():
        queue.rows("set transaction read only")
        assert queue.row("select completed from get_totals()") == {"completed": 3}
    assert queue.rows(CURSOR) == before


def test_a_burst_that_cannot_be_followed_yet_costs_who_asks_little_and_nothing_is_called_reconciled(queue):
    finish(queue, 3)
    assert queue.service("get_totals")[0]["reconciled"]
    with queue.connect() as writer, writer.transaction():
        queue.as_role("service_role", "raise_alarm", connection=writer, name="slow", message="It takes long.")
        queue.rows("select record_refused_file(jsonb_build_object('original_filename', n || '.exe', 'source', "
                   "'upload')) from generate_series(1, 600) n")  # fmt: skip
        finish(queue, 6)
        assert not queue.service("get_totals")[0]["reconciled"]
        told = {statement: poll_blocks(queue, statement) for statement in SUMMED}
        assert max(told.values()) <= MOST_BLOCKS, told
    assert queue.service("get_totals") == queue.service("get_totals", anew=True)


def test_the_oldest_of_each_batch_is_told_exactly(queue):
    """Claimed, handed back, failed, tried again, suspected, moved to another lane; before the sweep and after it."""
    luck = random.Random(SEED)
    batches = [str(queue.service("start_batch", batch={"name": name})[0]["id"]) for name in "abc"]
    machines = [queue.machine(hosting="local") for _ in range(2)]
    held: list[tuple] = []

    def step() -> None:
        match luck.randrange(7):
            case 0 | 1:
                queue.enqueue(*(new_file(batch_id=luck.choice(batches)) for _ in range(2)))
            case 2 | 3:
                machine = luck.choice(machines)
                held.extend((machine, job) for job in machine.claim(max_jobs=2))
            case 4 if held:
                machine, job = held.pop(luck.randrange(len(held)))
                luck.choice([machine.complete, machine.release, lambda job: machine.fail(job)])(job)
            case 5:
                for machine in machines:
                    queue.service("requeue_machine_jobs", label=machine.label)
                held.clear()
            case 6:
                for job in queue.rows("select id, priority from processing_jobs where status = 'queued' limit 1"):
                    queue.service("set_job_choices", job_id=job["id"], placement="any_host", allow_claude=True,
                                  priority=luck.choice(["low", "high"]))  # fmt: skip

    for number in range(STEPS):
        step()
        assert queue.rows(OLDEST_TOLD) == queue.rows(OLDEST)
        if number % 5 == 0:
            queue.service("release_expired_jobs")
            assert queue.rows(OLDEST_TOLD) == queue.rows(OLDEST)
            heads = "select lane_id, oldest_at from {} where oldest_at is not null order by 1"
            anew = "private.heads_of(array(select id from lanes))"
            assert queue.rows(heads.format("lane_heads")) == queue.rows(heads.format(anew))


def test_the_count_of_refused_files_is_exact(queue):
    """Whatever is refused, comes in, comes again; a sweep folds in between, and none waits for another."""
    luck = random.Random(SEED)
    for number in range(STEPS):
        name = luck.choice(NAMES)
        match luck.randrange(3):
            case 0:
                queue.service("record_refused_file", file={"original_filename": name, "source": "upload"})
            case 1:
                queue.enqueue(new_file(original_filename=name))
            case 2:
                queue.service("release_expired_jobs")
        (told,) = queue.service("count_refused_files")
        assert told["count_refused_files"] == queue.row("select count(*) as n from refused_files")["n"], number
    assert queue.row("select count(*) as n from refused_files")["n"] > 0


@pytest.mark.parametrize("refused_first", [True, False])
def test_a_file_that_comes_in_while_its_name_is_refused_is_counted_once_both_are_there(queue, refused_first):
    """Neither of two open transactions sees the other; a sweep may pass between their ends."""
    refused = {"original_filename": "letter.exe", "source": "upload"}

    def refuse(connection) -> None:
        queue.as_role("service_role", "record_refused_file", connection=connection, file=refused)

    def take_in(connection) -> None:
        file = new_file(original_filename="letter.exe")
        queue.as_role("service_role", "enqueue_jobs", connection=connection, files=[file])

    first, second = (refuse, take_in) if refused_first else (take_in, refuse)
    with queue.connect() as one, queue.connect() as other, ExitStack() as stack:
        with one.transaction():
            first(one)
            stack.enter_context(other.transaction())
            second(other)
        for _ in range(3):
            queue.service("release_expired_jobs")
    for _ in range(3):
        queue.service("release_expired_jobs")
    assert queue.rows("select * from refused_news") == []
    (told,) = queue.service("count_refused_files")
    assert told["count_refused_files"] == queue.row("select count(*) as n from refused_files")["n"]
