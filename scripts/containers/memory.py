"""What each container holds in memory while something goes on: the kernel's own count of its control group."""

import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

GROUPS = Path("/sys/fs/cgroup/memory/libpod_parent")
MEGABYTE = 2**20
PAUSE_SECONDS = 0.5


class Watch:
    """Looks twice a second, from entering to leaving; then tells the most that each and that all together held."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ, self._ended = environ, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._most: dict[str, int] = {}
        self._limits: dict[str, int] = {}
        self._together = 0

    def __enter__(self) -> "Watch":
        self._groups = dict(self._named())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def told(self) -> Iterator[str]:
        """A line for each container, the largest first, and one for all."""
        for name, held in sorted(self._most.items(), key=lambda each: -each[1]):
            yield f"{name}: at most {held // MEGABYTE} MB of {self._limits[name] // MEGABYTE} MB"
        yield f"all together: at most {self._together // MEGABYTE} MB of {sum(self._limits.values()) // MEGABYTE} MB"

    def killed(self) -> list[str]:
        """The containers in which something was ended for want of memory."""
        lines = {
            name: (group / "memory.oom_control").read_text() for name, group in self._groups.items() if group.exists()
        }
        return [name for name, text in lines.items() if "oom_kill 0" not in text]

    def _named(self) -> Iterator[tuple[str, Path]]:
        command = ["/usr/bin/podman", "ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}"]
        listed = subprocess.run(command, env=self._environ, check=True, capture_output=True, text=True).stdout
        for line in listed.splitlines():
            identity, name = line.split()
            if name.startswith("rented-"):  # on somebody else's machine
                continue
            group = GROUPS / f"libpod-{identity}"
            self._limits[name] = int((group / "memory.limit_in_bytes").read_text())
            yield name, group

    def _look(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            held = {name: _held(group) for name, group in self._groups.items() if group.exists()}
            self._together = max(self._together, sum(held.values()))
            self._most = {name: max(self._most.get(name, 0), bytes_) for name, bytes_ in held.items()} | {
                name: most for name, most in self._most.items() if name not in held
            }


def _held(group: Path) -> int:
    """In use, without the pages of files that the kernel would give up: what `docker stats` calls usage."""
    stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return int((group / "memory.usage_in_bytes").read_text()) - int(stat["total_inactive_file"])
