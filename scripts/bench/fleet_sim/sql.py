"""The real ledger and queue, as the migrations make them, on the simulation's clock.

Nothing of the SQL is changed but the clock: every `now()` of the migrations reads a setting of the session.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from control_plane.errors import SQLSTATES, NotAllowed
from control_plane.fleet.ledger import FleetLedger
from local_cloud.postgres import BOOTSTRAP, MIGRATIONS, migrate
from scripts.bench.fleet_sim.vast import Contract
from scripts.bench.fleet_sim.work import LEASE_SECONDS, Job

CLOCK = """
create schema sim;
grant usage on schema sim to public;
create function sim.now() returns timestamptz language sql stable
  return to_timestamp(current_setting('sim.now')::double precision);
"""
NOW = re.compile(r"\b(?:now|clock_timestamp|statement_timestamp)\(\)")
READING = {"outcome": "ocr", "engine": "onnx", "words": 3}


@contextmanager
def database(superuser_url: str, start: float) -> Iterator[psycopg.Connection]:
    """A database of its own beside the server's others, with our migrations on the virtual clock; gone afterwards."""
    name = f"sim_{uuid4().hex[:12]}"
    parameters = psycopg.conninfo.conninfo_to_dict(superuser_url) | {"dbname": name}
    url = psycopg.conninfo.make_conninfo(**{key: str(value) for key, value in parameters.items()})
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(sql.SQL("create database {} owner postgres").format(sql.Identifier(name)))
        server.execute(sql.SQL("alter database {} set sim.now = {}").format(sql.Identifier(name), sql.Literal(start)))
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(BOOTSTRAP.read_text().replace("alter database postgres owner to postgres;", ""))
                connection.execute(CLOCK)
                connection.execute("set synchronous_commit = off")
            with tempfile.TemporaryDirectory() as folder:
                for path in MIGRATIONS.glob("*.sql"):
                    Path(folder, path.name).write_text(NOW.sub("sim.now()", path.read_text()))
                migrate(f"{url} options='-c role=postgres'", Path(folder))
            with psycopg.connect(url, autocommit=True, options="-c role=postgres") as connection:
                yield connection
        finally:
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@dataclass
class Lease:
    """A document in a worker's hands."""

    job: Job
    row: Mapping[str, Any]


class SqlLedger(FleetLedger):
    """`FleetLedger` over one connection instead of PostgREST, at the simulation's time."""

    def __init__(self, connection: psycopg.Connection, now: Callable[[], float], queue: SqlQueue) -> None:
        self._connection = connection
        self._now = now
        self._queue = queue

    def _returned(self, function: str, arguments: Mapping[str, Any]) -> list[Any]:
        return ask(self._connection, self._now(), function, arguments)

    def heartbeat(self, label: str, pages_per_second: float) -> bool:
        """As the worker on the machine makes it; False when its token is dead."""
        return self._queue.heartbeat(label, pages_per_second)

    @property
    def machines(self) -> dict[str, Any]:
        """All rows, by label, as far as the simulation looks at them."""
        return {each.label: each for each in self.get_fleet().machines}

    @property
    def alarms(self) -> list[tuple[str, str, str]]:
        """What was raised and stands."""
        rows = self._connection.execute("select name, coalesce(about, ''), message from alarms").fetchall()
        return [(str(a), str(b), str(c)) for a, b, c in rows]


