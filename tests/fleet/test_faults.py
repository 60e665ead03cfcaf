"""Every failure the real Vast.ai is known for, once, with the real command line and real processes.

The `emulator` fixture fails any test that leaves a contract open.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from control_plane.database.enums import Blame, DoorName
from control_plane.fleet.scaler import build_post, tick
from control_plane.settings import Settings

REPOSITORY = Path(__file__).parents[2]
MACHINE_FAULT = "Error response from daemon: OCI runtime create failed"
OUR_FAULT = "Error response from daemon: manifest unknown"


def launch(fleet: Any, count: int) -> None:
    for _ in range(count):
        assert fleet.post.ledger.request_launch()


def ended_with(fleet: Any) -> list[str]:
    return [m.destroy_reason or "" for m in fleet.machines()]


def all_destroyed(fleet: Any, count: int) -> Callable[[], bool]:
    return lambda: [m.status for m in fleet.machines()] == ["destroyed"] * count and not fleet.emulator.open_contracts()


def test_machines_that_fail_in_every_way_are_all_returned(fleet):
    fates = [
        {"kind": "stuck_loading"}, {"kind": "daemon_error", "text": MACHINE_FAULT}, {"kind": "silent"},
        {"kind": "crash_loop"}, {"kind": "stays_exited"}, {"kind": "offline", "after_seconds": 1.5},
        {"kind": "outbid", "after_seconds": 1.5},
    ]  # fmt: skip
    fleet.emulator.inject(*[fate | {"nth": number} for number, fate in enumerate(fates, 1)])
    fleet = fleet.with_policy(breaker_failures=99, idle_seconds=0.0)
    launch(fleet, len(fates))
    fleet.tick_until(lambda: len(fleet.machines()) == len(fates))
    fleet.tick_until(all_destroyed(fleet, len(fates)))
    said = " | ".join(ended_with(fleet))
    for words in ("boot deadline", "cannot start", "never reported"):
        assert words in said
    unheard = [m for m in fleet.machines() if "never reported" in (m.destroy_reason or "")]
    assert all(m.verdict == "return" and m.verdict_reason and m.verdict_at for m in unheard)
    blocked = {block.id for block in fleet.post.ledger.get_fleet().blocks if block.kind == "machine"}
    assert {m.machine_id for m in fleet.machines() if m.blame is Blame.MACHINE} == blocked


def test_a_machine_that_costs_more_than_was_agreed_goes_back(fleet):
    fleet.emulator.inject({"kind": "price_change", "nth": 1, "factor": 3.0})
    launch(fleet, 1)
    fleet.tick_until(lambda: fleet.machines() and all_destroyed(fleet, 1)())
    (reason,) = ended_with(fleet)
    assert "not the price agreed" in reason


def test_creates_that_lie_rent_nothing_twice_and_leave_nothing_behind(fleet):
    answers = [
        {"kind": "status", "route": "create", "status": 410, "text": '{"error":"no_such_ask","msg":"no_such_ask"}'},
        {"kind": "commit_then_drop", "route": "create", "nth": 2},
        {"kind": "refused_with_contract", "nth": 3},
        {"kind": "rate_limited", "route": "create", "nth": 4},
        {"kind": "drop", "route": "create", "nth": 5},
        {"kind": "double_sold", "nth": 6},
    ]
    fleet.emulator.inject(*answers)
    fleet = fleet.with_policy(breaker_failures=99, idle_seconds=0.0)
    launch(fleet, len(answers))
    fleet.tick_until(lambda: len(fleet.machines()) >= 6 and not fleet.post.ledger.get_fleet().renting.hand_launches)
    fleet.tick_until(all_destroyed(fleet, len(fleet.machines())))
    said = " | ".join(ended_with(fleet))
    for words in ("no_such_ask", "refused, but billed", "429", "no contract appeared"):
        assert words in said
    labels = [contract["label"] for contract in fleet.emulator.contracts()]
    assert len(labels) == len(set(labels)), "no label was rented twice"
    in_doubt = next(m for m in fleet.machines() if m.contract_id and "idle" in (m.destroy_reason or ""))
    assert in_doubt.ready_at, "the machine whose answer was lost was adopted and worked"


def test_a_blind_controller_neither_rents_nor_buries(fleet):
    (job,) = fleet.enqueue(1, name="endless.pdf")
    fleet.tick_until(lambda: fleet.statuses() == ["processing"])
    blindness = [
        {"kind": "error_html"}, {"kind": "not_json"}, {"kind": "key_revoked"}, {"kind": "error_list"},
        {"kind": "drop"}, {"kind": "status", "status": 404}, {"kind": "charset"}, {"kind": "partial_page"},
    ]  # fmt: skip
    fleet.emulator.inject(*[fault | {"route": "list", "nth": number} for number, fault in enumerate(blindness, 1)])
    for _ in blindness:
        fleet.database.ask_door(DoorName.VAST)  # a refused key is tried again at once
        tick(fleet.post)
    fleet.emulator.inject({"kind": "empty_list"}, {"kind": "list_lag", "seconds": 600.0, "nth": 2})
    tick(fleet.post)  # a good list that lies
    tick(fleet.post)
    (machine,) = fleet.machines()
    assert (machine.status, len(fleet.emulator.contracts())) == ("ready", 1)
    assert fleet.statuses() == ["processing"]
    assert "vast_paused" in fleet.alarms()
    fleet.database.cancel_job(job)
    fleet.wind_down()


def test_empty_lists_end_no_machine_that_works_and_cost_no_document_an_attempt(fleet):
    jobs = fleet.enqueue(3, name="endless.pdf")
    launch(fleet, 3)
    fleet.tick_until(lambda: [m.jobs_held for m in fleet.machines()] == [1, 1, 1])
    grace_ends = time.monotonic() + fleet.post.policy.grace_seconds
    fleet.emulator.inject({"kind": "empty_list", "times": None})
    fleet.tick_until(lambda: time.monotonic() > grace_ends and min(m.absences for m in fleet.machines()) >= 6)
    assert [m.status for m in fleet.machines()] == ["ready"] * 3 and fleet.statuses() == ["processing"] * 3
    assert "list_doubted" in fleet.alarms()
    rows = [{name: job[name] for name in ("attempt", "deaths")} for job in fleet.rows("processing_jobs")]
    assert rows == [{"attempt": 1, "deaths": 0}] * 3
    fleet.emulator.admin("DELETE", "faults")
    fleet.tick_until(lambda: max(m.absences for m in fleet.machines()) == 0)
    for job in jobs:
        fleet.database.cancel_job(job)
    fleet.wind_down()


def test_a_destroy_that_fails_is_repeated_until_vast_agrees(fleet):
    launch(fleet, 1)
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["ready"])
    failures = [{"kind": "error_html"}, {"kind": "refused"}, {"kind": "drop"}]
    failures += [{"kind": "destroy_reappears", "seconds": 4.0}]
    fleet.emulator.inject(*[fault | {"route": "destroy", "nth": number} for number, fault in enumerate(failures, 1)])
    fleet.post.ledger.mark_destroying(fleet.machines()[0].label, "by hand")
    fleet.tick_until(all_destroyed(fleet, 1))
    assert fleet.machines()[0].destroy_calls >= 4
    assert "destroy_failed" in fleet.alarms()


def test_an_image_that_no_host_can_pull_pauses_renting(fleet):
    fleet.emulator.inject({"kind": "daemon_error", "text": OUR_FAULT, "times": None})
    fleet.enqueue(1)
    fleet.tick_until(lambda: not fleet.post.ledger.get_fleet().renting.is_on)
    fleet.tick_until(all_destroyed(fleet, len(fleet.machines())))
    renting = fleet.post.ledger.get_fleet().renting
    assert "manifest unknown" in renting.reason and "renting_paused" in fleet.alarms()
    assert fleet.post.ledger.get_fleet().blocks == (), "no host is blamed for our image"
    rented = len(fleet.machines())
    tick(fleet.post)
    assert len(fleet.machines()) == rented


def test_a_machine_lost_while_it_works_loses_no_document(fleet):
    fleet.emulator.inject({"kind": "offline", "after_seconds": 4.0})
    fleet.enqueue(1, name="endless.pdf")
    fleet.tick_until(lambda: fleet.statuses() == ["processing"])
    first = fleet.machines()[0]
    fleet.tick_until(lambda: len(fleet.machines()) == 2 and fleet.machines()[1].status == "ready")
    assert "its host is offline" in fleet.machines()[0].destroy_reason
    assert fleet.machines()[1].machine_id != first.machine_id, "the machine is remembered"
    fleet.tick_until(lambda: fleet.statuses() == ["processing"])
    (job,) = fleet.rows("processing_jobs")
    assert (job["attempt"], job["deaths"]) == (1, 0), "its host went away, and no document does that"
    fleet.wind_down()


def test_nothing_is_rented_below_the_credit_floor(fleet):
    fleet.emulator.admin("POST", "credit", dollars=1.05)
    fleet.enqueue(1)
    tick(fleet.post)
    assert fleet.machines() == () and fleet.emulator.contracts() == []


def test_without_credit_one_offer_is_tried_and_renting_waits_until_there_is_some(fleet):
    fleet.enqueue(1)
    fleet.emulator.inject({
        "kind": "status", "route": "create", "status": 400, "times": None,
        "text": '{"success": false, "error": "insufficient_credit", "msg": "Your account lacks credit."}',
    })  # fmt: skip
    tick(fleet.post)
    assert len(fleet.machines()) == 1 and fleet.paused() == {"vast": "vast_no_credit"}
    tick(fleet.post)
    assert len(fleet.machines()) == 1, "nothing more is asked for"
    fleet.emulator.admin("POST", "credit", dollars=0.0)
    fleet.database.ask_door(DoorName.VAST)
    tick(fleet.post)
    assert fleet.paused() == {"vast": "vast_no_credit"}
    fleet.emulator.admin("POST", "credit", dollars=20.0)
    fleet.emulator.admin("DELETE", "faults")
    fleet.database.ask_door(DoorName.VAST)
    tick(fleet.post)
    assert fleet.paused() == {}
    tick(fleet.post)
    assert len(fleet.machines()) == 2
    fleet.wind_down()


def test_with_a_revoked_key_vast_is_asked_only_when_it_is_due(fleet):
    fleet.emulator.inject({"kind": "key_revoked", "route": "list", "times": 1})
    fleet.enqueue(1)
    tick(fleet.post)
    assert fleet.paused() == {"vast": "vast_key_refused"} and fleet.machines() == ()
    tick(fleet.post)
    assert fleet.paused() == {"vast": "vast_key_refused"}, "not asked again yet"
    fleet.database.ask_door(DoorName.VAST)
    tick(fleet.post)
    assert fleet.paused() == {} and len(fleet.machines()) == 1
    fleet.wind_down()


def test_with_a_new_key_the_machines_of_before_are_kept_and_returned(fleet):
    """The old one is ended at Vast.ai while a machine works; the new one comes with the next deployment."""
    fleet.enqueue(1)
    tick(fleet.post)
    fleet.emulator.admin("POST", "key", key="renewed-key-" + "0" * 52)
    try:
        tick(fleet.post)
        assert fleet.paused() == {"vast": "vast_key_refused"} and len(fleet.machines()) == 1
        environ = fleet.environ | {"VAST_API_KEY": "renewed-key-" + "0" * 52}
        renewed = replace(fleet, post=build_post(Settings.from_env(environ)), environ=environ)
        fleet.post.ledger.step_down(fleet.post.holder)  # as a scaler does that is restarted
        renewed.database.ask_door(DoorName.VAST)
        renewed.tick_until(lambda: renewed.statuses() == ["completed"] and renewed.paused() == {})
        assert len(renewed.emulator.contracts()) == 1
        renewed.wind_down()
    finally:
        fleet.emulator.admin("POST", "key", key=fleet.emulator.key)


def test_a_scaler_killed_within_a_create_is_repaired_by_the_next(fleet, tmp_path):
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **fleet.environ, "FLEET_LEADER_SECONDS": "2"}
    command = [sys.executable, "-m", "control_plane", "scale"]
    fleet.enqueue(1)
    fleet.emulator.inject({"kind": "delay", "route": "create", "seconds": 6.0})
    scaler = subprocess.Popen(command, env=environ, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: fleet.emulator.contracts())
        assert [m.status for m in fleet.machines()] == ["intent"]
    finally:
        scaler.kill()
        scaler.wait()
    scaler = subprocess.Popen(command, env=environ, cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: fleet.statuses() == ["completed"] and fleet.machines()[0].status == "ready")
    finally:
        scaler.send_signal(signal.SIGTERM)
        assert scaler.wait(timeout=60) == 0
    assert len(fleet.emulator.contracts()) == len(fleet.machines()) == 1, "adopted, not rented again"
    assert fleet.post.ledger.lead("successor", 30), "a scaler that stops gives its lease up"
    fleet.post.ledger.step_down("successor")
    fleet.wind_down()


def wait_for(condition: Callable[[], Any], seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.2)
