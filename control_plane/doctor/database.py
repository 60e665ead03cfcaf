"""The database: our key's verbs, a machine's token, and what nobody may see (wire)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import jwt

from control_plane.database import Database
from control_plane.doctor.probes import Probe, Trouble, look
from control_plane.errors import ControlPlaneError
from control_plane.http.tokens import WORKER_ROLE, sign_analyst_token, sign_worker_token
from control_plane.settings import Settings

DOOR = "database"
SCHEMA_VERSION = "20261126001120"
"""The newest of supabase/migrations, which these programs were written for."""
NOBODY = "aseagi-doctor-nobody"
"""A machine that is in no ledger: a token of its name is honoured, and does nothing."""
TOKEN_SECONDS = 60
TIMEOUT_SECONDS = 20.0
TOKEN_DEAD = "AS004"
# Where a stranger's or a machine's token must not get in, of all that a Supabase project serves.
CLOSED = (
    "/rest/v1/master_document_registry?limit=1",
    "/rest/v1/document_repository?limit=1",
    "/rest/v1/machines?limit=1",
    "/auth/v1/user",
    "/auth/v1/admin/users",
    "/storage/v1/bucket",
)
CLOSED_VERBS = ("get_fleet", "get_totals", "find_session")


def examine(settings: Settings, database: Database) -> list[Probe]:
    """Whether each kind of caller gets exactly what it should."""
    answers = look(DOOR, "the service key", lambda: _ping(database))
    if answers.state == "fault":
        return [answers]
    gate = Gate(settings)
    return [
        answers,
        look(DOOR, "migrations", lambda: _migrations(database)),
        look(DOOR, "extension vector", lambda: _vector(database)),
        look(DOOR, "whole answers", lambda: f"An answer holds {database.fill_answer():,} rows."),
        look(DOOR, "a machine's token", gate.try_worker),
        look(DOOR, "the analysis worker's token", gate.try_analyst),
        look(DOOR, "a machine's token elsewhere", gate.try_worker_elsewhere),
        look(DOOR, "the publishable key", gate.try_publishable),
    ]


class Gate:
    """The project as machines and strangers reach it."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings = settings
        self._now = now

    def try_worker(self) -> str:
        """Claim as a machine would that is in no ledger: the token is honoured, and the queue refuses the machine."""
        token = sign_worker_token(NOBODY, self._settings.supabase_jwt_secret, self._now(), TOKEN_SECONDS).token
        reply = self._ask("POST", "/rest/v1/rpc/claim_jobs", token, {"max_jobs": 1, "lease_seconds": 60})
        if _code(reply) == TOKEN_DEAD:
            return "A machine's token is honoured, and good for its own machine only."
        raise self._explain(reply, token)

    def try_analyst(self) -> str:
        """Ask for nothing as the analysis worker: `claim_analyses` refuses the number, having honoured the token."""
        token = sign_analyst_token(self._settings.supabase_jwt_secret, self._now(), TOKEN_SECONDS).token
        asked = {"prompt_version": "", "max_jobs": 0, "lease_seconds": 60}
        reply = self._ask("POST", "/rest/v1/rpc/claim_analyses", token, asked)
        if _code(reply) == "AS006":
            return "The analysis worker's token is honoured."
        raise self._explain(reply, token)

    def try_worker_elsewhere(self) -> str:
        """Everywhere else in the project a machine's token opens nothing."""
        token = sign_worker_token(NOBODY, self._settings.supabase_jwt_secret, self._now(), TOKEN_SECONDS).token
        self._require_closed(token, "worker_token_opens_more", "a rented machine's token")
        return f"Nothing else takes it ({len(CLOSED) + len(CLOSED_VERBS)} tried)."

    def try_publishable(self) -> str:
        """What everybody has opens nothing, and is known."""
        key = self._settings.supabase_publishable_key
        reply = self._ask("GET", "/rest/v1/programs?limit=1", key)
        if reply.status_code == 401 and "api key" in reply.text.lower():
            raise Trouble("publishable_key_refused", "The project does not know the publishable key.")
        self._require_closed(key, "publishable_key_opens", "the publishable key")
        return "The publishable key opens nothing."

    def _require_closed(self, token: str, code: str, what: str) -> None:
        tries = [("GET", path) for path in CLOSED] + [("POST", f"/rest/v1/rpc/{verb}") for verb in CLOSED_VERBS]
        for method, path in tries:
            reply = self._ask(method, path, token, {} if method == "POST" else None)
            if reply.is_success and reply.content.strip() not in (b"", b"[]"):
                raise Trouble(code, f"{path.partition('?')[0]} answers {what}.")
            if reply.is_success and path.startswith("/rest/"):
                raise Trouble(code, f"{path.partition('?')[0]} may be read with {what}, though there is nothing in it.")

    def _explain(self, reply: httpx.Response, token: str) -> Exception:
        """Why PostgREST does not honour a token that is signed as ours are."""
        if _code(reply) in ("42501", "22023") or reply.status_code == 404:
            return Trouble(
                "migrations_missing", f"The role {WORKER_ROLE} or its verbs are not there ({reply.status_code})."
            )
        if reply.status_code != 401:
            return Trouble("queue_unavailable", f"The database answered a machine with {reply.status_code}.")
        if "iat" in reply.text or "future" in reply.text:
            return Trouble("worker_token_early", "The token was made in the future, by the database's clock.")
        published = self._keys_of_project()
        header = jwt.get_unverified_header(token)
        how = f"{header['alg']}, with `kid`" if "kid" in header else f"{header['alg']}, without `kid`"
        told = "; the project publishes no key of its own"
        if published:
            kinds = ", ".join(sorted(set(published.values())))
            told = f"; the project publishes keys of the kind {kinds}"
            told += ", ours not among them" if header.get("kid") not in published else ", ours among them"
        message = f"PostgREST does not honour a token signed ({how}) with SUPABASE_JWT_SECRET{told}."
        return Trouble("worker_token_refused", message)

    def _keys_of_project(self) -> dict[str, str]:
        """The project's new signing keys, `kid` and algorithm; none where it has the legacy secret only."""
        try:
            reply = self._ask("GET", "/auth/v1/.well-known/jwks.json", self._settings.supabase_publishable_key)
            return {str(key.get("kid")): str(key.get("alg")) for key in reply.json()["keys"]}
        except (Trouble, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _ask(self, method: str, path: str, token: str, body: dict[str, object] | None = None) -> httpx.Response:
        headers = {"apikey": self._settings.supabase_publishable_key, "Authorization": f"Bearer {token}"}
        url = f"{self._settings.supabase_url}{path}"
        try:
            return httpx.request(method, url, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise Trouble("queue_unavailable", f"The database gave no answer ({type(error).__name__}).") from None


def _ping(database: Database) -> str:
    database.ping()
    return "The service key opens the database."


def _migrations(database: Database) -> str:
    try:
        found = database.get_database_facts().migration
    except ControlPlaneError as error:
        if error.code == "internal_error":  # there is no such function yet
            raise Trouble("migrations_missing", "The database lacks functions of this version.") from error
        raise
    if found is None or found < SCHEMA_VERSION:
        raise Trouble(
            "migrations_missing", f"The newest migration is {found or 'none'}, and should be {SCHEMA_VERSION}."
        )
    if found > SCHEMA_VERSION:
        raise Trouble("migrations_newer", f"The database is newer ({found}) than these programs.", "warning")
    return f"All migrations up to {found} are applied."


def _vector(database: Database) -> str:
    facts = database.get_database_facts()
    if facts.vector is None:
        raise Trouble("vector_missing", "The extension vector is not enabled.")
    return f"vector {facts.vector}, Postgres {facts.postgres.split()[0]}."


def _code(reply: httpx.Response) -> str:
    try:
        return str(reply.json().get("code"))
    except (ValueError, AttributeError):
        return ""
