"""The simulated worlds: each does what it says, nobody is below the bound, and everything is read in all of them."""

import json
import logging
import random
from dataclasses import replace

import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Caps, Machine
from control_plane.fleet.errors import FleetError
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import CreateUnknown, OfferGone, VastBlind, VastError
from control_plane.vast.rows import CreateRequest
from scripts.bench import fleet
from scripts.bench.fleet_sim.clairvoyant import lower_bound, on_time_share
from scripts.bench.fleet_sim.market import START, Market
from scripts.bench.fleet_sim.physics import KIND, WORLDS, pull_layers
from scripts.bench.fleet_sim.rivals import Plain
from scripts.bench.fleet_sim.verdict import Result, Run, misses
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import World

CAPS = Caps(machines=8, usd_per_hour=3.0, usd_per_day=30.0, credit_floor=5.0)
POLICY = replace(Policy(), tick_seconds=30.0)
RESULT = Result(1.0, 1.0, 0.0, 0.0, 0.1, 1, 1, 0, {}, 1.0)


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def made(world_name: str, seed: int = 3, has_ledger: bool = True) -> World:
    """A world with 20 pages in each of some documents, due in an hour."""
    jobs = [Job(START + 3600, 20, "normal", START + 7200) for _ in range(400)]
    return World(seed, POLICY, jobs, Market(seed, physics=WORLDS[world_name]), has_ledger)


def run(world: World, step) -> None:
    while not world.work_is_done() or world.vast.open_contracts():
        step()
        world.sleep()
        world.advance(POLICY.tick_seconds)
        assert world.now < START + 24 * 3600, "no end in sight"


@pytest.mark.parametrize("world_name", ["boot20", "speeds", "lines", "gone60", "away", "families", "skew"])
def test_in_every_world_all_is_read_and_nobody_is_below_the_bound(world_name):
    world, rival = made(world_name), made(world_name, has_ledger=False)
    post = world.post("one", CAPS)

    def step() -> None:
        try:
            tick(post)
        except (FleetError, VastError):
            assert world_name in ("away", "slow")

    run(world, step)
    run(rival, Plain(rival).tick)
    bound = lower_bound(world.market, world.queue.jobs, POLICY.disk_gb)
    assert {job.status for job in world.queue.jobs} == {"completed"}
    assert 0 < bound <= min(world.vast.dollars(), rival.vast.dollars())
    assert world.vast.dollars() < 0.5


def test_a_bound_knows_the_price_of_its_hour_and_what_a_start_costs():
    """One machine, a price that stands still: the bound is its start and the work, to the cent."""
    market = Market(3, physics=replace(KIND, bad_share=0.0))
    machine = next(m for m in market.machines if market.is_free(m, START + 3600))
    market.machines = (machine,)
    market.price = lambda each, now: 0.36
    jobs = [Job(START + 3600, 10, "normal", START + 7200) for _ in range(100)]
    second = (0.36 + 20 * machine.storage_usd_per_gb_month / 720) / 3600
    traffic = 0.5 * machine.down_usd_per_gb + 0.3 * machine.up_usd_per_gb  # of 1,000 pages
    expected = 8 * machine.down_usd_per_gb + second * (42.0 + 1000 / machine.pages_per_second) + traffic
    assert lower_bound(market, jobs, 20) == pytest.approx(expected)


def test_a_bound_does_only_so_much_at_a_late_price_as_the_time_left_allows():
    """One machine, nearly given away in the last ten minutes: 45 minutes of work save at most ten of them."""
    market = Market(3, physics=replace(KIND, bad_share=0.0))
    machine = next(m for m in market.machines if all(market.is_free(m, START + 3600 * hour) for hour in range(4)))
    market.machines = (machine,)
    due = START + 3 * 3600
    market.price = lambda each, now: 0.36 if now < due - 600 else 0.001
    jobs = [Job(START + 3600, 10, "normal", due) for _ in range(round(machine.pages_per_second * 270))]
    assert lower_bound(market, jobs, 20) > 0.36 / 3600 * (2690 - 600)


def test_the_clairvoyant_waits_for_vast_like_everybody():
    market = Market(3, physics=WORLDS["away"])
    jobs = [Job(market.weather.away[0] + 60, 100, "high", market.weather.away[0] + 660)]
    assert on_time_share(market, jobs, 8) == 0.0
    assert on_time_share(Market(3), jobs, 8) == 1.0


