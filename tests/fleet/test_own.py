"""One of our own computers: it counts in no cap, costs nothing, is never destroyed, and reads what no stranger may."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Backlog, Caps, Ledger, Machine, Renting
from control_plane.fleet import ending, plan
from control_plane.fleet.actions import End, PartFrom
from control_plane.fleet.evidence import Sight
from control_plane.fleet.upkeep import keep_up
from control_plane.fleet.verdict import weigh
from control_plane.settings.fleet_policy import Policy
from tests.control_plane.desk import make_desk
from tests.end_to_end.harness import market, open_test_house, rows, write_texts

NOW = 1_800_000_000.0
POLICY = Policy()
CAPS = Caps(machines=1, usd_per_hour=0.0, usd_per_day=0.0, credit_floor=0.0)
OWN = Machine(
    "own-test-desk", MachineStatus.READY, hosting="local", intent_at=NOW - 9e5, ready_at=NOW - 8e5,
    last_heartbeat_at=NOW - 5,
    left_at=NOW - 7e5,
)  # fmt: skip
REPOSITORY = Path(__file__).parents[2]


def ledger(*machines: Machine) -> Ledger:
    return Ledger(now=NOW, renting=Renting(), machines=machines)


def decide(machine: Machine) -> list[Any]:
    known, sight = ledger(machine), Sight((), can_see=True)
    return keep_up(known, sight, weigh(known, sight, POLICY), "aseagi-test-", POLICY)


def test_it_stays_idle_silent_and_old_for_long_and_is_then_let_go():
    assert decide(OWN) == [] and ending.find_unneeded([], ledger(OWN), POLICY) == []
    asleep = replace(OWN, last_heartbeat_at=NOW - POLICY.own_silent_seconds + 60, jobs_held=9, held_since=NOW - 1e5)
    assert decide(asleep) == []
    (end,) = decide(replace(asleep, last_heartbeat_at=NOW - POLICY.own_silent_seconds - 60))
    assert isinstance(end, End) and not end.worker_died and "not heard of" in end.reason
    never_heard = {"status": MachineStatus.BOOTING, "last_heartbeat_at": None, "ready_at": None}
    never_started = replace(OWN, intent_at=NOW - 60, **never_heard)
    assert decide(never_started) == []
    assert decide(replace(OWN, status=MachineStatus.DESTROYING)) == [PartFrom(OWN.label)]


def test_work_counts_on_it_only_while_it_reports():
    work = [Backlog("low", queued=5, pages_waiting=5, oldest_at=NOW)]
    assert plan.find_need(work, ledger(OWN), POLICY) is None
    for absent in (replace(OWN, last_heartbeat_at=NOW - 9999), replace(OWN, status=MachineStatus.BOOTING)):
        assert plan.find_need(work, ledger(absent), POLICY) is not None
    slow = [Backlog("normal", queued=50_000, pages_waiting=50_000, oldest_at=NOW)]
    assert plan.find_need(slow, ledger(OWN), POLICY) is not None, "it is not taken for a fast card"


def test_it_takes_no_room_and_a_rented_machine_that_it_makes_needless_ends():
    assert plan.room(ledger(OWN, replace(OWN, label="own-test-b")), POLICY, CAPS) == 1
    rented = Machine(
        "aseagi-test-1", MachineStatus.READY, usd_per_hour=0.2, pages_done=1000, pages_per_second=9.0,
        ready_at=NOW - 99
    )
    own = replace(OWN, pages_done=1000, pages_per_second=2.0)
    backlog = [Backlog("low", queued=900, pages_waiting=900, oldest_at=NOW)]
    assert [each.label for each in ending.find_dear(backlog, ledger(rented, own), POLICY)] == [rented.label]
    assert ending.find_dear(backlog, ledger(own, replace(own, label="own-test-b")), POLICY) == []


def test_in_the_ledger_it_costs_nothing_and_is_parted_from_without_a_word_to_vast(fleet):
    for name in ("desk", "desk", "attic"):
        assert fleet.database.join_own_computer(f"own-test-{name}", "test")
    assert [(m.label, m.is_own, m.status) for m in fleet.machines()] == [
        ("own-test-desk", True, "booting"), ("own-test-attic", True, "booting"),
    ]  # fmt: skip
    assert fleet.post.ledger.get_fleet().usd_today == 0.0
    one = replace(fleet, post=replace(fleet.post, caps=replace(fleet.post.caps, machines=1)))
    one.enqueue(1)
    one.tick_until(lambda: fleet.statuses() == ["completed"])  # the one machine of the cap was rented all the same
    (rented,) = [m for m in fleet.machines() if not m.is_own]
    assert not fleet.database.join_own_computer(rented.label, "test"), "a rented machine's label"
    fleet.wind_down()
    assert fleet.database.join_own_computer("own-test-desk", "test")
    assert [row["status"] for row in fleet.rows("machines", label="own-test-desk")] == ["booting"]
    fleet.wind_down()


@contextmanager
def worker_here(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen]:
    """`python -m gpu_worker` with what the control plane gave, and the keys of a machine that it must not use."""
    trap = {"CONTAINER_ID": "7001", "CONTAINER_API_KEY": "a-key", "HOME": str(folder), "PATH": os.environ["PATH"]}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gpu_worker"], env=environment | trap, cwd=REPOSITORY, stderr=log, stdout=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], Any], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.3)


def test_a_document_that_must_stay_here_is_read_by_ones_own_computer(clean_cloud, tmp_path):
    (file,) = write_texts(tmp_path / "documents", 1)
    with open_test_house(clean_cloud) as house:
        with file.path.open("rb") as body:
            form = {"placement": "local_only"}
            sent = house.desk.http.post("/api/upload", files={"file": (file.name, body)}, data=form).json()
        joined = house.desk.post("/api/instances/own", {"name": "desk"})
        assert set(joined["environment"]) == {
            "CONTROL_PLANE_URL", "SUPABASE_URL", "SUPABASE_KEY", "WORKER_TOKEN", "IDLE_SECONDS", "OCR_ENGINE",
            "OCR_LANGUAGES", "OWN_COMPUTER",
        }  # fmt: skip
        with worker_here(joined["environment"], tmp_path) as worker:
            wait_for(lambda: house.desk.get(f"/api/jobs/{sent['job_id']}")["status"] == "completed")
            (shown,) = house.desk.get("/api/instances/status")["instances"]
            assert (shown["label"], shown["hosting"], shown["status"]) == (joined["label"], "local", "ready")
            assert (shown["usd_per_hour"], shown["machine_usd"], shown["pages_done"]) == (0, 0, 1)
            assert market(clean_cloud)["contracts"] == [], "nothing was rented for it"
            house.desk.post(f"/api/instances/{joined['label']}/destroy")
            assert worker.wait(timeout=120) == 1, "told to go, the program ends and leaves the computer alone"
        wait_for(lambda: rows(clean_cloud, "select status from machines") == [("destroyed",)])


@pytest.mark.parametrize("name", ["", "Desk", "a b", "../x", "x" * 31, None, 7])
def test_a_name_that_cannot_be_a_label_is_refused(clean_cloud, name):
    reply = make_desk(clean_cloud).post("/api/instances/own", name=name)
    assert (reply.status_code, reply.json["code"]) == (400, "bad_argument")
