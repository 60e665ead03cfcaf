"""The verbs of accounts, sessions, tokens of the API and the access log, as in `functions` (wire)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.account_rows import Account, ApiToken, Guess, Holder
from control_plane.database.connection import Connection


class AccountFunctions(Connection):
    """Every method raises QueueUnavailable when there is no answer: the call may or may not have been done."""

    def add_account(self, name: str, role: str, invitation_sha256: str, invited_by: str) -> Account:
        """Somebody who comes in by the invitation's link. Raises Conflict for a name that is taken."""
        return self._one(
            Account, "add_account", name=name, role=role, invitation_sha256=invitation_sha256, invited_by=invited_by
        )

    def invite_again(self, account_id: str, role: str | None, invitation_sha256: str) -> Account:
        """A fresh link, for a removed person too; `role` None leaves it. Raises NotFound."""
        return self._one(
            Account, "invite_again", account_id=account_id, role=role, invitation_sha256=invitation_sha256
        )

    def remove_account(self, account_id: str) -> Account:
        """They may do nothing more: sessions, links and tokens end. Raises NotFound."""
        return self._one(Account, "remove_account", account_id=account_id)

    def find_invited(self, invitation_sha256: str) -> Account | None:
        """Whose a link is that still opens."""
        return self._first(Account, "find_invited", invitation_sha256=invitation_sha256)

    def accept_invitation(
        self, invitation_sha256: str, password_hash: str, totp_sealed: str, totp_step: int,
        recovery_sha256: Sequence[str],
    ) -> Account | None:  # fmt: skip
        """Use a link up; None if it was dead."""
        return self._first(
            Account, "accept_invitation", invitation_sha256=invitation_sha256, password_hash=password_hash,
            totp_sealed=totp_sealed, totp_step=totp_step, recovery_sha256=list(recovery_sha256),
        )  # fmt: skip

    def begin_sign_in(self, name: str, address: str) -> Guess:
        """Write a guess down before it is looked at."""
        return self._one(Guess, "begin_sign_in", name=name, address=address)

    def note_right_password(self, guess_id: int) -> None:
        """The guess had the right password."""
        self._do("note_right_password", guess_id=guess_id)

    def start_session(
        self, guess_id: int, account_id: str, session_sha256: str, totp_step: int | None, recovery_sha256: str | None
    ) -> bool:
        """Sign somebody in by an unused code's step or a recovery code that is left; whether it was one."""
        return bool(self._do(
            "start_session", guess_id=guess_id, account_id=account_id, session_sha256=session_sha256,
            totp_step=totp_step, recovery_sha256=recovery_sha256,
        ))  # fmt: skip

    def find_session(self, session_sha256: str) -> Holder | None:
        """Who is signed in with it, while it lives."""
        return self._first(Holder, "find_session", session_sha256=session_sha256)

    def end_session(self, session_sha256: str, everywhere: bool) -> int:
        """Sign out, here or everywhere; how many sessions ended."""
        return self._do("end_session", session_sha256=session_sha256, everywhere=everywhere)

    def add_api_token(
        self, name: str, account_id: str | None, scopes: Sequence[str], token_sha256: str, made_by: str
    ) -> ApiToken:
        """A token for a program. Raises NotFound for nobody."""
        return self._one(
            ApiToken, "add_api_token", name=name, account_id=account_id, scopes=list(scopes),
            token_sha256=token_sha256, made_by=made_by,
        )  # fmt: skip

    def end_api_token(self, token_id: str) -> bool:
        """It opens nothing more; whether it had not ended before."""
        return bool(self._do("end_api_token", token_id=token_id))

    def find_api_token(self, token_sha256: str) -> Holder | None:
        """Whose a token is, and what it may."""
        return self._first(Holder, "find_api_token", token_sha256=token_sha256)

    def record_access(
        self, person: str, via: str, action: str, route: str, document_id: str | None, status: int | None,
        address: str | None,
    ) -> None:  # fmt: skip
        """Write down what somebody did."""
        self._do(
            "record_access", person=person, via=via, action=action, route=route, document_id=document_id,
            status=status, address=address,
        )  # fmt: skip
