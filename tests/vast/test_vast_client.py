"""The control plane's client over the real CLI: every fault becomes the right error, and no secret gets out."""

import gc
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import psutil
import pytest

from control_plane.vast.cli import VastCli
from control_plane.vast.client import (
    CreateRefused,
    CreateRequest,
    CreateUnknown,
    DestroyFailed,
    OfferGone,
    VastAuthFailed,
    VastBlind,
    VastClient,
    VastRateLimited,
)
from control_plane.vast.pacing import VAST_MINIMUM_SECONDS, Pacer, pacer_for
from tests.vast.emulator_process import EmulatorProcess

QUERY = "num_gpus=1 gpu_ram>=8"


def request(ask_id: int, **options) -> CreateRequest:
    values = {"image": "me/worker:1", "disk_gb": 20, "label": "aseagi-test-00000001", "env": {"TOKEN": "a.b-c_d=="}}
    return CreateRequest(ask_id=ask_id, **{**values, **options})


def test_a_machines_life(emulator: EmulatorProcess, vast: VastClient) -> None:
    offers = vast.search_offers(QUERY, storage_gb=20, limit=5)
    assert len(offers) == 5
    best = offers[0]
    assert best.total_usd_per_hour == min(offer.total_usd_per_hour for offer in offers)
    assert (best.num_gpus, best.is_bid, best.verified) == (1, False, True)
    contract = vast.create_instance(request(best.ask_id, image_login="-u bob -p tok ghcr.io")).contract_id
    (listed,) = vast.list_instances()
    assert (listed.label, listed.machine_id, listed.actual_status) == (
        "aseagi-test-00000001", best.machine_id, "running",
    )  # fmt: skip
    assert listed.total_usd_per_hour == pytest.approx(best.total_usd_per_hour)
    emulator.advance(1800)
    assert vast.get_user().credit_usd == pytest.approx(25 - emulator.contract(contract)["dollars"]["total"])
    charges = vast.list_charges(date(2020, 1, 1), date(2040, 1, 1))
    assert {(charge.contract_id, charge.label) for charge in charges} == {(contract, "aseagi-test-00000001")}
    half_hour = best.gpu_usd_per_hour / 2
    assert sum(c.usd for c in charges if c.kind == "gpu") == pytest.approx(half_hour, rel=1e-3)
    assert isinstance(vast.logs(contract), str)
    vast.destroy_instance(contract)
    assert vast.list_instances() == []
    vast.destroy_instance(contract)  # already gone: fine


def test_an_interruptible_machine(emulator: EmulatorProcess, vast: VastClient) -> None:
    offer = vast.search_offers(QUERY, storage_gb=20, limit=1, interruptible=True)[0]
    assert offer.is_bid and offer.gpu_usd_per_hour == offer.min_bid_usd_per_hour
    bid = offer.min_bid_usd_per_hour * 1.2
    contract = vast.create_instance(request(offer.ask_id, bid_usd_per_hour=bid)).contract_id
    (instance,) = vast.list_instances()
    assert instance.is_bid and instance.bid_usd_per_hour == pytest.approx(bid, abs=1e-6)
    with pytest.raises(CreateRefused) as refused:
        other = vast.search_offers(QUERY, storage_gb=20, limit=1, interruptible=True)[0]
        vast.create_instance(request(other.ask_id, bid_usd_per_hour=other.min_bid_usd_per_hour / 2))
    vast.destroy_instance(refused.value.contract_id)  # a bid too low is a stopped contract that is billed
    vast.destroy_instance(contract)


def test_more_than_one_page_of_machines_and_charges(emulator: EmulatorProcess, vast: VastClient) -> None:
    asks = emulator.http("POST", "/api/v0/bundles/", {"limit": 64, "num_gpus": {"eq": 1}}, emulator.key).body["offers"]
    contracts = [emulator.rent(row["id"]) for row in asks[:30]]
    assert [instance.contract_id for instance in vast.list_instances()] == contracts
    for _ in range(3):  # four days, thirty contracts: two pages of a hundred rows
        emulator.advance(86_400)
    charges = vast.list_charges(date(2020, 1, 1), date(2040, 1, 1))
    billed = sum(emulator.contract(contract)["dollars"]["total"] for contract in contracts)
    assert sum(charge.usd for charge in charges) == pytest.approx(billed)
    for contract in contracts:
        emulator.destroy(contract)


