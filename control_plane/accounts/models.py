"""What the routes of people, tokens and the access log take and answer (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from control_plane.database.enums import Role, Via
from control_plane.http.contract import Body, Scope
from control_plane.http.models import Id, PageQuery


def _name(value: str) -> str:
    name = value.strip()
    if not name or len(name) > 60 or not name.isprintable() or set(name) & set("()"):
        raise ValueError("must be a name of 1 to 60 letters, without brackets")
    if name.lower() == "owner":
        raise ValueError("must be another name: decisions of the owner's own programs are stored with this one")
    return name


Name = Annotated[str, AfterValidator(_name)]


class AccountBody(Body):
    """Somebody to add."""

    name: Name
    role: Annotated[Role, Field(strict=False)]


class InviteBody(Body):
    """A fresh link, and another role where one is named."""

    role: Annotated[Role | None, Field(strict=False)] = None


class TokenBody(Body):
    """A token to make: of a person's program, or of the house's."""

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=4)
    account_id: Id | None = None


class AccessQuery(PageQuery):
    """Whose lines, or which document's."""

    person: str | None = Field(None, max_length=140, description="Only of this name.")
    document_id: Id | None = Field(None, description="Only of this document.")


@dataclass(frozen=True)
class Me:
    """Who calls, and what they may do."""

    name: str
    role: Role
    scopes: list[Scope]
    by: Via


@dataclass(frozen=True)
class ListedAccount:
    """Somebody, with `status`: invited, joined or removed."""

    id: str
    name: str
    role: Role
    status: str
    invited_by: str
    created_at: datetime
    joined_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True)
class Accounts:
    """Everybody there is or was."""

    accounts: list[ListedAccount]


@dataclass(frozen=True)
class Invited:
    """A person, and the link to hand them: it opens once, within seven days, and is never shown again."""

    account: ListedAccount
    link: str = field(repr=False)


@dataclass(frozen=True)
class ListedToken:
    """A token, without the token."""

    id: str
    name: str
    account_id: str | None
    scopes: list[Scope]
    made_by: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Tokens:
    """Those that open something, the oldest first."""

    tokens: list[ListedToken]


@dataclass(frozen=True)
class MadeToken:
    """A token, told this once."""

    about: ListedToken
    token: str = field(repr=False)


@dataclass(frozen=True)
class AccessLine:
    """What somebody did; `status` is null for reading."""

    id: int
    created_at: datetime
    person: str
    via: Via
    action: str
    route: str
    document_id: str | None
    status: int | None
    address: str | None


@dataclass(frozen=True)
class AccessPage:
    """Lines, the newest first."""

    lines: list[AccessLine]
    next: int | None
