"""A mailbox on the wire: IMAP, read only, one connection for a look; nothing there is ever marked, moved or deleted."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from control_plane.errors import BadRequest, Conflict, NotFound, Unavailable
from control_plane.mailbox.answers import Message, encode_folder, quote, read_fetched, read_message

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 60
CHUNK_BYTES = 4 * 1024 * 1024
# imaplib gives up on a line of a million bytes: so many UIDs take 220,000 at most.
WINDOW_UIDS = 20_000
GMAIL = b"X-GM-EXT-1"
_LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|SERVERBUG|THROTTLED)\]|too many .*connections", re.I)
# Gmail's and Outlook's words; they hold for all of the mailbox, whatever message they are said of.
_QUOTA = re.compile(r"exceeded (?:command or )?bandwidth|bandwidth limit|\[OVERQUOTA\]|request is throttled", re.I)


class MailboxUnavailable(Unavailable):
    """The mail server did not answer, broke off, or asks us to come back later."""

    code = "mailbox_unavailable"


class MailboxQuota(Unavailable):
    """The provider's daily quota for this mailbox is used up; it is filled up again within a day."""

    code = "mailbox_quota"


class MessageRefused(Exception):
    """The server does not give this one message out."""


@dataclass(frozen=True)
class Mailbox:
    """Where a mailbox is and how to get in."""

    host: str
    port: int
    is_encrypted: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str | None, password: str | None) -> Mailbox:
        """The mailbox of IMAP_URL. Raises BadRequest (`mailbox_not_configured`) without one."""
        if url is None or password is None:
            raise BadRequest("Set IMAP_URL and IMAP_PASSWORD; docs/bulk.md says how.", "mailbox_not_configured")
        parts = urlsplit(url)
        is_encrypted = parts.scheme == "imaps"
        port = parts.port or (993 if is_encrypted else 143)
        return cls(parts.hostname or "", port, is_encrypted, unquote(parts.username or ""), password)

    def try_out(self, folder: str | None) -> None:
        """Log in and look into a folder, as every scan begins with. Raises what `open` raises for all folders."""
        with suppress(NotFound), self.open(folder or "INBOX"):
            pass

    @contextmanager
    def open(self, folder: str) -> Iterator[MailFolder]:
        """Log in and look into a folder. Raises MailboxUnavailable, Conflict (`mailbox_refused`) and NotFound."""
        with _answers():
            server = self._connect()
        try:
            with _answers():
                self._log_in(server)
                opened = _examine(server, folder)
            yield opened
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()

    def _connect(self) -> imaplib.IMAP4:
        if self.is_encrypted:
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=TIMEOUT_SECONDS)
        return imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _log_in(self, server: imaplib.IMAP4) -> None:
        try:
            if "AUTH=PLAIN" in server.capabilities:
                server.authenticate("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
            else:
                server.login(quote(self.user), self.password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
            if _LATER.search(str(error)) or _QUOTA.search(str(error)):
                raise _unavailable(error) from None
            # `from None`: what a server says of a login may repeat it.
            raise Conflict(
                "The mail server refuses our login: check IMAP_URL and IMAP_PASSWORD. Gmail and most others want an "
                "app password.",
                "mailbox_refused",
            ) from None


@dataclass(frozen=True)
class MailFolder:
    """A folder that is open to be read. Every method raises MailboxUnavailable.

    `validity` changes when the server has numbered its messages anew; `next_uid` is None where it is not told.
    """

    server: imaplib.IMAP4
    name: str
    validity: int
    next_uid: int | None
    has_labels: bool

    def find_after(self, uid: int) -> tuple[list[int], int | None]:
        """The messages behind this one, oldest first, and up to where was looked: None is the folder's end."""
        last = None if self.next_uid is None or uid + WINDOW_UIDS >= self.next_uid - 1 else uid + WINDOW_UIDS
        # `7:*` is the last message even where that is number 3: hence the comparison below.
        lines = self._ask("SEARCH", f"UID {uid + 1}:{last or '*'}")
        words = b" ".join(line for line in lines if isinstance(line, bytes)).split()
        return sorted({int(word) for word in words if word.isdigit() and int(word) > uid}), last

    def list_messages(self, uids: Sequence[int]) -> dict[int, Message]:
        """These messages by their number. One whose line says too little has 0 bytes, and its own will tell.

        So has one that was deleted meanwhile: it has no bytes to give.
        """
        if not uids:
            return {}
        names = "UID RFC822.SIZE INTERNALDATE" + (" X-GM-LABELS" if self.has_labels else "")
        answers = read_fetched(self._ask("FETCH", ",".join(map(str, uids)), f"({names})"))
        listed = [message for values in answers if (message := read_message(values))]
        if missing := set(uids) - {each.uid for each in listed}:
            log.info("%s of %s listed messages are gone or odd", len(missing), len(uids))
        return {uid: Message(uid, 0) for uid in uids} | {each.uid: each for each in listed if each.uid in uids}

    def read_chunks(self, uid: int) -> Iterator[bytes]:
        """A message's bytes in pieces of 4 MiB; nothing of one that is gone. Raises MessageRefused."""
        start = 0
        while True:
            chunk = self._read_piece(uid, start)
            if chunk:
                yield chunk
            if len(chunk) < CHUNK_BYTES:
                return
            start += len(chunk)

    def _read_piece(self, uid: int, start: int) -> bytes:
        # PEEK: without it the server would mark the message as seen where a folder is open for writing.
        answers = read_fetched(self._ask("FETCH", str(uid), f"(UID BODY.PEEK[]<{start}.{CHUNK_BYTES}>)"))
        for values in answers:
            if values.get("UID") == str(uid).encode():
                piece = values.get(f"BODY[]<{start}>")
                if isinstance(piece, bytes) and piece != b"NIL":
                    return piece
        return b""

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes] | None]:
        with _answers():
            status, lines = self.server.uid(command, *arguments)
        if status != "OK":
            if command == "FETCH" and not (_LATER.search(str(lines)) or _QUOTA.search(str(lines))):
                raise MessageRefused
            raise _unavailable(lines)
        return lines


def _examine(server: imaplib.IMAP4, folder: str) -> MailFolder:
    """The folder, opened with EXAMINE: the server itself then allows no change."""
    told = b" ".join(line for line in server.capability()[1] if isinstance(line, bytes))
    status, said = server.select(quote(encode_folder(folder)), readonly=True)
    if status != "OK":
        if _LATER.search(str(said)) or _QUOTA.search(str(said)):
            raise _unavailable(said)
        raise NotFound("There is no such folder or label in the mailbox.", "mailbox_folder_missing")
    validity, next_uid = (_number(server.response(name)[1]) for name in ("UIDVALIDITY", "UIDNEXT"))
    return MailFolder(server, folder, validity or 0, next_uid, GMAIL in told.upper().split())


def _number(lines: Sequence[object]) -> int | None:
    last = lines[-1] if lines else None
    return int(last) if isinstance(last, bytes) and last.isdigit() else None


@contextmanager
def _answers() -> Iterator[None]:
    """Whatever breaks on the wire, as ours."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as error:
        raise _unavailable(error) from error


def _unavailable(said: object) -> MailboxUnavailable | MailboxQuota:
    """By what the server said, which goes nowhere else."""
    if _QUOTA.search(str(said)):
        return MailboxQuota("The mail provider's quota for today is used up; all goes on once it is filled up again.")
    return MailboxUnavailable("The mail server does not answer, or breaks off; the batch goes on by itself.")
