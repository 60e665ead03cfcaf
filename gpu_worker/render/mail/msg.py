"""An e-mail as Outlook saves it (MSG): an OLE file with a stream for each property ([MS-OXMSG])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import olefile

from gpu_worker.render.html_text import html_to_text
from gpu_worker.render.mail import mapi
from gpu_worker.render.mail.as_eml import write_eml
from gpu_worker.render.mail.eml import decode_bytes, read_header
from gpu_worker.render.mail.message import Address, Mail, as_pages, find_ids
from gpu_worker.render.mail.ole import open_ole, read_stream
from gpu_worker.render.part import ATTACHMENT, BODY, INLINE, MESSAGE, Part
from gpu_worker.render.written import WrittenPages

MOST_DEPTH = 8
"""Messages in messages that are converted; a deeper one is listed."""
_TIME, _INTEGER = 0x0040, 0x0003
_PEOPLE = {1: "to", 2: "cc", 3: "bcc"}


def open_msg(path: str) -> WrittenPages:
    """The e-mail in a file. Raises `RenderError`."""
    with open_ole(path) as ole:
        mail = _read_mail(ole, [], header_bytes=32, depth=0)
    return as_pages(mail)


class _Properties:
    """The properties of one storage: of the message, a recipient, an attachment."""

    def __init__(self, ole: olefile.OleFileIO, storage: list[str], header_bytes: int) -> None:
        self._ole, self._storage = ole, storage
        fixed = read_stream(ole, [*storage, "__properties_version1.0"]) or b""
        self._fixed: dict[int, tuple[int, bytes]] = {}
        for at in range(header_bytes, len(fixed) - 15, 16):
            kind, number = struct.unpack_from("<HH", fixed, at)
            self._fixed[number] = kind, fixed[at + 8 : at + 16]

    def text(self, number: int) -> str:
        """A text, empty where there is none."""
        wide = read_stream(self._ole, [*self._storage, f"__substg1.0_{number:04X}001F"])
        if wide is not None:
            return wide.decode("utf-16-le", errors="replace").rstrip("\0")
        narrow = read_stream(self._ole, [*self._storage, f"__substg1.0_{number:04X}001E"])
        return decode_bytes(narrow or b"", None).rstrip("\0")

    def binary(self, number: int) -> bytes | None:
        """Bytes, None where there are none."""
        return read_stream(self._ole, [*self._storage, f"__substg1.0_{number:04X}0102"])

    def time(self, number: int) -> datetime | None:
        """A time in UTC."""
        kind, value = self._fixed.get(number, (0, b""))
        return mapi.read_filetime(int.from_bytes(value, "little")) if kind == _TIME else None

    def integer(self, number: int) -> int | None:
        """A whole number."""
        kind, value = self._fixed.get(number, (0, b""))
        return int.from_bytes(value[:4], "little") if kind == _INTEGER else None


def _read_mail(ole: olefile.OleFileIO, storage: list[str], header_bytes: int, depth: int) -> Mail:
    about = _Properties(ole, storage, header_bytes)
    header = read_header(about.text(mapi.HEADERS))
    people = _recipients(ole, storage)
    sent = about.time(mapi.SUBMITTED) or about.time(mapi.DELIVERED)
    html = html_to_text(decode_bytes(about.binary(mapi.HTML) or b"", None))
    plain = about.text(mapi.BODY).replace("\r\n", "\n").strip()
    own = Address(about.text(mapi.SENDER_NAME), about.text(mapi.SENDER_SMTP) or about.text(mapi.SENDER_ADDRESS))
    ids = [*find_ids(about.text(mapi.MESSAGE_ID)), header.message_id]
    return Mail(
        senders=header.senders or ([own] if own.name or own.address else []),
        to=people["to"] or header.to,
        cc=people["cc"] or header.cc,
        bcc=people["bcc"],
        subject=about.text(mapi.SUBJECT) or header.subject,
        sent=header.sent or sent,  # the header has the sender's zone, the property is UTC
        sent_as_written=header.sent_as_written or (sent.strftime("%Y-%m-%d %H:%M:%S UTC") if sent else ""),
        message_id=next(filter(None, ids), ""),
        in_reply_to=next(iter(find_ids(about.text(mapi.IN_REPLY_TO))), header.in_reply_to),
        references=find_ids(about.text(mapi.REFERENCES)) or header.references,
        body=plain or html,
        body_from="text/plain" if plain else "text/html" if html else "none",
        headers=header.headers,
        parts=[*_body_as_part(about, bool(plain or html)), *_attachments(ole, storage, depth)],
    )


def _recipients(ole: olefile.OleFileIO, storage: list[str]) -> dict[str, list[Address]]:
    people: dict[str, list[Address]] = {"to": [], "cc": [], "bcc": []}
    for name in _children(ole, storage, "__recip_version1.0_#"):
        about = _Properties(ole, [*storage, name], header_bytes=8)
        kind = _PEOPLE.get((about.integer(mapi.RECIPIENT_TYPE) or 1) & 0xF, "to")
        address = about.text(mapi.SMTP_ADDRESS) or about.text(mapi.ADDRESS)
        people[kind].append(Address(about.text(mapi.DISPLAY_NAME), address))
    return people


def _body_as_part(about: _Properties, has_text: bool) -> Iterator[Part]:
    """A body that is nothing but RTF is a file of its own, for the reader of RTF."""
    rtf = b"" if has_text else mapi.unpack_rtf(about.binary(mapi.RTF) or b"")
    if rtf:
        yield Part(BODY, "body.rtf", lambda: [rtf])


def _attachments(ole: olefile.OleFileIO, storage: list[str], depth: int) -> Iterator[Part]:
    for child in _children(ole, storage, "__attach_version1.0_#"):
        inside = [*storage, child]
        about = _Properties(ole, inside, header_bytes=8)
        name = about.text(mapi.ATTACH_LONG_NAME) or about.text(mapi.ATTACH_NAME) or about.text(mapi.DISPLAY_NAME)
        content, embedded = about.binary(mapi.ATTACH_DATA), [*inside, "__substg1.0_3701000D"]
        if content is not None:
            role = INLINE if about.text(mapi.ATTACH_CONTENT_ID) else ATTACHMENT
            yield Part(role, name or "unnamed", partial(_whole, content))
        elif ole.exists([*embedded, "__properties_version1.0"]):
            yield _message(ole, embedded, name, depth)
        else:
            yield Part(ATTACHMENT, name or "unnamed", None, "part_damaged")


def _message(ole: olefile.OleFileIO, storage: list[str], name: str, depth: int) -> Part:
    """A message in the message, converted to EML: a storage of an OLE file is no file by itself."""
    if depth >= MOST_DEPTH:
        return Part(MESSAGE, name or "message", None, "too_deep")
    mail = _read_mail(ole, storage, header_bytes=24, depth=depth + 1)
    return Part(MESSAGE, f"{mail.subject or name or 'message'}.eml", partial(_whole, write_eml(mail)))


def _whole(content: bytes) -> list[bytes]:
    return [content]


def _children(ole: olefile.OleFileIO, storage: list[str], prefix: str) -> list[str]:
    depth = len(storage)
    listed = ole.listdir(streams=False, storages=True)
    found = {names[depth] for names in listed if len(names) > depth and names[:depth] == storage}
    return sorted(name for name in found if name.startswith(prefix))
