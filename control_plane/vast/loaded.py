"""The `vastai` command kept loaded in a process of its own, see `launcher` (wire)."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).with_name("launcher.py")


class NotTaken(Exception):
    """The command ended before it took the call: nothing was done. It says what the command printed."""


class Unanswered(Exception):
    """The command took the call and gave no answer in time, or ended: it may have been done."""


class LoadedCommand:
    """One process, one call at a time. A fork of ours must leave it alone: its pipes are the parent's."""

    def __init__(self, launcher: Path, environment: Mapping[str, str], home: Path) -> None:
        self._owner = os.getpid()
        self.has_answered = False
        # Its own, such as why it cannot be loaded; what a call prints is in its answer.
        self._errors = os.fdopen(os.memfd_create("errors"), "rb")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(launcher)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=dict(environment),
            cwd=home,
            start_new_session=True,
            bufsize=0,
        )
        self._rest = b""

    def is_ours(self) -> bool:
        """Whether this process started it, and not the one that this is a fork of."""
        return self._owner == os.getpid()

    def ask(self, line: bytes, timeout_seconds: float) -> dict[str, Any]:
        """What the call of this line gave. Raises NotTaken or Unanswered; then the command must be ended."""
        end = time.monotonic() + timeout_seconds
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line)
            self._read_line(end)
        except (OSError, EOFError) as error:
            raise NotTaken(self._last_words()) from error
        try:
            answer: dict[str, Any] = json.loads(self._read_line(end))
        except EOFError as error:
            raise Unanswered from error
        self.has_answered = True
        return answer

    def end(self) -> None:
        """Kill it with all it started, and wait for it."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for file in (self._process.stdin, self._process.stdout, self._errors):
            assert file is not None
            file.close()
        self._process.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")

    def _read_line(self, end: float) -> bytes:
        """The next line without its end. Raises Unanswered when it is late, EOFError when there is none to come."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        answers = select.poll()
        answers.register(pipe, select.POLLIN)
        while b"\n" not in self._rest:
            if not answers.poll(max(0.0, end - time.monotonic()) * 1000):
                raise Unanswered
            more = os.read(pipe, 1 << 20)
            if not more:
                raise EOFError
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line
