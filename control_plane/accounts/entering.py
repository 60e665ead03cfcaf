"""Signing in, accepting an invitation, signing out (story)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from control_plane.accounts import factors
from control_plane.database.account_rows import Account, Guess
from control_plane.database.enums import Action, Via
from control_plane.http.callers import SESSION_PREFIX, digest, make_secret
from control_plane.http.sealing import seal, unseal
from control_plane.http.traces import address, trace_visit
from control_plane.http.wiring import callers, clients


@dataclass(frozen=True)
class Entry:
    """How a try to sign in ended: with a session, or with how long to wait before the next is heard."""

    session: str | None = field(default=None, repr=False)
    wait_seconds: int = 0


def sign_in(name: str, password: str, code: str) -> Entry:
    """One guess: name, password and code together, so that nobody learns which of them was wrong."""
    guess = clients().database.begin_sign_in(name.strip(), address())
    if guess.guess_id is None:
        return Entry(wait_seconds=guess.wait_seconds)
    if not factors.password_matches(guess.password_hash, password):
        return Entry()
    clients().database.note_right_password(guess.guess_id)
    session = None if guess.codes_spent else _use_code(guess, code)
    trace_visit(name.strip(), Via.NONE, Action.SIGNED_IN if session else Action.WRONG_CODE)
    return Entry(session)


def _use_code(guess: Guess, code: str) -> str | None:
    """A session, if the code opens one: each does once."""
    if guess.guess_id is None or guess.account_id is None:
        return None
    key = unseal(guess.totp_sealed or "")
    step = factors.find_step(key, code, time.time()) if key else None
    recovery = factors.plain_recovery_code(code)
    if step is None and recovery is None:
        return None
    session = make_secret(SESSION_PREFIX)
    recovery_sha256 = digest(recovery) if recovery and step is None else None
    started = clients().database.start_session(
        guess.guess_id, guess.account_id, digest(session), step, recovery_sha256
    )  # fmt: skip
    return session if started else None


def accept(invitation: str, password: str, key: str, step: int) -> tuple[Account, list[str]] | None:
    """Use an invitation up: the person, and the recovery codes to show once; None if the link was dead."""
    codes = factors.make_recovery_codes()
    hashes = [digest(factors.plain_recovery_code(code) or "") for code in codes]
    # One step back: the code that was just typed may sign in once, or a person would wait half a minute.
    person = clients().database.accept_invitation(
        digest(invitation), factors.hash_password(password), seal(key), step - 1, hashes
    )
    if person is None:
        return None
    callers().forget()
    trace_visit(person.name, Via.NONE, Action.JOINED)
    return person, codes


def sign_out(session: str, name: str, everywhere: bool) -> None:
    """End this session, or all of its person; what nobody holds any more opens nothing."""
    clients().database.end_session(digest(session), everywhere)
    callers().forget()
    trace_visit(name, Via.SESSION, Action.SIGNED_OUT)
