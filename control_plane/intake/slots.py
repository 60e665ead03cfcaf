"""How many uploads there are at once, and how slow one may be: whatever senders do, other calls find a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

from control_plane.errors import Unavailable

# Each upload holds a part of 8 MiB and its copy on the wire: 12 at once are 200 MiB.
MOST_UPLOADS = 12
WAIT_SECONDS = 20.0
PIECE_BYTES = 64 * 1024
PIECE_SECONDS = 60.0
"""So long may 64 KiB take: 1.1 KB/s, slower than any line on which a document arrives before its sender gives up."""
LOOK_SECONDS = 2.0


class UploadsBusy(Unavailable):
    """So many files come in at once that this one must be sent again in a moment."""

    code = "uploads_busy"


@dataclass
class UploadSlots:
    """A quarter of the server's threads takes files, another quarter waits to; half is left for everything else."""

    threads: int
    uploads: int = field(init=False)
    waiting: int = field(init=False)
    _free: threading.Condition = field(default_factory=threading.Condition)
    _running: int = 0
    _queued: int = 0

    def __post_init__(self) -> None:
        self.uploads = max(1, min(MOST_UPLOADS, self.threads // 4))
        self.waiting = self.threads // 4

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for one's turn, not for long. Raises UploadsBusy."""
        with self._free:
            self._enter()
        try:
            yield
        finally:
            with self._free:
                self._running -= 1
                self._free.notify()

    def _enter(self) -> None:
        if self._running >= self.uploads:
            if self._queued >= self.waiting:
                raise UploadsBusy("Many files come in at once: send this one again in some seconds.")
            self._queued += 1
            try:
                if not self._free.wait_for(lambda: self._running < self.uploads, WAIT_SECONDS):
                    raise UploadsBusy("Many files come in at once: send this one again in some seconds.")
            finally:
                self._queued -= 1
        self._running += 1


@dataclass
class Pace:
    """Cuts off who sends less than a piece in its time: its thread would be gone for as long as the sender likes."""

    piece_seconds: float = PIECE_SECONDS
    _due: dict[socket.socket, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looking: bool = False

    def read(self, stream: IO[bytes], connection: socket.socket) -> bytes:
        """The next piece; short, or an error of the server's, when its sender was cut off."""
        with self._lock:
            self._due[connection] = time.monotonic() + self.piece_seconds
            self._start()
        try:
            return stream.read(PIECE_BYTES)
        finally:
            with self._lock:
                self._due.pop(connection, None)

    def _start(self) -> None:
        if not self._looking:
            self._looking = True
            threading.Thread(target=self._look, name="upload-pace", daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(min(LOOK_SECONDS, self.piece_seconds))
            now = time.monotonic()
            with self._lock:
                for connection in [each for each, due in self._due.items() if due < now]:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)


@dataclass
class PacedBody:
    """A request's body, read piece by piece, each in its time; without a connection (no real server) as it comes."""

    stream: IO[bytes]
    connection: socket.socket | None
    pace: Pace

    def read(self, size: int) -> bytes:
        """The next piece, of whatever size is asked for."""
        if self.connection is None:
            return self.stream.read(min(size, PIECE_BYTES))
        return self.pace.read(self.stream, self.connection)
