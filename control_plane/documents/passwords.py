"""Passwords of people's own files over HTTP: kept sealed, never shown again, given to the machine that needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from pydantic import Field

from control_plane.database.password_rows import SealedPassword
from control_plane.errors import Conflict, NotFound
from control_plane.http.auth import worker_label
from control_plane.http.contract import Body, describe
from control_plane.http.models import Id, path_id
from control_plane.http.sealing import seal, unseal
from control_plane.http.wiring import clients

blueprint = Blueprint("passwords", __name__)


class PasswordBody(Body):
    """A password, and a note to know it again."""

    password: str = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=200)


class HeldLeaseBody(Body):
    """A lease."""

    job_id: Id
    lease_token: Id


@dataclass(frozen=True)
class KeptPassword:
    """A password that is kept; what it is is never told again."""

    id: str
    note: str
    created_at: datetime


@dataclass(frozen=True)
class KeptPasswords:
    """Newest first, the order in which they are tried."""

    passwords: list[KeptPassword]


@dataclass(frozen=True)
class GivenPasswords:
    """What may open a locked file."""

    passwords: list[str]


@blueprint.post("/api/passwords")
@describe(
    "Keep a password to try on locked files", "Documents", body=PasswordBody, status=201, answer=KeptPassword,
    errors=(400, 503), needs="upload",
)  # fmt: skip
def add_password(body: PasswordBody) -> KeptPassword:
    """Sealed before it goes to the database. Retry the jobs that failed as `password_protected` afterwards."""
    return _kept(clients().database.add_password(seal(body.password), body.note))


@blueprint.get("/api/passwords")
@describe("Passwords that are kept", "Documents", answer=KeptPasswords, errors=(503,))
def list_passwords() -> KeptPasswords:
    """Their notes and times."""
    return _all_kept()


@blueprint.delete("/api/passwords/<password_id>")
@describe("Forget a password", "Documents", answer=KeptPasswords, errors=(404, 503), needs="decide")
def end_password(password_id: str) -> KeptPasswords:
    """Those that are left."""
    if not clients().database.end_password(path_id(password_id, "password")):
        raise NotFound("There is no such password.")
    return _all_kept()


@blueprint.post("/api/worker/passwords")
@describe(
    "Passwords to try on a locked file that this machine holds", "Workers", auth="worker", body=HeldLeaseBody,
    answer=GivenPasswords, errors=(400, 401, 409, 503),
)  # fmt: skip
def give_passwords(body: HeldLeaseBody) -> GivenPasswords:
    """Only to the machine that holds the file, and the document's chain of events says so."""
    lease = clients().database.check_lease(worker_label(), body.job_id, body.lease_token)
    if lease is None:
        raise Conflict("This machine does not hold that job (any more).", "lease_lost")
    given = [each for row in clients().database.list_passwords() if (each := unseal(row.sealed)) is not None]
    if given:
        clients().database.record_passwords_given(lease.document_id, body.job_id, worker_label())
    return GivenPasswords(given)


def _kept(row: SealedPassword) -> KeptPassword:
    return KeptPassword(row.id, row.note, row.created_at)


def _all_kept() -> KeptPasswords:
    return KeptPasswords([_kept(row) for row in clients().database.list_passwords()])