def test_odd_rows_cost_those_rows_and_not_the_market(emulator: EmulatorProcess, vast: VastClient, caplog) -> None:
    contract = emulator.rent()
    for route in ("search", "list", "charges", "logs"):
        emulator.inject(kind="odd_rows", route=route)
    assert "result_url" in vast.logs(contract), "the CLI shows the answer where there is no log, and nothing breaks"
    offers = vast.search_offers(QUERY, storage_gb=20)
    assert len(offers) > 3 and all(offer.total_usd_per_hour > 0 and offer.ask_id != 990_000 for offer in offers)
    (listed,) = vast.list_instances()
    assert (listed.contract_id, listed.actual_status, listed.host_id) == (contract, "hibernating", 0)
    assert listed.started_at == 0, "its row has no start_date"
    assert {charge.contract_id for charge in vast.list_charges(date(2020, 1, 1), date(2040, 1, 1))} <= {contract}
    told = [record for record in caplog.records if "left out" in record.getMessage()]
    assert [record.getMessage().split(" left")[0] for record in told] == ["9 odd offers", "3 odd charges"]
    assert "free" not in str(vars(told[0])) and "a lot" not in str(vars(told[0]))
    emulator.destroy(contract)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limited", "seconds": 30}, VastRateLimited),
        ({"kind": "error_html"}, VastBlind),
        ({"kind": "error_list"}, VastBlind),
        ({"kind": "status", "status": 503}, VastBlind),
        ({"kind": "status", "status": 410}, VastBlind),
        ({"kind": "key_revoked"}, VastAuthFailed),
        ({"kind": "not_json"}, VastBlind),
        ({"kind": "drop"}, VastBlind),
        ({"kind": "refused"}, VastBlind),
        ({"kind": "partial_page"}, VastBlind),
    ],
)
def test_a_list_that_fails_is_blindness(
    emulator: EmulatorProcess, vast: VastClient, fault: dict, error: type[Exception]
) -> None:
    contract = emulator.rent()
    emulator.inject(route="list", **fault)
    with pytest.raises(VastBlind) as seen:
        vast.list_instances()
    assert type(seen.value) is error
    emulator.destroy(contract)


def test_price_increases_are_read_and_what_is_not_whole_says_so(emulator: EmulatorProcess, vast: VastClient) -> None:
    contract = emulator.rent()
    assert vast.list_price_increases() == ([], True)
    emulator.admin("POST", f"instances/{contract}/ask_more", {"factor": 1.5})
    (asked,), whole = vast.list_price_increases()
    (listed,) = vast.list_instances()
    old, new = asked.changes["gpu"]
    assert (asked.contract_id, whole, sorted(asked.changes)) == (contract, True, ["download", "gpu"])
    assert new == pytest.approx(1.5 * old) and old == pytest.approx(
        emulator.contract(contract)["terms"]["gpu_dollars_per_hour"]
    )
    assert asked.applies_at == listed.ends_at > listed.started_at
    for kind in ("odd_rows", "partial_page"):
        emulator.inject(route="increases", kind=kind)
        assert vast.list_price_increases() == ([asked], False), kind
    for fault in ({"kind": "not_json"}, {"kind": "drop"}, {"kind": "refused"}, {"kind": "status", "status": 404}):
        emulator.inject(route="increases", **fault)
        with pytest.raises(VastBlind):
            vast.list_price_increases()
    emulator.destroy(contract)


def test_other_reads_that_fail_are_blindness_too(emulator: EmulatorProcess, vast: VastClient) -> None:
    contract = emulator.rent()
    for route, fault, read in (
        ("search", {"kind": "charset"}, lambda: vast.search_offers(QUERY, 20)),
        ("user", {"kind": "refused"}, vast.get_user),
        ("charges", {"kind": "status", "status": 500}, lambda: vast.list_charges(date(2026, 1, 1), date(2026, 1, 2))),
        ("logs", {"kind": "drop"}, lambda: vast.logs(contract)),
    ):
        emulator.inject(route=route, **fault)
        with pytest.raises(VastBlind):
            read()
    with pytest.raises(VastBlind):
        vast.search_offers("gpu_name=RTX 3090", 20)  # a query the CLI does not understand
    emulator.destroy(contract)


