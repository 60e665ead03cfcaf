"""A person's folder as it lies on the disk: each entry is a file to send, or a row that says why it is none (wire)."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LocalCloudError

# A scanner or a download that still writes touches its file more often than this.
SETTLED_SECONDS = 2.0

State = tuple[int, int]  # bytes, and when they were last changed, in nanoseconds


class FileChanging(OSError):
    """The file is being written: half of it is not the document."""


@dataclass(frozen=True)
class File:
    """A file of the folder, and its name relative to it, in letters that can be shown and sent."""

    path: Path
    name: str


@dataclass(frozen=True)
class NotTaken:
    """Something of the folder that cannot be a document, and why."""

    name: str
    code: str
    message: str


class SteadyFile:
    """A file to read as it was when it was opened: httpx asks its length by `seek` and `tell`.

    Before the last bytes are given out it raises FileChanging if the file changed meanwhile, so that nobody ever gets a
    whole document out of it. Opening raises OSError, also for what is no file (and a pipe does not block).
    """

    def __init__(self, path: Path) -> None:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._file = os.fdopen(number, "rb")
        if not stat.S_ISREG(os.fstat(number).st_mode):
            self._file.close()
            raise OSError("it is no longer a file")
        self.state = _state(os.fstat(number))
        self._at = 0

    def __enter__(self) -> "SteadyFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """To a place counted from the start, or to the end."""
        self._at = self.state[0] + offset if whence == os.SEEK_END else offset
        self._file.seek(self._at)
        return self._at

    def read(self, count: int) -> bytes:
        chunk = self._file.read(min(count, self.state[0] - self._at))
        self._at += len(chunk)
        if self._at == self.state[0] or not chunk:
            self._check_unchanged()
        return chunk

    def _check_unchanged(self) -> None:
        is_longer = bool(self._file.read(1)) if self._at == self.state[0] else False
        if is_longer or self._at != self.state[0] or _state(os.fstat(self._file.fileno())) != self.state:
            raise FileChanging("it changed while it was read")
        self._file.seek(self._at)


def find_entries(folder: Path, but: frozenset[str] = frozenset()) -> list[File | NotTaken]:
    """Everything under the folder whatever it is, in order of names; hidden entries and those named in `but` aside.

    Links to folders are named and not followed: they may lead in a circle, or to what nobody meant to send.
    Raises LocalCloudError when there is no such folder.
    """
    if not folder.is_dir():
        raise LocalCloudError(f"there is no folder {shown_name(folder)}: give one with `make run DOCS=folder`.")
    found = (entry for entry in _walk(folder) if entry.name not in but)
    return sorted(found, key=lambda entry: entry.name)


def is_young(path: Path) -> bool:
    """Whether the file was changed so lately that somebody may still be writing it. Raises OSError."""
    return abs(time.time() - path.stat().st_mtime) < SETTLED_SECONDS


def state_of(path: Path) -> State:
    """The file's state now. Raises OSError."""
    return _state(path.stat())


def shown_name(path: Path) -> str:
    """A path in letters: names are bytes, and old ones are often Latin-1 where UTF-8 is expected."""
    return "/".join(_letters(os.fsencode(part)) for part in path.parts).replace("//", "/", 1)


def _walk(folder: Path) -> Iterator[File | NotTaken]:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                items = [item for item in listing if not item.name.startswith(".")]
        except OSError as error:
            yield NotTaken(shown_name(here.relative_to(folder)), "unreadable_folder", _why(error))
            continue
        for item in items:
            if item.is_dir(follow_symlinks=False):
                waiting.append(Path(item.path))
            else:
                yield _look_at(item, shown_name(Path(item.path).relative_to(folder)))


def _look_at(item: "os.DirEntry[str]", name: str) -> File | NotTaken:
    try:
        mode = item.stat().st_mode
    except OSError as error:
        return NotTaken(name, "unreadable_file", _why(error))
    if stat.S_ISDIR(mode):
        return NotTaken(name, "linked_folder", "a link to a folder is not followed; give that folder by itself")
    if not stat.S_ISREG(mode):
        return NotTaken(name, "not_a_file", "a pipe, a socket or a device holds no document")
    return File(Path(item.path), name)


def _why(error: OSError) -> str:
    return f"this machine cannot read it ({error.strerror or error})"


def _letters(name: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


def _state(about: os.stat_result) -> State:
    return about.st_size, about.st_mtime_ns