def test_boots_are_slower_on_slow_disks_whatever_the_line():
    luck = random.Random(1)
    fast, slow, slower = (sum(pull_layers(d)(2000.0, 1.0, luck) for _ in range(50)) / 3000 for d in (400.0, 27.0, 15.8))
    assert fast < 3 and 10 < slow < 14 and 18 < slower < 22  # minutes


def test_offers_vanish_between_search_and_create_and_are_still_shown():
    world = made("gone60")
    world.now = START + 3600
    lost, again = 0, 0
    asks = [each.ask_id for each in world.vast.search_offers("", 20, 1000)]
    for ask in asks:
        try:
            world.vast.create_instance(CreateRequest(ask, "worker", 20, f"label-{ask}", {}))
        except OfferGone:
            lost += 1
            again += ask in {each.ask_id for each in world.vast.search_offers("", 20, 1000)}
    assert 0.4 < lost / len(asks) < 0.8
    assert again > 0, "a stale search must show what is gone"


def test_what_another_customer_took_the_clairvoyant_cannot_have_either():
    """Two machines, one far cheaper: with it lost for the whole time the bound is the other's, without it its own."""
    market = Market(3, physics=replace(KIND, bad_share=0.0, gone_share=0.6))
    dear = replace(market.machines[0], fail_chance=0.0, down_usd_per_gb=0.0, up_usd_per_gb=0.0)
    cheap = replace(dear, machine_id=1, usual_usd_per_hour=dear.usual_usd_per_hour / 4)
    market.machines = (cheap, dear)
    market.is_free = lambda machine, now: True
    jobs = [Job(START + 3600, 10, "normal", START + 7200) for _ in range(100)]
    market.is_lost = lambda machine, now: machine is cheap
    without = lower_bound(market, jobs, 20)
    market.is_lost = lambda machine, now: False
    assert lower_bound(market, jobs, 20) < without / 2


def test_a_machine_whose_end_is_decided_takes_nothing_more_though_it_still_runs():
    world = made("slow")
    world.advance(START + 3600 - world.now + 10)
    ask = world.vast.search_offers("", 20)[0].ask_id
    created = world.vast.create_instance(CreateRequest(ask, "worker", 20, "alone", {}))
    contract = world.vast.contracts[created.contract_id]
    assert world.queue.claim(contract, 3) == [], "no row, no token"
    world.ledger.machines["alone"] = Machine("alone", MachineStatus.READY)
    assert len(world.queue.claim(contract, 3)) == 3
    world.ledger.mark_destroying("alone", "idle")
    assert world.queue.claim(contract, 3) == []


def test_while_vast_is_away_no_call_has_an_answer():
    world = made("away")
    world.now = world.market.weather.away[0] + 1
    with pytest.raises(VastBlind):
        world.vast.list_instances()
    with pytest.raises(CreateUnknown):
        world.vast.create_instance(CreateRequest(100000, "worker", 20, "label", {}))
    world.now += 3600
    assert world.vast.list_instances() == []


def test_the_databases_clock_jumps_and_families_fail_together():
    skewed, family = Market(3, physics=WORLDS["skew"]), Market(3, physics=WORLDS["families"])
    hours = [START + 600 * step for step in range(144)]
    assert len({skewed.weather.ahead(at) for at in hours}) > 1
    begins, ends, who = family.weather.outages[0]
    assert ends > begins
    together = [m for m in family.machines if m.family == who]
    assert len(together) > 3 and not any(family.is_free(m, begins + 1) for m in together)


def test_a_verdict_names_each_goal_that_is_missed():
    plain = replace(RESULT, dollars=0.9)
    bad = Run("kind", "batch", 1, 0.5, 1.0, replace(RESULT, on_time=0.9, not_completed=2), plain)
    assert [words.split()[-1] for words in misses(bad)] == ["done", "time", "bound", "dollars"]
    assert misses(replace(bad, ours=replace(RESULT, dollars=0.6))) == []
    assert misses(replace(bad, world="rising", ours=replace(RESULT, dollars=0.9))) == []


def test_the_command_line_writes_a_world_of_a_seed(tmp_path):
    fleet.main(["--world", "gone60", "--seed", "7", "--json", str(tmp_path / "out.json")])
    report = json.loads((tmp_path / "out.json").read_text())
    assert [(run["world"], run["workload"], run["seed"]) for run in report["runs"]] == [
        ("gone60", "batch", 7), ("gone60", "bursts", 7)
    ]  # fmt: skip
    assert all(run["over_bound"] >= 1 and run["misses"] == [] for run in report["runs"])
    assert [line["markets"] for line in report["summary"]] == [1, 1]
