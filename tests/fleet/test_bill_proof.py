"""That billing has stopped is proved by the bill; what its host asks for a machine is shown and never accepted."""

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Ended, Increase, Ledger, Machine, Renting
from control_plane.fleet import price_increases
from control_plane.fleet.bill_proof import judge_bill
from control_plane.fleet.bill_steps import first_day
from control_plane.fleet.price_words import describe_increase
from control_plane.fleet.proof import find_default
from control_plane.fleet.reaper import reconcile
from control_plane.fleet.routes import describe_billing
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import VastBlind

NOW = 1_800_000_000.0
POLICY = Policy()
HOUR = 3600.0
PREFIX = "aseagi-test-"
ENDED = Ended(7001, "aseagi-test-00000001", NOW, usd=0.25, read_at=NOW + HOUR, grew_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"read_at": None, "grew_at": None}, "waits", "has not been read"),
        ({"read_at": NOW - 60, "grew_at": NOW - 60}, "waits", "has not been read"),
        ({}, "waits", "must stand at $0.2500 for 2 hours"),
        ({"read_at": NOW + 2.9 * HOUR}, "waits", "must stand"),
        ({"read_at": NOW + 3 * HOUR}, "stopped", "by the bill"),
        ({"read_at": NOW + 2 * HOUR, "grew_at": NOW - HOUR}, "stopped", "by the bill"),
        # What came late may be from before the end: bills lag, and nobody read for hours.
        ({"read_at": NOW + 9 * HOUR, "grew_at": NOW + 9 * HOUR, "grew_since": NOW - HOUR}, "waits", "must stand"),
        ({"read_at": NOW + 4 * HOUR, "grew_at": NOW + 4 * HOUR, "grew_since": NOW + 3 * HOUR}, "grows", "4.0 hours"),
        ({"read_at": NOW + 9 * HOUR, "usd": 0.0}, "waits", "never shown it"),
        ({"read_at": NOW + 9 * HOUR, "usd": 0.0, "ran": False}, "stopped", "$0.0000"),
    ],
)
def test_a_bill_proves_its_end_by_standing_still_long_enough(changes, status, words):
    word = judge_bill(replace(ENDED, **changes), POLICY)
    assert (word.status, words in word.reason) == (status, True), word


def test_the_bill_is_read_from_the_oldest_end_that_is_not_proved():
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert str(first_day(Ledger(NOW, Renting()), now)) == "2026-11-21"
    old = replace(ENDED, ended_at=datetime(2026, 11, 18, 23, 59, tzinfo=UTC).timestamp())
    assert str(first_day(Ledger(NOW, Renting(), unproved=(old,)), now)) == "2026-11-18"


def test_a_returned_machine_says_whether_its_bill_has_stopped():
    gone = replace(READY, status=MachineStatus.DESTROYED, destroyed_at=NOW)
    waits, proved = Ledger(NOW, Renting(), unproved=(ENDED,)), Ledger(NOW, Renting())
    assert "must stand" in describe_billing(gone, waits, POLICY)
    assert describe_billing(gone, proved, POLICY) == "its bill has stopped"
    assert describe_billing(READY, proved, POLICY) is None
    assert describe_billing(replace(gone, contract_id=None), proved, POLICY) is None, "it never was"


def let_hours_pass(url: str, hours: int) -> None:
    """For the ledger alone: what it has read and seen is so much older."""
    past = f"interval '{hours} hours'"
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"update machines set destroyed_at = destroyed_at - {past}")
        database.execute(
            f"update contract_bills set first_read_at = first_read_at - {past}, read_at = read_at - {past},"
            f" grew_at = grew_at - {past}, grew_since = grew_since - {past}"
        )


