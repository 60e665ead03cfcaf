"""An e-mail, whatever file it was in: its page as a person reads it, its JSON, its thread (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gpu_worker.render.part import Part, Structure
from gpu_worker.render.written import WrittenPages

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
CLAIMS = "The header is what the sender's programs wrote. It can be edited, like the rest of the file."


@dataclass(frozen=True)
class Address:
    """A person in a header, as written there."""

    name: str
    address: str

    def __str__(self) -> str:
        if self.name and self.address:
            return f"{self.name} <{self.address}>"
        return self.name or self.address


@dataclass(frozen=True)
class Mail:
    """What an e-mail says of itself. `sent` keeps the zone that the sender wrote, and has none where there was none."""

    senders: Sequence[Address]
    to: Sequence[Address]
    cc: Sequence[Address]
    bcc: Sequence[Address]
    subject: str
    sent: datetime | None
    sent_as_written: str
    message_id: str
    in_reply_to: str
    references: Sequence[str]
    body: str
    body_from: str
    labels: Sequence[str] = ()
    headers: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()
    parts: Sequence[Part] = field(default=(), compare=False)

    @property
    def thread_id(self) -> str:
        """The first message of the thread that this one names; its own id where it begins one."""
        return next(iter([*self.references, self.in_reply_to, self.message_id]), "") or self.message_id


def find_ids(header: str) -> list[str]:
    """The message ids in a header, in order."""
    return _MESSAGE_ID.findall(header)


def as_pages(mail: Mail) -> WrittenPages:
    """The e-mail as a reader answers for it."""
    return WrittenPages([write_page(mail)], Structure("mail.json", describe(mail)), mail.parts)


def write_page(mail: Mail) -> str:
    """The e-mail as a printed one: its header, what is attached, its body."""
    people = (("From", mail.senders), ("To", mail.to), ("Cc", mail.cc), ("Bcc", mail.bcc))
    lines = [f"{title}: {', '.join(map(str, who))}" for title, who in people if who]
    lines.append(f"Date: {mail.sent_as_written}" if mail.sent_as_written else "Date: none")
    lines.append(f"Subject: {mail.subject}")
    lines += [f"Labels: {', '.join(mail.labels)}"] if mail.labels else []
    attached = [part.name for part in mail.parts if part.role != "inline"]
    lines += [f"Attached: {', '.join(attached)}"] if attached else []
    return "\n".join([*lines, "", mail.body.strip(), ""])


def describe(mail: Mail) -> dict[str, object]:
    """`mail.json`."""
    return {
        "kind": "mail",
        "from": [vars(who) for who in mail.senders],
        "to": [vars(who) for who in mail.to],
        "cc": [vars(who) for who in mail.cc],
        "bcc": [vars(who) for who in mail.bcc],
        "subject": mail.subject,
        "sent": mail.sent.isoformat() if mail.sent else None,
        "sent_as_written": mail.sent_as_written,
        "message_id": mail.message_id,
        "thread_id": mail.thread_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "labels": list(mail.labels),
        "body": mail.body,
        "body_from": mail.body_from,
        "headers": [list(header) for header in mail.headers],
        "claims": CLAIMS,
        "warnings": list(mail.warnings),
    }
