"""TAR, and single files packed with gzip, bzip2 or xz: read as a stream, once from its beginning to its end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader
from gpu_worker.words.names import decode_names

CHUNK_BYTES = 1024 * 1024
BLOCK_BYTES = 512
RATIO, FREE_BYTES = 250, 512 * 1024**2
"""What a packed stream may unpack to, a little above what its parts may (`unpacking.PartLimits`)."""
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)


def _open_gzip(path: str) -> IO[bytes]:
    return io.BufferedReader(gzip.GzipFile(path))


def _open_bzip2(path: str) -> IO[bytes]:
    return bz2.open(path, "rb")


def _open_xz(path: str) -> IO[bytes]:
    return io.BufferedReader(lzma.LZMAFile(path, format=lzma.FORMAT_AUTO))


def _open_plain(path: str) -> IO[bytes]:
    return Path(path).open("rb")


class TarArchive(Reader):
    """A TAR as it is, or under gzip, bzip2 or xz; what is packed so and is no TAR has itself as its one part."""

    def __init__(self, unpack: Callable[[str], IO[bytes]], path: str) -> None:
        self._unpack, self._path = unpack, path
        try:
            with unpack(path) as file:
                head = file.read(BLOCK_BYTES)
        except _BROKEN as error:
            raise RenderError("corrupt_archive") from error
        self._is_tar = head[257:262] == b"ustar"

    def parts(self) -> Iterator[Part]:
        """The members in the order of the file."""
        with self._unpack(self._path) as file:
            bounded = _Bounded(file, Path(self._path).stat().st_size)
            if not self._is_tar:
                yield Part(MEMBER, self._own_name(), partial(_read, bounded))
                return
            with tarfile.open(fileobj=bounded, mode="r|", ignore_zeros=False) as archive:
                for info in archive:
                    if not info.isdir():
                        yield _part_of(archive, info)

    def _own_name(self) -> str:
        """The name that gzip keeps of what it packed."""
        with Path(self._path).open("rb") as file:
            head = file.read(2048)
        if head[:2] == b"\x1f\x8b" and head[3] & 0x08 and not head[3] & 0x04:
            return head[10:].split(b"\0")[0].decode("utf-8", errors="replace") or "content"
        return "content"


open_tar = partial(TarArchive, _open_plain)
open_gzip = partial(TarArchive, _open_gzip)
open_bzip2 = partial(TarArchive, _open_bzip2)
open_xz = partial(TarArchive, _open_xz)


class _Bounded(io.RawIOBase):
    """A stream that ends with `ratio_too_high` once it has given far more than there was packed."""

    def __init__(self, file: IO[bytes], packed_bytes: int) -> None:
        self._file, self._left = file, max(FREE_BYTES, RATIO * packed_bytes)

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(CHUNK_BYTES if size is None or size < 0 else size)
        self._left -= len(chunk)
        if self._left < 0:
            raise RenderError("ratio_too_high")
        return chunk


def _read(file: _Bounded) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _part_of(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Part:
    dated = datetime.fromtimestamp(info.mtime, UTC).isoformat() if 0 < info.mtime < 2**32 else None
    (name,) = decode_names([info.name.encode("utf-8", "surrogateescape")], "cp1252")
    if not info.isreg():
        return Part(MEMBER, name, None, "link", dated)
    return Part(MEMBER, name, partial(_member, archive, info), None, dated)


def _member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(info)
    while file is not None and (chunk := file.read(CHUNK_BYTES)):
        yield chunk
