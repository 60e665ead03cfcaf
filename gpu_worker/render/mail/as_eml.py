"""An e-mail written as EML, the same for the same message: what lies inside an Outlook file becomes a file (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from gpu_worker.render.mail.message import Address, Mail

CONVERTED = "from a message inside an Outlook file"


def write_eml(mail: Mail) -> bytes:
    """The message with its attachments."""
    message = EmailMessage(policy=SMTP.clone(utf8=True, refold_source="none"))
    lists = (("From", mail.senders), ("To", mail.to), ("Cc", mail.cc), ("Bcc", mail.bcc))
    texts = {name: _people(who) for name, who in lists if who}
    texts["Subject"] = mail.subject
    texts["Date"] = format_datetime(mail.sent) if mail.sent else ""
    texts["Message-ID"], texts["In-Reply-To"] = mail.message_id, mail.in_reply_to
    texts["References"], texts["X-Converted"] = " ".join(mail.references), CONVERTED
    lines = [f"{name}: {_one_line(text)}" for name, text in texts.items() if text]
    message.set_content(_clean(mail.body) or "\n", cte="base64")
    contents = [(part.name, b"".join(part.content())) for part in mail.parts if part.content is not None]
    for name, content in contents:
        message.add_attachment(content, "application", "octet-stream", filename=_one_line(name))
    if contents:
        message.set_boundary("part-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:40])
    return "\r\n".join(lines).encode() + b"\r\n" + message.as_bytes()


def _people(who: Iterable[Address]) -> str:
    return ", ".join(formataddr((each.name, each.address), "utf-8") for each in who)


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode()
