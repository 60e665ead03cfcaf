"""Counts that the transactions keep are what counting anew finds, whatever happens in whatever order."""

import random

import psycopg

from tests.queue.queue_calls import new_file, new_result, new_sha256
from tests.queue.test_analysis import CAPS, Analyst, by_claude, by_rules
from tests.queue.test_queue_cost import blocks, fill

SEED, STEPS = 20261127, 200

KEY = "batch_id, own_batch_id, lane_id, kind, status, error_code, machine, is_newest, judged"
SUMS = ", ".join(f"sum({name}) as {name}" for name in ("jobs", "pages", "pages_estimate", "pages_worked"))
KEPT = f"select {KEY}, {SUMS} from job_counts group by {KEY} having sum(jobs) <> 0 or sum(pages) <> 0 order by {KEY}"
ANEW = KEPT.replace(
    "from job_counts",
    "from (select c.* from processing_jobs j join master_document_registry d on d.id = j.document_id"
    " cross join lateral private.count_of(j, private.counted(d), 1) c) counted",
)
# As people see them: counted over the jobs themselves, without count_of.
BATCHES = """
    select b.id, count(j.id) as documents, count(*) filter (where j.status = 'completed') as completed,
      count(*) filter (where j.status = 'failed') as failed, count(*) filter (where j.dropped) as cancelled,
      count(*) filter (where j.status in ('queued', 'processing') and not j.dropped) as open,
      count(*) filter (where j.dropped and j.is_newest) as unread,
      coalesce(sum(coalesce(j.pages_total, j.pages_estimate, 1)) filter (where j.id is not null), 0) as pages,
      coalesce(sum(case when j.dropped or j.id is null then 0 when j.status in ('queued', 'processing')
        then j.pages_done else coalesce(j.pages_total, j.pages_estimate, 1) end), 0) as pages_done,
      (select count(*) from processing_jobs r join master_document_registry d on d.job_id = r.id
        where r.batch_id = b.id and r.status = 'completed' and d.judged <> 'none') as judged,
      (select count(*) from processing_jobs r join master_document_registry d on d.job_id = r.id
        join processing_jobs a on a.document_id = d.id and a.kind = 'analyse' and a.status in ('queued', 'processing')
        where r.batch_id = b.id and r.status = 'completed') as waiting
    from batches b left join (select p.*, d.job_id = p.id as is_newest, p.status = 'cancelled' or (p.status = 'queued'
        and (select o.status from batches o where o.id = p.batch_id) = 'stopped') as dropped
      from processing_jobs p join master_document_registry d on d.id = p.document_id where p.kind = 'read') j
      on j.batch_id = b.id group by b.id order by b.id
"""
QUEUE = """
    select l.id, count(*) filter (where j.status = 'queued') as queued,
      count(*) filter (where j.status = 'processing') as processing, min(j.created_at) as oldest_created_at,
      sum(case j.status when 'queued' then coalesce(j.pages_estimate, 1)
        else greatest(coalesce(j.pages_total, j.pages_estimate, 1) - j.pages_done, 0) end) as pages_waiting
    from processing_jobs j join lanes l on l.id = j.lane_id left join batches b on b.id = l.batch_id
    where j.kind = 'read' and j.status in ('queued', 'processing') and (b.id is null
      or b.status not in ('paused', 'stopped')) group by l.id
"""

KINDS = ("total", "read", "failed", "no_key", "spent", "shown", "judged", "type", "source", "analyst", "score",
         "finding", "strength", "party")  # fmt: skip
SUMMED = """
    select kind || ':' || s.name as name, s.n from unnest(%s::text[]) kind cross join private.sums_of(kind) s order by 1
"""
SUMS_ANEW = """
    select name, sum(n) as n from private.shares_of(array(select id from master_document_registry))
    group by 1 having sum(n) <> 0 order by name
"""


class World:
    """Everything that may happen to a few documents of three batches, one thing at a time."""

    def __init__(self, queue, luck: random.Random) -> None:
        self.queue, self.luck = queue, luck
        self.analyst = Analyst(queue)
        self.machines = [queue.machine(hosting="local") for _ in range(3)]
        self.batches = [str(queue.service("start_batch", batch={"name": n})[0]["id"]) for n in "abc"]
        self.hashes = [new_sha256() for _ in range(60)]
        self.held: list[tuple] = []
        self.judging: list[dict] = []

    def step(self) -> None:
        verbs = [self.enter, self.enter, self.claim, self.claim, self.end, self.end, self.end, self.judge, self.judge,
                 self.meddle, self.meddle, self.sweep, self.pause]  # fmt: skip
        self.luck.choice(verbs)()

    def enter(self) -> None:
        changes = self.luck.choice([{}, {"pages_estimate": 7}, {"priority": "high"}])
        batch = self.luck.choice([None, *self.batches])
        self.queue.enqueue(
            *(new_file(sha256=self.luck.choice(self.hashes), batch_id=batch, **changes) for _ in range(3))
        )

    def claim(self) -> None:
        machine = self.luck.choice(self.machines)
        self.held += [(machine, job) for job in machine.claim(max_jobs=3)]

    def end(self) -> None:
        if not self.held:
            return
        machine, job = self.held.pop(self.luck.randrange(len(self.held)))
        fate = self.luck.random()
        if fate < 0.4:
            found = self.luck.choice([by_rules(), by_claude()])
            machine.complete(job, new_result(job, pages_total=self.luck.randint(1, 4), analysis=found))
        elif fate < 0.7:
            machine.fail(job, code=self.luck.choice(["corrupt_pdf", "too_large"]), retry=self.luck.random() < 0.3)
            self.queue.make_due()
        elif fate < 0.85:
            machine.release(job)
        else:
            self.queue.service("requeue_machine_jobs", label=machine.label)

    def judge(self) -> None:
        if not self.judging:
            self.judging = self.analyst.claim(3)
        elif self.luck.random() < 0.6:
            self.analyst.complete(self.judging.pop())
        else:
            self.analyst.postpone(self.judging.pop(), self.luck.choice(["claude_busy", "document_cap"]))

    def meddle(self) -> None:
        jobs = self.queue.rows("select id, kind from processing_jobs order by seq")
        if jobs:
            self.queue.service(self.luck.choice(["cancel_job", "retry_job"]), job_id=self.luck.choice(jobs)["id"])

    def sweep(self) -> None:
        self.queue.service("release_expired_jobs")

    def pause(self) -> None:
        status = self.luck.choice(["paused", "stopped"] + ["running"] * 6)
        self.queue.service("set_batch_status", batch_id=self.luck.choice(self.batches), status=status)


