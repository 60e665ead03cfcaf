"""A ZIP, and what it turns out to be: an Office document, a book, or an archive whose members are parts."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pyzipper  # also the AES of 7-Zip and WinZip, which the standard library cannot read

from gpu_worker.render.archives.exports import recognise
from gpu_worker.render.archives.names import is_of_the_system
from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader
from gpu_worker.words.names import decode_names

MOST_ENTRIES = 200_000
MOST_DIRECTORY_BYTES = 64 * 1024**2
"""Read at all: a directory of a million names is a gigabyte of memory before the first byte is unpacked."""
CHUNK_BYTES = 1024 * 1024
ENCRYPTED, SAYS_UTF8 = 0x1, 0x800
AES = 99
KNOWN_PACKING = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, AES}
"""Windows packs what is larger than 2 GB as Deflate64, which no library at hand unpacks."""
MOST_END_BYTES = 22 + 65_535 + 76
"""The end, its longest comment, and what ZIP64 puts before it."""


def open_zip(path: str) -> zipfile.ZipFile:
    """The archive. Raises `RenderError`: `corrupt_archive`, or `too_many_parts` before its directory is read."""
    entries, directory_bytes = measure_directory(Path(path))
    if entries > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES:
        raise RenderError("too_many_parts")
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, EOFError) as error:
        raise RenderError("corrupt_archive") from error


def measure_directory(path: Path) -> tuple[int, int]:
    """How many entries the end of the archive speaks of, and how many bytes of directory; 0, 0 without an end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_END_BYTES))
        tail = file.read()
    at, at64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if at < 0 or len(tail) - at < 22:
        return 0, 0
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if at64 >= 0 and len(tail) - at64 >= 48 and (entries == 0xFFFF or directory_bytes == 0xFFFFFFFF):
        entries, directory_bytes = struct.unpack_from("<QQ", tail, at64 + 32)
    return entries, directory_bytes


def declared_type(archive: zipfile.ZipFile) -> bytes:
    """What the member `mimetype` says, as in OpenDocument and EPUB; empty without one."""
    try:
        with archive.open("mimetype") as member:
            return member.read(200)
    except (KeyError, RuntimeError, zipfile.BadZipFile, NotImplementedError, EOFError, OSError):
        return b""


class ZipArchive(Reader):
    """A container: no page of its own."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._password: bytes | None = None
        self.is_locked = any(info.flag_bits & ENCRYPTED for info in archive.infolist())
        if not any(not info.is_dir() for info in archive.infolist()):
            raise RenderError("empty_archive")
        self._names = names_of(archive.infolist())
        self.label = recognise(self._names)

    def unlock(self, passwords: Sequence[str]) -> None:
        """Use the one that opens the smallest locked member, read to its end: what follows is not read for nothing."""
        locked = pyzipper.AESZipFile(self._archive.filename)
        members = [info for info in locked.infolist() if info.flag_bits & ENCRYPTED and not info.is_dir()]
        smallest = min(members, key=lambda info: info.file_size)
        for password in passwords:
            if _fits(locked, smallest, password.encode()):
                self._archive, self._password = locked, password.encode()
                return

    def parts(self) -> Iterator[Part]:
        """The members in the order of the directory."""
        for info, name in zip(self._archive.infolist(), self._names, strict=True):
            if not info.is_dir():
                yield Part(MEMBER, name, self._content(info), self._refusal(info), _dated(info))

    def _content(self, info: zipfile.ZipInfo) -> partial[Iterator[bytes]] | None:
        return None if self._refusal(info) else partial(self._read, info)

    def _refusal(self, info: zipfile.ZipInfo) -> str | None:
        mode = info.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            return "link"
        if info.flag_bits & ENCRYPTED and self._password is None:
            return "password_protected"
        if info.compress_type not in KNOWN_PACKING:
            return "unknown_packing"
        return "system_file" if is_of_the_system(info.filename) else None

    def _read(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._archive.open(info, pwd=self._password) as member:
            while chunk := member.read(CHUNK_BYTES):
                yield chunk


def names_of(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names as they were meant: many programs write UTF-8 or their country's letters without saying so."""
    unsaid = [info for info in members if not info.flag_bits & SAYS_UTF8 and not info.filename.isascii()]
    meant = decode_names([info.filename.encode("cp437") for info in unsaid], "cp437")
    names = {id(info): name for info, name in zip(unsaid, meant, strict=True)}
    return [names.get(id(info), info.filename) for info in members]


def _fits(archive: pyzipper.AESZipFile, info: zipfile.ZipInfo, password: bytes) -> bool:
    """Whether the member can be read to its end, where its checksum is: the old cipher takes 1 wrong key in 256."""
    try:
        with archive.open(info, pwd=password) as member:
            while member.read(CHUNK_BYTES):
                pass
    except (RuntimeError, pyzipper.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError):
        return False
    return True


def _dated(info: zipfile.ZipInfo) -> str | None:
    year, month, day, hour, minute, second = info.date_time
    if year <= 1980 or not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        return None
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
