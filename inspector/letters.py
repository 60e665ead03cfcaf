"""Is a text a letter: an e-mail or a mailbox of them, by its first lines. Pure."""

from __future__ import annotations

import re

_FIELD = re.compile(r"([!-9;-~]+):")
_SEPARATOR = re.compile(r"From \S+.* \d{1,2}:\d{2}.*\d{4}.*\n(>?From |[!-9;-~]+:)")
_RFC_DATE = re.compile(r"date:\s.*\d{1,2}\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s+\d{4}", re.I)
_BEFORE = re.compile(r"(\d{1,10}[ \t]*\n|\n+)")
"""What may stand before a header: its length, as Apple Mail writes it, or empty lines of a web mailer."""
_MACHINES = {"received", "message-id", "mime-version", "return-path", "delivered-to", "content-type", "dkim-signature"}
"""Fields that mail programs write and people do not: a letter that begins with "From:" and "To:" stays a text."""
_PEOPLES = {"from", "to", "subject", "date", "cc", "reply-to", "sender"}


def is_email(text: str) -> bool:
    """Whether a text begins with the header of an e-mail: two fields that mails have, one of them a machine's."""
    names: list[str] = []
    fields: list[str] = []
    text = text.replace("\r\n", "\n")
    before = _BEFORE.match(text)
    for line in text[before.end() if before else 0 :].split("\n"):
        if line[:1] in (" ", "\t") and names:
            continue
        field = _FIELD.match(line)
        if field is None:
            break
        names.append(field[1].lower())
        fields.append(line)
    known = [name for name in names if name in _MACHINES or name in _PEOPLES]
    by_machine = any(name in _MACHINES for name in names) or any(_RFC_DATE.match(line) for line in fields)
    return len(set(known)) >= 2 and by_machine


def is_mailbox(text: str) -> bool:
    """Whether a text begins as an MBOX does: a line "From <who> … <time> <year>", and a header under it."""
    return _SEPARATOR.match(text.replace("\r\n", "\n")) is not None
