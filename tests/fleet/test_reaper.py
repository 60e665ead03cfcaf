"""The reaper: ends what is ours and unwanted, leaves what is not ours, refuses to reap in masses, checks the bill."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Ledger, Machine, Renting
from control_plane.fleet import reaper
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Charge, CreateRequest
from scripts.bench.fleet_sim.world import World

PREFIX = "aseagi-test-"


@pytest.fixture
def world() -> World:
    return World(1, Policy(), ())


def rent_unknown(vast, label: str) -> int:
    """Rent behind the ledger's back, as a crash or a stranger would."""
    offer = vast.search_offers("num_gpus=1", 20)[0]
    return vast.create_instance(CreateRequest(offer.ask_id, "image", 20, label, {"X": "1"})).contract_id


def open_contracts(world: World) -> list[int]:
    return [each.contract_id for each in world.vast.open_contracts()]


def test_what_is_ours_and_unknown_is_destroyed_and_the_rest_is_left(world):
    ours, theirs = rent_unknown(world.vast, "aseagi-test-0000dead"), rent_unknown(world.vast, "somebody-else")
    other_deployment = rent_unknown(world.vast, "aseagi-tests-00000001")
    caught = reaper.reap(world.ledger, world.vast, PREFIX, 5)
    assert [each.contract_id for each in caught] == [ours]
    assert open_contracts(world) == [theirs, other_deployment]
    assert [name for name, *_ in world.ledger.alarms] == ["reaped"]
    assert reaper.reap(world.ledger, world.vast, PREFIX, 5) == []


def test_a_mass_reap_is_refused_and_said(world):
    rented = [rent_unknown(world.vast, f"aseagi-test-{number:08x}") for number in range(2)]
    assert len(reaper.reap(world.ledger, world.vast, PREFIX, 1)) == 2
    assert open_contracts(world) == rented
    assert [name for name, *_ in world.ledger.alarms] == ["mass_reap_refused"]
    reaper.reap(world.ledger, world.vast, PREFIX, 2)
    assert open_contracts(world) == []


def test_a_second_contract_of_a_label_ends_without_the_first(world):
    world.ledger.machines[WANTED.label] = WANTED
    second = rent_unknown(world.vast, WANTED.label)
    world.ledger.machines[WANTED.label] = replace(WANTED, contract_id=second - 1, reserved_until=world.now + 60)
    reaper.reap(world.ledger, world.vast, PREFIX, 5)
    assert open_contracts(world) == []
    assert world.ledger.machines[WANTED.label].status is MachineStatus.READY


def test_the_program_reaps_alone_and_reconciles_the_bill(fleet, settings):
    fleet.enqueue(1)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"])
    fleet.emulator.admin("POST", "clock", advance_seconds=1800)  # the bill grows
    unknown = rent_unknown(fleet.post.vast, "aseagi-test-0000dead")
    fleet.emulator.inject({"kind": "key_revoked", "times": None})
    assert reaper.run(settings) == 2, "a blind reaper touches nothing"
    fleet.emulator.admin("DELETE", "faults")
    assert unknown in fleet.emulator.open_contracts()
    assert reaper.run(settings) == 1
    (machine,) = fleet.machines()
    assert fleet.emulator.open_contracts() == [machine.contract_id], "what the ledger wants is left"
    (row,) = fleet.rows("fleet_contracts", label=machine.label)
    assert row["billed_usd"] > 0 and row["gpu_usd"] > 0
    assert row["usd_per_page"] == pytest.approx(row["billed_usd"], abs=1e-6)
    fleet.wind_down()


NOW = 1_800_000_000.0
WANTED = Machine(
    "aseagi-test-00000001", MachineStatus.READY, contract_id=7001, reserved_until=NOW + 60, intent_at=NOW - 3600,
    boot_deadline_at=NOW - 3000, last_heartbeat_at=NOW - 5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (WANTED, None),
        (replace(WANTED, status=MachineStatus.INTENT, contract_id=None), None),
        (replace(WANTED, last_heartbeat_at=NOW - 901), "no word from its worker for 901 s"),
        (replace(WANTED, status=MachineStatus.BOOTING, last_heartbeat_at=None), "no word"),
        (replace(WANTED, status=MachineStatus.BOOTING, last_heartbeat_at=None, boot_deadline_at=NOW - 600), None),
        (replace(WANTED, contract_id=7002), "the label's contract is 7002"),
        (replace(WANTED, status=MachineStatus.DESTROYED), "destroyed"),
        (replace(WANTED, status=MachineStatus.DESTROYING, destroying_at=NOW - 30), None),
        (replace(WANTED, status=MachineStatus.DESTROYING, destroying_at=NOW - 900), "900 s ago"),
        (replace(WANTED, reserved_until=NOW - 1), "reservation ran out"),
    ],
)
def test_a_contract_is_caught_when_its_row_does_not_want_it(row, reason, listed_row):
    ledger = Ledger(now=NOW, renting=Renting(), machines=(row,))
    caught = reaper.judge(ledger, [listed_row(label=WANTED.label, contract_id=7001)], PREFIX)
    assert bool(caught) == (reason is not None)
    if reason:
        assert reason in caught[0].reason


def test_charges_that_the_ledger_cannot_explain_are_said():
    row = replace(WANTED, status=MachineStatus.DESTROYED, intent_at=NOW - 3600, destroyed_at=NOW, usd_per_hour=0.2)
    charge = Charge(7001, row.label, "gpu", 0.2, NOW - 3600)
    ledger = Ledger(now=NOW, renting=Renting(), machines=(row,))
    assert reaper.find_odd([charge], ledger) == []
    assert "7001" in reaper.find_odd([charge, replace(charge, kind="bwd", usd=0.3)], ledger)[0]


def test_charges_are_summed_by_contract_day_and_kind():
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    charge = Charge(7001, "a", "gpu", 0.2, noon)
    later = replace(charge, started_at=noon + 86400, usd=1.0)
    sums = reaper.sum_by_day([charge, replace(charge, usd=0.3), later])
    assert [(each.day, each.usd) for each in sums] == [("2026-11-22", 0.5), ("2026-11-23", 1.0)]
