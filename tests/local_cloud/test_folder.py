"""A person's folder with every surprise that a disk holds: each costs its own row, and no other file."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from local_cloud import Cloud
from local_cloud.desk import Desk, open_desk
from local_cloud.folder import File, FileChanging, NotTaken, SteadyFile, find_entries, shown_name
from local_cloud.processes import wait_until_ready
from local_cloud.programs import programs
from local_cloud.work import send_all

LATIN_1 = b"2_caf\xe9.txt"
LONG_AGO = (1_600_000_000, 1_600_000_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    for name in (b"1_first.txt", LATIN_1, b"3_third.txt"):
        path = made / os.fsdecode(name)
        path.write_bytes(b"words of " + name.replace(b"\xe9", b"e"))
        os.utime(path, LONG_AGO)
    return made


@pytest.fixture
def desk(clean_cloud: Cloud) -> Iterator[Desk]:
    service = programs(clean_cloud, {})["control_plane"]
    service.start()
    try:
        wait_until_ready([service])
        yield open_desk(clean_cloud.control_plane_url, clean_cloud.control_plane_token, lambda: None)
    finally:
        service.stop()


@contextmanager
def being_written(path: Path) -> Iterator[None]:
    """A scan or a download that goes on while the block runs."""
    path.touch()
    end = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not end.is_set():
                file.write(b"another line\n")
                end.wait(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        end.set()
        writer.join()


def test_what_is_no_file_is_named_with_its_reason(folder: Path):
    os.mkfifo(folder / "fifo")
    (folder / "gone.pdf").symlink_to(folder / "nowhere.pdf")
    (folder / "itself.pdf").symlink_to(folder / "itself.pdf")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / ".hidden").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket"))
    found = {entry.name: entry.code if isinstance(entry, NotTaken) else "file" for entry in find_entries(folder)}
    assert found == {
        "1_first.txt": "file", "2_café.txt": "file", "3_third.txt": "file", "fifo": "not_a_file",
        "gone.pdf": "unreadable_file", "itself.pdf": "unreadable_file", "loop": "linked_folder", "socket": "not_a_file",
    }  # fmt: skip


def test_a_folder_that_cannot_be_listed_costs_itself_only(folder: Path):
    here = os.open(folder, os.O_RDONLY)
    for _ in range(30):  # a path longer than the kernel's 4,096 bytes, made step by step
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    files = [entry.name for entry in find_entries(folder) if isinstance(entry, File)]
    refused = [entry.code for entry in find_entries(folder) if isinstance(entry, NotTaken)]
    assert files == ["1_first.txt", "2_café.txt", "3_third.txt"]
    assert refused == ["unreadable_folder"]


def test_names_in_old_encodings_are_letters():
    for raw, shown in (
        (b"Kinder/caf\xe9.txt", "Kinder/café.txt"), ("naïve/".encode() + b"\x93quoted\x94.pdf", "naïve/“quoted”.pdf"),
        (b"\x81\xe9", "\x81é"), (b"/srv/a", "/srv/a"),
    ):  # fmt: skip
        name = shown_name(Path(os.fsdecode(raw)))
        assert name == shown
        name.encode()


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_read_is_never_given_out_whole(folder: Path, change: str):
    path = folder / "1_first.txt"
    path.write_bytes(b"x" * 1000)
    os.utime(path, LONG_AGO)
    with SteadyFile(path) as steady:
        assert steady.read(600) == b"x" * 600
        contents = {"grows": b"x" * 1001, "shrinks": b"x" * 700, "is rewritten": b"y" * 1000}[change]
        path.write_bytes(contents)
        with pytest.raises(FileChanging):
            while steady.read(600):
                pass


def test_a_pipe_in_a_file_s_place_does_not_block(folder: Path):
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(OSError, match="no longer a file"):
        SteadyFile(folder / "pipe.txt")


def test_each_surprise_costs_its_own_file_and_the_others_arrive(folder: Path, desk: Desk, clean_cloud: Cloud):
    (folder / "empty.pdf").touch()
    (folder / "unreadable.txt").symlink_to("/proc/self/mem")  # opens, and fails at the first byte: also for root
    (folder / "vanished.txt").write_text("here a moment ago")
    (folder / "just saved.txt").write_text("young, and whole")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    with being_written(folder / "download.txt"):
        entries = find_entries(folder)
        (folder / "vanished.txt").unlink()
        outcomes = send_all(desk, entries)
    told = {outcome.filename: outcome.reason.split(":")[0] if outcome.reason else "queued" for outcome in outcomes}
    assert told == {
        "1_first.txt": "queued", "2_café.txt": "queued", "3_third.txt": "queued", "just saved.txt": "queued",
        "download.txt": "file_changing", "empty.pdf": "empty_file", "loop": "linked_folder",
        "unreadable.txt": "unreadable_file", "vanished.txt": "unreadable_file",
    }  # fmt: skip
    with psycopg.connect(clean_cloud.postgres_url) as connection:
        names = connection.execute("select original_filename from document_journal").fetchall()
    assert sorted(name for (name,) in names) == ["1_first.txt", "2_café.txt", "3_third.txt", "just saved.txt"]
