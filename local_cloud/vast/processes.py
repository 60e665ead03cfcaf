"""The processes behind running instances: started, watched, killed with all their children (wire)."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

SHIM = Path(__file__).with_name("container.py")


@dataclass(frozen=True)
class Ended:
    """A process that is gone by itself."""

    contract_id: int
    exit_code: int


class Processes:
    """One process group per running instance, each with a private home and a log file under `folder`.

    Must be started from a thread that lives as long as the emulator: the kernel kills the processes at its end.
    """

    def __init__(self, folder: Path, working_folder: Path, path: str) -> None:
        self._folder = folder
        self._working_folder = working_folder
        self._path = path
        self._running: dict[int, subprocess.Popen] = {}
        self._homes = {int(entry.name) for entry in folder.glob("[0-9]*") if (entry / "home").exists()}

    def pids(self) -> dict[int, int]:
        """Process id by contract, of those alive at last look."""
        return {contract_id: process.pid for contract_id, process in dict(self._running).items()}

    def start(self, contract_id: int, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start an instance's process with exactly `environment` plus PATH, HOME and LANG."""
        home = self._home(contract_id)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._homes.add(contract_id)
        base = {"PATH": self._path, "HOME": str(home), "LANG": "C.UTF-8"}
        with self._log(contract_id).open("ab") as log:
            self._running[contract_id] = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment, **base},
                cwd=self._working_folder,
                start_new_session=True,
            )

    def take_ended(self) -> list[Ended]:
        """Processes that ended by themselves since the last call; what they left in their group is killed."""
        ended = [(c, p.returncode) for c, p in self._running.items() if p.poll() is not None]
        for contract_id, _ in ended:
            self.stop(contract_id)
        return [Ended(contract_id, code) for contract_id, code in ended]

    def stop(self, contract_id: int) -> None:
        """Kill an instance's process and its whole group; nothing happens when there is none."""
        process = self._running.pop(contract_id, None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop_all(self) -> None:
        """Kill every instance's process."""
        for contract_id in list(self._running):
            self.stop(contract_id)

    def wipe_all_but(self, open_contracts: Set[int]) -> None:
        """Delete the disks of destroyed instances; their logs stay for whoever debugs."""
        for contract_id in self._homes - open_contracts:
            shutil.rmtree(self._home(contract_id), ignore_errors=True)
            self._homes.discard(contract_id)

    def log_text(self, contract_id: int, tail: int) -> str:
        """The last `tail` lines the instance wrote."""
        log = self._log(contract_id)
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(lines[-tail:]) + "\n"

    def kill_leftovers(self) -> None:
        """Kill what a crashed emulator left running, recognised by a home inside our folder."""
        mark = f"HOME={self._folder}/".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if any(line.startswith(mark) for line in (entry / "environ").read_bytes().split(b"\0")):
                    os.kill(int(entry.name), signal.SIGKILL)

    def _home(self, contract_id: int) -> Path:
        return self._folder / str(contract_id) / "home"

    def _log(self, contract_id: int) -> Path:
        return self._folder / str(contract_id) / "log"
