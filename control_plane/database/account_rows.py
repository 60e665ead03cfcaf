"""What the database answers of people, their sessions and tokens, and of the access log (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from control_plane.database.enums import Action, Role, Via


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, once the invitation was accepted (`joined_at`) and until they are removed."""

    id: str
    seq: int
    name: str
    role: Role
    invited_by: str
    created_at: datetime
    joined_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True)
class Guess:
    """What a try to sign in is compared with; without `guess_id` nothing is compared for `wait_seconds`."""

    guess_id: int | None
    wait_seconds: int
    account_id: str | None
    password_hash: str | None = field(repr=False)
    totp_sealed: str | None = field(repr=False)
    codes_spent: bool | None


@dataclass(frozen=True)
class Holder:
    """Whose a session or a token is, and what they may do with it."""

    account_id: str | None
    name: str
    role: Role
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class ApiToken:
    """A program's token, without the token."""

    id: str
    seq: int
    name: str
    account_id: str | None
    scopes: tuple[str, ...]
    made_by: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Access:
    """A line of the access log; `status` is null for reading, which is written down before it is answered."""

    id: int
    created_at: datetime
    person: str
    via: Via
    action: Action
    route: str
    document_id: str | None
    status: int | None
    address: str | None
