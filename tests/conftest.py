"""Fixtures every room shares: one embedded cloud per test run, emptied for each test that asks for a clean one."""

import ctypes
import gc
import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

import local_cloud
from tests.cleaning import make_clean, read_tables
from tests.connections import hang_up
from tests.fakes.safeupdate import load_safeupdate
from tests.front_desk import FrontDesk

# A test sees only the settings it makes itself.
OWN_VARIABLES = (
    "SUPABASE_", "SPACES_", "VAST_", "ANTHROPIC_", "TELEGRAM_", "GOOGLE_DRIVE_", "IMAP_", "CONTROL_PLANE_", "MAX_",
)  # fmt: skip
REPOSITORY = Path(__file__).parents[1]
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
LEFTOVER_SECONDS = 15
# A minute each and more; the processes that share the run start with these, so that none waits for another at the end.
LONGEST = (
    "tests/end_to_end/test_chaos.py",
    "tests/test_types.py",
    "tests/end_to_end/test_make_run.py",
    "tests/fleet/test_faults.py",
    "tests/dashboard/test_dashboard_looks.py",
    "tests/gpu_worker/test_bad_input.py",
    "tests/gpu_worker/test_worker_life.py",
    "tests/dashboard/case_room/test_case_room_in_chromium.py",
    "tests/dashboard/test_dashboard_in_chromium.py",
    "tests/claude/test_claude_end_to_end.py",
    "tests/deployment/test_backup.py",
    "tests/end_to_end/test_main_path.py",
    "tests/claude/test_no_key_to_judged.py",
)
# No time limit per example, since a machine may be busy; the same examples each time, so that red means a change.
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.load_profile("any machine")
LEFT_BY_OTHERS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_BY_OTHERS] = []
    for name in [name for name in os.environ if name.startswith(OWN_VARIABLES)]:
        del os.environ[name]
    # Nobody out there is trusted; reading 140 authorities takes each new client 40 ms of processor time.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = os.devnull
    # A run in a script's background ignores Ctrl-C, and so would every program it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":  # an orphan of any program we start becomes our child, so that we see it at the end
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Each of several processes prepares its share of the test files, and finds the others' prepared: 8 s, once."""
    if share := getattr(session.config, "workerinput", None):
        sys.dont_write_bytecode = False
        files = sorted(Path(__file__).parent.rglob("test_*.py"))
        for file in files[int(share["workerid"].removeprefix("gw")) :: share["workercount"]]:
            with suppress(ImportError):  # what its folder's conftest must do first
                importlib.import_module(".".join(file.relative_to(REPOSITORY).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The two million objects of all modules stay to the end: the collector need not look at them, 0.6 s each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))  # stable: the rest keeps its order


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that leaves a process behind is a failed run: each process of a run in several looks at its own."""
    gc.collect()  # what ends with the object that started it
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while (left := living_children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in psutil.Process().children(recursive=True):
        process.kill()
    if hasattr(session.config, "workeroutput"):  # one of several: the first process hears of it and tells
        session.config.workeroutput["left"] = left
        return
    left += session.config.stash[LEFT_BY_OTHERS]
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"\nProcesses left behind: {'; '.join(left)}", red=True)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """One process of several has ended (pytest-xdist); one that crashed has nothing to tell."""
    node.config.stash[LEFT_BY_OTHERS] += getattr(node, "workeroutput", {}).get("left", [])


def living_children() -> list[str]:
    """Programs below this process that still run, by their command lines."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline())[:120])
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="session")
def cloud() -> Iterator[local_cloud.Cloud]:
    """A running embedded cloud in a temporary folder, shared by all tests of this process."""
    with make_open_folder() as folder, local_cloud.cloud(folder / "cloud") as running:
        load_safeupdate(running, folder)
        yield running
        hang_up()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder for programs that run as their own user, as Postgres and nginx do."""
    with make_open_folder() as folder:
        yield folder


@contextmanager
def make_open_folder() -> Iterator[Path]:
    """See `open_folder`."""
    # Not below pytest's own folder: every other pytest run of the same user closes that to other users.
    with tempfile.TemporaryDirectory(prefix="aseagi-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="session")
def seed_rows(cloud: local_cloud.Cloud) -> dict[str, bytes]:
    """What the migrations put into tables of `public`, as COPY text per table."""
    return read_tables(cloud.postgres_url)


@pytest.fixture
def clean_cloud(
    cloud: local_cloud.Cloud, seed_rows: dict[str, bytes], _front_desk: FrontDesk, request: pytest.FixtureRequest
) -> local_cloud.Cloud:
    """The same cloud as right after the migrations: no document, no object, a fresh machine market, nobody else."""
    if "front_desk" not in request.fixturenames:
        _front_desk.close()
    make_clean(cloud, seed_rows)
    return cloud


@pytest.fixture
def front_desk(clean_cloud: local_cloud.Cloud, _front_desk: FrontDesk) -> str:
    """The URL of a real control plane beside the test: the one of the test before, where that had one too."""
    return _front_desk.open()


@pytest.fixture(scope="session")
def _front_desk(cloud: local_cloud.Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    desk = FrontDesk(cloud, tmp_path_factory.mktemp("front_desk") / "log")
    yield desk
    desk.close()