def compare(queue) -> None:
    assert queue.rows(KEPT) == queue.rows(ANEW)
    assert queue.rows(SUMMED, list(KINDS)) == queue.rows(SUMS_ANEW)
    assert queue.service("get_totals") == queue.service("get_totals", anew=True)
    told = {row["get_batches"]["id"]: row["get_batches"] for row in queue.service("get_batches")}
    for row in queue.rows(BATCHES):
        answer = told[str(row.pop("id"))]
        counts = answer["jobs"] | {name: answer["analysis"][name] for name in ("judged", "waiting")}
        assert {name: counts[name] for name in row} == row
        assert sum(each["documents"] for each in answer["failures"]) == row["failed"]
    stats, lanes = queue.service("get_queue_stats"), queue.rows(QUEUE)
    for name in ("queued", "processing", "pages_waiting"):
        assert sum(row[name] for row in stats) == sum(row[name] for row in lanes)
    assert {row["oldest_created_at"] for row in stats} <= {row["oldest_created_at"] for row in lanes}


def test_counts_are_exact_whatever_happens_and_whoever_is_killed(queue):
    luck = random.Random(SEED)
    queue.service("announce_claude", has_key=True, caps=CAPS)
    world = World(queue, luck)
    for step in range(STEPS):
        try:
            # One of five is killed before it ends: nothing of it stays, in the counts neither.
            with queue.caller.transaction(force_rollback=luck.random() < 0.2):
                world.step()
        except psycopg.Error as refusal:
            assert (refusal.sqlstate or "").startswith("AS"), refusal
        if step % 8 == 0:
            compare(queue)
    compare(queue)
    queue.service("release_expired_jobs")
    compare(queue)
    assert queue.row("select count(*) as n from job_counts where not is_folded")["n"] == 0
    assert queue.rows("select name, n from document_sums where n <> 0 order by name") == queue.rows(SUMS_ANEW)
    happened = {row["kind"] for row in queue.rows("select distinct kind from events")}
    assert happened >= {
        "job_completed", "job_failed", "job_retried", "job_released", "job_requeued", "job_cancelled",
        "document_duplicate", "analysis_queued", "analysis_completed", "batch_stopped",
    }  # fmt: skip


POLLS = (
    "select * from get_batches(null, 21)",  # the page asks for one more than it shows
    "select * from get_totals()",
    "select * from get_analysis()",
    "select * from get_queue_stats()",
)


def test_what_is_asked_every_few_seconds_looks_at_no_document(queue):
    """With twenty batches, of which each page of the dashboard shows all."""
    queue.machine()
    fill(queue, 20, 900)
    queue.rows(
        "update processing_jobs set status = case when seq % 9 = 0 then 'failed' else 'completed' end,"
        " error_code = case when seq % 9 = 0 then 'corrupt_pdf' end, error_message = 'It is damaged.',"
        " pages_total = 1, machine = (select min(label) from machines) where seq % 3 = 0"
    )  # fmt: skip
    queue.rows("update master_document_registry d set job_id = j.id from processing_jobs j where j.document_id = d.id")
    queue.rows("insert into document_journal (document_id, source, original_filename, object_key, processing_status)"
               " select id, source, original_filename, object_key, 'queued' from master_document_registry")  # fmt: skip
    queue.rows("select private.write_shares(array(select id from master_document_registry))")
    queue.service("release_expired_jobs")
    queue.rows("vacuum analyze processing_jobs, job_counts, live_lanes, master_document_registry, document_sums,"
               " sums_cursor, events")
    assert queue.service("get_totals")[0]["documents"] == 900
    for statement in POLLS:
        for _ in range(8):  # a connection that lasts, as every caller's is, has its plans then
            queue.rows(statement)
        # The least of some: statistics that come in between make one of them plan anew.
        assert min(blocks(queue, statement) for _ in range(4)) <= 100, statement


def test_what_a_hand_changed_is_in_the_sums_within_a_round(queue, machine):
    queue.enqueue_many(3)
    for job in machine.claim(max_jobs=3):
        machine.complete(job)
    queue.service("release_expired_jobs")
    queue.rows("update master_document_registry set document_type = 'order'")
    for _ in range(2):
        queue.service("release_expired_jobs")
    assert queue.service("get_analytics")[0]["get_analytics"]["by_type"] == {"order": 3}
