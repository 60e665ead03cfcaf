"""What a file is by its first bytes; its name is never asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from inspector import kinds
from inspector.chats import (
    is_google_voice,
    is_imessage_page,
    is_imessage_text,
    is_meta,
    is_sms_backup,
    is_whatsapp,
)
from inspector.encodings import find_mark, find_unmarked_utf16, is_written
from inspector.kinds import Kind
from inspector.letters import is_email, is_mailbox
from inspector.tables import is_table

HEAD_BYTES = 4096
"""As much as `inspect` wants to see, or the whole file where it is shorter."""

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Bytes of the header behind BMP's first 14: "BM" alone also starts a letter about a BMW."""
_WEB_PAGE = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype\s+html|<html)[\s>]", re.I | re.S)


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _hides_pdf(head: bytes) -> bool:
    """Readers accept junk before a PDF, and mail gateways add it; but it may also lie in a ZIP, or be attached."""
    return b"%PDF-" in head[:1024]


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and len(head) >= 26 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _is_riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def _has_brand(*brands: bytes) -> Callable[[bytes], bool]:
    """A file of boxes (MP4 and its kin), by the brand that it names first; any brand where none is given."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12].startswith(brands or b"")


def _is_mpeg_sound(head: bytes) -> bool:
    """Frames of MPEG layer 3 from the first byte on, as voicemail systems write them."""
    return len(head) > 3 and head[0] == 0xFF and head[1] in (0xFB, 0xFA, 0xF3, 0xF2) and head[2] >> 4 not in (0, 15)


def _is_adts(head: bytes) -> bool:
    return len(head) > 3 and head[0] == 0xFF and head[1] in (0xF1, 0xF9) and head[2] >> 2 & 15 < 13


BYTES: tuple[tuple[Callable[[bytes], bool], Kind], ...] = (
    (_starts(b"%PDF-"), kinds.PDF),
    (_starts(b"\xff\xd8\xff"), kinds.JPEG),
    (_starts(b"\x89PNG\r\n\x1a\n"), kinds.PNG),
    (_starts(b"GIF87a", b"GIF89a"), kinds.GIF),
    (_starts(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"), kinds.TIFF),
    (_is_bmp, kinds.BMP),
    (_is_riff(b"WEBP"), kinds.WEBP),
    (_is_heic, kinds.HEIC),
    (_has_brand(b"avif", b"avis"), kinds.AVIF),
    (_starts(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"), kinds.ZIP),
    (_starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), kinds.OLE),
    (_starts(b"\x1f\x8b\x08"), kinds.GZIP),
    (lambda head: head.startswith(b"BZh") and head[4:10] == b"1AY&SY", kinds.BZIP2),
    (_starts(b"\xfd7zXZ\x00"), kinds.XZ),
    (_starts(b"7z\xbc\xaf\x27\x1c"), kinds.SEVEN_ZIP),
    (_starts(b"Rar!\x1a\x07"), kinds.RAR),
    (lambda head: head[257:262] == b"ustar", kinds.TAR),
    (_starts(b"\x78\x9f\x3e\x22"), kinds.TNEF),
    (_starts(b"!BDN"), kinds.PST),
    (_starts(b"SQLite format 3\x00"), kinds.DATABASE),
    (_is_riff(b"WAVE"), kinds.WAV),
    (_is_riff(b"AVI "), kinds.AVI),
    (_has_brand(b"M4A", b"M4B", b"M4P"), kinds.M4A),
    (_has_brand(b"qt  "), kinds.MOV),
    (_has_brand(b"3gp", b"3g2"), kinds.THREE_GP),
    (_has_brand(), kinds.MP4),
    (_starts(b"ID3"), kinds.MP3),
    (_starts(b"OggS"), kinds.OGG),
    (_starts(b"fLaC"), kinds.FLAC),
    (_starts(b"#!AMR"), kinds.AMR),
    (_starts(b"caff\x00\x01"), kinds.CAF),
    (lambda head: head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"), kinds.AIFF),
    (_starts(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), kinds.ASF),
    (_starts(b"\x1aE\xdf\xa3"), kinds.MATROSKA),
    (_is_mpeg_sound, kinds.MP3),
    (_is_adts, kinds.AAC),
    (_starts(b"\xc5\xd0\xd3\xc6"), kinds.POSTSCRIPT),  # with a preview before it
    (_starts(b"MZ\x90\x00", b"\x7fELF", b"\xcf\xfa\xed\xfe"), kinds.PROGRAM),
)
"""Tests of the bytes themselves, in their order."""

LETTERS: tuple[tuple[Callable[[str], bool], Kind], ...] = (
    (lambda text: text.startswith("{\\rtf"), kinds.RTF),
    (lambda text: text.startswith("%!PS"), kinds.POSTSCRIPT),
    (lambda text: text.startswith("\x1b%-12345X"), kinds.PRINT_JOB),
    (is_whatsapp, kinds.WHATSAPP),
    (is_imessage_text, kinds.IMESSAGE),
    (is_sms_backup, kinds.SMS),
    (is_meta, kinds.META),
    (is_google_voice, kinds.GOOGLE_VOICE),
    (is_imessage_page, kinds.IMESSAGE_PAGE),
    (is_mailbox, kinds.MBOX),
    (is_email, kinds.EML),
    (lambda text: _WEB_PAGE.match(text) is not None, kinds.HTML),
    (is_table, kinds.CSV),
)
"""Tests of a head that is text, decoded and without its byte order mark, in their order; what none knows is TEXT."""


def inspect(head: bytes) -> Kind | None:
    """The kind that the first `HEAD_BYTES` bytes show, or None if they show none.

    ZIP and OLE are families: `inspector.packages` tells their kinds once the whole file can be opened.
    """
    for is_kind, kind in BYTES:
        if is_kind(head):
            return kind
    text = decode_head(head)
    if _hides_pdf(head) and not (text is not None and (is_mailbox(text) or is_email(text))):
        return kinds.PDF
    if text is None:
        return None
    return next((kind for is_kind, kind in LETTERS if is_kind(text)), kinds.TEXT)


def decode_head(head: bytes) -> str | None:
    """A head as letters, or None where it is no text. UTF-8 cut inside a letter, and Windows-1252, stay readable."""
    encoding, mark = find_mark(head) or (find_unmarked_utf16(head) or "utf-8", 0)
    own = head[mark:]
    if encoding == "utf-8":
        is_text = bool(head) and is_written(own.decode("latin-1"))
        return own.decode("utf-8", errors="replace") if is_text else None
    text = own.decode(encoding, errors="replace")
    return text if is_written(text) else None
