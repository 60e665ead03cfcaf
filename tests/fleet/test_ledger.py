"""The ledger's rules, on the SQL and on the simulation's ledger in memory alike."""

import inspect
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from control_plane.clients import build_supabase
from control_plane.database.enums import Blame, HardwareKind, MachineStatus, RentingStatus
from control_plane.database.fleet_rows import Caps, DayCharge, Intent, Ledger, Machine
from control_plane.fleet.errors import CapReached, IntentRefused, NotLive
from control_plane.fleet.ledger import FleetLedger
from control_plane.settings import Settings
from scripts.bench.fleet_sim.ledger import MemoryLedger
from scripts.bench.fleet_sim.work import SimQueue

CAPS = Caps(machines=10, usd_per_hour=100.0, usd_per_day=100.0, credit_floor=0.0)
INTENT = Intent(
    label="aseagi-test-00000001", deployment="test", ask_id=11, machine_id=21, host_id=31, hosting="community",
    gpu_name="RTX 3090", geolocation="Texas, US", is_bid=False, batch_id=None, reason="work waits",
    usd_per_hour=0.2, traffic_usd_per_hour=0.1, traffic_usd_per_page=0.00001, pull_usd=0.05, inet_down_mbps=1000.0,
    image_gb=8.0, reserve_seconds=3600.0, boot_seconds=300.0,
)  # fmt: skip


