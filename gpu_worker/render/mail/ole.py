"""OLE compound files, in which Outlook and old Office keep everything (olefile)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import olefile

from gpu_worker.render.errors import RenderError

MOST_STREAM_BYTES = 512 * 1024**2
"""Of one stream, which is read whole: an attachment in Outlook is at most 150 MB."""


@contextmanager
def open_ole(path: str) -> Iterator[olefile.OleFileIO]:
    """The file, closed at the end. Raises `RenderError` (`corrupt_file`)."""
    try:
        ole = olefile.OleFileIO(path)
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise RenderError("corrupt_file") from error
    try:
        yield ole
    finally:
        ole.close()


def list_streams(path: str) -> list[str]:
    """The names at the root of the file."""
    with open_ole(path) as ole:
        return [names[0] for names in ole.listdir(streams=True, storages=True) if len(names) == 1]


def read_stream(ole: olefile.OleFileIO, names: list[str]) -> bytes | None:
    """A stream's bytes; None where there is none. Raises `RenderError` (`part_too_large`)."""
    if not ole.exists(names) or ole.get_type(names) != olefile.STGTY_STREAM:
        return None
    if ole.get_size(names) > MOST_STREAM_BYTES:
        raise RenderError("part_too_large")
    with ole.openstream(names) as stream:
        return bytes(stream.read())
