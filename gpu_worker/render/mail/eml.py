"""An e-mail as MIME (EML): the standard library takes it apart, however broken it is."""

from __future__ import annotations

import itertools
import mimetypes
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import cast

from gpu_worker.render.errors import RenderError
from gpu_worker.render.html_text import html_to_text
from gpu_worker.render.mail.message import Address, Mail, as_pages, find_ids
from gpu_worker.render.part import ATTACHMENT, INLINE, MESSAGE, Part
from gpu_worker.render.written import WrittenPages

MOST_HEADERS = 500
MOST_HEADER_CHARACTERS = 4000
"""Of one header in `mail.json`; a header may be as long as the message."""
_COUNTED = re.compile(rb"(\d{1,10})[ \t]*\r?\n")
"""Apple Mail (EMLX) writes the message's bytes before it, and what it knows of it itself behind it."""
_HTML_SAYS_MORE = 3
"""A plain body that has fewer words than a third of its HTML's is "please view this as HTML"."""


def open_eml(path: str) -> WrittenPages:
    """The e-mail in a file. Raises `RenderError` (`corrupt_file`) for one that no parser gets through."""
    try:
        return as_pages(read_mail(Path(path).read_bytes()))
    except RecursionError as error:  # multiparts in multiparts, a thousand deep
        raise RenderError("corrupt_file") from error


def read_mail(content: bytes) -> Mail:
    """The e-mail that these bytes are."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if counted := _COUNTED.match(content):
        content = content[counted.end() : counted.end() + int(counted[1])]
    return make_mail(message_from_bytes(content.lstrip(b"\r\n")))


def read_header(text: str) -> Mail:
    """What a header says that stands alone, without a body."""
    return make_mail(message_from_bytes(text.encode("utf-8", errors="replace")))


def make_mail(message: Message) -> Mail:
    """The e-mail of a parsed message."""
    bodies = _Bodies()
    parts = list(_take_apart(message, bodies))
    body, body_from = bodies.choose()
    written = decode(header_of(message, "Date"))
    return Mail(
        senders=_people(message, "From") or _people(message, "Sender"),
        to=_people(message, "To"),
        cc=_people(message, "Cc"),
        bcc=_people(message, "Bcc"),
        subject=decode(header_of(message, "Subject")),
        sent=_read_date(written),
        sent_as_written=written,
        message_id=next(iter(find_ids(header_of(message, "Message-ID"))), ""),
        in_reply_to=next(iter(find_ids(header_of(message, "In-Reply-To"))), ""),
        references=find_ids(header_of(message, "References")),
        body=body,
        body_from=body_from,
        labels=[label.strip() for label in decode(header_of(message, "X-Gmail-Labels")).split(",") if label.strip()],
        headers=[
            (name, decode(value)[:MOST_HEADER_CHARACTERS])
            for name, value in itertools.islice(message.raw_items(), MOST_HEADERS)
        ],
        warnings=sorted({type(defect).__name__ for part in message.walk() for defect in part.defects}),
        parts=parts,
    )


def decode(header: object) -> str:
    """A header as it is read, on one line; what is encoded wrongly stays as far as it can be read."""
    text = _plain(header)
    try:
        pieces = [_letters(piece, charset) for piece, charset in decode_header(text)]
    except (HeaderParseError, ValueError):
        pieces = [text]
    return re.sub(r"[\s\x00]+", " ", "".join(pieces)).strip()


def header_of(message: Message, name: str) -> str:
    """A header as it came, empty where there is none: the library puts � for each letter beyond ASCII."""
    return next(iter(_headers(message, name)), "")


def _headers(message: Message, name: str) -> list[str]:
    return [str(value) for each, value in message.raw_items() if each.lower() == name.lower()]


def _plain(header: object) -> str:
    """A header on one line; letters that were sent as they are, in UTF-8 or Windows-1252."""
    raw = str(header).replace("\r", "").replace("\n", "")
    return decode_bytes(raw.encode("utf-8", errors="surrogateescape"), None)


def _letters(piece: bytes | str, charset: str | None) -> str:
    return piece if isinstance(piece, str) else decode_bytes(piece, charset)


def decode_bytes(content: bytes, charset: str | None) -> str:
    """Bytes in their charset; where it is wrong or unknown UTF-8, and else Windows-1252."""
    for name in (charset or "utf-8", "utf-8"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("cp1252", errors="replace")


def _people(message: Message, header: str) -> list[Address]:
    written = [_plain(value) for value in _headers(message, header)]
    return [Address(decode(name), decode(who)) for name, who in getaddresses(written) if name or who]


def _read_date(written: str) -> datetime | None:
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class _Bodies:
    """The texts of a message that are its body, in order; those of one multipart/alternative say the same."""

    def __init__(self) -> None:
        self._groups: dict[int, dict[str, str]] = {}

    def add(self, part: Message, group: int) -> None:
        """A text; `group` is the same for alternatives of each other."""
        text, mime_type = decode_bytes(_payload(part), part.get_content_charset()), part.get_content_type()
        read = html_to_text(text) if mime_type == "text/html" else text.replace("\r\n", "\n").strip()
        texts = self._groups.setdefault(group, {})
        texts[mime_type] = f"{texts[mime_type]}\n\n{read}" if mime_type in texts else read

    def choose(self) -> tuple[str, str]:
        """The body and what it was."""
        chosen = [found for texts in self._groups.values() if (found := _choose(texts))[0]]
        return "\n\n".join(text for text, _ in chosen), chosen[0][1] if chosen else "none"


def _choose(texts: Mapping[str, str]) -> tuple[str, str]:
    """Of alternatives the plain one, unless the HTML says much more."""
    plain, html = texts.get("text/plain", ""), texts.get("text/html", "")
    if html and len(plain.split()) * _HTML_SAYS_MORE < len(html.split()):
        return html, "text/html"
    return plain, "text/plain"


def _take_apart(message: Message, bodies: _Bodies) -> Iterator[Part]:
    """The parts that are files of their own; texts of the body go to `bodies`."""
    numbers = itertools.count(1)
    stack: list[tuple[Message, int]] = [(message, 0)]  # with the number of the alternative it stands in
    while stack:
        part, alternative = stack.pop()
        number = alternative or next(numbers)
        if part.get_content_type() == "message/rfc822" and part is not message and part.is_multipart():
            inner = cast(Message, part.get_payload(0))
            name = part.get_filename() or f"{decode(header_of(inner, 'Subject')) or 'message'}.eml"
            yield Part(MESSAGE, decode(name), partial(_as_bytes, inner))
        elif part.is_multipart():
            inside = number if part.get_content_type() == "multipart/alternative" else alternative
            stack += reversed([(each, inside) for each in part.get_payload() if isinstance(each, Message)])
        elif _is_body(part):
            bodies.add(part, number)
        else:
            role = INLINE if part.get("Content-ID") or part.get_content_disposition() == "inline" else ATTACHMENT
            yield Part(role, _name_of(part), partial(_payloads, part))


def _is_body(part: Message) -> bool:
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return is_text and part.get_content_disposition() != "attachment" and part.get_filename() is None


def _name_of(part: Message) -> str:
    named = decode(part.get_filename() or "")
    return named or f"unnamed{mimetypes.guess_extension(part.get_content_type()) or ''}"


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _payloads(part: Message) -> list[bytes]:
    return [_payload(part)]


def _as_bytes(message: Message) -> list[bytes]:
    return [message.as_bytes()]
