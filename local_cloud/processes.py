"""One service: a child process in its own group, with a log, a readiness probe and a clean end.

The kernel signals every child when the thread that started it dies (`PR_SET_PDEATHSIG`), so that not even `kill -9` of
the parent leaves a process behind. Start services from a thread that lives as long as they should: the main thread.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .errors import ServiceDidNotStart

PR_SET_PDEATHSIG = 1
LOG_LINES_SHOWN = 15
STOP_SECONDS = 15
WORKED_SECONDS = 0.5
LONGEST_START_SECONDS = 3600.0  # one that writes the same error for ever gets on, too

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Service:
    """A program to run: `ready()` tells whether it answers; `advice` says what to do when it does not.

    Starting may take as long as it takes while it gets on (see `Progress`); `quiet_seconds` without that is too long.
    """

    name: str
    command: list[str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    log: Path
    ready: Callable[[], bool] = field(repr=False)
    advice: str = field(repr=False)
    quiet_seconds: float = 120
    stop_signal: int = signal.SIGTERM
    user: str | None = None
    cwd: Path | None = None
    leftovers: tuple[Path, ...] = ()
    process: subprocess.Popen | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the program; does not wait until it is ready (see `wait_until_ready`)."""
        parent = os.getpid()

        def die_with_parent() -> None:
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, self.stop_signal)
                if os.getppid() != parent:  # it died between the fork and this line
                    os._exit(1)

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                process_group=0,
                preexec_fn=die_with_parent,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def cpu_seconds(self) -> float:
        """CPU time that the program and its children have taken."""
        if self.process is None:
            return 0.0
        try:
            leader = psutil.Process(self.process.pid)
            return sum(_cpu_seconds(each) for each in (leader, *leader.children(recursive=True)))
        except psutil.Error:
            return 0.0

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once; a paused service is woken to hear it."""
        if self.is_running():
            self.process.send_signal(self.stop_signal)
            self.resume()

    def wait_until_stopped(self, seconds: float = STOP_SECONDS) -> None:
        """Wait for the end, then kill whatever is left of the process group."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.clean_up()
        self.process.wait()

    def clean_up(self) -> None:
        """Kill what is left of the process group and remove the files it leaves."""
        self.signal_group(signal.SIGKILL)
        for path in self.leftovers:
            path.unlink(missing_ok=True)

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_until_stopped()

    def kill(self) -> None:
        """`kill -9`, as a crash would; children in the same group die too."""
        self.signal_group(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def kill_leader(self) -> None:
        """`kill -9` of the program itself and nothing else."""
        if self.is_running():
            self.process.kill()
            self.process.wait()

    def pause(self) -> None:
        """Freeze the service: connections hang, as behind a dead network."""
        self.signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal_group(signal.SIGCONT)

    def restart(self) -> None:
        """Stop if needed, start again and wait until ready."""
        self.stop()
        self.start()
        wait_until_ready([self])

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


@dataclass
class Progress:
    """Signs that a service gets on: its log grows, or it works (half a second of CPU is more than idling takes)."""

    service: Service
    log_bytes: int = 0
    cpu_seconds: float = 0.0
    seen_at: float = field(default_factory=time.monotonic)

    def look(self) -> float:
        """Seconds since the last sign."""
        log_bytes, cpu_seconds = _bytes(self.service.log), self.service.cpu_seconds()
        if log_bytes != self.log_bytes or cpu_seconds >= self.cpu_seconds + WORKED_SECONDS:
            self.log_bytes, self.cpu_seconds, self.seen_at = log_bytes, cpu_seconds, time.monotonic()
        return time.monotonic() - self.seen_at


def wait_until_ready(services: Iterable[Service]) -> None:
    """Wait for all of them at once, however slow the machine is, while each gets on.

    Raises `ServiceDidNotStart` with name, last log lines and advice for one that ended, that shows no sign of progress
    for its `quiet_seconds`, or that is still not ready after an hour.
    """
    started = time.monotonic()
    waiting = [Progress(service) for service in services]
    while waiting:
        for progress in list(waiting):
            service = progress.service
            if not service.is_running():
                raise ServiceDidNotStart(_explain(service, f"ended with exit status {service.process.returncode}"))
            if service.ready():
                waiting.remove(progress)
            elif progress.look() > service.quiet_seconds:
                raise ServiceDidNotStart(_explain(service, f"showed no progress for {service.quiet_seconds:g} s"))
            elif time.monotonic() - started > LONGEST_START_SECONDS:
                raise ServiceDidNotStart(_explain(service, "was not ready within an hour"))
        time.sleep(0.05)


def stop_all(services: Iterable[Service]) -> None:
    """Ask all to stop, then wait for all: as slow as the slowest, not as their sum."""
    services = [service for service in services if service.process is not None]
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.wait_until_stopped()


def last_lines(log: Path, count: int = LOG_LINES_SHOWN) -> list[str]:
    if not log.exists():
        return []
    return log.read_text(errors="replace").splitlines()[-count:]


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _bytes(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _explain(service: Service, what: str) -> str:
    lines = "\n".join(f"    {line}" for line in last_lines(service.log)) or "    (the log is empty)"
    return f"{service.name} did not start: it {what}.\n  {service.advice}\n  Last lines of {service.log}:\n{lines}"
