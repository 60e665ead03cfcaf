"""Boots take as long as they take: learned, waited for, hedged; and when nothing moves, people are told why."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import Blame, HardwareKind, MachineStatus, RentingStatus
from control_plane.database.fleet_rows import Backlog, Block, Boot, Caps, Ledger, Machine, Renting
from control_plane.fleet import plan, standstill
from control_plane.fleet.boots import Boots, learn
from control_plane.fleet.offers import suitable
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Offer
from scripts.bench.fleet_sim.market import Market
from scripts.bench.fleet_sim.physics import WORLDS
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import START, World

NOW = 1_800_000_000.0
POLICY = Policy()
CAPS = Caps(machines=2, usd_per_hour=4.0, usd_per_day=40.0, credit_floor=1.0)
BOOT = Boot(
    machine_id=1, host_id=1, gpu_name="RTX 3090", inet_down_mbps=1000, image_gb=8, boot_seconds=784, start_seconds=60
)
ON_ITS_WAY = Machine(
    "aseagi-test-00000001", MachineStatus.BOOTING, contract_id=7001, machine_id=21, host_id=31, gpu_name="RTX 3090",
    usd_per_hour=0.2, inet_down_mbps=1000.0, intent_at=NOW - 100, contract_at=NOW - 100, vast_status="loading",
)  # fmt: skip
CAME_UP = {"running_at": NOW - 90, "ready_at": NOW - 80, "last_heartbeat_at": NOW - 5}
READY = replace(ON_ITS_WAY, status=MachineStatus.READY, **CAME_UP)


def boots(*known: Boot, gave_up: int = 0) -> Boots:
    return Boots(known, gave_up, POLICY)


def ledger(*machines: Machine, **changes: Any) -> Ledger:
    return Ledger(now=NOW, renting=Renting(), machines=machines, **changes)


def on_its_way(number: int, seconds: float, **changes: Any) -> Machine:
    ids = {"label": f"aseagi-test-{number:08d}", "contract_id": 7000 + number, "machine_id": 20 + number}
    return replace(ON_ITS_WAY, **(ids | {"intent_at": NOW - seconds, "contract_at": NOW - seconds} | changes))


def expected(known: Boots, machine_id: int = 99, host_id: int = 99, gpu: str = "RTX 4090", mbps: float = 1000) -> float:
    return known.expected_seconds(machine_id, host_id, gpu, mbps)


def test_without_a_record_the_line_and_a_prior_say_how_long_a_boot_takes():
    assert expected(boots()) == 64 + POLICY.unpack_seconds
    assert expected(boots(), mbps=100) == 640 + POLICY.unpack_seconds


def test_what_was_measured_replaces_the_prior_the_nearer_the_more():
    slow = [replace(BOOT, machine_id=n, host_id=n) for n in (1, 2, 3)]  # 720 s beyond the line
    assert expected(boots(*slow)) == 784
    assert expected(boots(slow[0])) == expected(boots()), "one stranger is not believed alone"
    assert expected(boots(slow[0]), machine_id=1) == 784, "but the same machine is"
    assert expected(boots(slow[0]), host_id=1) == 784, "and its host"
    fast = [replace(each, gpu_name="RTX 4090", boot_seconds=74) for each in slow]
    assert expected(boots(*slow, *fast), gpu="RTX 4090") < 200 < expected(boots(*slow, *fast), gpu="RTX 3090")


def test_a_larger_image_takes_longer_to_unpack():
    small = [replace(BOOT, machine_id=n, image_gb=2.0, boot_seconds=16 + 100) for n in range(3)]
    assert expected(boots(*small)) == 64 + 400


def test_patience_is_long_while_nothing_ever_booted_and_then_follows_what_boots_take():
    machine = on_its_way(1, 0)
    assert boots().patience(machine, is_loading=True) == POLICY.longest_boot_seconds
    assert boots().patience(machine, is_loading=False) == POLICY.shortest_boot_seconds + 8, "no sign that it loads"
    quick = [replace(BOOT, machine_id=n, boot_seconds=100) for n in range(20)]
    assert boots(*quick).patience(machine, is_loading=True) < 400
    slow = [replace(BOOT, machine_id=n) for n in range(20)]
    assert boots(*slow).patience(machine, is_loading=True) == 2 * 784
    assert boots(*quick, gave_up=2).patience(machine, is_loading=True) > 1200, "twice in vain: it may be us"


def test_patience_that_ended_in_vain_is_counted_until_a_machine_boots():
    gave_up = replace(
        ON_ITS_WAY, status=MachineStatus.DESTROYED, destroy_reason="not running by its boot deadline of 308 s",
        blame=Blame.MACHINE
    )
    assert learn(ledger(gave_up), POLICY).gave_up == 1
    assert learn(ledger(gave_up, READY), POLICY).gave_up == 0


def work(pages: float, priority: str = "normal", waited: float = 60) -> list[Backlog]:
    return [Backlog(priority, queued=int(pages), pages_waiting=pages, oldest_at=NOW - waited)]


def test_beside_a_boot_that_takes_too_long_another_machine_is_rented():
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 200)), POLICY) is None
    need = plan.find_need(work(1, "high"), ledger(on_its_way(1, 400)), POLICY)
    assert need.pages == 1 and "take longer than boots do" in need.reason
    second = on_its_way(2, 400, host_id=32)
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 800), second), POLICY) is None, "twice as patient now"
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 1100), replace(second, intent_at=NOW - 700)), POLICY)
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 4000), READY), POLICY) is None, "one works"


def test_where_boots_are_known_to_be_slow_none_is_hedged_before_its_time():
    known = tuple(replace(BOOT, machine_id=n) for n in range(20))
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 900), boots=known), POLICY) is None
    just_rented = ledger(on_its_way(1, 10), boots=known)
    assert plan.find_need(work(1, "high"), just_rented, POLICY) is None, "late, but a second would be later still"
    assert plan.find_need(work(1, "high"), ledger(on_its_way(1, 1000), boots=known), POLICY) is not None


# A standstill


def alarms(
    *machines: Machine, queue: Any = None, can_see: bool = True, not_rented: str | None = None, **changes: Any
) -> dict[str, str]:
    queue = work(5, waited=POLICY.standstill_seconds + 1) if queue is None else queue
    found = standstill.find_alarms(queue, ledger(*machines, **changes), can_see, POLICY, CAPS, not_rented)
    return {each.name: each.message for each in found}


def test_a_standstill_names_its_cause():
    assert "one for 50 min; Vast.ai says loading" in alarms(on_its_way(1, 3000))["standstill"]
    assert "5 documents wait and none was done for 30 minutes" in alarms()["standstill"]
    assert "none fits" in alarms(not_rented="of 9 offers none fits")["standstill"]
    assert "asked for just now" in alarms()["standstill"]
    assert "cannot be read" in alarms(can_see=False)["standstill"]
    assert "take none of it" in alarms(READY)["standstill"]
    assert "hands work back" in alarms(replace(READY, verdict_reason="it reports and hands work back"))["standstill"]
    crash_loop = alarms(queue=work(5, waited=2 * POLICY.standstill_seconds + 1), hearing_since=NOW - 60)
    assert "no scaler was at work until 1 minutes ago" in crash_loop["standstill"]
    returning = [on_its_way(n, 3000, status=MachineStatus.DESTROYING) for n in (1, 2)]
    assert "all 2 machines" in alarms(*returning)["standstill"]
    paused = standstill.find_alarms(
        work(5, waited=9999), replace(ledger(), renting=Renting(RentingStatus.PAUSED, "by hand")), True, POLICY, CAPS
    )
    assert "by hand" in paused[0].message


def test_work_in_hand_work_done_lately_and_work_for_no_machine_are_no_standstill():
    assert alarms(replace(READY, jobs_held=1, held_since=NOW - 60)) == {}
    long_read = replace(READY, jobs_held=1, held_since=NOW - 9000, pages_held=2000.0)
    assert alarms(long_read) == {}, "2,000 pages take their time"
    assert alarms(replace(READY, result_at=NOW - 60)) == {}
    assert alarms(hearing_since=NOW - 60) == {}, "the scaler has just come back"
    assert alarms(queue=work(5, waited=60)) == {} and alarms(queue=[]) == {}


def test_documents_in_hand_that_do_not_come_back_are_a_standstill():
    hangs = replace(READY, jobs_held=2, held_since=NOW - POLICY.standstill_seconds - 60, pages_held=2.0)
    assert "hold 2 documents and hand none back" in alarms(hangs)["standstill"]


def test_work_that_only_our_own_computers_may_read_stands_still_by_itself():
    ours = [replace(each, placement="local_only") for each in work(5, waited=9999)]
    assert "none has joined" in alarms(replace(READY, result_at=NOW - 60), queue=ours)["standstill"]
    own = replace(READY, label="own-test-desk", hosting="local", result_at=None)
    assert "own-test-desk takes none" in alarms(own, queue=ours)["standstill"]
    assert alarms(replace(own, result_at=NOW - 60), queue=ours) == {}


def test_why_nothing_was_rented_is_said_by_what_the_offers_lack():
    need, market = plan.usual_need(work(5)), Market(1)
    found = suitable([market.offer(each, START, 20, False) for each in market.machines], "any_host", ledger(), POLICY)
    offer = found[0]

    def said(*offers: Offer, **changes: Any) -> str:
        return standstill.why_none(need, offers, ledger(**changes), POLICY, CAPS)

    assert "no offer for FLEET_QUERY" in said()
    blocks = (Block(HardwareKind.MACHINE, offer.machine_id, "bad", NOW + 60),)
    dear = replace(offer, machine_id=8, total_usd_per_hour=9.0)
    words = said(offer, dear, replace(offer, machine_id=9, disk_space_gb=1.0), blocks=blocks)
    assert "of 3 offers none fits" in words
    assert all(reason in words for reason in ("1 blocked", "1 too dear", "1 too small"))
    rented = on_its_way(1, 10, machine_id=offer.machine_id)
    assert "1 rented already" in standstill.why_none(need, [offer], ledger(rented), POLICY, CAPS)
    assert "would pass a cap" in said(offer, usd_today=99.0)


def test_boots_that_fail_in_a_row_are_told_with_their_reasons():
    ended = {"destroying_at": NOW - 60, "destroy_reason": "cannot start: x"}
    bad = ended | {"status": MachineStatus.DESTROYED, "blame": Blame.MACHINE}
    failed = [on_its_way(n, 900, **bad) for n in range(POLICY.breaker_failures)]
    assert alarms(*failed[1:], queue=[]) == {}
    assert "4 boots in a row failed: cannot start (4)" in alarms(*failed, queue=[])["boots_failing"]


# Whole worlds


@pytest.fixture
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("machines", [1, 2])
@pytest.mark.parametrize("world_name", ["boot12", "boot20"])
def test_where_boots_take_12_or_20_minutes_everything_is_read_by_few_machines(quiet, world_name, machines):
    policy = replace(POLICY, tick_seconds=30.0)
    jobs = [Job(START + 60, 2, "low", START + 60 + policy.low_promise_seconds) for _ in range(2000)]
    world = World(7, policy, jobs, Market(7, physics=WORLDS[world_name]))
    post = world.post("one", replace(CAPS, machines=machines))
    while not world.work_is_done() or world.vast.open_contracts():
        tick(post)
        world.advance(policy.tick_seconds)
        assert world.now < START + 4 * 3600, "no end in sight"
    assert {job.status for job in world.queue.jobs} == {"completed"}
    assert len(world.vast.contracts) <= 4


def test_a_market_that_never_boots_costs_little_and_then_a_person_is_asked(quiet):
    policy = replace(POLICY, tick_seconds=30.0)
    physics = replace(WORLDS["boot20"], bad_share=1.0)
    world = World(7, policy, [Job(START + 60, 2, "low", START + 43_260)], Market(7, physics=physics))
    post = world.post("one", CAPS)
    while world.ledger.renting.is_on:
        tick(post)
        world.advance(policy.tick_seconds)
        assert world.now < START + 8 * 3600, "rented for ever"
    while world.vast.open_contracts():
        tick(post)
        world.advance(policy.tick_seconds)
        assert world.now < START + 9 * 3600
    assert len(world.vast.contracts) <= policy.pause_failures + 2
    assert {"standstill", "boots_failing", "renting_paused"} <= {topic for topic, *_ in world.ledger.alarms}
