"""Calls to the queue as PostgREST makes them: as a role, with JWT claims, each in one transaction."""

import itertools
import json
import uuid
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from tests.queue.claims import new_analysis

ORDER = itertools.count()  # files are entered in the order of their hashes: those of a test in the order it makes them


@dataclass(frozen=True)
class Queue:
    """Calls SQL functions as a role, and reads or bends the tables as their owner."""

    owner_url: str
    authenticator_url: str
    owner: psycopg.Connection
    caller: psycopg.Connection

    def as_role(self, role: str, function: str, claims: dict | None = None, connection=None, **arguments) -> list[dict]:
        """The rows of one function call; dicts and lists of dicts travel as jsonb."""
        connection = connection or self.caller
        names = sql.SQL(", ").join(sql.SQL("{} => {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in arguments)
        query = sql.SQL("select * from public.{}({})").format(sql.Identifier(function), names)
        values = {name: Jsonb(value) if _is_json(value) else value for name, value in arguments.items()}
        with connection.transaction():
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            connection.execute("select set_config('request.jwt.claims', %s, true)", (json.dumps(claims or {}),))
            return connection.execute(query, values).fetchall()

    def service(self, function: str, **arguments) -> list[dict]:
        return self.as_role("service_role", function, **arguments)

    def connect(self) -> psycopg.Connection:
        """Another connection, for a caller of its own."""
        return psycopg.connect(self.authenticator_url, autocommit=True, row_factory=dict_row)

    def rows(self, query: str, *values) -> list[dict]:
        cursor = self.owner.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []

    def row(self, query: str, *values) -> dict:
        (row,) = self.rows(query, *values)
        return row

    def job(self, job_id) -> dict:
        return self.row("select * from processing_jobs where id = %s", job_id)

    def machine(self, hosting: str = "community", status: str = "ready") -> "Machine":
        label = f"aseagi-test-{uuid.uuid4().hex[:8]}"
        self.rows("insert into machines (label, status, hosting) values (%s, %s, %s)", label, status, hosting)
        return Machine(self, label)

    def enqueue(self, *files: dict) -> list[dict]:
        return self.service("enqueue_jobs", files=list(files))

    def enqueue_many(self, count: int, **same) -> list[dict]:
        answers = []
        for start in range(0, count, 250):
            answers += self.enqueue(*(new_file(**same) for _ in range(min(250, count - start))))
        return answers

    def index(self) -> None:
        """As the importer does every two seconds: what was read is findable from then on."""
        self.service("index_texts")

    def answered_calls(self, job_id, *kinds: str, model: str = "claude-sonnet-5-5") -> list[str]:
        """Calls to Claude that the gateway made for a job, and that were answered; their ids."""
        statement = (
            "insert into claude_calls (job_id, document_id, kind, model, status, outcome, reserved_usd, expires_at) "
            "select id, document_id, %s, %s, 'settled', 'answered', 0.01, now() from processing_jobs where id = %s "
            "returning id::text"
        )
        return [self.row(statement, kind, model, job_id)["id"] for kind in kinds]

    def expire(self, job_id) -> None:
        self.rows("update processing_jobs set lease_expires_at = now() - interval '1 second' where id = %s", job_id)

    def make_due(self) -> None:
        self.rows("update processing_jobs set run_after = now() where run_after is not null")


@dataclass(frozen=True)
class Machine:
    """A worker's side of the queue."""

    queue: Queue
    label: str

    def call(self, function: str, connection=None, **arguments) -> list[dict]:
        return self.queue.as_role("gpu_worker", function, {"machine": self.label}, connection, **arguments)

    def claim(self, max_jobs: int = 1, lease_seconds: int = 60, connection=None) -> list[dict]:
        return self.call("claim_jobs", connection, max_jobs=max_jobs, lease_seconds=lease_seconds)

    def claim_one(self) -> dict:
        (job,) = self.claim()
        return job

    def heartbeat(self, *leases: dict, report: dict | None = None) -> list[dict]:
        return self.call("heartbeat_jobs", leases=list(leases), lease_seconds=60, report=report or {})

    def complete(self, job: dict, result: dict | None = None, connection=None) -> str:
        result = result or new_result(job)
        (row,) = self.hand_in("complete_job", job, connection, result=result)
        return row["status"]

    def hand_in(self, function: str, job: dict, connection=None, **arguments) -> list[dict]:
        """As the control plane does for a machine, after it has checked what that sends."""
        lease = {"machine": self.label, "job_id": job["job_id"], "lease_token": job["lease_token"]}
        return self.queue.as_role("service_role", function, None, connection, **lease, **arguments)

    def fail(self, job: dict, code: str = "corrupt_pdf", retry: bool = True, pages: list | None = None) -> dict:
        arguments = {"code": code, "message": "It broke.", "retry": retry, "pages": pages or []}
        (row,) = self.call("fail_job", job_id=job["job_id"], lease_token=job["lease_token"], **arguments)
        return row

    def release(self, *jobs: dict, broken: bool = False) -> list[dict]:
        return self.call("release_jobs", leases=[new_lease(job) for job in jobs], broken=broken)


def new_file(**changes) -> dict:
    document_id = str(uuid.uuid4())
    name = f"{document_id}.pdf"
    return {
        "document_id": document_id,
        "object_key": f"raw/2026/11/22/{name}",
        "original_filename": name,
        "source": "upload",
        "bytes": 1000,
        "mime_type": "application/pdf",
        "sha256": f"{next(ORDER):032x}{uuid.uuid4().hex}",
        **changes,
    }


def new_sha256() -> str:
    return uuid.uuid4().hex * 2


def new_lease(job: dict, pages_done: int = 0, pages_total: int | None = None) -> dict:
    lease = {"job_id": str(job["job_id"]), "lease_token": str(job["lease_token"])}
    return {**lease, "pages_done": pages_done, "pages_total": pages_total}


def new_result(job: dict, pages_total: int = 2, **changes) -> dict:
    return {
        "sha256": job["sha256"],
        "mime_type": "application/pdf",
        "pages_total": pages_total,
        "seconds": 1.5,
        "pages": [{"page": n + 1, "outcome": "ocr", "engine": "onnx", "words": 3} for n in range(pages_total)],
        "artifacts": {"ocr.txt": {"key": job["artifact_prefix"] + "ocr.txt", "bytes": 16, "sha256": new_sha256()}},
        "text": "In the matter of",
        "chunks": [],
        "analysis": new_analysis(relevancy_score=500),
        **changes,
    }


def _is_json(value) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and (not value or isinstance(value[0], dict)))
