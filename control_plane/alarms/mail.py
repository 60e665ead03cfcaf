"""Mail on the wire: one message through one SMTP server, encrypted but on this very machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from control_plane.errors import KeyRefused, Unavailable

TIMEOUT_SECONDS = 20
OWN_HOSTS = ("localhost", "127.0.0.1", "::1")


class MailUnavailable(Unavailable):
    """The mail server did not answer, broke off, or does not take this message."""

    code = "mail_unavailable"


class MailKeyRefused(KeyRefused):
    """The mail server does not know our user or password."""

    code = "mail_key_refused"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and as whom; without a user nobody signs in."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str, password: str | None) -> MailServer:
        """The server of SMTP_URL: smtps:// speaks TLS from the first byte, smtp:// after STARTTLS."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "smtps"
        port = parts.port or (465 if is_tls else 587)
        return cls(parts.hostname or "", port, is_tls, unquote(parts.username or ""), password or "")

    def send(self, message: EmailMessage) -> None:
        """Hand one message in. Raises MailUnavailable and MailKeyRefused."""
        with self._open() as server:
            server.send_message(message)

    def try_out(self) -> None:
        """Sign in as for a message, and send none. Raises MailUnavailable and MailKeyRefused."""
        with self._open() as server:
            server.noop()

    @contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        with _answers():
            server = self._connect()
            try:
                if self.user:
                    server.login(self.user, self.password)
                yield server
            finally:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.is_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.host not in OWN_HOSTS:
            server.starttls(context=context)
        return server


@contextmanager
def _answers() -> Iterator[None]:
    """What the server says stays out of our words: it quotes addresses."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise MailKeyRefused("The mail server refuses SMTP_URL's user or SMTP_PASSWORD.") from error
    except smtplib.SMTPResponseException as error:
        raise MailUnavailable(f"The mail server says {error.smtp_code}.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailable(f"The mail server does not take it: {type(error).__name__}.") from error
