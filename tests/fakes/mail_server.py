"""A mail server to hand mail in at: it keeps what it takes, and refuses as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.deployment.front import free_port

USER, PASSWORD = "house@example.org", "stand-in-mail-password"


@dataclass
class MailHost:
    """What came, in order; `refusals` are used up one by one, then everything is taken."""

    taken: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """As aiosmtpd calls it."""
        if self.refusals:
            return self.refusals.pop(0)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def _check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_host() -> Iterator[MailHost]:
    """A server on a free port of loopback."""
    host = MailHost()
    controller = Controller(
        host, hostname="127.0.0.1", port=free_port(), authenticator=_check, auth_require_tls=False, auth_required=True
    )  # fmt: skip
    controller.start()
    try:
        host.url = f"smtp://{USER.replace('@', '%40')}@127.0.0.1:{controller.port}"
        yield host
    finally:
        controller.stop()
