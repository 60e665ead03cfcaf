"""A mailbox (MBOX, as Google Takeout, Thunderbird and Apple Mail export it): each message is a part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

from gpu_worker.render.mail.eml import decode, header_of
from gpu_worker.render.part import MESSAGE, Part
from gpu_worker.render.reader import Reader

_SEPARATOR = re.compile(rb"From \S+.* \d{1,2}:\d{2}.*\d{4}")
_QUOTED = re.compile(rb"^>(>*From )")
MOST_LINE_BYTES = 64 * 1024
MOST_HEADER_BYTES = 64 * 1024


class Mailbox(Reader):
    """A container: no page of its own."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def parts(self) -> Iterator[Part]:
        """The messages in the order of the file, each named by its subject."""
        start: int | None = None
        for offset, behind in self._separators():
            if start is not None:
                yield self._message(start, offset)
            start = behind
        if start is not None:
            yield self._message(start, self._path.stat().st_size)

    def _separators(self) -> Iterator[tuple[int, int]]:
        """Where each separating line begins and ends: one with a date, behind an empty line or at the beginning."""
        offset, may_separate = 0, True
        with self._path.open("rb") as file:
            while line := file.readline(MOST_LINE_BYTES):
                if may_separate and _SEPARATOR.match(line):
                    yield offset, offset + len(line)
                offset += len(line)
                may_separate = line in (b"\n", b"\r\n")

    def _message(self, start: int, end: int) -> Part:
        with self._path.open("rb") as file:
            file.seek(start)
            head = file.read(min(MOST_HEADER_BYTES, end - start))
        header = message_from_bytes(head.replace(b"\r\n", b"\n").split(b"\n\n")[0])
        name = f"{decode(header_of(header, 'Subject')) or 'message'}.eml"
        return Part(MESSAGE, name, partial(self._read, start, end), dated=_date_of(decode(header_of(header, "Date"))))

    def _read(self, start: int, end: int) -> Iterable[bytes]:
        """The message as it was before the mailbox quoted its lines that begin with "From "."""
        with self._path.open("rb") as file:
            file.seek(start)
            left = end - start
            while left > 0 and (line := file.readline(min(MOST_LINE_BYTES, left))):
                left -= len(line)
                yield _QUOTED.sub(rb"\1", line)


def _date_of(written: str) -> str | None:
    try:
        return parsedate_to_datetime(written).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