def test_a_contract_that_no_list_shows_and_that_is_billed_is_destroyed_again(fleet, clean_cloud):
    fleet.enqueue(1)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"])
    post, url = fleet.post, clean_cloud.postgres_url
    fleet.emulator.inject({"kind": "destroy_reappears", "seconds": 20_000.0})
    (machine,) = fleet.machines()
    post.ledger.mark_destroying(machine.label, "by hand")
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["destroyed"])
    assert fleet.emulator.open_contracts() == [machine.contract_id], "it said so, and two good lists said so"

    def read_bill(hours: float) -> list[str]:
        fleet.emulator.admin("POST", "clock", advance_seconds=hours * HOUR)
        said = reconcile(post.ledger, post.vast, PREFIX, post.policy, datetime.now(UTC))
        return [each for each in said if "grew" in each]

    assert read_bill(1) == [] and [each.contract_id for each in fleet.ledger().unproved] == [machine.contract_id]
    let_hours_pass(url, 3)
    post.ledger.record_bill_reading([], "2020-01-01")
    assert fleet.ledger().now - fleet.ledger().unproved[0].read_at > 2 * HOUR, "a bill that lacks it says nothing of it"
    assert read_bill(1) == [], "this may be of the time before its end"
    let_hours_pass(url, 3)
    (said,) = read_bill(4)
    assert str(machine.contract_id) in said and "still_billed" in fleet.alarms()
    assert fleet.emulator.open_contracts() == []
    assert [m.status for m in fleet.machines()] == ["destroying"], "it counts under the caps again"
    fleet.tick_until(lambda: [m.status for m in fleet.machines()] == ["destroyed"])
    read_bill(0)
    let_hours_pass(url, 3)
    read_bill(0)
    assert fleet.ledger().unproved == (), "proved by the bill"
    assert fleet.rows("alarms", name="still_billed")[0]["cleared_at"] is not None


def test_a_contract_that_only_the_bill_knows_is_destroyed_when_it_grows(fleet, clean_cloud):
    post = fleet.post
    contract = fleet.emulator.rent_behind_our_back(post.vast, "aseagi-test-0000dead")
    for hours in (0, 3, 3):
        let_hours_pass(clean_cloud.postgres_url, hours)
        fleet.emulator.admin("POST", "clock", advance_seconds=HOUR)
        said = reconcile(post.ledger, post.vast, PREFIX, post.policy, datetime.now(UTC))
    assert str(contract) in said[-1] and fleet.emulator.open_contracts() == []


def test_what_a_host_asks_is_shown_and_not_accepted_and_forgotten_only_when_all_is_seen(fleet):
    fleet.enqueue(1)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"])
    post = fleet.post
    (machine,) = fleet.machines()
    fleet.emulator.admin("POST", f"instances/{machine.contract_id}/ask_more", factor=2)
    before = fleet.emulator.contracts()[0]["terms"]
    price_increases.look(post, post.ledger.get_fleet())
    (machine,) = fleet.machines()
    old, new = machine.increase.changes["gpu"]
    assert new == pytest.approx(2 * old) and "price_increase" in fleet.alarms()
    assert "an hour" in describe_increase(machine.increase) and machine.increase.applies_at > machine.intent_at
    (contract,) = fleet.emulator.contracts()
    assert contract["terms"] == before and contract["asked"] and not contract["agreed"], "nobody said yes"
    fleet.emulator.admin("POST", f"instances/{machine.contract_id}/status", actual_status="running")
    fleet.emulator.inject({"kind": "drop", "route": "increases"})
    with pytest.raises(VastBlind):
        price_increases.look(post, post.ledger.get_fleet())
    assert fleet.machines()[0].increase is not None, "blind is not empty"
    post.ledger.record_price_increases([], forget_others=False)
    assert fleet.machines()[0].increase is not None, "nor is what was cut short"
    post.ledger.record_price_increases([], forget_others=True)
    assert fleet.machines()[0].increase is None
    tick(post)
    fleet.wind_down()


READY = Machine(
    "aseagi-test-00000001", MachineStatus.READY, contract_id=7001, intent_at=NOW - HOUR, ready_at=NOW - HOUR,
    last_heartbeat_at=NOW - 5, result_at=NOW - 60, left_at=NOW - 60,
)  # fmt: skip


def test_a_machine_leaves_before_its_contract_runs_out_and_finishes_what_it_holds():
    soon = NOW + POLICY.contract_end_seconds - 1
    assert find_default(READY, NOW, POLICY, NOW + HOUR) is None
    assert "runs out" in find_default(READY, NOW, POLICY, soon).reason
    reads = replace(READY, jobs_held=1, pages_held=5.0, held_since=NOW - 30)
    assert find_default(reads, NOW, POLICY, soon) is None, "begun before"
    asked = replace(READY, increase=Increase(7001, 5, soon, {"gpu": (0.2, 0.4)}))
    end = find_default(asked, NOW, POLICY)
    assert "nobody accepted" in end.reason and end.blame is None