@pytest.mark.parametrize(
    ("fault", "error", "rented"),
    [
        ({"kind": "commit_then_drop"}, CreateUnknown, 1),
        ({"kind": "drop"}, CreateUnknown, 0),
        ({"kind": "error_html"}, CreateUnknown, 0),
        ({"kind": "not_json"}, CreateUnknown, 0),
        ({"kind": "rate_limited"}, VastRateLimited, 0),
        ({"kind": "key_revoked"}, VastAuthFailed, 0),
        ({"kind": "refused"}, CreateRefused, 0),
        ({"kind": "status", "status": 400}, CreateRefused, 0),
        ({"kind": "status", "status": 404}, OfferGone, 0),
        ({"kind": "refused_with_contract"}, CreateRefused, 1),
    ],
)
def test_a_create_that_fails_says_what_may_have_been_rented(
    emulator: EmulatorProcess, vast: VastClient, fault: dict, error: type[Exception], rented: int
) -> None:
    ask = emulator.cheapest()["id"]
    emulator.inject(route="create", **fault)
    with pytest.raises(error) as seen:
        vast.create_instance(request(ask))
    assert type(seen.value) is error
    contracts = emulator.admin("GET", "state")["open_contracts"]
    assert len(contracts) == rented
    if isinstance(seen.value, CreateRefused):
        assert [seen.value.contract_id] == (contracts or [None])
    for contract in contracts:
        emulator.destroy(contract)


def test_a_taken_offer_is_gone(emulator: EmulatorProcess, vast: VastClient) -> None:
    ask = emulator.cheapest()["id"]
    contract = emulator.rent(ask)
    with pytest.raises(OfferGone):
        vast.create_instance(request(ask))
    emulator.destroy(contract)


@pytest.mark.parametrize(
    ("fault", "error", "destroyed"),
    [
        ({"kind": "refused"}, DestroyFailed, False),
        ({"kind": "drop"}, DestroyFailed, False),
        ({"kind": "commit_then_drop"}, DestroyFailed, True),
        ({"kind": "status", "status": 500}, DestroyFailed, False),
        ({"kind": "status", "status": 404}, DestroyFailed, False),  # a 404 that does not name the instance
        ({"kind": "key_revoked"}, VastAuthFailed, False),
        ({"kind": "rate_limited"}, VastRateLimited, False),
    ],
)
def test_a_destroy_that_fails_is_never_taken_for_done(
    emulator: EmulatorProcess, vast: VastClient, fault: dict, error: type[Exception], destroyed: bool
) -> None:
    contract = emulator.rent()
    emulator.inject(route="destroy", **fault)
    with pytest.raises(error):
        vast.destroy_instance(contract)
    assert emulator.contract(contract)["is_open"] is not destroyed
    vast.destroy_instance(contract)
    assert not emulator.contract(contract)["is_open"]


def test_a_destroyed_machine_may_reappear_and_a_new_one_be_late(emulator: EmulatorProcess, vast: VastClient) -> None:
    contract = emulator.rent()
    emulator.inject(kind="list_lag", seconds=60)
    assert vast.list_instances() == []
    emulator.inject(kind="destroy_reappears", seconds=120)
    vast.destroy_instance(contract)
    assert vast.list_instances() == []
    emulator.advance(121)
    assert [instance.contract_id for instance in vast.list_instances()] == [contract]
    vast.destroy_instance(contract)


