"""What a job costs in the queue, as the number of waiting jobs, of batches and of suspects grows, and under a snapshot.

python -m scripts.bench.job_queue --rows 1000,100000,1000000 [--batches 20] [--suspects 0] [--snapshot] [--jobs 400]
    [--workers 1] [--claim 8] [--paths sql postgrest] [--json FILE]

Starts an embedded cloud of its own. Each worker is a machine of its own that claims some jobs, completes each, and goes
on, in straight SQL and through PostgREST; it reports every 400 jobs, as one of 20 documents a second does every 20
seconds. Costs are the server's: processor time of its processes and blocks looked at, which other programs on the
machine change little; never the clock. What the sweeps do later for each job, above all its index for search, is
measured beside. With --snapshot an open transaction, as pg_dump's, sees all the while what was there before the first
job.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import httpx
import jwt
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.table import Table

import local_cloud
from local_cloud.keys import load_keys
from local_cloud.postgres import SUPERUSER
from scripts.bench import plain_store

LEASE_SECONDS = 600
HEARTBEAT_JOBS = 400
SWEEP_JOBS = 2000
Call = Callable[..., list[dict]]

MACHINES = """
insert into machines (label, status, hosting)  -- our own: a stranger's pace is limited
    select 'aseagi-bench-' || n, 'ready', 'local' from generate_series(0, 63) n on conflict do nothing
"""
# Ids that rise: ten million random ones would be half an hour of writing, and no tree would be deeper by it.
FILL = """
with numbers as (select n, ('10000000-0000-4000-8000-' || digits)::uuid as id,
    ('20000000-0000-4000-8000-' || digits)::uuid as job_id, digits
    from generate_series(%(first)s::int, %(last)s::int) n,
      lateral (select lpad(to_hex(n + 1000000000 * %(deaths)s::bigint), 12, '0') as digits) d),
documents as (insert into master_document_registry (id, object_key, original_filename, source, sha256, job_id)
    select id, 'raw/2026/11/22/' || digits || '.pdf', digits || '.pdf', 'bucket', lpad(digits, 64, '0'), job_id
    from numbers),
arrived as (insert into document_journal (document_id, source, original_filename, object_key, processing_status)
    select id, 'bucket', digits || '.pdf', 'raw/2026/11/22/' || digits || '.pdf', 'queued' from numbers)
insert into processing_jobs (id, document_id, batch_id, lane_id, priority, placement, pages_estimate, deaths)
    select numbers.job_id, numbers.id, lanes.batch_id, lanes.id, lanes.priority, lanes.placement, 3,
      %(deaths)s::smallint
    from numbers join lanes on lanes.id = 1 + numbers.n %% %(batches)s
"""
# What the triggers would have written, which the fill leaves out: they take longer than the rows.
COUNTS = """
insert into job_counts select c.batch_id, c.own_batch_id, c.lane_id, c.kind, c.status, c.error_code, c.machine,
    c.is_newest, c.judged, c.ended_at, sum(c.jobs), sum(c.pages), sum(c.pages_estimate), sum(c.pages_worked),
    min(c.started_at), true, min(c.message), sum(c.usd), min(c.priority), min(c.placement)
  from processing_jobs j join master_document_registry d on d.id = j.document_id
    cross join lateral private.count_of(j, private.counted(d), 1) c group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""
SIGNS = """
insert into live_lanes (lane_id, first_seq, rank, placement, batch_id)
  select l.id, min(j.seq), private.priority_rank(l.priority), l.placement, l.batch_id
  from lanes l join processing_jobs j on j.lane_id = l.id where j.ready group by l.id
"""
STEP = 250_000  # documents a statement


@dataclass
class Measured:
    """One row of the table. Per job, claimed and completed: milliseconds of the processor, blocks of 8 KiB looked at.

    `plain_ms` is what storing the same rows takes (plain_store), `postgrest_ms` PostgREST's own share, `later_ms` what
    the sweeps do for each job afterwards. `poll_blocks` is what one reading of the queue and of the batches looks at.
    """

    rows: int
    batches: int
    suspects: int
    snapshot: bool
    path: str
    jobs: int
    postgres_ms: float
    plain_ms: float
    postgrest_ms: float
    claim_ms: float
    later_ms: float
    blocks_per_job: float
    last_blocks_per_job: float
    stats_blocks: int
    batches_blocks: int


