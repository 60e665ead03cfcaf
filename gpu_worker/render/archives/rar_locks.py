"""Which members of a new RAR (5) are locked: libarchive hands out their scrambled bytes as if these were it (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

SIGNATURE_BYTES = 8
LONGEST_HEADER = 2 * 1024**2
"""As the form's description has it."""
FILE, ENCRYPTION_RECORD = 2, 1
HAS_EXTRA, HAS_DATA = 1, 2


def find_locked(file: BinaryIO, most: int) -> set[int]:
    """The places of locked members among the first `most`, from 0; what is damaged ends the search."""
    file.seek(SIGNATURE_BYTES)
    locked: set[int] = set()
    place = 0
    while place < most:
        try:
            kind, is_locked, data_bytes = _read_block(file)
        except (ValueError, IndexError):
            break
        if kind == FILE:
            locked |= {place} if is_locked else set()
            place += 1
        file.seek(data_bytes, 1)
    return locked


def _read_block(file: BinaryIO) -> tuple[int, bool, int]:
    """A block's kind, whether its extra records say that it is locked, and how many bytes follow its header."""
    start = file.tell()
    size, used = _number(file.read(16)[4:], 0)
    if not 0 < size <= LONGEST_HEADER:
        raise ValueError("no header")
    file.seek(start + 4 + used)
    header = file.read(size)
    kind, at = _number(header, 0)
    flags, at = _number(header, at)
    extra, data_bytes = 0, 0
    if flags & HAS_EXTRA:
        extra, at = _number(header, at)
    if flags & HAS_DATA:
        data_bytes, at = _number(header, at)
    records = header[max(at, size - extra) :] if extra else b""
    return kind, ENCRYPTION_RECORD in _kinds(records), data_bytes


def _kinds(records: bytes) -> Iterator[int]:
    at = 0
    while at < len(records):
        size, at = _number(records, at)
        yield _number(records, at)[0]
        at += max(size, 1)


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first, and where the next begins. Raises IndexError at the end."""
    value = 0
    for place in range(10):
        byte = content[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise ValueError("no number")
