"""Writes the parts of a file under our own names, slice by slice, within limits that a bomb runs into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gpu_worker.render.errors import RenderError
from gpu_worker.render.part import MEMBER, Part
from gpu_worker.render.reader import Reader
from gpu_worker.render.wire import Message


@dataclass(frozen=True)
class PartLimits:
    """What one container may hold, and how much of it one request writes.

    A mailbox of ten years has some 50,000 messages. Text packs 10:1, a bomb 1,000:1; small files may pack well.
    """

    parts: int = 50_000
    part_bytes: int = 2 * 1024**3
    whole_bytes: int = 20 * 1024**3
    ratio: int = 200
    free_bytes: int = 256 * 1024**2
    slice_parts: int = 50
    slice_bytes: int = 64 * 1024**2


class Unpacking:
    """The parts of one open file. A restarted child goes on behind the last part that was taken."""

    def __init__(self, reader: Reader, packed_bytes: int, limits: PartLimits = PartLimits()) -> None:
        self._reader = reader
        self._limits = limits
        self._most = min(limits.whole_bytes, max(limits.free_bytes, limits.ratio * packed_bytes))
        self._parts: Iterator[Part] | None = None
        self._at = 0
        self._written = 0

    def take(self, after: int, folder: Path) -> tuple[list[Message], bool]:
        """The parts behind position `after`, as many as make a slice, and whether these were the last."""
        parts = self._behind(after)
        rows: list[Message] = []
        slice_end = self._written + self._limits.slice_bytes
        while len(rows) < self._limits.slice_parts and self._written < slice_end:
            part = _next(parts)
            if part is None:
                return rows, True
            self._at += 1
            if self._at > self._limits.parts:
                return [*rows, _row(self._at, Part(MEMBER, "", None, "too_many_parts"), "too_many_parts")], True
            rows.append(_row(self._at, part, self._write(part, folder / name_of(self._at))))
        return rows, False

    def _behind(self, after: int) -> Iterator[Part]:
        if self._parts is None or self._at != after:
            self._parts, self._at, self._written = self._reader.parts(), 0, 0
            while self._at < after and _next(self._parts) is not None:
                self._at += 1
        return self._parts

    def _write(self, part: Part, destination: Path) -> str | None:
        """Write the part; None, or the code why it is not taken."""
        if part.content is None:
            return part.code
        try:
            code = self._pour(part, destination)
        except MemoryError:
            raise
        except RenderError as error:
            code = error.code
        except Exception:  # whatever a library raises about one part is that part's fault
            code = "part_damaged"
        if code is not None:
            destination.unlink(missing_ok=True)
        return code

    def _pour(self, part: Part, destination: Path) -> str | None:
        assert part.content is not None
        count = 0
        with destination.open("wb") as file:
            for chunk in part.content():
                count += len(chunk)
                self._written += len(chunk)
                if count > self._limits.part_bytes:
                    return "part_too_large"
                if self._written > self._most:
                    return "ratio_too_high"
                file.write(chunk)
        return None if count else "empty_file"


def name_of(position: int) -> str:
    """Our own name of a part."""
    return f"part-{position:06d}"


def _next(parts: Iterator[Part]) -> Part | None:
    """The next part; a container that breaks off ends with a part that says so."""
    try:
        return next(parts, None)
    except MemoryError:
        raise
    except Exception:
        return Part(MEMBER, "", None, "part_damaged")


def _row(position: int, part: Part, code: str | None) -> Message:
    return {"position": position, "role": part.role, "name": part.name, "dated": part.dated, "code": code}