@dataclass
class Costs:
    """Of one worker: jobs done, nanoseconds of the server's processor for claims and in all."""

    jobs: int = 0
    claims_ns: int = 0


def seeded(owner: psycopg.Connection) -> set[str]:
    """The tables that the migrations put rows into."""
    return {name for name in table_names(owner) if owner.execute(f"select 1 from {name} limit 1").fetchone()}


def table_names(owner: psycopg.Connection) -> list[str]:
    rows = owner.execute("select tablename from pg_tables where schemaname = 'public'")
    return [row["tablename"] for row in rows]


def fill(owner: psycopg.Connection, options: argparse.Namespace, rows: int, kept: set[str]) -> None:
    """Waiting jobs and no other, spread over the batches, as after a bulk import and a vacuum."""
    names = table_names(owner)
    owner.execute(f"truncate {', '.join(name for name in names if name not in kept)} restart identity cascade")
    owner.execute(MACHINES)
    owner.execute("insert into batches (name) select 'bench ' || n from generate_series(1, %s) n", (options.batches,))
    owner.execute("insert into lanes (name, batch_id, priority, placement) "
                  "select 'batch ' || id, id, 'normal', 'any_host' from batches")  # fmt: skip
    owner.execute("set session_replication_role = replica; set synchronous_commit = off")
    for deaths, count in ((0, rows), (1, options.suspects)):
        for first in range(1, count + 1, STEP):
            bounds = {"first": first, "last": min(first + STEP - 1, count), "deaths": deaths}
            owner.execute(FILL, bounds | {"batches": options.batches})
    owner.execute(COUNTS)
    owner.execute(SIGNS)
    owner.execute("reset session_replication_role; reset synchronous_commit")
    owner.execute("vacuum analyze")
    owner.execute("checkpoint")


@contextmanager
def open_sessions(url: str, workers: int) -> Iterator[Callable]:
    """A connection for each worker that lasts, as PostgREST's do."""
    with ExitStack() as stack:
        connections = {
            f"aseagi-bench-{n}": stack.enter_context(psycopg.connect(url, autocommit=True, row_factory=dict_row))
            for n in range(workers)
        }
        yield lambda claims: sql_caller(connections[claims["machine"]], claims)


@contextmanager
def sql_caller(connection: psycopg.Connection, claims: dict) -> Iterator[Call]:
    """Calls as PostgREST makes them, without PostgREST."""
    connection.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(claims),))

    def call(function: str, **arguments) -> list[dict]:
        values = {name: Jsonb(value) if isinstance(value, (dict, list)) else value for name, value in arguments.items()}
        named = ", ".join(f"{name} => %({name})s" for name in arguments)
        connection.execute(f"set role {role_of(function)}")
        return connection.execute(f"select * from {function}({named})", values).fetchall()

    yield call


@contextmanager
def http_caller(cloud: local_cloud.Cloud, claims: dict) -> Iterator[Call]:
    token = jwt.encode({**claims, "exp": int(time.time()) + 86_400}, cloud.jwt_secret, algorithm="HS256")
    headers = {
        "gpu_worker": {"apikey": cloud.publishable_key, "Authorization": f"Bearer {token}"},
        "service_role": {"apikey": cloud.service_key, "Authorization": f"Bearer {cloud.service_key}"},
    }
    with httpx.Client(base_url=f"{cloud.supabase_url}/rest/v1/rpc", timeout=60) as client:

        def call(function: str, **arguments) -> list[dict]:
            answer = client.post(f"/{function}", json=arguments, headers=headers[role_of(function)])
            answer.raise_for_status()
            return answer.json()

        yield call


def role_of(function: str) -> str:
    """Machines claim; what they read the control plane hands in."""
    return "service_role" if function == "complete_job" else "gpu_worker"


