"""The droplet's disk is full: machines are listed and returned all the same, and in turns."""

import os
from pathlib import Path

from control_plane.vast.cli import GPU_NAMES_MAX_AGE_SECONDS
from control_plane.vast.pacing import Pacer
from tests.tiny_disk import fill, free_bytes, tiny_disk
from tests.vast.emulator_process import EmulatorProcess
from tests.vast.test_vast_client import QUERY, request

GPU_NAMES = Path(".cache/vastai/gpu_names_cache.json")


def test_a_machine_is_returned_from_a_full_disk(emulator: EmulatorProcess, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "home", "64k") as home:
        vast = emulator.client(home)
        offer = vast.search_offers(QUERY, storage_gb=20)[0]
        contract = vast.create_instance(request(offer.ask_id)).contract_id
        fill(home)
        os.utime(home / GPU_NAMES, (0, 0))  # half a day later
        vast.destroy_instance(contract)
        assert vast.list_instances() == []
        assert (home / GPU_NAMES).stat().st_mtime > GPU_NAMES_MAX_AGE_SECONDS and (home / GPU_NAMES).read_text()


def test_a_home_that_never_had_room_returns_machines_too(emulator: EmulatorProcess, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "home", "64k") as home:
        fill(home)
        assert emulator.client(home).list_instances() == []


def test_turns_are_kept_on_a_full_disk_and_shared_again_when_there_is_room(tmp_path: Path, caplog) -> None:
    with tiny_disk(tmp_path / "home", "64k") as home:
        clock, slept = [1000.0], []
        scaler, reaper = (
            Pacer({"destroy": 3.0, "list": 1.0}, home / "turns.json", now=lambda: clock[0], sleep=slept.append)
            for _ in range(2)
        )
        filler = fill(home)
        assert free_bytes(home) == 0
        for program in (scaler, scaler, reaper):
            program.wait("destroy")
        assert slept == [3.0]  # each by itself
        assert "not shared" in caplog.text
        filler.unlink()
        clock[0] = 2000.0
        scaler.wait("destroy")
        reaper.wait("destroy")
        fill(home)
        scaler.wait("destroy")  # over what is there
        reaper.wait("list")
        reaper.wait("destroy")
        assert slept == [3.0, 3.0, 6.0, 9.0]
