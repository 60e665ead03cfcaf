"""An emulator per run, emptied for each test; no test may leave an open contract behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from control_plane.vast.cli import VastCli
from control_plane.vast.client import VastClient
from tests.vast.emulator_process import EmulatorProcess

QUICK = ("--schedule-seconds", "0", "--boot-seconds", "0", "--restart-seconds", "0", "--record-requests")


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """One emulator for the run; instances are running as soon as they are rented."""
    emulator = EmulatorProcess(tmp_path_factory.mktemp("vast"), *QUICK)
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(shared_emulator: EmulatorProcess) -> Iterator[EmulatorProcess]:
    """The shared emulator, fresh, with its clock standing still; the test must end with no open contract."""
    shared_emulator.admin("POST", "reset")
    shared_emulator.admin("POST", "clock", {"speed": 0})
    shared_emulator.admin("DELETE", "requests")
    yield shared_emulator
    left = shared_emulator.admin("GET", "state")["open_contracts"]
    shared_emulator.admin("POST", "reset")
    assert left == []


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI's private home."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def cli(emulator: EmulatorProcess, home: Path) -> VastCli:
    """The real `vastai` command pointed at the emulator."""
    return emulator.cli(home)


@pytest.fixture
def vast(emulator: EmulatorProcess, home: Path) -> VastClient:
    """The control plane's client over the real `vastai` command."""
    return emulator.client(home)
