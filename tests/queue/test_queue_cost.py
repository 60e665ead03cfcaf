"""What the queue's verbs cost, by the blocks they look at: that is the same on every machine and under every load."""


from psycopg.types.json import Jsonb

from tests.queue.queue_calls import new_result

MOST_BLOCKS_A_COMPLETION = 420


def blocks(queue, statement: str, *values) -> int:
    """Blocks of 8 KiB that a statement looks at, with all that it calls, once what it plans is planned."""
    plan = queue.row(f"explain (analyze, buffers, format json) {statement}", *values)["QUERY PLAN"][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def test_a_completion_looks_at_few_blocks(queue, machine):
    queue.enqueue_many(12)
    jobs = machine.claim(max_jobs=12)
    statement = "select * from complete_job(%s, %s, %s, %s)"
    costs = [
        blocks(queue, statement, machine.label, job["job_id"], job["lease_token"], Jsonb(new_result(job)))
        for job in jobs
    ]
    # Some 360, of which a hundred make the text findable. It was 490 when the registry was written five times.
    assert min(costs) < MOST_BLOCKS_A_COMPLETION, costs