def work(caller, meter: Callable[[], int], worker: int, options: argparse.Namespace) -> Costs:
    """One worker: claim, complete each, until its share is done or nothing waits."""
    costs = Costs()
    label = f"aseagi-bench-{worker}"
    with caller({"role": "gpu_worker", "machine": label}) as call:
        while costs.jobs < options.jobs / options.workers:
            before = meter()
            jobs = call("claim_jobs", max_jobs=options.claim, lease_seconds=LEASE_SECONDS)
            costs.claims_ns += meter() - before
            if not jobs:
                break
            if costs.jobs // HEARTBEAT_JOBS > (costs.jobs - len(jobs)) // HEARTBEAT_JOBS:
                call("heartbeat_jobs", leases=[], lease_seconds=LEASE_SECONDS, report={})
            for job in jobs:
                lease = {"machine": label, "job_id": job["job_id"], "lease_token": job["lease_token"]}
                call("complete_job", **lease, result=result_of(job))
                costs.jobs += 1
    return costs


def result_of(job: dict) -> dict:
    return {
        "sha256": job["sha256"],
        "mime_type": "application/pdf",
        "pages_total": 1,
        "seconds": 1.0,
        "pages": [{"page": 1, "outcome": "ocr", "engine": "none", "words": 200}],
        "artifacts": {"ocr.txt": {"key": f"{job['artifact_prefix']}ocr.txt", "bytes": 1000, "sha256": "0" * 64}},
        "text": "word " * 200,
        "chunks": [],
        "analysis": {"analyst": "rules", "document_type": "letter", "claims": []},
    }


def nanoseconds(pids: Iterable[int]) -> int:
    """What the processor has worked for these processes."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)


def measure(rows: int, path: str, caller, bench: "Bench", options: argparse.Namespace) -> Measured:
    """One scenario by one way: some jobs to warm up, as many as asked for, and how a tenth more fared after them."""

    swept: list[float] = []

    def run_jobs(jobs: int) -> tuple[int, int, int, int, int]:
        started, done = (bench.server_ns(), bench.rest_ns(), bench.blocks()), []
        with ThreadPoolExecutor(options.workers) as threads:
            for first in range(0, jobs, SWEEP_JOBS):
                wanted = argparse.Namespace(**(vars(options) | {"jobs": min(SWEEP_JOBS, jobs - first)}))
                done += threads.map(partial(work, caller, bench.server_ns, options=wanted), range(options.workers))
                swept.append(sweep(bench))
        ended = (bench.server_ns(), bench.rest_ns(), bench.blocks())
        spent = [after - before for before, after in zip(started, ended, strict=True)]
        return sum(costs.jobs for costs in done), sum(costs.claims_ns for costs in done), *spent

    first_jobs, *_ = run_jobs(options.claim * 8 * options.workers)
    jobs, claims_ns, server_ns, rest_ns, blocks = run_jobs(options.jobs)
    last_jobs, _, _, _, last_blocks = run_jobs(max(options.jobs // 10, options.claim * options.workers))
    return Measured(
        rows=rows, batches=options.batches, suspects=options.suspects, snapshot=options.snapshot, path=path, jobs=jobs,
        postgres_ms=round(server_ns / jobs / 1e6, 2),
        postgrest_ms=round(rest_ns / jobs / 1e6, 2),
        claim_ms=round(claims_ns / jobs / 1e6 / options.workers, 2),
        later_ms=round(sum(swept) / (first_jobs + jobs + last_jobs), 2),
        blocks_per_job=round(blocks / jobs, 1),
        last_blocks_per_job=round(last_blocks / last_jobs, 1),
        stats_blocks=poll_blocks(bench.owner, "select * from get_queue_stats()"),
        batches_blocks=poll_blocks(bench.owner, "select * from get_batches()"),
        plain_ms=round(plain_ms(bench.owner, options), 2),
    )  # fmt: skip


def sweep(bench: "Bench") -> float:
    """All that waits to be done later, as it is done every few seconds; milliseconds of the processor."""
    pid = [bench.owner.info.backend_pid]
    started = nanoseconds(pid)
    while bench.owner.execute("select * from index_texts()").fetchone()["waiting"]:
        pass
    while bench.owner.execute("select * from append_record()").fetchone()["waiting"]:
        pass
    bench.owner.execute("select * from release_expired_jobs()")
    return (nanoseconds(pid) - started) / 1e6


def plain_ms(owner: psycopg.Connection, options: argparse.Namespace) -> float:
    """Milliseconds of the processor a job for storing its rows, after a warm-up."""
    plain_store.store(owner, "aseagi-bench-63", options.claim * 4, options.claim)
    started = nanoseconds([owner.info.backend_pid])
    jobs = plain_store.store(owner, "aseagi-bench-63", min(options.jobs, 400), options.claim)
    return (nanoseconds([owner.info.backend_pid]) - started) / max(jobs, 1) / 1e6


def poll_blocks(owner: psycopg.Connection, query: str) -> int:
    """Blocks that a poll looks at, on a connection that has its plans."""
    for _ in range(8):
        owner.execute(query).fetchall()
    plan = owner.execute(f"explain (analyze, buffers, format json) {query}").fetchone()["QUERY PLAN"][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@dataclass
class Bench:
    """The cloud that is measured, and its owner's connection."""

    cloud: local_cloud.Cloud
    owner: psycopg.Connection

    def server_ns(self) -> int:
        """Of the connections that the workers' calls come by."""
        query = "select pid from pg_stat_activity where usename = 'authenticator'"
        return nanoseconds(row["pid"] for row in self.owner.execute(query).fetchall())

    def blocks(self) -> int:
        """Blocks that those connections looked at, in memory or not; they tell it when idle for ten seconds."""
        time.sleep(10.5)
        query = (
            "select sum(io.hits + io.reads)::bigint as blocks from pg_stat_activity a"
            " cross join lateral pg_stat_get_backend_io(a.pid) io where a.usename = 'authenticator'"
        )
        return self.owner.execute(query).fetchone()["blocks"]

    def rest_ns(self) -> int:
        """Of PostgREST with all its threads."""
        return nanoseconds(int(task.name) for task in Path(f"/proc/{self._rest_pid()}/task").iterdir())

    def _rest_pid(self) -> int:
        return self.cloud.services["postgrest"].process.pid