def test_a_call_past_its_time_is_killed_with_its_children_and_a_create_is_in_doubt(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    emulator.inject(kind="delay", route="create", seconds=60)
    hasty = emulator.client(tmp_path, timeout_seconds=5.0)
    before = _commands()
    with pytest.raises(CreateUnknown, match="killed after 5 s"):
        hasty.create_instance(request(emulator.cheapest()["id"]))
    assert _commands() <= before
    emulator.admin("DELETE", "faults")
    emulator.wait(lambda: emulator.admin("GET", "state")["contracts"])
    for instance in hasty.list_instances():
        hasty.destroy_instance(instance.contract_id)


def test_one_loaded_command_serves_call_after_call_and_is_replaced_when_it_has_left(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    client = emulator.client(tmp_path)
    before = _commands()
    client.get_user()
    (loaded,) = _commands() - before
    client.get_user()
    assert _commands() - before == {loaded}
    loaded.kill()
    client.get_user()
    (second,) = _commands() - before
    assert second != loaded
    del client
    gc.collect()
    psutil.wait_procs([second], 10)
    assert not second.is_running()


def test_two_threads_do_not_wait_for_each_other(emulator: EmulatorProcess, tmp_path: Path) -> None:
    """The second asks while the first is kept waiting by Vast.ai, and is answered first."""
    client = emulator.client(tmp_path, timeout_seconds=600)
    emulator.inject(kind="delay", route="create", seconds=5)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.create_instance, request(emulator.cheapest()["id"]))
        while not any(r["path"].startswith("/api/v0/asks") for r in emulator.admin("GET", "requests")["requests"]):
            assert not slow.done()
        client.get_user()
        assert not slow.done()
        client.destroy_instance(slow.result().contract_id)


def test_a_command_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no vastai here')")
    reply = VastCli("http://127.0.0.1:1", "key", tmp_path, broken).run(["show", "user"], timeout_seconds=60)
    assert (reply.returncode, reply.stderr.strip()) == (1, "no vastai here")


def test_the_cli_asks_nothing_beside_the_question(emulator: EmulatorProcess, tmp_path: Path) -> None:
    """A fresh home is prepared, so neither the role nor the list of GPU names (without a timeout) is fetched."""
    emulator.inject(kind="delay", route="gpu_names", seconds=60)
    emulator.client(tmp_path).get_user()
    paths = [r["path"] for r in emulator.admin("GET", "requests")["requests"] if not r["agent"].startswith("Python")]
    assert paths == ["/api/v0/users/current"]
    emulator.admin("DELETE", "faults")


def test_secrets_reach_neither_the_command_line_nor_an_error(emulator: EmulatorProcess, tmp_path: Path) -> None:
    secret = "very-secret-value"
    ask = emulator.cheapest()["id"]
    emulator.inject(kind="delay", route="create", seconds=1.0)
    repeated = f"bad env TOKEN={secret}, key {emulator.key}, login -p {secret}"
    emulator.inject(kind="refused", route="create", text=repeated)
    order = request(ask, env={"TOKEN": secret}, image_login=f"-u u -p {secret} r")
    lines = set()
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(emulator.client(tmp_path).create_instance, order)
        while not refused.done():
            lines |= {_command_line(entry) for entry in Path("/proc").glob("[0-9]*")}
    assert isinstance(refused.exception(), CreateRefused)
    assert "bad env TOKEN=***, key ***, login -p ***" in str(refused.exception())
    assert any("vast/launcher.py" in line for line in lines)
    assert not any(secret in line or emulator.key in line for line in lines)
    assert secret not in repr(order)


def _commands() -> set[psutil.Process]:
    """The loaded commands of this process, and their calls."""
    below = psutil.Process().children(recursive=True)
    return {each for each in below if "launcher.py" in _command_line(Path(f"/proc/{each.pid}"))}


def _command_line(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


@pytest.mark.parametrize("value", ["it's", "two words", 'a"b', "a$b", "ä", "a\nb"])
def test_values_the_cli_would_garble_are_refused(value: str) -> None:
    with pytest.raises(ValueError) as seen:
        request(1, env={"TOKEN": value})
    assert value not in str(seen.value)
    with pytest.raises(ValueError, match="label"):
        request(1, label=value)


def test_calls_keep_vasts_intervals_and_an_emulators_none(tmp_path: Path) -> None:
    clock, slept = [0.0], []
    pacer = Pacer(VAST_MINIMUM_SECONDS, now=lambda: clock[0], sleep=slept.append)
    for verb in ("create", "create", "list", "create"):
        pacer.wait(verb)
    assert slept == [4.5, 9.0]
    clock[0] = 20.0
    pacer.wait("create")
    assert slept == [4.5, 9.0]
    assert pacer_for("https://console.vast.ai", tmp_path).minimum_seconds == VAST_MINIMUM_SECONDS
    assert pacer_for("http://127.0.0.1:8000", tmp_path).minimum_seconds == {}


def test_two_programs_with_one_account_take_turns(tmp_path: Path) -> None:
    clock, slept = [1000.0], []
    scaler, reaper = (
        Pacer({"destroy": 3.0}, tmp_path / "home" / "turns.json", now=lambda: clock[0], sleep=slept.append)
        for _ in range(2)
    )
    for program in (scaler, reaper, scaler, reaper):
        program.wait("destroy")
    assert slept == [3.0, 6.0, 9.0]
    clock[0] = 5.0  # the machine's clock was set back: nobody waits a quarter of an hour
    scaler.wait("destroy")
    assert slept == [3.0, 6.0, 9.0]
    (tmp_path / "home" / "turns.json").write_text("{cut sh")
    scaler.wait("destroy")
    assert slept == [3.0, 6.0, 9.0]
