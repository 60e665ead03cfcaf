"""What a rented machine may ask of us, with the token that names it: URLs for its own leases, and little else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint, request

from control_plane.database.enums import Blame
from control_plane.database.rows import HeldLease
from control_plane.errors import Conflict, NotAllowed, Unavailable
from control_plane.http.auth import worker_label
from control_plane.http.contract import Body, describe, read_body
from control_plane.http.models import Id, header_id
from control_plane.http.tokens import sign_worker_token
from control_plane.http.wiring import clients, settings
from control_plane.storage.artifacts import Artifact, check_artifacts
from control_plane.storage.bucket import PutTarget
from control_plane.workers.measuring import measure_files, measure_parts
from control_plane.workers.parts import SentParts
from control_plane.workers.result import SentResult, as_row

blueprint = Blueprint("workers", __name__)
URL_SECONDS = 300  # a URL cannot be called back when the lease ends; a worker asks anew when one has expired
LEASE_HEADERS = ("x-aseagi-job-id", "x-aseagi-lease-token")
MOST_RESULT_BYTES = 32 * 1024**2  # 2,000 pages, their passages with vectors, and 2,000 claims are 8 MB
RESULTS_AT_ONCE = 6  # each may hold so much memory, and 8 connections to the store
RESULT_PATIENCE_SECONDS = 20.0
results = threading.BoundedSemaphore(RESULTS_AT_ONCE)
# What a worker may say of its own machine; the words are ours, because a stranger's would reach people's screens.
FAULTS = {
    "gpu_unusable": "its worker cannot use the GPU",
    "broken": "its worker cannot read pages there",
}


class LeaseBody(Body):
    """A lease, and the artifacts that will be put."""

    job_id: Id
    lease_token: Id
    put: list[Artifact] = []


class GoodbyeBody(Body):
    """Why a machine leaves, when it is its own hardware's fault."""

    fault: Literal["gpu_unusable", "broken"] | None = None


@dataclass(frozen=True)
class Urls:
    """One URL to read the document, one to write each artifact; good for so many seconds."""

    get: str
    put: Mapping[str, PutTarget]
    expires_in: int


@dataclass(frozen=True)
class Taken:
    """What was handed in is kept."""

    status: Literal["completed", "entered"]


@dataclass(frozen=True)
class FreshToken:
    """A token and its end."""

    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Parted:
    """The machine that will be destroyed."""

    label: str


@blueprint.post("/api/worker/urls")
@describe(
    "Presigned URLs of a job that this machine holds", "Workers", auth="worker", body=LeaseBody, answer=Urls,
    errors=(400, 401, 409, 413, 503),
)  # fmt: skip
def urls(body: LeaseBody) -> Urls:
    """One URL to read the document, one to write each artifact: those very bytes, once, while the lease is held.

    `md5` is base64. A put must send the `headers` that come with its URL; they are part of the signature.
    """
    check_artifacts(body.put)
    lease = _require_lease(body.job_id, body.lease_token)
    prefix = lease.artifact_prefix.rstrip("/")
    storage = clients().storage
    put = {each.name: storage.presign_put(f"{prefix}/{each.name}", each, URL_SECONDS) for each in body.put}
    return Urls(storage.presign_get(lease.object_key, URL_SECONDS, version_id=lease.version_id), put, URL_SECONDS)


@blueprint.post("/api/worker/parts")
@describe(
    "Files found inside a document that this machine holds", "Workers", auth="worker",
    raw=("application/json", SentParts), answer=Taken, errors=(400, 401, 409, 413, 503),
)  # fmt: skip
def add_parts() -> Taken:
    """Each was put as `part-` and its position; what it is, its size and its hashes are read here from the store.

    The lease is named by the headers x-aseagi-job-id and x-aseagi-lease-token. Telling a part again changes nothing.
    """
    job_id, lease_token = _lease_headers()
    lease = _require_lease(job_id, lease_token)
    sent = read_body(SentParts)
    with _one_of_few():
        parts = measure_parts(clients().storage, lease.artifact_prefix, sent.parts)
        clients().database.add_parts(worker_label(), job_id, lease_token, parts)
    return Taken("entered")


@blueprint.post("/api/worker/complete")
@describe(
    "The result of a job that this machine holds", "Workers", auth="worker", raw=("application/json", SentResult),
    answer=Taken, errors=(400, 401, 409, 413, 503),
)  # fmt: skip
def complete() -> Taken:
    """A proposal: every file of it is read back from the store and hashed, and the text is what `ocr.txt` has.

    The lease is named by the headers x-aseagi-job-id and x-aseagi-lease-token, and looked up before the body is read.
    """
    job_id, lease_token = _lease_headers()
    lease = _require_lease(job_id, lease_token)
    with _one_of_few():
        request.max_content_length = MOST_RESULT_BYTES
        sent = read_body(SentResult)
        files, text = measure_files(clients().storage, lease.artifact_prefix, sent.artifacts)
        clients().database.complete_job(worker_label(), job_id, lease_token, as_row(sent, files, text))
    return Taken("completed")


def _lease_headers() -> tuple[str, str]:
    job_id, lease_token = (header_id(request.headers.get(name, ""), name) for name in LEASE_HEADERS)
    return job_id, lease_token


def _require_lease(job_id: str, lease_token: str) -> HeldLease:
    lease = clients().database.check_lease(worker_label(), job_id, lease_token)
    if lease is None:
        raise Conflict("This machine does not hold that job (any more); drop its result.", "lease_lost")
    return lease


@contextmanager
def _one_of_few() -> Iterator[None]:
    """The other routes keep their threads and their memory, whatever machines send at once."""
    if not results.acquire(timeout=RESULT_PATIENCE_SECONDS):
        raise Unavailable("Many results come in at once; hand this one in again in a moment.", "busy")
    try:
        yield
    finally:
        results.release()


@blueprint.post("/api/worker/token")
@describe(
    "A fresh token while the machine is in the ledger", "Workers", auth="worker", answer=FreshToken, errors=(401, 503)
)  # fmt: skip
def renew_token() -> FreshToken:
    """A new token for a live machine; 401 `token_dead` once it is being destroyed."""
    label, now = worker_label(), settings()
    machine = clients().database.get_machine(label)
    if machine is None or not machine.is_live:
        raise NotAllowed("This machine is not in the ledger any more; stop working.", "token_dead")
    fresh = sign_worker_token(label, now.supabase_jwt_secret, datetime.now(UTC), now.worker_token_seconds)
    return FreshToken(fresh.token, fresh.expires_at)


@blueprint.post("/api/worker/goodbye")
@describe(
    "Ask to be destroyed", "Workers", auth="worker", body=GoodbyeBody, status=202, answer=Parted, errors=(400, 401, 503)
)  # fmt: skip
def goodbye(body: GoodbyeBody) -> Parted:
    """Mark the calling machine for destruction; asking twice is fine. With a `fault` its hardware is to blame."""
    reason, blame = (FAULTS[body.fault], Blame.MACHINE) if body.fault else ("the worker asked to be destroyed", None)
    clients().database.mark_destroying(worker_label(), reason, blame)
    return Parted(worker_label())
