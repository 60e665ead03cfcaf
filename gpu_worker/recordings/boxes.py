"""What an MP4, MOV, M4A or 3GP says of itself: its length, time, place and device (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
MOST_BOXES = 2000
MOST_BYTES = 1024**2
INSIDE = (b"moov", b"udta", b"trak", b"mdia", b"meta", b"ilst")
LOCATIONS = (b"\xa9xyz",)
QUICKTIME = "com.apple.quicktime."


@dataclass
class Movie:
    """What the file says; empty where it says nothing. `claims` are Apple's names and values as written."""

    seconds: float | None = None
    created: datetime | None = None
    place: str = ""
    has_picture: bool = False
    has_sound: bool = False
    claims: dict[str, str] = field(default_factory=dict)


def read_movie(file: BinaryIO, size: int) -> Movie:
    """Walk the boxes, wherever in the file they stand; what is damaged is left out."""
    movie, keys = Movie(), list[str]()
    for name, path, start, end in _boxes(file, size):
        if name in (b"mvhd", b"hdlr", b"keys", *LOCATIONS) or (name == b"data" and b"ilst" in path):
            file.seek(start)
            content = file.read(min(end - start, MOST_BYTES))
            _take(movie, keys, name, path, content)
    return movie


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, tuple[bytes, ...], int, int]]:
    """Every box with the names of those around it and where its content starts and ends."""
    waiting: list[tuple[int, int, tuple[bytes, ...]]] = [(0, size, ())]
    told = 0
    while waiting and told < MOST_BOXES:
        at, end, path = waiting.pop()
        if at + 8 > end:
            continue
        file.seek(at)
        head = file.read(16)
        length, name, start = int.from_bytes(head[:4]), head[4:8], at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16]), at + 16
        length = length or end - at
        if length < start - at:
            continue
        stop = min(at + length, end)
        told += 1
        waiting.append((stop, end, path))
        yield name, path, start, stop
        if name in INSIDE or (path and path[-1] == b"ilst"):
            skip = 4 if name == b"meta" and not _is_quicktime_meta(file, start) else 0
            waiting.append((start + skip, stop, (*path, name)))


def _is_quicktime_meta(file: BinaryIO, start: int) -> bool:
    """QuickTime's `meta` has no version before its boxes, MP4's has."""
    file.seek(start)
    return file.read(8)[4:8] == b"hdlr"


def _take(movie: Movie, keys: list[str], name: bytes, path: tuple[bytes, ...], content: bytes) -> None:
    if name == b"mvhd" and len(content) >= 20:
        _take_times(movie, content)
    elif name == b"hdlr":
        movie.has_picture |= content[8:12] == b"vide"
        movie.has_sound |= content[8:12] == b"soun"
    elif name in LOCATIONS and len(content) > 4:
        movie.place = content[4 : 4 + int.from_bytes(content[:2])].decode("utf-8", "replace")
    elif name == b"keys":
        keys += _keys(content)
    elif name == b"data" and len(content) > 8:
        number = int.from_bytes(path[-1]) - 1
        if 0 <= number < len(keys) and int.from_bytes(content[:4]) == 1:
            movie.claims[keys[number].removeprefix(QUICKTIME)] = content[8:].decode("utf-8", "replace")[:200]


def _take_times(movie: Movie, content: bytes) -> None:
    wide = content[0] == 1
    created = int.from_bytes(content[4:12] if wide else content[4:8])
    at = 20 if wide else 12
    scale = int.from_bytes(content[at : at + 4])
    length = int.from_bytes(content[at + 4 : at + (12 if wide else 8)])
    if scale and length:
        movie.seconds = length / scale
    if 0 < created < 2**33:
        movie.created = EPOCH + timedelta(seconds=created)


def _keys(content: bytes) -> list[str]:
    names, at = list[str](), 8
    while at + 8 <= len(content) and len(names) < MOST_BOXES:
        length = int.from_bytes(content[at : at + 4])
        if length < 8:
            break
        names.append(content[at + 8 : at + length].decode("utf-8", "replace"))
        at += length
    return names
