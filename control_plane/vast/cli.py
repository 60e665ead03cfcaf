"""Starts the real `vastai` command and hands back what it said (wire)."""

from __future__ import annotations

import json
import os
import time
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_plane.vast.loaded import LAUNCHER, LoadedCommand, NotTaken, Unanswered

GPU_NAMES_MAX_AGE_SECONDS = 12 * 3600.0  # the CLI fetches them itself, without a timeout, after 24 hours


@dataclass(frozen=True)
class Reply:
    """What one call printed; `returncode` is None when it ran past its time and was killed."""

    returncode: int | None
    stdout: str
    stderr: str

    def error(self) -> tuple[int, str] | None:
        """Status and message of the error object the CLI prints on standard error while it exits with 0."""
        for line in self.stderr.splitlines():
            found = _error_object(line) or _error_sentence(line)
            if found:
                return found
        return None

    def without(self, secrets: Sequence[str]) -> Reply:
        """The same reply with each secret starred out: a server may repeat in an error what it was sent."""
        stdout, stderr = self.stdout, self.stderr
        for secret in filter(None, secrets):
            stdout, stderr = stdout.replace(secret, "***"), stderr.replace(secret, "***")
        return Reply(self.returncode, stdout, stderr)

    def json(self) -> Any:
        """Standard output as JSON; raises ValueError when it is anything else, such as empty."""
        return json.loads(self.stdout)


class VastCli:
    """The `vastai` command with a private home, one account key and a time limit per call.

    Threads may share it: whoever finds every loaded command at work starts another. Loaded commands end with this
    object, or after five minutes without a call.
    """

    def __init__(self, vast_url: str, api_key: str, home: Path, launcher: Path = LAUNCHER) -> None:
        self._home = home
        self._launcher = launcher
        self._environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "VAST_URL": vast_url.rstrip("/"),
            "VAST_API_KEY": api_key,
            "VASTAI_NO_UPDATE_CHECK": "1",
        }
        self._idle: deque[LoadedCommand] = deque()
        weakref.finalize(self, _end_all, self._idle)

    def run(self, arguments: Sequence[str], timeout_seconds: float) -> Reply:
        """Run `vastai` with `arguments`; the whole process group dies with the time limit."""
        self._prepare_home()
        line = json.dumps(list(arguments)).encode() + b"\n"
        while True:
            command = self._take()
            try:
                answer = command.ask(line, timeout_seconds)
            except NotTaken as error:
                command.end()
                if command.has_answered:
                    continue  # it had waited for too long and left; the next one is new
                return Reply(1, "", str(error))
            except Unanswered:
                command.end()
                return Reply(None, "", "")
            except BaseException:
                command.end()
                raise
            self._idle.append(command)
            return Reply(answer["returncode"], answer["stdout"], answer["stderr"])

    def _take(self) -> LoadedCommand:
        while self._idle:
            with suppress(IndexError):  # another thread was faster
                command = self._idle.pop()
                if command.is_ours():
                    return command
        return LoadedCommand(self._launcher, self._environment, self._home)

    def _prepare_home(self) -> None:
        """Answer beforehand what the CLI would otherwise ask the server before every command.

        On a full disk it asks that: what is written here is worth no call.
        """
        with suppress(OSError):
            self._write_answers()

    def _write_answers(self) -> None:
        role = self._home / ".config" / "vastai" / "vast_role"
        if not role.exists():
            role.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            role.write_text("client")
        names = self._home / ".cache" / "vastai" / "gpu_names_cache.json"
        if not names.exists() or names.stat().st_size == 0:
            names.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            names.write_text('{"gpu_names": []}')
        elif time.time() - names.stat().st_mtime > GPU_NAMES_MAX_AGE_SECONDS:
            names.touch()


def _end_all(idle: deque[LoadedCommand]) -> None:
    while idle:
        command = idle.pop()
        if command.is_ours():
            command.end()


def _error_object(line: str) -> tuple[int, str] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found.get("error"):
        return None
    return int(found.get("status_code") or 0), str(found.get("msg") or "no message")


def _error_sentence(line: str) -> tuple[int, str] | None:
    """`Failed with error 404: message`, which the CLI prints where `--raw` is not given."""
    head, _, message = line.partition(": ")
    words = head.split()
    if words[:3] != ["Failed", "with", "error"] or not words[3:4]:
        return None
    return (int(words[3]) if words[3].isdigit() else 0), message
