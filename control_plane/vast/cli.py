"""Starts the real `vastai` command and hands back what it said (wire)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).with_name("launcher.py")
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

    def without(self, secrets: Sequence[str]) -> "Reply":
        """The same reply with each secret starred out: a server may repeat in an error what it was sent."""
        stdout, stderr = self.stdout, self.stderr
        for secret in filter(None, secrets):
            stdout, stderr = stdout.replace(secret, "***"), stderr.replace(secret, "***")
        return Reply(self.returncode, stdout, stderr)

    def json(self) -> Any:
        """Standard output as JSON; raises ValueError when it is anything else, such as empty."""
        return json.loads(self.stdout)


class VastCli:
    """The `vastai` command with a private home, one account key and a time limit per call."""

    def __init__(self, vast_url: str, api_key: str, home: Path, command: Sequence[str] | None = None) -> None:
        self._home = home
        self._command = list(command) if command else None
        self._environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "VAST_URL": vast_url.rstrip("/"),
            "VAST_API_KEY": api_key,
            "VASTAI_NO_UPDATE_CHECK": "1",
        }

    def run(self, arguments: Sequence[str], timeout_seconds: float) -> Reply:
        """Run `vastai` with `arguments`; the whole process group dies with the time limit."""
        self._prepare_home()
        command, stdin = self._command_line(arguments)
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            cwd=self._home,
            start_new_session=True,
        )
        try:
            stdout, stderr = process.communicate(stdin, timeout=timeout_seconds)
            return Reply(process.returncode, _text(stdout), _text(stderr))
        except subprocess.TimeoutExpired:
            return Reply(None, "", "")
        finally:
            _kill_group(process)

    def _command_line(self, arguments: Sequence[str]) -> tuple[list[str], bytes]:
        if self._command:
            return [*self._command, *arguments], b""
        return [sys.executable, "-I", str(LAUNCHER)], json.dumps(list(arguments)).encode()

    def _prepare_home(self) -> None:
        """Answer beforehand what the CLI would otherwise ask the server before every command."""
        role = self._home / ".config" / "vastai" / "vast_role"
        if not role.exists():
            role.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            role.write_text("client")
        names = self._home / ".cache" / "vastai" / "gpu_names_cache.json"
        if not names.exists() or time.time() - names.stat().st_mtime > GPU_NAMES_MAX_AGE_SECONDS:
            names.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            names.write_text('{"gpu_names": []}')


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


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
