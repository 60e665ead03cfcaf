"""What Outlook's files have in common: the numbers of properties, its times, its packed RTF (pure)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SUBJECT, SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0037, 0x0C1A, 0x0C1F, 0x5D01
HEADERS, BODY, RTF, HTML = 0x007D, 0x1000, 0x1009, 0x1013
MESSAGE_ID, REFERENCES, IN_REPLY_TO, SUBMITTED, DELIVERED = 0x1035, 0x1039, 0x1042, 0x0039, 0x0E06
RECIPIENT_TYPE, DISPLAY_NAME, ADDRESS, SMTP_ADDRESS = 0x0C15, 0x3001, 0x3003, 0x39FE
ATTACH_DATA, ATTACH_NAME, ATTACH_LONG_NAME, ATTACH_CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x3712

MOST_RTF_BYTES = 64 * 1024**2
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every packed RTF may refer to before its own first byte ([MS-OXRTFCP] 2.1.2.1)."""


def read_filetime(ticks: int) -> datetime | None:
    """A time of Windows (100 ns since 1601) in UTC; None for one that is none."""
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10) if 0 < ticks < 2**62 else None
    except OverflowError:
        return None


def unpack_rtf(packed: bytes) -> bytes:
    """RTF out of Outlook's compression; empty where it is none."""
    if len(packed) < 16:
        return b""
    kind, content = packed[8:12], packed[16:]
    if kind == b"MELA":
        return content[: int.from_bytes(packed[4:8], "little")]
    return _unpack_lzfu(content, int.from_bytes(packed[4:8], "little")) if kind == b"LZFu" else b""


def _unpack_lzfu(content: bytes, size: int) -> bytes:
    """A byte of flags before eight tokens: a letter as it is, or a place and length in the last 4,096 letters."""
    window, place = bytearray(_KNOWN.ljust(4096, b"\0")), len(_KNOWN)
    written, at = bytearray(), 0
    while at < len(content) and len(written) < min(size, MOST_RTF_BYTES):
        flags, at = content[at], at + 1
        for bit in range(8):
            is_reference = flags >> bit & 1
            token, at = content[at : at + 1 + is_reference], at + 1 + is_reference
            if len(token) <= is_reference:
                return bytes(written)
            start, length = token[0] << 4 | token[-1] >> 4, (token[-1] & 0xF) + 2
            if is_reference and start == place:
                return bytes(written)
            for step in range(length if is_reference else 1):
                letter = window[(start + step) % 4096] if is_reference else token[0]
                written.append(letter)
                window[place] = letter
                place = (place + 1) % 4096
    return bytes(written)
