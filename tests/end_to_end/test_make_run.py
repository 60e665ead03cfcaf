"""`make run` as a person uses it: a process in a terminal, ended by Ctrl-C, by `kill -9`, or by itself."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.patience import LOOK_SECONDS, wait_for_end, wait_until

REPOSITORY = Path(__file__).parents[2]
READY = "Ready for more"


@pytest.fixture
def state_dir(open_folder: Path) -> Path:
    """Where `make run DOCS=…` keeps its state below what `--state` names."""
    return open_folder / "own"


@pytest.fixture
def documents(tmp_path) -> Path:
    """Three good files, one of them twice and one with a name in Latin-1; two that no worker reads; two no files."""
    folder = tmp_path / "documents"
    (folder / "court 📁").mkdir(parents=True)
    (folder / "court 📁" / "order.txt").write_text("FINDINGS AND ORDER\nCase No. FL-2024-000017\nMay 9, 2024\n")
    (folder / "note.txt").write_text("Call the school about the report card, March 3, 2024.\n")
    (folder / "note again.txt").write_text("Call the school about the report card, March 3, 2024.\n")
    (folder / "empty.pdf").touch()
    (folder / "program.bin").write_bytes(bytes(range(256)))
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("Bill of the caf\u00e9, July 1, 2024.\n")
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    return folder


@contextmanager
def make_run(state_dir: Path, documents: Path | None, *more: str) -> Iterator[subprocess.Popen]:
    """The command behind `make run`, in a session of its own as a terminal gives it."""
    command = [sys.executable, "-m", "local_cloud.run", "--state", str(state_dir.parent), *more]
    command += ["--docs", str(documents)] if documents else []
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen, words: str) -> str:
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"ended without {words!r}:\n{''.join(lines)}")


def family_of(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def environ_of(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.NoSuchProcess:  # it ended since it was listed
        return {}


def assert_gone(family: list[psutil.Process]) -> None:
    wait_until(lambda: not any(is_alive(process) for process in family), "every program of the run ends")


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def open_contracts(state_dir: Path) -> list[dict]:
    file = state_dir / "vast" / "state.json"
    contracts = json.loads(file.read_text())["contracts"] if file.exists() else []
    contracts = contracts.values() if isinstance(contracts, dict) else contracts
    return [contract for contract in contracts if contract["destroyed_at"] is None]


def totals_of(state_dir: Path) -> dict:
    """What the house that runs on this state says it holds."""
    port = json.loads((state_dir / "ports.json").read_text())["control_plane"]
    token = json.loads((state_dir / "secrets.json").read_text())["control_plane_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"http://127.0.0.1:{port}/api/totals", headers=headers, timeout=30).raise_for_status().json()


def test_samples_and_own_documents_through_ctrl_c_and_kill_9(state_dir, documents):
    """The samples, interrupted; the real case in a house of its own, killed; then to its end."""
    state_dir.parent.chmod(0o755)  # looser, by hand or by an earlier version
    end_the_samples_by_ctrl_c(state_dir.parent / "samples")
    assert not stat.S_IMODE(state_dir.parent.stat().st_mode) & 0o066, "nobody else reads .local"
    with make_run(state_dir, documents) as process:
        shown = read_until(process, READY)
        check_what_was_shown(shown, state_dir)
        assert totals_of(state_dir)["documents"] == 3, "nothing of the samples"
        family = family_of(process)
        assert len(family) > 8 and not [each for each in family if "SAMPLES" in environ_of(each)]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert_gone(family)
    assert len(open_contracts(state_dir)) == 1, "nobody was left to return it"
    with make_run(state_dir, documents, "--once") as process:
        lines = process.communicate()[0].splitlines()
        assert process.returncode == 0
    assert lines[-1] == "documents: 8  completed: 4  failed: 4  pages: 3  reconciled: yes"
    assert sum("(already done)" in line for line in lines) == 4
    assert open_contracts(state_dir) == []


def end_the_samples_by_ctrl_c(samples_dir: Path) -> None:
    """In the midst of work: the machine goes back."""
    with make_run(samples_dir, None) as process:
        assert "These are the sample documents" in read_until(process, "API and its docs")
        dashboards = [each for each in family_of(process) if "streamlit" in each.cmdline()]
        assert [each.environ()["SAMPLES"] for each in dashboards] == ["yes"]
        while not (totals_of(samples_dir)["documents"] and open_contracts(samples_dir)):
            assert process.poll() is None
            time.sleep(LOOK_SECONDS)
        end_by_ctrl_c(process)
    assert open_contracts(samples_dir) == []


def end_by_ctrl_c(process: subprocess.Popen) -> None:
    """It says that it was interrupted, and no process is left."""
    family = family_of(process)
    os.killpg(process.pid, signal.SIGINT)
    assert wait_for_end(process, "it ends after Ctrl-C") == 130
    assert_gone(family)


def check_what_was_shown(shown: str, state_dir: Path) -> None:
    """Every file with what became of it, and no secret."""
    assert "documents: 8  completed: 4  failed: 4  pages: 3  reconciled: yes" in shown
    assert "refused not_a_file" in shown and "refused linked_folder" in shown
    assert [line for line in shown.splitlines() if "café.txt" in line and "completed" in line]
    assert "court 📁/order.txt" in shown and "FL-2024-000017" in shown and "1 text layer" in shown
    assert "refused empty_file" in shown and "refused unsupported_type" in shown
    secrets = json.loads((state_dir / "secrets.json").read_text())
    assert not [name for name, value in secrets.items() if value in shown]


def test_a_half_configured_service_and_a_missing_folder_are_told(state_dir, tmp_path):
    command = [sys.executable, "-m", "local_cloud.run", "--state", str(state_dir.parent), "--docs"]
    environ = {"PATH": os.environ["PATH"], "SPACES_ENDPOINT": "https://example.invalid", "SPACES_SECRET": "hush-hush"}
    for folder, words in ((tmp_path, "S3 or Spaces is half configured"), (tmp_path / "no", "there is no folder")):
        result = subprocess.run(
            [*command, str(folder)], cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=60
        )
        assert result.returncode == 2 and words in " ".join(result.stdout.split())
        assert "hush-hush" not in result.stdout + result.stderr
    result = subprocess.run(
        [*command, str(tmp_path)], cwd=REPOSITORY, env={"PATH": os.environ["PATH"], "DASHBOARD_PORT": "eighty"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert result.returncode == 2 and "DASHBOARD_PORT must be a port number" in result.stdout