def run(options: argparse.Namespace) -> list[Measured]:
    measured = []
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder, local_cloud.cloud(Path(folder)) as cloud:
        password = load_keys(cloud.state_dir / "secrets.json").authenticator_password
        url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user="authenticator", password=password)
        superuser_url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user=SUPERUSER)  # only it may checkpoint
        with ExitStack() as stack:
            owner = stack.enter_context(psycopg.connect(superuser_url, autocommit=True, row_factory=dict_row))
            bench = Bench(cloud, owner)
            kept = {"machines", *seeded(owner)}
            for rows in options.rows:
                for path in options.paths:
                    fill(owner, options, rows, kept)  # anew: what one way has left would be the other's
                    with ExitStack() as held:
                        if options.snapshot:
                            backup = held.enter_context(psycopg.connect(superuser_url))
                            backup.execute("set transaction isolation level repeatable read")
                            backup.execute("select 1 from processing_jobs limit 1")
                        caller = partial(http_caller, cloud)
                        if path == "sql":
                            caller = held.enter_context(open_sessions(url, options.workers))
                        measured.append(measure(rows, path, caller, bench, options))
    return measured


def show(measured: list[Measured]) -> None:
    headings = [name.replace("_", " ") for name in Measured.__dataclass_fields__]
    table = Table(*headings, title="What a job costs")
    for row in measured:
        table.add_row(
            *(f"{value:,}" if isinstance(value, (int, float)) else value or "–" for value in asdict(row).values())
        )
    Console(width=120).print(table)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=_numbers, default=[1_000, 100_000, 1_000_000], help="waiting jobs: N,N,…")
    parser.add_argument("--batches", type=int, default=20, help="over which the waiting jobs are spread")
    parser.add_argument("--suspects", type=int, default=0, help="jobs more that saw a worker die")
    parser.add_argument("--snapshot", action="store_true", help="an old snapshot is held, as a backup's")
    parser.add_argument("--jobs", type=int, default=400, help="claimed and completed for each measurement")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--claim", type=int, default=8, help="jobs per claim")
    parser.add_argument("--paths", nargs="+", choices=["sql", "postgrest"], default=["sql", "postgrest"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    measured = run(options)
    show(measured)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in measured], indent=2) + "\n")


if __name__ == "__main__":
    main()
