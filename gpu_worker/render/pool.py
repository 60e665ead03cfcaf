"""The parent's side of the render children.

Asks, waits no longer than a limit, and replaces a child that was killed (wire).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from gpu_worker.ocr.page_text import Box
from gpu_worker.render.errors import RenderError
from gpu_worker.render.layer import Layer, from_message
from gpu_worker.render.part import FoundPart
from gpu_worker.render.unpacking import name_of
from gpu_worker.render.wire import Message, read_message, write_message
from gpu_worker.settings import RenderLimits

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
STARTUP_SECONDS = 60.0
WALL_PER_CPU = 2
"""The limit is on the child's own CPU seconds; on a busy machine those take longer by the clock."""
MOST_REQUESTS = 5000
"""A child is replaced after this many: whatever a library leaks stays small."""
CHILD_ENVIRON = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # its threads' stacks would count against the memory limit
    "MALLOC_ARENA_MAX": "2",
}
"""All that a child gets: nothing of the worker's own environment, which holds the token."""


GetPasswords = Callable[[], Sequence[str]]


class RenderChild:
    """One child process and the pipe to it. One thread uses it at a time."""

    def __init__(self, limits: RenderLimits) -> None:
        self._limits = limits
        self.requests = 0
        request_read, self._request_fd = os.pipe()
        self._reply_fd, reply_write = os.pipe()
        command = [sys.executable, "-m", "gpu_worker.render.child", str(request_read), str(reply_write)]
        self._process = subprocess.Popen(
            [*command, str(limits.memory_bytes), str(limits.seconds)],
            cwd=PACKAGE_PARENT,
            env=CHILD_ENVIRON,
            pass_fds=(request_read, reply_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C is the worker's business: its drain still needs the children
        )
        os.close(request_read)
        os.close(reply_write)
        self._started = False

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, ask: str, **details: object) -> tuple[Message, bytearray]:
        """One request and its reply. Raises `RenderError`; on time, memory or a crash the child is gone afterwards."""
        seconds = WALL_PER_CPU * self._limits.seconds + (0 if self._started else STARTUP_SECONDS)
        self.requests += 1
        try:
            write_message(self._request_fd, {"ask": ask, **details})
            header, body = read_message(self._reader(time.monotonic() + seconds))
        except TimeoutError as error:
            self.stop()
            raise RenderError("render_timeout") from error
        except (EOFError, OSError, ValueError) as error:
            raise RenderError(self._why_it_died()) from error
        self._started = True
        if "error" in header:
            if header["error"] == "render_out_of_memory":
                self.stop()  # what the file left behind would count against the next one
            raise RenderError(header["error"], header.get("kind"))
        return header, body

    def stop(self) -> None:
        """Kill the child and forget it; harmless when it is dead already."""
        if self._request_fd >= 0:
            self._process.kill()
            self._process.wait()
            os.close(self._request_fd)
            os.close(self._reply_fd)
            self._request_fd = self._reply_fd = -1

    def _reader(self, deadline: float) -> Callable[[memoryview], int]:
        def read(view: memoryview) -> int:
            ready, _, _ = select.select([self._reply_fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            return os.readv(self._reply_fd, [view])

        return read

    def _why_it_died(self) -> str:
        """SIGXCPU.

        Its time was used up. SIGKILL: the machine ran out of memory. Abort and trap: how pdfium ends when its memory
        does.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        killed_by = -(self._process.returncode or 0)
        self.stop()
        if killed_by == signal.SIGXCPU:
            return "render_timeout"
        if killed_by in (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL):
            return "render_out_of_memory"
        return "render_crashed"


@dataclass(frozen=True)
class DrawnStrip:
    """A part of a page's image as high as `image`, from row `top` of `page_height`; `note` if not all of the page could
    be decoded. Ordinary pages are one strip."""

    image: np.ndarray
    note: str | None
    top: int
    page_height: int

    @property
    def is_last(self) -> bool:
        return self.top + len(self.image) >= self.page_height


class RenderPool:
    """Children for as many documents as are in work; a child is reused, so that no page pays for a process start."""

    def __init__(self, limits: RenderLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._idle: list[RenderChild] = []
        self._busy: set[RenderChild] = set()

    @contextlib.contextmanager
    def open(self, path: Path, reader: str, get_passwords: GetPasswords = tuple) -> Iterator[RenderedFile]:
        """A file opened in a child, closed at the end. Raises `RenderError` when it cannot be opened.

        `get_passwords` is asked once, for a file that is locked.
        """
        rendered = RenderedFile(self, path, reader, get_passwords)
        try:
            rendered.open()
            yield rendered
        finally:
            rendered.close()

    def take(self) -> RenderChild:
        """A living child, for the calling thread alone."""
        with self._lock:
            child = self._idle.pop() if self._idle else RenderChild(self._limits)
            self._busy.add(child)
            return child

    def give_back(self, child: RenderChild) -> None:
        """Keep it for the next document, unless it is dead or old."""
        with self._lock:
            self._busy.discard(child)
            if child.is_alive and child.requests < MOST_REQUESTS:
                self._idle.append(child)
                return
        child.stop()

    def stop(self) -> None:
        """Kill every child."""
        with self._lock:
            children = [*self._idle, *self._busy]
            self._idle.clear()
        for child in children:
            child.stop()


class RenderedFile:
    """A file as a child shows it. After a page killed its child, the next page is asked of a fresh one."""

    MOST_KILLS = 3
    """A document may kill this many children before it is given up: 2,000 hanging pages must not cost a day."""

    def __init__(self, pool: RenderPool, path: Path, reader: str, get_passwords: GetPasswords = tuple) -> None:
        self._pool = pool
        self._path = path
        self._reader = reader
        self._get_passwords = get_passwords
        self._passwords: Sequence[str] = ()
        self._child: RenderChild | None = None
        self._kills = 0
        self._last_kill = "render_crashed"
        self.pages = 0
        self.label: str | None = None
        self.kind: str | None = None
        """What the file is, where only its opening told."""
        self.rotations: dict[int, int] = {}
        """How far clockwise (degrees) pages that lie on their side or upside down must be turned."""

    def open(self) -> RenderChild:
        """Open the file in a child; `pages` is known afterwards."""
        self._child = child = self._pool.take()
        header = self._open_in(child)
        self.pages, self.kind, self.label = int(header["pages"]), header["kind"], header["label"]
        return child

    def _open_in(self, child: RenderChild) -> Message:
        """Open it, with passwords where it is locked and there are any."""
        try:
            header = self._ask_to_open(child)
        except RenderError as error:
            if error.code != "password_protected" or not self._learn_passwords():
                raise
            return self._ask_to_open(child)
        return self._ask_to_open(child) if header["locked"] and self._learn_passwords() else header

    def _learn_passwords(self) -> bool:
        """Whether there are passwords that have not been tried."""
        if self._passwords:
            return False
        self._passwords = self._get_passwords()
        return bool(self._passwords)

    def _ask_to_open(self, child: RenderChild) -> Message:
        path = str(self._path.resolve())
        return child.ask("open", path=path, reader=self._reader, passwords=list(self._passwords))[0]

    def read_text(self, page: int, look: bool = True) -> Layer | None:
        """A page's own text (first is 1) with the facts to judge it, or None where the kind of file has none.

        `look`: the page is drawn too, to know which of its words are seen.
        """
        return from_message(self._ask("text", page=page, look=look)[0]["layer"])

    def draw_unsaid(self, page: int, places: Sequence[Box]) -> np.ndarray:
        """These places (points) of a page without its own words (uint8, H×W×3), cut to what holds them all."""
        header, body = self._ask("unsaid", page=page, places=places)
        return np.frombuffer(body, dtype=np.uint8).reshape(header["shape"])

    def decode(self, start: float, seconds: float) -> np.ndarray:
        """A recording's sound (float32 from -1 to 1, 16,000 a second, one channel); empty at its end."""
        return np.frombuffer(self._ask("sound", start=start, seconds=seconds)[1], dtype=np.float32)

    def draw(self, page: int) -> tuple[np.ndarray, str | None]:
        """The page image (uint8, H×W gray or H×W×3 RGB) and a note if not all of it could be decoded; of a long picture
        the first strip."""
        strip = next(self.draw_strips(page))
        return strip.image, strip.note

    def draw_strips(self, page: int) -> Iterator[DrawnStrip]:
        """The page image in one piece, or a long picture's overlapping strips from the top, each drawn as it is
        taken."""
        for number in count():
            header, body = self._ask("image", page=page, strip=number)
            image = np.frombuffer(body, dtype=np.uint8).reshape(header["shape"])
            strip = DrawnStrip(image, header["note"], int(header["top"]), int(header["height"]))
            yield strip
            if strip.is_last:
                return

    def draw_jpeg(self, page: int, pixels: int) -> bytes:
        """A page as a JPEG of at most `pixels` on its long side, upright as `rotations` has it."""
        return bytes(self._ask("jpeg", page=page, pixels=pixels, rotation=self.rotations.get(page, 0))[1])

    def read_structure(self) -> tuple[str, bytes] | None:
        """The name and the JSON of the file's structure, where it has one."""
        header, body = self._ask("structure")
        return (header["name"], bytes(body)) if "name" in header else None

    def take_parts(self, after: int, folder: Path) -> tuple[list[FoundPart], bool]:
        """The next files inside, behind position `after`, written into `folder`; and whether these were the last."""
        header, _ = self._ask("parts", after=after, folder=str(folder.resolve()))
        rows = header["parts"]
        found = [FoundPart(**row, path=None if row["code"] else folder / name_of(row["position"])) for row in rows]
        return found, bool(header["is_last"])

    def make_searchable(self, mime_type: str, spool: Path, destination: Path) -> None:
        """Write the file as a PDF with the spooled pages' text over it. Raises `RenderError` if that fails."""
        self._ask("searchable", mime_type=mime_type, spool=str(spool.resolve()), destination=str(destination.resolve()))

    def close(self) -> None:
        """Give the child back."""
        if self._child is not None:
            self._pool.give_back(self._child)
            self._child = None

    def _ask(self, ask: str, **details: object) -> tuple[Message, bytearray]:
        if self._kills >= self.MOST_KILLS:
            raise RenderError(self._last_kill)
        child = self._living_child()
        try:
            return child.ask(ask, **details)
        except RenderError as error:
            if not child.is_alive:
                self._kills += 1
                self._last_kill = error.code
            raise

    def _living_child(self) -> RenderChild:
        if self._child is not None and self._child.is_alive:
            return self._child
        self.close()
        return self.open()