def ask(connection: psycopg.Connection, now: float, function: str, arguments: Mapping[str, Any]) -> list[Any]:
    """One function, one transaction. Raises the error that `Connection` raises for its SQLSTATE."""
    names = sql.SQL(", ").join(sql.SQL("{} => {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in arguments)
    query = sql.SQL("select to_jsonb(f) from public.{}({}) as f where not f is null").format(
        sql.Identifier(function), names
    )
    values = {name: Jsonb(value) if _is_json(value) else value for name, value in arguments.items()}
    try:
        with connection.transaction():
            connection.execute("select set_config('sim.now', %s, true)", (repr(now),))
            return [row for (row,) in connection.execute(query, values).fetchall()]
    except psycopg.Error as error:
        if error.sqlstate not in SQLSTATES:
            raise
        kind, code = SQLSTATES[error.sqlstate]
        raise kind(str(error), code) from error


def _is_json(value: Any) -> bool:
    """Words travel as text[], everything else that is a list or a mapping as jsonb."""
    return isinstance(value, dict) or (
        isinstance(value, list) and not all(isinstance(each, str) for each in value or [0])
    )


class SqlQueue:
    """`SimQueue` over the real functions: what is claimed, held, handed in and given back is the database's."""

    def __init__(self, connection: psycopg.Connection, now: Callable[[], float], ahead: Callable[[], float]) -> None:
        self._connection = connection
        self._now = now
        self._ahead = ahead
        self.jobs: list[Job] = []
        self._by_id: dict[str, Job] = {}
        self._leases: dict[str, dict[str, Lease]] = {}  # by machine and job

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            file = {
                "document_id": str(uuid4()), "object_key": f"raw/2026/11/22/{uuid4()}.pdf", "source": "upload",
                "original_filename": "letter.pdf", "bytes": 1000, "mime_type": "application/pdf",
                "sha256": f"{len(self.jobs):032x}{uuid4().hex}", "priority": job.priority, "placement": "any_host",
                "pages_estimate": job.thought,
            }  # fmt: skip
            arrived = job.arrives_at + self._ahead()
            (row,) = ask(self._connection, arrived, "enqueue_jobs", {"files": [file]})
            self._by_id[row["job_id"]] = job
            self.jobs.append(job)

    def claim(self, contract: Contract, most: int) -> list[Job]:
        if not most:
            return []
        try:
            rows = self._as_machine(contract.label, "claim_jobs", max_jobs=most, lease_seconds=int(LEASE_SECONDS))
        except NotAllowed:  # its end is decided and its token dead
            return []
        held = self._leases.setdefault(contract.label, {})
        for row in rows:
            job = self._by_id[row["job_id"]]
            job.status, job.holder = "processing", contract.contract_id
            held[row["job_id"]] = Lease(job, row)
        return [self._by_id[row["job_id"]] for row in rows]

    def extend(self, contract: Contract) -> None:
        """Leases are extended by the heartbeat itself."""

    def heartbeat(self, label: str, pages_per_second: float) -> bool:
        held = self._leases.get(label, {})
        leases = [{"job_id": i, "lease_token": each.row["lease_token"], "pages_done": 0} for i, each in held.items()]
        report = {"pages_per_second": pages_per_second}
        try:
            rows = self._as_machine(
                label, "heartbeat_jobs", leases=leases, lease_seconds=int(LEASE_SECONDS), report=report
            )
        except SQLSTATES["AS004"][0]:
            return False
        for row in rows:
            if not row["held"]:
                self._lose(label, row["job_id"])
        return True

    def complete(self, contract: Contract, job: Job, at: float) -> None:
        """A worker whose lease is lost changes nothing."""
        label = contract.label
        lease = next((each for each in self._leases[label].values() if each.job is job), None)
        if lease is None:
            return
        row = lease.row
        result = {
            "sha256": row["sha256"], "mime_type": "application/pdf", "pages_total": job.pages, "seconds": 1.0,
            "pages": [READING | {"page": page + 1} for page in range(job.pages)], "text": "In the matter of",
            "artifacts": {"ocr.txt": {"key": row["artifact_prefix"] + "ocr.txt", "bytes": 16, "sha256": "0" * 64}},
            "chunks": [], "analysis": {"analyst": "rules", "document_type": "letter", "claims": []},
        }  # fmt: skip
        named = {"machine": label, "job_id": row["job_id"], "lease_token": row["lease_token"], "result": result}
        try:
            ask(self._connection, at + self._ahead(), "complete_job", named)
        except (SQLSTATES["AS001"][0], SQLSTATES["AS004"][0]):
            self._lose(label, row["job_id"])
            return
        job.status, job.done_at = "completed", at
        del self._leases[label][row["job_id"]]

    def _lose(self, label: str, job_id: str) -> None:
        """The worker learns that a lease is lost."""
        lease = self._leases[label].pop(job_id)
        if lease.job.status == "processing" and not any(job_id in held for held in self._leases.values()):
            lease.job.status, lease.job.holder = "queued", None

    def holds_work(self) -> bool:
        """Also what failed is told apart, so that a simulation ends."""
        query = "select id::text, status from processing_jobs where kind = 'read' and status <> 'completed'"
        rows = self._connection.execute(query).fetchall()
        for job_id, status in rows:
            if status == "failed":
                self._by_id[job_id].status = "failed"
                self._by_id[job_id].done_at = self._now()
        return any(status in ("queued", "processing") for _, status in rows)

    def _as_machine(self, label: str, function: str, **arguments: Any) -> list[Any]:
        claims = json.dumps({"role": "gpu_worker", "machine": label})
        self._connection.execute("select set_config('request.jwt.claims', %s, false)", (claims,))
        return ask(self._connection, self._now(), function, arguments)
