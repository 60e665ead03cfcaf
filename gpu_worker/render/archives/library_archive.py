"""7z and RAR as parts, read by libarchive (BSD), which the system brings and `libarchive-c` loads."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import libarchive
import libarchive.ffi
from libarchive.exception import ArchiveError

from gpu_worker.render.archives.exports import recognise
from gpu_worker.render.archives.names import is_of_the_system
from gpu_worker.render.archives.rar_locks import find_locked
from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader

MOST_ENTRIES = 200_000
SEVEN_ZIP, NEW_RAR = "7zip", "rar5"
RAR5 = b"Rar!\x1a\x07\x01\x00"
_is_encrypted = libarchive.ffi.libarchive.archive_entry_is_encrypted
_is_encrypted.argtypes, _is_encrypted.restype = [ctypes.c_void_p], ctypes.c_int


class LibraryArchive(Reader):
    """A container that libarchive takes apart from its beginning to its end. It opens no locked ones (3.8 neither)."""

    def __init__(self, form: str, path: str) -> None:
        self._form, self._path = form, path
        try:
            names = self._list()
        except ArchiveError as error:
            raise RenderError(_code_of(error)) from error
        if not names:  # libarchive reads a RAR that breaks off at once as one that holds nothing
            raise RenderError("empty_archive" if form == SEVEN_ZIP else "corrupt_archive")
        self.label = recognise(names)

    def _list(self) -> list[str]:
        names: list[str] = []
        with libarchive.file_reader(self._path, self._form, "none") as archive:
            for entry in archive:
                if len(names) >= MOST_ENTRIES:
                    raise RenderError("too_many_parts")
                if not entry.isdir:
                    names.append(_name_of(entry))
        return names

    def parts(self) -> Iterator[Part]:
        """The members in the order of the file; one that is damaged ends it, as what follows hangs on it."""
        locked = self._find_locked()
        with libarchive.file_reader(self._path, self._form, "none") as archive:
            for place, entry in enumerate(archive):
                if not entry.isdir:
                    code = "password_protected" if place in locked else _refusal(entry)
                    yield Part(MEMBER, _name_of(entry), None if code else partial(_read, entry), code, _dated(entry))

    def _find_locked(self) -> set[int]:
        if self._form != NEW_RAR:
            return set()
        with Path(self._path).open("rb") as file:
            return find_locked(file, MOST_ENTRIES)


def _read(entry: Any) -> Iterator[bytes]:
    try:
        yield from entry.get_blocks()
    except ArchiveError as error:
        raise RenderError("password_protected" if _speaks_of_a_key(error) else "part_damaged") from error


def _refusal(entry: Any) -> str | None:
    if not entry.isfile:
        return "link"
    if _is_encrypted(entry._entry_p):
        return "password_protected"
    return "system_file" if is_of_the_system(_name_of(entry)) else None


def _code_of(error: ArchiveError) -> str:
    """What keeps an archive shut: a password, a way of packing that libarchive does not know, or damage."""
    said = str(error).lower()
    if _speaks_of_a_key(error):
        return "locked_archive"
    return "unknown_packing" if "unsupported" in said or "support unavailable" in said else "corrupt_archive"


def _speaks_of_a_key(error: ArchiveError) -> bool:
    return any(word in str(error).lower() for word in ("encrypt", "passphrase", "password"))


def _name_of(entry: Any) -> str:
    return str(entry.pathname or "")


def _dated(entry: Any) -> str | None:
    seconds = entry.mtime
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds and 0 < seconds < 2**32 else None


def open_seven_zip(path: str) -> LibraryArchive:
    """A 7z archive. Raises `RenderError` (`corrupt_archive`, `empty_archive`, `locked_archive`, `unknown_packing`)."""
    return LibraryArchive(SEVEN_ZIP, path)


def open_rar(path: str) -> LibraryArchive:
    """A RAR archive, of the old form (1.5 to 4) or the new (5). Raises `RenderError` like `open_seven_zip`."""
    with Path(path).open("rb") as file:
        return LibraryArchive(NEW_RAR if file.read(len(RAR5)) == RAR5 else "rar", path)
