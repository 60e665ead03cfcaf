"""The emulator as a program: processes, keys, crashes, faults of instances, the administrator."""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.vast.emulator_process import EmulatorProcess

ENVIRONMENT_WORKER = [sys.executable, "-c", "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); "
                      "time.sleep(1000)"]  # fmt: skip
FAMILY_WORKER = ["/bin/sh", "-c", "echo started; sleep 1000 & sleep 1000"]
QUICK = ("--schedule-seconds", "0", "--boot-seconds", "0", "--restart-seconds", "0")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[EmulatorProcess]:
    """An emulator of the test's own, whose instances are a shell with two children."""
    emulator = EmulatorProcess(tmp_path, *QUICK, worker=FAMILY_WORKER)
    yield emulator
    emulator.stop()


def family(pid: int) -> list[int]:
    """Processes of a group."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == pid and state != "Z":
            members.append(int(entry.name))
    return members


def process_of(emulator: EmulatorProcess, contract: int) -> int | None:
    return emulator.admin("GET", "state")["processes"].get(str(contract))


def log(emulator: EmulatorProcess, contract: int) -> str:
    path = emulator.folder / "instances" / str(contract) / "log"
    return path.read_text() if path.exists() else ""


def test_an_instance_sees_vasts_variables_what_was_passed_and_nothing_of_the_host(tmp_path: Path) -> None:
    emulator = EmulatorProcess(tmp_path, *QUICK, worker=ENVIRONMENT_WORKER)
    try:
        offer = emulator.cheapest()
        contract = emulator.rent(offer["id"], env={"WORKER_TOKEN": "t.t-t_t", "-p 8080:8080": "1"})
        seen = json.loads(emulator.wait(lambda: log(emulator, contract)))
        seen.pop("LC_CTYPE", None)  # Python's own, where the C locale is coerced
        key = seen.pop("CONTAINER_API_KEY")
        assert seen == {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path / "instances" / str(contract) / "home"), "LANG": "C.UTF-8",
            "CONTAINER_ID": str(contract), "VAST_CONTAINERLABEL": f"C.{contract}", "GPU_COUNT": "1",
            "PUBLIC_IPADDR": offer["public_ipaddr"], "VAST_TCP_PORT_8080": "40000", "WORKER_TOKEN": "t.t-t_t",
                "EMULATED_MACHINE": "yes",
        }  # fmt: skip
        assert emulator.http("DELETE", f"/api/v0/instances/{contract}/", {}, key).status == 200
        emulator.inject(kind="no_container_key")
        without = emulator.rent(offer["id"])
        assert "CONTAINER_API_KEY" not in json.loads(emulator.wait(lambda: log(emulator, without)))
        assert emulator.destroy(without).status == 200
    finally:
        emulator.stop()


def test_destroy_kills_the_whole_process_group_and_wipes_the_disk(own: EmulatorProcess) -> None:
    contract = own.rent()
    own.wait(lambda: "started" in log(own, contract))
    pid = process_of(own, contract)
    own.wait(lambda: len(family(pid)) == 3)
    assert own.destroy(contract).status == 200
    own.wait(lambda: not family(pid))
    own.wait(lambda: not (own.folder / "instances" / str(contract) / "home").exists())
    assert own.destroy(contract).body["error"] == "no_such_instance"
    assert own.admin("GET", "state")["open_contracts"] == []


def test_a_kill_of_the_emulator_ends_its_workers_but_no_contract(own: EmulatorProcess) -> None:
    contract = own.rent(label="survivor")
    own.wait(lambda: "started" in log(own, contract))
    pid = process_of(own, contract)
    own.inject(kind="drop", route="user")
    own.kill()
    own.wait(lambda: pid not in family(pid))  # the kernel's doing; its children follow at the restart
    own.start()
    new = own.wait(lambda: process_of(own, contract))
    own.wait(lambda: log(own, contract).count("started") == 2)
    assert new != pid
    own.wait(lambda: not family(pid))
    state = own.admin("GET", "state")
    assert (state["open_contracts"], state["contracts"][0]["label"]) == ([contract], "survivor")
    assert [fault["kind"] for fault in state["faults"]] == ["drop"]
    own.destroy(contract)
    own.wait(lambda: not family(new))


def test_billing_goes_on_while_the_emulator_is_down(own: EmulatorProcess) -> None:
    own.admin("POST", "clock", {"speed": 3600})
    contract = own.rent()
    own.kill()
    killed = json.loads((own.folder / "state.json").read_text())["clock"]
    own.start()
    own.admin("POST", "clock", {"speed": 0})
    own.destroy(contract)
    ended = own.contract(contract)
    seconds = int(ended["destroyed_at"]) - int(ended["created_at"])
    assert ended["destroyed_at"] > killed["virtual_epoch"]
    terms = ended["terms"]
    assert ended["dollars"]["gpu"] == pytest.approx(terms["gpu_dollars_per_hour"] * seconds / 3600, rel=1e-9)
    disk = terms["disk_gb"] * terms["storage_dollars_per_gb_month"] / 720
    assert ended["dollars"]["disk"] == pytest.approx(disk * seconds / 3600, rel=1e-9)


def test_sigterm_ends_the_workers_too(tmp_path: Path) -> None:
    emulator = EmulatorProcess(tmp_path, *QUICK, worker=FAMILY_WORKER)
    contract = emulator.rent()
    emulator.wait(lambda: "started" in log(emulator, contract))
    pid = process_of(emulator, contract)
    emulator.stop()
    emulator.wait(lambda: not family(pid))


def test_the_end_of_pid_1_restarts_it_again_and_again(emulator: EmulatorProcess) -> None:
    emulator.inject(kind="crash_loop")
    contract = emulator.rent()
    emulator.wait(lambda: emulator.contract(contract)["restarts"] >= 3)
    assert emulator.contract(contract)["actual_status"] == "running"
    emulator.destroy(contract)


def test_an_instance_can_stay_exited_instead(emulator: EmulatorProcess) -> None:
    emulator.inject(kind="crash_loop")
    emulator.inject(kind="stays_exited")
    contract = emulator.rent()
    emulator.wait(lambda: emulator.contract(contract)["actual_status"] == "exited")
    assert emulator.contract(contract)["is_open"]
    emulator.destroy(contract)


def test_a_silent_instance_runs_without_a_process(emulator: EmulatorProcess) -> None:
    emulator.inject(kind="silent", machine_id=emulator.cheapest()["machine_id"])
    silent, loud = emulator.rent(), emulator.rent()
    emulator.wait(lambda: process_of(emulator, loud))
    assert emulator.contract(silent)["actual_status"] == "running"
    assert process_of(emulator, silent) is None
    emulator.destroy(silent), emulator.destroy(loud)


def test_an_offline_host_loses_the_process_and_starts_it_again(emulator: EmulatorProcess) -> None:
    contract = emulator.rent()
    emulator.wait(lambda: process_of(emulator, contract))
    emulator.admin("POST", f"instances/{contract}/offline")
    emulator.wait(lambda: process_of(emulator, contract) is None)
    assert emulator.contract(contract)["actual_status"] == "offline"
    emulator.admin("POST", f"instances/{contract}/online")
    emulator.wait(lambda: process_of(emulator, contract))
    emulator.destroy(contract)


def test_a_low_bid_is_stopped_and_a_better_one_resumes(emulator: EmulatorProcess) -> None:
    offer = emulator.cheapest(type="bid")
    contract = emulator.rent(offer["id"], price=offer["min_bid"] * 1.01)
    emulator.wait(lambda: process_of(emulator, contract))
    body = {"client_id": "me", "price": offer["min_bid"] * 0.5}
    emulator.http("PUT", f"/api/v0/instances/bid_price/{contract}/", body, emulator.key)
    emulator.wait(lambda: emulator.contract(contract)["cur_state"] == "stopped")
    body = {"client_id": "me", "price": offer["min_bid"] * 2}
    emulator.http("PUT", f"/api/v0/instances/bid_price/{contract}/", body, emulator.key)
    emulator.wait(lambda: emulator.contract(contract)["actual_status"] == "running")
    emulator.destroy(contract)


def test_an_empty_account_stops_everything_and_rents_nothing(emulator: EmulatorProcess) -> None:
    contract = emulator.rent()
    emulator.wait(lambda: process_of(emulator, contract))
    emulator.admin("POST", "credit", {"dollars": 0})
    emulator.wait(lambda: emulator.contract(contract)["actual_status"] == "stopped")
    order = {"image": "i"}
    refused = emulator.http("PUT", f"/api/v0/asks/{emulator.cheapest()['id']}/", order, emulator.key)
    assert refused.body["error"] == "insufficient_credit"
    emulator.destroy(contract)


def test_an_instances_key_is_good_for_itself_alone(emulator: EmulatorProcess) -> None:
    first, second = (
        emulator.http("PUT", f"/api/v0/asks/{emulator.cheapest()['id']}/", {"image": "i"}, emulator.key).body
        for _ in range(2)
    )
    key, own_path, other_path = (
        first["instance_api_key"], f"/api/v0/instances/{first['new_contract']}/",
        f"/api/v0/instances/{second['new_contract']}/",
    )  # fmt: skip
    assert emulator.http("GET", own_path, key=key).body["instances"]["id"] == first["new_contract"]
    assert emulator.http("DELETE", other_path, {}, key).status == 403
    for method, path in (("GET", "/api/v1/instances/"), ("GET", "/api/v0/users/current"), ("POST", "/api/v0/bundles/")):
        assert emulator.http(method, path, {} if method == "POST" else None, key).status == 404
    assert emulator.http("DELETE", own_path, {}, "wrong").body == {
        "success": False, "error": "auth_error", "msg": "Invalid user key"
    }  # fmt: skip
    assert emulator.http("DELETE", own_path, {}, key).status == 200
    assert emulator.http("DELETE", own_path, {}, key).body["error"] == "no_such_instance"
    emulator.destroy(second["new_contract"])


def test_an_ask_is_sold_once_unless_the_market_errs(emulator: EmulatorProcess) -> None:
    ask = emulator.cheapest()["id"]
    first = emulator.rent(ask)
    again = emulator.http("PUT", f"/api/v0/asks/{ask}/", {"image": "i"}, emulator.key)
    assert (again.status, again.body["error"]) == (410, "no_such_ask")
    emulator.inject(kind="double_sold")
    second = emulator.rent(ask)
    assert emulator.admin("GET", "state")["open_contracts"] == [first, second]
    emulator.destroy(first), emulator.destroy(second)


def test_a_price_may_change_between_search_and_create(emulator: EmulatorProcess) -> None:
    offer = emulator.cheapest()
    emulator.inject(kind="price_change", factor=2.0)
    contract = emulator.rent(offer["id"])
    assert emulator.contract(contract)["terms"]["gpu_dollars_per_hour"] == pytest.approx(2 * offer["dph_base"])
    emulator.destroy(contract)


def test_the_administrator_is_told_what_is_wrong_and_sees_no_secret(emulator: EmulatorProcess) -> None:
    contract = emulator.rent(env={"WORKER_TOKEN": "s3cr3t"}, image_login="-u u -p s3cr3t r")
    for method, path, body in (
        ("POST", "faults", {"faults": [{"kind": "typo"}]}),
        ("POST", "clock", {"advance_seconds": -1}),
        ("POST", f"instances/{contract}/typo", {}),
        ("POST", "instances/1/offline", {}),
        ("GET", "typo", None),
    ):
        assert emulator.http(method, f"/admin/{path}", body).status == 400
    assert "s3cr3t" not in json.dumps(emulator.admin("GET", "state"))
    assert emulator.contract(contract)["env_names"] == ["WORKER_TOKEN"]
    assert (emulator.folder / "state.json").stat().st_mode & 0o077 == 0
    emulator.destroy(contract)


def test_a_real_worker_without_its_settings_destroys_its_own_machine(tmp_path: Path) -> None:
    emulator = EmulatorProcess(tmp_path, *QUICK, worker=[sys.executable, "-m", "gpu_worker"])
    try:
        contract = emulator.rent(env={"VAST_BASE_URL": emulator.url})
        emulator.wait(lambda: not emulator.contract(contract)["is_open"])
        emulator.wait(lambda: process_of(emulator, contract) is None)
    finally:
        emulator.stop()


def test_many_customers_at_once_get_one_machine_each(emulator: EmulatorProcess) -> None:
    ask, path = emulator.cheapest()["id"], "/api/v0/asks/{}/"
    with ThreadPoolExecutor(12) as pool:
        same = list(pool.map(lambda _: emulator.http("PUT", path.format(ask), {"image": "i"}, emulator.key), range(12)))
    assert sorted(answer.status for answer in same) == [200] + [410] * 11
    rows = emulator.http("POST", "/api/v0/bundles/", {"limit": 64, "num_gpus": {"eq": 1}}, emulator.key).body["offers"]
    with ThreadPoolExecutor(12) as pool:
        contracts = list(pool.map(emulator.rent, [row["id"] for row in rows[:24]]))
    assert len(set(contracts)) == 24
    with ThreadPoolExecutor(12) as pool:
        everything = emulator.admin("GET", "state")["open_contracts"]
        assert {answer.status for answer in pool.map(emulator.destroy, everything)} == {200}


def test_what_was_answered_is_remembered_through_any_crash(own: EmulatorProcess) -> None:
    answered: list[int] = []

    def rent_on() -> None:
        with suppress(OSError, HTTPException):
            while True:
                answered.append(own.rent())

    for _ in range(3):
        before = len(answered)
        with ThreadPoolExecutor(2) as pool:
            renting = [pool.submit(rent_on) for _ in range(2)]
            own.wait(lambda before=before: len(answered) > before + 3)
            own.kill()
            wait(renting)
        own.start()
    open_contracts = own.admin("GET", "state")["open_contracts"]
    assert set(answered) <= set(open_contracts) and len(answered) == len(set(answered))
    for contract in open_contracts:
        own.destroy(contract)
    own.wait(lambda: own.admin("GET", "state")["processes"] == {})
