"""Outlook's winmail.dat (TNEF, [MS-OXTNEF]): the attachments that other programs show as one unreadable file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from gpu_worker.render.errors import RenderError
from gpu_worker.render.html_text import html_to_text
from gpu_worker.render.mail import mapi
from gpu_worker.render.mail.eml import decode_bytes
from gpu_worker.render.part import ATTACHMENT, BODY, Part
from gpu_worker.render.written import WrittenPages

_BODY, _PROPERTIES = 0x800C, 0x9003
_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of values of a fixed size, by type."""
_VARIABLE = {0x0D, 0x1E, 0x1F, 0x102}
_MOST = 10_000


@dataclass
class _Attached:
    title: str = ""
    content: bytes | None = None
    properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)


def open_tnef(path: str) -> WrittenPages:
    """Its text, where it has one, and its attachments. Raises `RenderError` (`empty_archive`)."""
    body, properties, attached = _read(Path(path).read_bytes())
    html = html_to_text(decode_bytes(properties.get(mapi.HTML, (0, b""))[1], None))
    text = body or _text(properties, mapi.BODY) or html
    rtf = b"" if text else mapi.unpack_rtf(properties.get(mapi.RTF, (0, b""))[1])
    parts = [Part(BODY, "body.rtf", partial(_whole, rtf))] if rtf else []
    parts += [_part_of(each) for each in attached]
    if not text and not parts:
        raise RenderError("empty_archive")
    return WrittenPages([text] if text else [], parts=parts)


def _part_of(attached: _Attached) -> Part:
    name = _text(attached.properties, mapi.ATTACH_LONG_NAME) or attached.title or "unnamed"
    content = attached.properties.get(mapi.ATTACH_DATA, (0, attached.content))[1]
    if content is None:
        return Part(ATTACHMENT, name, None, "part_damaged")
    return Part(ATTACHMENT, name, partial(_whole, content))


def _read(content: bytes) -> tuple[str, dict[int, tuple[int, bytes]], list[_Attached]]:
    body, about, attached = "", dict[int, tuple[int, bytes]](), list[_Attached]()
    for number, value in _attributes(content):
        if number == _BODY:
            body = decode_bytes(value, None).rstrip("\0").replace("\r\n", "\n").strip()
        elif number == _PROPERTIES:
            about = _properties(value)
        elif number == _RENDERING and len(attached) < _MOST:
            attached.append(_Attached())
        elif attached and number == _TITLE:
            attached[-1].title = decode_bytes(value, None).rstrip("\0")
        elif attached and number == _DATA:
            attached[-1].content = value
        elif attached and number == _ATTACHMENT:
            attached[-1].properties = _properties(value)
    return body, about, attached


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and value of each attribute, up to where the file breaks off."""
    at = 6
    while at + 9 <= len(content):
        number, _, length = struct.unpack_from("<HHI", content, at + 1)
        if at + 9 + length > len(content):
            return
        yield number, content[at + 9 : at + 9 + length]
        at += 11 + length


def _properties(content: bytes) -> dict[int, tuple[int, bytes]]:
    """Type and first value of each MAPI property, up to where they break off."""
    found: dict[int, tuple[int, bytes]] = {}
    try:
        (count,) = struct.unpack_from("<I", content)
        at = 4
        for _ in range(min(count, _MOST)):
            at = _read_property(content, at, found)
    except struct.error:
        pass
    return found


def _read_property(content: bytes, at: int, found: dict[int, tuple[int, bytes]]) -> int:
    kind, number = struct.unpack_from("<HH", content, at)
    at += 4
    if number >= 0x8000:  # named: a GUID, and a number or a text
        is_text, size = struct.unpack_from("<II", content, at + 16)
        at += 24 + (_padded(size) if is_text else 0)
    several, kind = kind & 0x1000, kind & 0x0FFF
    values = 1
    if several or kind in _VARIABLE:
        (values,) = struct.unpack_from("<I", content, at)
        at += 4
    for value in range(min(values, _MOST)):
        size = _SIZES.get(kind, 0)
        if kind in _VARIABLE:
            (size,) = struct.unpack_from("<I", content, at)
            at += 4
        elif not size:
            raise struct.error("a type that is none")
        if at + size > len(content):
            raise struct.error("breaks off")
        if value == 0:
            # An object begins with the id of its interface.
            found[number] = kind, content[at + (16 if kind == 0x0D else 0) : at + size]
        at += _padded(size)
    return at


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4


def _text(properties: dict[int, tuple[int, bytes]], number: int) -> str:
    kind, value = properties.get(number, (0, b""))
    letters = value.decode("utf-16-le", errors="replace") if kind == 0x1F else decode_bytes(value, None)
    return letters.rstrip("\0").replace("\r\n", "\n").strip()


def _whole(content: bytes) -> list[bytes]:
    return [content]
