"""Accounts, tokens and the access log over HTTP."""

from __future__ import annotations

from typing import cast

from flask import Blueprint

from control_plane.accounts import entering
from control_plane.accounts.invitations import invitation_link
from control_plane.accounts.models import (
    AccessLine,
    AccessPage,
    AccessQuery,
    AccountBody,
    Accounts,
    InviteBody,
    Invited,
    ListedAccount,
    ListedToken,
    MadeToken,
    Me,
    TokenBody,
    Tokens,
)
from control_plane.database.account_rows import Account, ApiToken
from control_plane.database.enums import Via
from control_plane.errors import BadRequest, NotFound
from control_plane.http.auth import acting_name, bearer_token, caller
from control_plane.http.callers import TOKEN_PREFIX, digest, make_secret
from control_plane.http.contract import Scope, describe
from control_plane.http.models import path_id
from control_plane.http.wiring import callers, clients, settings

blueprint = Blueprint("accounts", __name__)
ORDER: tuple[Scope, ...] = ("read", "upload", "decide", "admin")


@blueprint.get("/api/me")
@describe("Who calls, and what they may do", "People", answer=Me, errors=(503,))
def who_calls() -> Me:
    """By the operator's token: the owner."""
    return _me()


@blueprint.post("/api/me/sign-out")
@describe("Sign out", "People", answer=Me, needs="read")
def sign_out() -> Me:
    """End the session that calls; any other token stays as it is."""
    who = _me()
    if who.by == Via.SESSION:
        entering.sign_out(bearer_token(), who.name, everywhere=False)
    return who


@blueprint.get("/api/accounts")
@describe("Who may sign in", "People", answer=Accounts, errors=(503,), needs="admin")
def list_accounts() -> Accounts:
    """Removed ones too: decisions keep their names."""
    return _everybody()


@blueprint.post("/api/accounts")
@describe("Add a person", "People", body=AccountBody, status=201, answer=Invited, errors=(400, 409, 503), needs="admin")
def add_account(body: AccountBody) -> Invited:
    """Hand them the link: it opens once, within seven days, and lets them choose a password and a second factor."""
    _require_key()
    token = make_secret()
    person = clients().database.add_account(body.name, body.role, digest(token), acting_name())
    return Invited(_listed(person), invitation_link(settings().control_plane_url, token))


@blueprint.post("/api/accounts/<account_id>/invite")
@describe(
    "A fresh link for a person, or another role", "People", body=InviteBody, answer=Invited,
    errors=(400, 404, 503), needs="admin",
)  # fmt: skip
def invite_again(account_id: str, body: InviteBody) -> Invited:
    """For a lost password or telephone, and to let somebody in again. Earlier links are dead."""
    _require_key()
    token = make_secret()
    person = clients().database.invite_again(path_id(account_id, "person"), body.role, digest(token))
    callers().forget()
    return Invited(_listed(person), invitation_link(settings().control_plane_url, token))


@blueprint.delete("/api/accounts/<account_id>")
@describe("Remove a person", "People", answer=Accounts, errors=(404, 503), needs="admin")
def remove_account(account_id: str) -> Accounts:
    """Their sessions, links and tokens end now; what they decided stays, with their name."""
    clients().database.remove_account(path_id(account_id, "person"))
    callers().forget()
    return _everybody()


@blueprint.get("/api/tokens")
@describe("Tokens of programs", "People", answer=Tokens, errors=(503,), needs="admin")
def list_tokens() -> Tokens:
    """Without the tokens themselves."""
    return _tokens()


@blueprint.post("/api/tokens")
@describe(
    "Make a token for a program", "People", body=TokenBody, status=201, answer=MadeToken, errors=(400, 404, 503),
    needs="admin",
)  # fmt: skip
def add_token(body: TokenBody) -> MadeToken:
    """It is told this once. Of a person's program: it may never do more than the person."""
    token = make_secret(TOKEN_PREFIX)
    scopes = sorted(set(body.scopes), key=ORDER.index)
    made = clients().database.add_api_token(body.name, body.account_id, scopes, digest(token), acting_name())
    return MadeToken(_token(made), token)


@blueprint.delete("/api/tokens/<token_id>")
@describe("End a token", "People", answer=Tokens, errors=(404, 503), needs="admin")
def end_token(token_id: str) -> Tokens:
    """It opens nothing more; those that are left."""
    if not clients().database.end_api_token(path_id(token_id, "token")):
        raise NotFound("There is no such token, or it has ended.")
    callers().forget()
    return _tokens()


@blueprint.get("/api/access-log")
@describe(
    "Who saw, searched, downloaded, decided", "People", query=AccessQuery, answer=AccessPage, errors=(400, 503),
    needs="admin",
)  # fmt: skip
def access_log(query: AccessQuery) -> AccessPage:
    """Newest first. Looking at the same again within five minutes is one line; what was searched for is in none."""
    page = clients().database.list_access(query.limit, query.cursor, query.person, query.document_id)
    return AccessPage([AccessLine(**vars(line)) for line in page.rows], page.next)


def _me() -> Me:
    who = caller()
    return Me(who.name, who.role, [scope for scope in ORDER if scope in who.scopes], who.via)


def _everybody() -> Accounts:
    return Accounts([_listed(person) for person in clients().database.list_accounts()])


def _require_key() -> None:
    if not settings().passwords_keys:
        raise BadRequest("Set PASSWORDS_KEY first: second factors are kept sealed with it.", "passwords_off")


def _listed(person: Account) -> ListedAccount:
    status = "removed" if person.removed_at else "joined" if person.joined_at else "invited"
    return ListedAccount(
        person.id, person.name, person.role, status, person.invited_by, person.created_at, person.joined_at,
        person.removed_at,
    )  # fmt: skip


def _tokens() -> Tokens:
    return Tokens([_token(row) for row in clients().database.list_api_tokens()])


def _token(row: ApiToken) -> ListedToken:
    scopes = [cast(Scope, scope) for scope in row.scopes]
    return ListedToken(row.id, row.name, row.account_id, scopes, row.made_by, row.created_at, row.used_at)
