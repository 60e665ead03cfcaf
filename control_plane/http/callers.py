"""Who calls, by the bearer token: the operator's own, a person's session, or a program's API token."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from control_plane.database.account_rows import Holder
from control_plane.database.enums import Role, Via
from control_plane.errors import NotAllowed

SESSION_PREFIX, TOKEN_PREFIX = "ses_", "aseagi_"
REMEMBERED_SECONDS = 5.0
"""A page of the dashboard is a hundred small files, each of which nginx asks about."""
MOST_REMEMBERED = 1000
EVERYTHING = frozenset({"read", "upload", "decide", "admin"})


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request of a person's programs; `name` is what decisions are stored with."""

    name: str
    via: Via
    role: Role
    scopes: frozenset[str]


ROOT = Caller("owner", Via.ROOT, Role.OWNER, EVERYTHING)


class Callers:
    """Finds callers, and remembers each for a few seconds; `forget` where a door was closed."""

    def __init__(self, root_token: str, find_session: Finder, find_token: Finder) -> None:
        self._root = root_token.encode()
        self._finders = {Via.SESSION: find_session, Via.TOKEN: find_token}
        self._known: dict[str, tuple[float, Caller]] = {}

    def find(self, token: str) -> Caller:
        """Raises NotAllowed (`unauthorized`, `session_ended`, `token_ended`) for nobody."""
        if hmac.compare_digest(token.encode(), self._root):
            return ROOT
        if token.startswith(SESSION_PREFIX):
            return self._holder(token, Via.SESSION)
        if token.startswith(TOKEN_PREFIX):
            return self._holder(token, Via.TOKEN)
        raise NotAllowed("Send the header Authorization: Bearer <CONTROL_PLANE_TOKEN, or a token of your own>.")

    def forget(self) -> None:
        """Ask the database about everybody anew."""
        self._known.clear()

    def _holder(self, token: str, via: Via) -> Caller:
        key = digest(token)
        at, caller = self._known.get(key, (0.0, ROOT))
        if caller is not ROOT and time.monotonic() - at < REMEMBERED_SECONDS:
            return caller
        holder = self._finders[via](key)
        if holder is None:
            self._known.pop(key, None)
            code = "session_ended" if via is Via.SESSION else "token_ended"
            raise NotAllowed("This sign-in has ended: sign in again.", code)
        caller = Caller(holder.name, via, holder.role, frozenset(holder.scopes))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (time.monotonic(), caller)
        return caller


Finder = Callable[[str], Holder | None]


def make_secret(prefix: str = "") -> str:
    """A token that nobody guesses (256 random bits)."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """How a token is kept: it is random, so a plain SHA-256 gives nothing away."""
    return sha256(token.encode()).hexdigest()
