"""The processes behind the pool: the zygote, and a child of its for each document (wire).

Asks, waits no longer than a limit, and ends whatever was started.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from gpu_worker.render.errors import RenderError
from gpu_worker.render.sandbox.enter import Room
from gpu_worker.render.wire import Message, read_message, write_message
from gpu_worker.settings import RenderLimits

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
STARTUP_SECONDS = 60.0
WALL_PER_CPU = 2
"""The limit is on the child's own CPU seconds; on a busy machine those take longer by the clock."""
ZYGOTE_ENVIRON = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # its threads' stacks would count against the memory limit
    "MALLOC_ARENA_MAX": "2",
}
"""All that it and its children get: nothing of the worker's own environment, which holds the token."""
RUNS_PROGRAMS = ("recording",)
"""Readers that have a decoder run."""


class ZygoteGone(Exception):
    """The process that forks the children has ended, and they with it."""


class Zygote:
    """The process that forks children. Any thread may ask it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its_end:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gpu_worker.render.zygote", str(its_end.fileno())],
                cwd=PACKAGE_PARENT,
                env=ZYGOTE_ENVIRON,
                pass_fds=(its_end.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                process_group=0,  # a Ctrl-C is the worker's business: its drain still needs the children
            )

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def fork(self, room: Room, cpu_seconds: float, request_fd: int, reply_fd: int) -> int:
        """A child in this room, at these ends of its pipes. Raises `ZygoteGone`."""
        answer = self._ask({"room": asdict(room), "cpu_seconds": cpu_seconds}, request_fd, reply_fd)
        return int(answer["child"])

    def end(self, child: int) -> int:
        """Kill a child, with what it started, and answer its exit status; -9 where the zygote is gone too."""
        try:
            return int(self._ask({"end": child})["status"])
        except ZygoteGone:
            return -signal.SIGKILL

    def stop(self) -> None:
        """End it and all its children."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self._process.kill()
        self._process.wait()

    def _ask(self, request: Message, *fds: int) -> Message:
        try:
            with self._lock:
                socket.send_fds(self._socket, [json.dumps(request).encode()], fds)
                answer = self._socket.recv(4096)
            found: Message = json.loads(answer)
        except (OSError, ValueError) as error:
            raise ZygoteGone from error
        return found


class RenderChild:
    """One child for one document, the pipe to it, and the folder that it may write. One thread uses it at a time."""

    def __init__(self, zygote: Zygote, document: Path, reader: str, limits: RenderLimits, folder: Path) -> None:
        """`folder` is where its own goes. Raises `ZygoteGone`."""
        self._zygote, self._limits = zygote, limits
        self.folder = Path(tempfile.mkdtemp(prefix="child-", dir=folder)).resolve()
        room = Room(str(document.resolve()), str(self.folder), limits.memory_bytes, reader in RUNS_PROGRAMS)
        request_read, self._request_fd = os.pipe()
        self._reply_fd, reply_write = os.pipe()
        try:
            self._pid = zygote.fork(room, limits.seconds, request_read, reply_write)
        except ZygoteGone:
            os.close(self._request_fd)
            os.close(self._reply_fd)
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            os.close(request_read)
            os.close(reply_write)
        self._missing: dict[str, str] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether nobody has stopped it, and no answer of its has failed to come."""
        return self._request_fd >= 0

    def find_missing_layers(self) -> dict[str, str]:
        """The layers of the sandbox that this kernel lacks, each with why. Raises `RenderError`."""
        if self._missing is None:
            header, _ = self._receive(STARTUP_SECONDS)
            self._missing = {str(name): str(why) for name, why in header["missing"].items()}
        return self._missing

    def ask(self, ask: str, **details: object) -> tuple[Message, bytearray]:
        """One request and its reply. Raises `RenderError`; on time, memory or a crash the child is gone afterwards."""
        self.find_missing_layers()
        try:
            write_message(self._request_fd, {"ask": ask, **details})
        except OSError as error:
            raise RenderError(self._why_it_died()) from error
        header, body = self._receive(WALL_PER_CPU * self._limits.seconds)
        if "error" in header:
            if header["error"] == "render_out_of_memory":
                self.stop()  # what the file left behind would count against its next page
            raise RenderError(header["error"], header.get("kind"))
        return header, body

    def stop(self) -> int:
        """Kill the child, forget it and what it wrote, and answer its exit status; harmless when that is done."""
        if not self.is_alive:
            return 0
        status = self._zygote.end(self._pid)
        os.close(self._request_fd)
        os.close(self._reply_fd)
        self._request_fd = self._reply_fd = -1
        shutil.rmtree(self.folder, ignore_errors=True)
        return status

    def _receive(self, seconds: float) -> tuple[Message, bytearray]:
        try:
            return read_message(self._reader(time.monotonic() + seconds))
        except TimeoutError as error:
            self.stop()
            raise RenderError("render_timeout") from error
        except (EOFError, OSError, ValueError, TypeError, KeyError) as error:
            raise RenderError(self._why_it_died()) from error

    def _reader(self, deadline: float) -> Callable[[memoryview], int]:
        def read(view: memoryview) -> int:
            ready, _, _ = select.select([self._reply_fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            return os.readv(self._reply_fd, [view])

        return read

    def _why_it_died(self) -> str:
        """SIGXCPU: its time was used up. SIGKILL: the machine ran out of memory. Abort and trap: how pdfium ends when
        its memory does."""
        killed_by = -self.stop()
        if killed_by == signal.SIGXCPU:
            return "render_timeout"
        if killed_by in (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL):
            return "render_out_of_memory"
        return "render_crashed"
