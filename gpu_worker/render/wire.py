"""How parent and child talk: a 4-byte length, a JSON header, then as many raw bytes as its `bytes` says."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
"""A header as JSON has it; each side makes values of it at once."""
LENGTH = struct.Struct(">I")
MOST_HEADER_BYTES = 32 * 1024 * 1024
MOST_BODY_BYTES = 128 * 1024 * 1024


def write_message(fd: int, header: Message, body: memoryview | bytes = b"") -> None:
    """Write one message; blocks while the reader is slow. Raises `BrokenPipeError` when it is gone."""
    view = memoryview(body)
    payload = json.dumps({**header, "bytes": view.nbytes}).encode()
    _write_all(fd, memoryview(LENGTH.pack(len(payload)) + payload))
    _write_all(fd, view.cast("B") if view.nbytes else view)


def read_message(read: Callable[[memoryview], int]) -> tuple[Message, bytearray]:
    """Read one message.

    `read(view)` fills part of a view and returns the count, 0 at the end of the stream. Raises `EOFError`.
    """
    (length,) = LENGTH.unpack(_read_exactly(read, LENGTH.size))
    if length > MOST_HEADER_BYTES:
        raise EOFError("a header is longer than any child sends")
    header = json.loads(_read_exactly(read, length))
    count = int(header.pop("bytes"))
    if not 0 <= count <= MOST_BODY_BYTES:
        raise EOFError("a body is longer than any child sends")
    return header, _read_exactly(read, count)


def read_from(fd: int) -> Callable[[memoryview], int]:
    """A `read` for `read_message` that blocks on a file descriptor."""
    return lambda view: os.readv(fd, [view])


def _write_all(fd: int, view: memoryview) -> None:
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(read: Callable[[memoryview], int], count: int) -> bytearray:
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        got = read(view)
        if got == 0:
            raise EOFError("the stream ended")
        view = view[got:]
    return buffer