@pytest.fixture(params=["memory", "sql"])
def ledger(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryLedger(time.time, SimQueue(time.time))
    cloud = request.getfixturevalue("clean_cloud")
    settings = Settings.from_env(cloud.control_plane_environ())
    ledger = FleetLedger(build_supabase(settings))
    ledger.postgres_url = cloud.postgres_url
    return ledger


@pytest.fixture
def leading(ledger: Any) -> Any:
    assert ledger.lead("one", 60)
    return ledger


def intent(number: int, **changes: Any) -> Intent:
    ids = {"label": f"aseagi-test-{number:08d}", "ask_id": 10 + number, "machine_id": 20 + number}
    return replace(INTENT, **(ids | changes))


def rent(ledger: Any, number: int = 1, **changes: Any) -> str:
    label = ledger.create_intent("one", intent(number, **changes), CAPS).label
    ledger.record_contract(label, 7000 + number)
    return label


def only(ledger: Any) -> Any:
    (machine,) = ledger.get_fleet().machines
    return machine


def test_one_leads_until_its_lease_ends_or_is_given_up(ledger):
    assert ledger.lead("one", 60)
    assert not ledger.lead("two", 60)
    assert ledger.lead("one", 0)  # renewed, and over at once
    assert ledger.lead("two", 60)
    ledger.step_down("one")  # not its lease to end
    assert not ledger.lead("one", 60)
    ledger.step_down("two")
    assert ledger.lead("one", 60)


def test_only_the_leader_writes_intents(leading):
    with pytest.raises(IntentRefused):
        leading.create_intent("two", INTENT, CAPS)
    assert leading.get_fleet().machines == ()


def test_an_intent_becomes_a_booting_machine_with_its_contract(leading):
    machine = leading.create_intent("one", INTENT, CAPS)
    assert (machine.status, machine.contract_id, machine.usd_per_hour) == (MachineStatus.INTENT, None, 0.2)
    assert machine.boot_deadline_at - machine.intent_at == pytest.approx(300, abs=1)
    assert machine.reserved_until - machine.intent_at == pytest.approx(3600, abs=1)
    assert leading.record_contract(machine.label, 7001).status is MachineStatus.BOOTING
    assert leading.record_contract(machine.label, 7001).contract_id == 7001  # said twice
    assert leading.record_contract(machine.label, 7002) is None  # another contract under the label is not ours to take
    assert leading.record_contract("aseagi-test-unknown", 7003) is None


@pytest.mark.parametrize("taken", [{"ask_id": 11}, {"machine_id": 21}])
def test_a_machine_is_rented_once_until_it_is_destroyed(leading, taken):
    label = rent(leading)
    with pytest.raises(IntentRefused):
        leading.create_intent("one", intent(2, **taken), CAPS)
    leading.mark_destroying(label, "idle")
    with pytest.raises(IntentRefused):
        leading.create_intent("one", intent(2, **taken), CAPS)
    leading.record_absence(label)
    leading.record_absence(label)
    assert leading.create_intent("one", intent(2, **taken), CAPS).status is MachineStatus.INTENT


@pytest.mark.parametrize(
    "caps",
    [
        replace(CAPS, machines=1),
        replace(CAPS, usd_per_hour=0.59),  # two machines of 0.30 with their traffic
        replace(CAPS, usd_per_day=1.9),  # two images of 1.00, billed on the day of the intent
        replace(CAPS, credit=7.5, credit_floor=5.0),  # two of 1.00 for the image and 0.30 for the hour reserved
    ],
)
def test_a_cap_counts_what_is_in_flight_and_its_worst_case(leading, caps):
    leading.create_intent("one", intent(1, pull_usd=1.0), caps)
    with pytest.raises(CapReached):
        leading.create_intent("one", intent(2, pull_usd=1.0), caps)
    assert len(leading.get_fleet().machines) == 1


def test_a_cap_that_is_just_met_is_not_passed(leading):
    caps = Caps(machines=2, usd_per_hour=0.6, usd_per_day=0.75, credit_floor=5.0, credit=5.75)
    leading.create_intent("one", intent(1), caps)
    leading.create_intent("one", intent(2), caps)
    assert leading.get_fleet().usd_today <= 0.75


def test_a_longer_reservation_meets_the_caps_too(leading):
    label = rent(leading)
    assert leading.extend_reservation(label, 7200, CAPS).reserved_until > time.time() + 7000
    with pytest.raises(CapReached):
        leading.extend_reservation(label, 30_000, replace(CAPS, usd_per_day=1.0, credit=2.0, credit_floor=1.0))
    assert only(leading).reserved_until < time.time() + 7300  # the refused stretch is not kept
    leading.mark_destroying(label, "idle")
    with pytest.raises(NotLive):
        leading.extend_reservation(label, 7200, CAPS)


def test_a_machine_ends_once_and_the_first_reason_stands(leading):
    label = rent(leading)
    assert leading.mark_destroying(label, "idle").status is MachineStatus.DESTROYING
    assert leading.mark_destroying(label, "another reason", Blame.MACHINE) is None
    assert (only(leading).destroy_reason, only(leading).blame) == ("idle", None)


def test_destroyed_takes_two_good_lists_in_a_row(leading):
    label = rent(leading)
    leading.mark_destroying(label, "idle")
    assert leading.record_absence(label).status is MachineStatus.DESTROYING
    assert leading.record_boot(label, "running", "seen again").absences == 0
    assert leading.record_absence(label).status is MachineStatus.DESTROYING
    assert leading.record_absence(label).status is MachineStatus.DESTROYED
    assert leading.record_absence(label) is None


def test_one_list_is_counted_once_though_its_call_is_done_twice(leading):
    label = rent(leading)
    leading.mark_destroying(label, "idle")
    assert leading.record_absence(label, 0).absences == 1
    assert leading.record_absence(label, 0) is None, "a call that was dropped, they said"
    assert leading.record_absence(label, 1).status is MachineStatus.DESTROYED


def test_absence_alone_destroys_nothing_that_is_live(leading):
    label = rent(leading)
    for _ in range(3):
        assert leading.record_absence(label).status is MachineStatus.BOOTING
    assert only(leading).absences == 3


def test_a_destroyed_machine_that_is_seen_again_is_billed_again(leading):
    label = rent(leading)
    leading.mark_destroying(label, "idle")
    leading.record_absence(label)
    leading.record_absence(label)
    before = leading.get_fleet().usd_today
    back = leading.record_boot(label, "running", "")
    assert (back.status, back.destroyed_at, back.absences) == (MachineStatus.DESTROYING, None, 0)
    assert leading.get_fleet().usd_today > before
    assert leading.record_boot("aseagi-test-unknown", "running", "") is None


def test_a_refused_intent_costs_nothing_once_two_lists_lack_it(leading):
    label = leading.create_intent("one", INTENT, CAPS).label
    assert leading.get_fleet().usd_today > 0.05
    assert leading.record_refusal(label, "no_such_ask").refused
    leading.record_absence(label)
    leading.record_absence(label)
    assert leading.get_fleet().usd_today == 0.0


def test_a_contract_is_never_called_refused(leading):
    label = rent(leading)
    assert leading.record_refusal(label, "no_such_ask") is None
    assert only(leading).status is MachineStatus.BOOTING


def test_destroy_calls_are_counted(leading):
    label = rent(leading)
    leading.record_destroy_call(label)
    leading.record_destroy_call(label)
    assert only(leading).destroy_calls == 2
    assert only(leading).destroy_called_at == pytest.approx(time.time(), abs=30)


def test_running_is_stamped_once(leading):
    label = rent(leading)
    assert leading.record_boot(label, "loading", "Pulling").running_at is None
    first = leading.record_boot(label, "running", "success").running_at
    assert leading.record_boot(label, "offline", "").running_at == first


def test_blocked_hardware_is_remembered_until_its_time(leading):
    leading.block_hardware(HardwareKind.MACHINE, 21, "stuck", 3600)
    leading.block_hardware(HardwareKind.MACHINE, 21, "stuck again", 60)  # a shorter block does not shorten the first
    leading.block_hardware(HardwareKind.HOST, 31, "three bad machines", -1)
    (block,) = leading.get_fleet().blocks
    assert (block.kind, block.id, block.reason) == ("machine", 21, "stuck again")
    assert block.blocked_until > time.time() + 3000


def test_a_pause_stops_intents_and_forgets_requests(leading):
    assert leading.request_launch()
    assert leading.get_fleet().renting.hand_launches == 1
    assert leading.set_renting(RentingStatus.PAUSED, "by hand").reason == "by hand"
    assert not leading.request_launch()
    with pytest.raises(IntentRefused):
        leading.create_intent("one", INTENT, CAPS)
    assert leading.set_renting(RentingStatus.ON, None).is_on
    assert leading.get_fleet().renting.hand_launches == 0


def test_a_machine_asked_for_by_hand_uses_up_the_request(leading):
    leading.request_launch()
    leading.create_intent("one", intent(1), CAPS)
    assert leading.get_fleet().renting.hand_launches == 1
    leading.create_intent("one", intent(2, by_hand=True), CAPS)
    assert leading.get_fleet().renting.hand_launches == 0


def test_a_chosen_offer_is_remembered_until_it_is_rented_or_dropped(leading):
    for ask_id in (11, 11, 12, None):
        assert leading.request_launch(ask_id)
    assert (leading.get_fleet().renting.hand_launches, leading.get_fleet().renting.hand_asks) == (3, (11, 12))
    leading.create_intent("one", intent(1, by_hand=True), CAPS)  # of ask 11
    leading.drop_launch(12)
    leading.drop_launch(99)
    assert (leading.get_fleet().renting.hand_launches, leading.get_fleet().renting.hand_asks) == (1, ())


def test_our_own_computers_count_in_no_cap(leading):
    caps = replace(CAPS, machines=1, usd_per_hour=0.3)
    add_own(leading, "own-test-desk")
    leading.create_intent("one", intent(1), caps)
    with pytest.raises(CapReached):
        leading.create_intent("one", intent(2), caps)


def add_own(ledger: Any, label: str) -> None:
    if isinstance(ledger, MemoryLedger):
        ledger.machines[label] = Machine(label, MachineStatus.BOOTING, hosting="local")
    else:
        ledger.join_own_computer(label, "test")


def test_a_machine_that_reported_is_billed_though_no_list_ever_showed_its_contract(leading):
    label = leading.create_intent("one", intent(1), CAPS).label
    report(leading, label)
    leading.mark_destroying(label, "no contract appeared")
    leading.record_absence(label)
    leading.record_absence(label)
    assert leading.get_fleet().usd_today >= 0.05


def report(ledger: Any, label: str) -> None:
    """As its worker's heartbeat does."""
    if isinstance(ledger, MemoryLedger):
        ledger.heartbeat(label, 5.0)
        return
    with psycopg.connect(ledger.postgres_url, autocommit=True) as owner:
        owner.execute("update public.machines set ready_at = now() where label = %s", (label,))


def test_boots_that_came_up_are_remembered_with_what_they_depend_on(leading):
    label = rent(leading)
    assert leading.get_fleet().boots == ()
    leading.record_boot(label, "running", "success")
    assert leading.get_fleet().boots == (), "its worker has not reported yet"
    report(leading, label)
    (boot,) = leading.get_fleet().boots
    assert (boot.machine_id, boot.host_id, boot.gpu_name) == (21, 31, "RTX 3090")
    assert (boot.inet_down_mbps, boot.image_gb) == (1000.0, 8.0)
    assert 0 <= boot.boot_seconds < 60 and 0 <= boot.start_seconds < 60


def test_paces_are_told_per_machine_and_host_the_newest_first(clean_cloud):
    ledger = FleetLedger(build_supabase(Settings.from_env(clean_cloud.control_plane_environ())))
    assert ledger.lead("one", 60)
    labels = [rent(ledger, number, gpu_name=f"RTX 30{number}0", host_id=30 + number) for number in (1, 2, 3)]
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as owner:
        for label, pages, speed in zip(labels, (400, 20, 19), (12.5, 8.0, 9.0), strict=True):
            report = f'{{"pages_per_second": {speed}}}'
            owner.execute("update public.machines set pages_done = %s, report = %s where label = %s",
                          (pages, report, label))  # fmt: skip
    paces = ledger.get_fleet().paces
    assert [(each.machine_id, each.host_id, each.gpu_name, each.image_gb, each.pages_per_second) for each in paces] == [
        (22, 32, "RTX 3020", 8.0, 8.0), (21, 31, "RTX 3010", 8.0, 12.5)
    ], "nineteen pages say nothing"  # fmt: skip


def test_it_is_known_since_when_somebody_has_been_listening(ledger):
    ledger.lead("one", 60)
    since = ledger.get_fleet().hearing_since
    assert since == pytest.approx(time.time(), abs=30)
    ledger.lead("one", 0)
    assert ledger.get_fleet().hearing_since == since, "renewed in time"
    ledger.lead("two", 60)
    assert ledger.get_fleet().hearing_since > since, "the lease had lapsed: nobody judged meanwhile"


def test_records_tell_which_hardware_failed(leading):
    label = rent(leading)
    leading.mark_destroying(label, "not running by its boot deadline", Blame.MACHINE)
    rent(leading, 2)
    records = {each.machine_id: (each.host_id, each.boots, each.failures) for each in leading.get_fleet().records}
    assert records == {21: (31, 0, 1), 22: (31, 0, 0)}
    assert {(each.gpu_name, each.image_gb) for each in leading.get_fleet().records} == {("RTX 3090", 8.0)}


def test_two_control_planes_cannot_pass_a_cap_together(clean_cloud):
    settings = Settings.from_env(clean_cloud.control_plane_environ())
    caps = replace(CAPS, machines=3)
    first = FleetLedger(build_supabase(settings))
    first.lead("one", 60)
    outcomes: list[str] = []

    def attempt(number: int) -> None:
        ledger = FleetLedger(build_supabase(settings))
        try:
            ledger.create_intent("one", intent(number), caps)
            outcomes.append("rented")
        except CapReached:
            outcomes.append("cap")

    _at_once([lambda n=n: attempt(n) for n in range(1, 9)])
    assert sorted(outcomes) == ["cap"] * 5 + ["rented"] * 3
    assert len(first.get_fleet().machines) == 3


def _at_once(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_charges_count_when_they_are_more_than_was_thought(clean_cloud):
    ledger = FleetLedger(build_supabase(Settings.from_env(clean_cloud.control_plane_environ())))
    ledger.lead("one", 60)
    rent(ledger)
    today = time.strftime("%Y-%m-%d", time.gmtime(ledger.get_fleet().now))
    charge = DayCharge(7001, INTENT.label, today, "gpu", 2.0)
    ledger.record_charges([charge, replace(charge, kind="bwd", usd=0.5)])
    ledger.record_charges([replace(charge, usd=3.0)])  # asked again: replaced, not added
    ledger.record_charges([replace(charge, contract_id=9999, label="unknown", usd=1.0)])
    assert ledger.get_fleet().usd_today == pytest.approx(4.5)


def test_the_ledger_is_for_the_service_role_alone(clean_cloud):
    rpc = f"{clean_cloud.supabase_url}/rest/v1/rpc/get_fleet"
    headers = {"apikey": clean_cloud.publishable_key, "Authorization": f"Bearer {clean_cloud.publishable_key}"}
    assert httpx.post(rpc, json={}, headers=headers, timeout=10).status_code in (401, 403, 404)


def test_both_ledgers_have_the_same_verbs():
    source = "".join(path.read_text() for path in Path("control_plane/fleet").glob("*.py"))
    used = set(re.findall(r"\bledger\.(?!paused\b)(\w+)\(", source))
    assert {"lead", "get_fleet", "create_intent", "record_absence", "record_charges"} <= used
    for verb in used:
        ours, theirs = (list(inspect.signature(getattr(kind, verb)).parameters) for kind in (FleetLedger, MemoryLedger))
        assert ours == theirs, verb
    assert isinstance(MemoryLedger(time.time, SimQueue(time.time)).get_fleet(), Ledger)
