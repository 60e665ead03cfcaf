"""Long work waits for a machine that was there before; short, late and chosen work never does."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import Placement
from control_plane.database.fleet_rows import Caps
from control_plane.fleet.patience import may_wait, why_wait
from control_plane.fleet.plan import Need
from control_plane.fleet.scaler import tick
from control_plane.fleet.sightings import MEMORY_SECONDS, Sightings
from control_plane.settings.fleet_policy import Policy
from scripts.bench.fleet_sim.market import START, Market
from scripts.bench.fleet_sim.physics import KIND
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import World
from tests.fleet.test_fleet import NOW, POLICY, ledger, machine, offer

HOUR = 3600.0
NEED = Need(140_000, 12 * HOUR, Placement.ANY_HOST, None, "no machine is there")
CHEAP, USUAL = offer(1, total_usd_per_hour=0.1), offer(2, total_usd_per_hour=0.2)


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def seen(*looks: tuple[float, list[Any]]) -> Sightings:
    memory = Sightings()
    for hours_ago, offers in looks:
        memory.remember(offers, NOW - hours_ago * HOUR)
    return memory


def test_work_waits_for_what_was_cheaper_and_for_nothing_it_never_saw():
    before, now = seen((3, [CHEAP, USUAL]), (0, [USUAL])), [USUAL]
    assert "at most" in why_wait(NEED, now, before, ledger(), POLICY)
    assert why_wait(NEED, [CHEAP, USUAL], before, ledger(), POLICY) is None, "it is there again"
    assert why_wait(NEED, now, seen((3, [USUAL]), (0, [USUAL])), ledger(), POLICY) is None
    assert why_wait(NEED, now, Sightings(), ledger(), POLICY) is None, "a new process knows nothing and begins"
    datacenter = replace(NEED, placement=Placement.DATACENTER_ONLY)
    assert why_wait(datacenter, [replace(USUAL, datacenter=True)], before, ledger(), POLICY) is None


def test_the_less_time_is_left_the_more_a_wait_must_save():
    before = seen((3, [offer(1, total_usd_per_hour=0.19), CHEAP, USUAL]), (0, [USUAL]))
    finish = 140_000 / 12 + 184  # at 12 pages/s; boot, start
    waits = [why_wait(replace(NEED, due_seconds=times * finish), [USUAL], before, ledger(), POLICY) is not None
             for times in (1.5, 1.61, 1.7, 3.0)]  # fmt: skip
    assert waits == [False, False, True, True]
    little = replace(NEED, pages=2000)
    assert why_wait(little, [USUAL], before, ledger(), POLICY) is None, "half a cent is worth no wait"


def test_a_market_that_has_risen_since_is_not_waited_for():
    many = [offer(number, total_usd_per_hour=0.2 + number / 1000) for number in range(8)]
    risen = [replace(each, total_usd_per_hour=1.3 * each.total_usd_per_hour) for each in many]
    assert why_wait(NEED, risen, seen((3, many), (0, risen)), ledger(), POLICY) is None
    assert why_wait(NEED, risen[2:], seen((3, many), (0, risen[2:])), ledger(), POLICY) is None
    one = [risen[5]]
    assert why_wait(NEED, one, seen((3, many), (0, one)), ledger(), POLICY), "one machine is not the market"


def test_only_long_promised_work_without_a_machine_may_wait():
    assert may_wait(NEED, ledger(), POLICY)
    assert not may_wait(NEED, ledger(machine()), POLICY)
    assert not may_wait(replace(NEED, due_seconds=HOUR), ledger(), POLICY)
    assert not may_wait(replace(NEED, by_hand=True), ledger(), POLICY)


def test_the_market_of_half_a_day_is_remembered_and_a_clock_set_back_begins_anew():
    memory = seen((13, [CHEAP]), (1, [USUAL]), (0, [USUAL]))
    assert [each.ask_id for each in memory.at_their_cheapest()] == [2]
    memory.remember([CHEAP], NOW + 10)
    assert len(memory.looks) == 2 and MEMORY_SECONDS == 12 * HOUR, "looks of one moment are one"
    memory.remember([CHEAP], NOW - HOUR)
    assert [each.ask_id for each in memory.at_their_cheapest()] == [1]


@pytest.mark.parametrize(("hours_promised", "by_hand"), [(12, False), (1, False), (12, True)])
def test_a_batch_that_comes_while_the_cheap_machine_is_taken_is_read_on_it_an_hour_later(hours_promised, by_hand):
    """It is free, taken for two hours when the work comes, and free again; the other costs three times as much."""
    market = Market(3, physics=replace(KIND, bad_share=0.0, deaths_per_hour=1e-9))
    first = replace(market.machines[4], fail_chance=0.0, reliability=1.0, pages_per_second=12.0)
    cheap, dear = replace(first, machine_id=10_001, host_id=1), replace(first, machine_id=10_002, host_id=2)
    market.machines = (cheap, dear)
    market.price = lambda each, now: 0.1 if each.machine_id == cheap.machine_id else 0.3
    market.is_free = lambda each, now: each.machine_id != cheap.machine_id or not HOUR <= now - START < 3 * HOUR
    due = START + (1 + hours_promised) * HOUR
    jobs = [Job(START + HOUR, 20, "low" if hours_promised == 12 else "normal", due) for _ in range(6000)]
    policy = replace(Policy(), tick_seconds=30.0)
    world = World(3, policy, jobs if hours_promised == 12 else jobs[:1000], market)
    post = world.post("one", Caps(machines=2, usd_per_hour=3.0, usd_per_day=30.0, credit_floor=5.0))
    while not world.work_is_done() or world.vast.open_contracts():
        if by_hand and world.queue.holds_work() and not world.vast.contracts:
            world.ledger.request_launch()
        tick(post)
        world.advance(policy.tick_seconds)
        assert world.now < START + 14 * HOUR, "no end in sight"
    used = [contract.machine.machine_id for contract in world.vast.contracts.values()]
    waits = hours_promised == 12 and not by_hand
    assert used[0] == (cheap.machine_id if waits else dear.machine_id)
    assert len(used) == 1 or not waits
    assert all(job.done_at <= due for job in world.queue.jobs)
    said = [words for name, _, words in world.ledger.alarms if name == "standstill" and "better price" in words]
    assert bool(said) == waits, "people are told why nothing moves"
