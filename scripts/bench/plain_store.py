"""What it costs to store the rows of a job and nothing else: what the queue's verbs are measured against.

The rows that a claim and a completion write, by one prepared statement a transaction, with no trigger, function,
reference or hash: into the same tables with the same indexes, in as many transactions. For scripts.bench.job_queue.
"""

import uuid

import psycopg
from psycopg.types.json import Jsonb

CLAIMED = (
    "update processing_jobs j set status = 'processing', attempt = 1, machine = %(machine)s, lease_token = j.id,"
    " lease_expires_at = now() + interval '10 minutes', started_at = now(), progress_at = now(),"
    " artifact_prefix = 'processed/2026/11/22/' || j.document_id || '/' || j.id || '/' where j.id = any (%(jobs)s)",
    "insert into job_counts (lane_id, batch_id, kind, status, is_newest, jobs, pages, pages_estimate, pages_worked)"
    " select j.lane_id, j.batch_id, 'read', 'processing', true, n, n, n, 0 from processing_jobs j"
    " cross join (values (1), (-1)) as signs(n) where j.id = any (%(jobs)s)",
    "insert into record_pending select private.next_event_id() from unnest(%(jobs)s::uuid[])",
    "insert into events (kind, document_id, job_id, batch_id, machine, payload, custody_seq, hash)"
    " select 'job_claimed', j.document_id, j.id, j.batch_id, j.machine, '{\"attempt\": 1}', 1, repeat('0', 64)"
    " from processing_jobs j where j.id = any (%(jobs)s)",
    "insert into custody_heads (document_id, custody_seq, hash) select j.document_id, 1, repeat('0', 64)"
    " from processing_jobs j where j.id = any (%(jobs)s)",
)
COMPLETED = (
    "insert into document_pages (job_id, page, document_id, outcome, engine, words)"
    " values (%(job)s, 1, %(document)s, 'ocr', 'none', 200)",
    "insert into analysis_runs (document_id, job_id, analyst, outcome, accepted, analysis, seconds)"
    " values (%(document)s, %(job)s, 'rules', 'sorted', true, %(analysis)s, 1)",
    "update master_document_registry set run_id = %(job)s, mime_type = 'application/pdf', document_type = 'letter',"
    " artifacts = %(artifacts)s, analyst = 'rules', analysed_at = now() where id = %(document)s",
    "insert into document_repository (document_id, text, words) values (%(document)s, %(text)s, 200)",
    "insert into unindexed_texts (document_id) values (%(document)s)",
    "insert into case_documents (document_id, witness_id) values (%(document)s, %(document)s)",
    "insert into record_seals values ('document_pages/' || %(job)s::text, %(digest)s)",
    "update processing_jobs set status = 'completed', lease_token = null, lease_expires_at = null, pages_done = 1,"
    " pages_total = 1, pages_accounted = 1, page_outcomes = '{\"ocr\": 1}', finished_at = now(), seconds = 1"
    " where id = %(job)s",
    "insert into job_counts (lane_id, kind, status, is_newest, jobs, pages, pages_estimate, pages_worked)"
    " values (1, 'read', 'completed', true, 1, 1, 1, 1), (1, 'read', 'processing', true, -1, -1, -1, 0)",
    "update document_journal set processing_status = 'completed' where document_id = %(document)s",
    "update document_index set type = 'letter', read_status = 'completed' where document_id = %(document)s",
    "insert into events (kind, document_id, job_id, machine, payload, custody_seq, previous_hash, hash)"
    " values ('job_completed', %(document)s, %(job)s, %(machine)s, %(told)s, 2, repeat('0', 64),"
    " repeat('1', 64))",
    "update custody_heads set custody_seq = 2, hash = repeat('1', 64) where document_id = %(document)s",
    "insert into record_pending values (private.next_event_id())",
    "insert into machine_work (machine, jobs_done, jobs_failed, jobs_released, pages_done, pages_worked, left_at,"
    " result_at) values (%(machine)s, 1, 0, 0, 1, 1, now(), now())",
)
TOLD = {name: "0" * 64 for name in ("document_pages", "document_repository", "registry", "runs")}


def store(connection: psycopg.Connection, machine: str, jobs: int, claim: int) -> int:
    """Stores the rows of so many waiting jobs, `claim` at a time; how many there were. The caller is a superuser."""
    connection.execute("set session_replication_role = replica; set plan_cache_mode = force_generic_plan")
    waiting = connection.execute(
        "select id as job, document_id as document from processing_jobs where ready order by seq desc limit %s", (jobs,)
    ).fetchall()
    for first in range(0, len(waiting), claim):
        taken = waiting[first : first + claim]
        named = {"machine": machine, "jobs": [row["job"] for row in taken]}
        connection.execute(_as_one(CLAIMED), named, prepare=True)
        for row in taken:
            connection.execute(_as_one(COMPLETED), row | _result(machine, row["job"]), prepare=True)
    connection.execute("reset session_replication_role; reset plan_cache_mode")
    return len(waiting)


def _as_one(statements: tuple[str, ...]) -> str:
    parts = ", ".join(f"part{n} as ({statement})" for n, statement in enumerate(statements))
    return f"with {parts} select"


def _result(machine: str, job: uuid.UUID) -> dict:
    prefix = f"processed/2026/11/22/{job}/"
    return {
        "machine": machine,
        "text": "word " * 200,
        "digest": b"0" * 32,
        "analysis": Jsonb({"analyst": "rules", "document_type": "letter", "claims": []}),
        "artifacts": Jsonb({"ocr.txt": f"{prefix}ocr.txt"}),
        "told": Jsonb({"attempt": 1, "sha256": "0" * 64, "artifacts": {"ocr.txt": prefix}, "seals": TOLD}),
    }
