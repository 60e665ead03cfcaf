"""What an IMAP server answers to a fetch, and how folders are spelled (RFC 3501). Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

Value = bytes | list["Value"]
# What imaplib hands over of an answer: its lines, and those that end in a literal as a pair with its bytes.
Line = bytes | tuple[bytes, bytes] | None

_TOKEN = re.compile(rb'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()"]+))', re.S)
_LITERAL_END = re.compile(rb"\{\d+\+?\}$")
_SHIFTED = re.compile(r"&([^-]*)-")
_FOREIGN = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True)
class Message:
    """A message as the folder lists it: `labels` are Gmail's, `received_at` is when the server took it in."""

    uid: int
    bytes: int
    received_at: datetime | None = None
    labels: tuple[str, ...] = ()


def read_fetched(lines: Iterable[Line]) -> list[dict[str, Value]]:
    """Each answer to a fetch as its values by name in capitals; what cannot be understood is left out."""
    found: list[dict[str, Value]] = []
    depth: list[list[Value]] = [[]]
    for token in _tokens(lines):
        if token == ("open", b""):
            depth.append([])
        elif token == ("close", b"") and len(depth) > 1:
            inner = depth.pop()
            if len(depth) == 1:
                found.append(_by_name(inner))
            else:
                depth[-1].append(inner)
        else:
            depth[-1].append(token[1])
    return found


def read_message(values: dict[str, Value]) -> Message | None:
    """A listed message; None for an answer that is not one (a change of flags that nobody asked for)."""
    uid, size = values.get("UID"), values.get("RFC822.SIZE")
    if not (isinstance(uid, bytes) and isinstance(size, bytes) and uid.isdigit() and size.isdigit()):
        return None
    labels = values.get("X-GM-LABELS")
    words = [decode_folder(each) for each in labels if isinstance(each, bytes)] if isinstance(labels, list) else []
    return Message(int(uid), int(size), _read_time(values.get("INTERNALDATE")), tuple(words))


def quote(text: str) -> str:
    """A string as a command takes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def encode_folder(name: str) -> str:
    """A folder's name in IMAP's own UTF-7: `Ämter & Co` is `&AMQ-mter &- Co`."""
    return _FOREIGN.sub(_shift, name.replace("&", "&-"))


def decode_folder(name: bytes) -> str:
    """A folder's or label's name as people read it; one that is no such UTF-7 stays as it is."""
    text = name.decode("utf-8", "replace")
    try:
        return _SHIFTED.sub(_unshift, text)
    except ValueError:
        return text


def _tokens(lines: Iterable[Line]) -> Iterator[tuple[str, bytes]]:
    for line in lines:
        head, literal = line if isinstance(line, tuple) else (line or b"", None)
        for each in _TOKEN.finditer(_LITERAL_END.sub(b"", head) if literal is not None else head):
            kind = str(each.lastgroup)
            if kind in ("open", "close"):
                yield kind, b""
            else:
                yield "value", re.sub(rb"\\(.)", rb"\1", each[kind]) if kind == "quoted" else each[kind]
        if literal is not None:
            yield "value", literal


def _by_name(values: list[Value]) -> dict[str, Value]:
    pairs = zip(values[::2], values[1::2], strict=False)
    return {name.decode("ascii", "replace").upper(): value for name, value in pairs if isinstance(name, bytes)}


def _read_time(value: Value | None) -> datetime | None:
    try:
        text = value.decode("ascii").strip() if isinstance(value, bytes) else ""
        return datetime.strptime(text, "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None


def _shift(found: re.Match[str]) -> str:
    coded = base64.b64encode(found[0].encode("utf-16-be", "surrogatepass")).rstrip(b"=").replace(b"/", b",")
    return f"&{coded.decode()}-"


def _unshift(found: re.Match[str]) -> str:
    coded = found[1].replace(",", "/")
    return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"
