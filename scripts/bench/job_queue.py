"""Claims and completions a second, through PostgREST and in straight SQL, as the number of waiting jobs grows.

python -m scripts.bench.job_queue --rows 1000,100000,1000000 [--workers 4] [--claim 8] [--seconds 8] [--json FILE]

Starts an embedded cloud of its own. Waiting jobs lie in 20 batches; each worker is a
machine of its own that claims some jobs, completes each, and goes on.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

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

BATCHES = 20
LEASE_SECONDS = 600
Call = Callable[..., list[dict]]

MACHINES = """
insert into machines (label, status, hosting)  -- our own: a stranger's pace is limited
    select 'aseagi-bench-' || n, 'ready', 'local' from generate_series(0, 63) n on conflict do nothing
"""
FILL = """
with numbers as (select n, gen_random_uuid() as id from generate_series(1, %(rows)s) n),
documents as (insert into master_document_registry (id, object_key, original_filename, source, sha256)
    select id, 'raw/2026/11/22/' || id || '.pdf', n || '.pdf', 'bucket', encode(sha256(id::text::bytea), 'hex')
    from numbers returning id)
insert into processing_jobs (document_id, batch_id, lane_id, priority, placement, pages_estimate)
    select numbers.id, lanes.batch_id, lanes.id, lanes.priority, lanes.placement, 3
    from numbers join documents using (id) join lanes on lanes.id = 1 + numbers.n %% %(batches)s
"""


@dataclass
class Measured:
    """One row of the table: rates in jobs a second, times in milliseconds.

    `blocks_per_job` is how many 8 KiB blocks the server looked at per claimed and completed job: the cost that does not
    depend on what else the machine does. Known for straight SQL only, where sessions end with the measurement.
    """

    rows: int
    path: str
    jobs: int
    jobs_per_second: float
    claim_ms: float
    claim_p95_ms: float
    complete_ms: float
    blocks_per_job: float | None
    stats_ms: float


@dataclass
class Times:
    claims: list[float] = field(default_factory=list)
    completions: list[float] = field(default_factory=list)


def seeded(owner: psycopg.Connection) -> set[str]:
    """The tables that the migrations put rows into."""
    return {name for name in table_names(owner) if owner.execute(f"select 1 from {name} limit 1").fetchone()}


def table_names(owner: psycopg.Connection) -> list[str]:
    rows = owner.execute("select tablename from pg_tables where schemaname = 'public'")
    return [row["tablename"] for row in rows]


def fill(owner: psycopg.Connection, rows: int, kept: set[str]) -> None:
    """`rows` waiting jobs and no other, spread over the batches, as after a bulk import and a vacuum."""
    names = table_names(owner)
    owner.execute(f"truncate {', '.join(name for name in names if name not in kept)} restart identity cascade")
    owner.execute(MACHINES)
    owner.execute("insert into batches (name) select 'bench ' || n from generate_series(1, %s) n", (BATCHES,))
    owner.execute("insert into lanes (name, batch_id, priority, placement) "
                  "select 'batch ' || id, id, 'normal', 'any_host' from batches")  # fmt: skip
    owner.execute(FILL, {"rows": rows, "batches": BATCHES})
    owner.execute("vacuum analyze")
    owner.execute("checkpoint")


@contextmanager
def sql_caller(url: str, claims: dict) -> Iterator[Call]:
    """Calls as PostgREST makes them, without PostgREST."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(claims),))
        role = None

        def call(function: str, **arguments) -> list[dict]:
            nonlocal role
            if role != role_of(function):
                role = role_of(function)
                connection.execute(f"set role {role}")
            values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in arguments.items()}
            named = ", ".join(f"{name} => %({name})s" for name in arguments)
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


def work(caller, worker: int, claim: int, deadline: float) -> Times:
    """One worker: claim, complete each, until time is up or nothing waits."""
    times = Times()
    label = f"aseagi-bench-{worker}"
    with caller({"role": "gpu_worker", "machine": label}) as call:
        while time.perf_counter() < deadline:
            started = time.perf_counter()
            jobs = call("claim_jobs", max_jobs=claim, lease_seconds=LEASE_SECONDS)
            times.claims.append(time.perf_counter() - started)
            if not jobs:
                break
            for job in jobs:
                started = time.perf_counter()
                lease = {"machine": label, "job_id": job["job_id"], "lease_token": job["lease_token"]}
                call("complete_job", **lease, result=result_of(job))
                times.completions.append(time.perf_counter() - started)
    return times


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


def measure(rows: int, path: str, caller, owner: psycopg.Connection, options: argparse.Namespace) -> Measured:
    blocks_before = count_blocks(owner)
    started = time.perf_counter()
    deadline = started + options.seconds
    with ThreadPoolExecutor(options.workers) as threads:
        all_times = list(threads.map(lambda n: work(caller, n, options.claim, deadline), range(options.workers)))
    seconds = time.perf_counter() - started
    claims = sorted(time for times in all_times for time in times.claims)
    completions = [time for times in all_times for time in times.completions]
    blocks = (count_blocks(owner) - blocks_before) / len(completions) if path == "sql" else None
    stats_started = time.perf_counter()
    owner.execute("select * from get_queue_stats()").fetchall()
    return Measured(
        rows=rows,
        path=path,
        jobs=len(completions),
        jobs_per_second=round(len(completions) / seconds, 1),
        claim_ms=round(median(claims) * 1000, 2),
        claim_p95_ms=round(claims[int(len(claims) * 0.95)] * 1000, 2),
        complete_ms=round(median(completions) * 1000, 2),
        blocks_per_job=blocks and round(blocks, 1),
        stats_ms=round((time.perf_counter() - stats_started) * 1000, 1),
    )


def count_blocks(owner: psycopg.Connection) -> int:
    """Blocks looked at since the server started, in memory or not."""
    query = "select blks_hit + blks_read as blocks from pg_stat_database where datname = current_database()"
    return owner.execute(query).fetchone()["blocks"]


def run(options: argparse.Namespace) -> list[Measured]:
    measured = []
    with tempfile.TemporaryDirectory(prefix="aseagi-bench-") as folder, local_cloud.cloud(Path(folder)) as cloud:
        password = load_keys(cloud.state_dir / "secrets.json").authenticator_password
        url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user="authenticator", password=password)
        callers = {"sql": partial(sql_caller, url), "postgrest": partial(http_caller, cloud)}
        superuser_url = psycopg.conninfo.make_conninfo(cloud.postgres_url, user=SUPERUSER)  # only it may checkpoint
        with psycopg.connect(superuser_url, autocommit=True, row_factory=dict_row) as owner:
            kept = {"machines", *seeded(owner)}
            for rows in options.rows:
                for path, caller in callers.items():
                    fill(owner, rows, kept)  # anew: an idle machine ends a thousand jobs in seconds
                    measured.append(measure(rows, path, caller, owner, options))
    return measured


def show(measured: list[Measured]) -> None:
    headings = [name.replace("_", " ") for name in Measured.__dataclass_fields__]
    table = Table(*headings, title="Claims and completions, by waiting jobs")
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
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--claim", type=int, default=8, help="jobs per claim")
    parser.add_argument("--seconds", type=float, default=8, help="for each measurement")
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
