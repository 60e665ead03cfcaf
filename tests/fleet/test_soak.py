"""A short run of the soak (`make fleet-soak` is the long one) and what makes it worth something."""

import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Caps, Machine
from control_plane.fleet.errors import FleetError, LedgerBlind
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from control_plane.vast.rows import Created, CreateRequest
from scripts.bench.fleet_sim.bounds import LONGEST_STRAY_SECONDS, Bounds
from scripts.bench.fleet_sim.market import Market
from scripts.bench.fleet_sim.physics import soak_physics
from scripts.bench.fleet_sim.soak import CAPS, MACHINES, POLICY, run_schedule
from scripts.bench.fleet_sim.vast import SimVast
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import START, World


class BreaksItsWord:
    """Vast.ai that does each create twice, or says that the first destroy is done and bills on, hidden for a while."""

    def __init__(self, vast: SimVast, cause: str) -> None:
        self._vast = vast
        self._cause = cause
        self._lies = 2  # it is asked again until two lists lack it

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._vast, verb)

    def create_instance(self, request: CreateRequest) -> Created:
        if self._cause == "made twice":
            self._vast.create_instance(request)
        return self._vast.create_instance(request)

    def destroy_instance(self, contract_id: int) -> None:
        if self._cause == "said to be destroyed" and contract_id == min(self._vast.contracts) and self._lies:
            self._lies -= 1
            self._vast.hide(contract_id, 400.0)
        else:
            self._vast.destroy_instance(contract_id)


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_schedule_of_faults_leaves_a_contract_open_or_a_job_lost():
    outcomes = [run_schedule(seed) for seed in range(1, 121)]
    assert [(each.seed, each.problem) for each in outcomes if each.problem] == []
    assert sum(each.crashes for each in outcomes) > 500, "the soak must really crash"
    assert sum(each.contracts for each in outcomes) > 120, "and really rent"
    assert sum(sum(each.strays.values()) for each in outcomes) > 3, "and Vast.ai must break its word"


@pytest.mark.parametrize("cause", ["made twice", "said to be destroyed"])
def test_beyond_the_cap_there_is_only_what_vast_made_or_kept_against_its_word(cause):
    caps = replace(CAPS, machines=1)
    jobs = [Job(START + at, 1, "normal", START + at + 900) for at in (0, 300)]
    world = World(17, POLICY, jobs, Market(17, MACHINES, replace(soak_physics(), bad_share=0.0, deaths_per_hour=1e-9)))
    world.vast.sells_twice, world.workers_can_leave = True, False
    bounds = Bounds(world, POLICY, caps)
    world.after_step = bounds.look
    post = world.post("one", caps, lambda each, name: BreaksItsWord(each, cause) if name == "vast" else each)
    while not world.work_is_done() or world.vast.open_contracts():
        tick(post)
        world.advance(POLICY.tick_seconds)
        assert world.now < START + 4 * 3600
    assert bounds.problems == {}
    assert bounds.most_over == 1 and set(bounds.causes) == {cause}


class BlindToNotes:
    """A ledger that has no answer to whatever is only written down, from when a second contract is there on."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, verb: str) -> Any:
        if verb == "raise_alarm":
            return self._blind
        return getattr(self._world.ledger, verb)

    def record_boot(self, label: str, status: str | None, message: str) -> Any:
        if self._world.ledger.machines[label].running_at is None and status == "running":
            raise LedgerBlind("record_boot: dropped")
        return self._world.ledger.record_boot(label, status, message)

    def _blind(self, *about: str) -> None:
        raise LedgerBlind("raise_alarm: no answer")


def test_a_stray_is_destroyed_though_the_ledger_can_write_down_neither_boots_nor_alarms():
    """Two contracts of one label while another machine's boot is news: the note must not come before the money."""
    policy = replace(POLICY, useful_seconds=1.0)
    jobs = [Job(START, 40, "normal", START + 900) for _ in range(60)]
    physics = replace(soak_physics(), bad_share=0.0, deaths_per_hour=1e-9)
    world = World(17, policy, jobs, Market(17, MACHINES, physics))
    world.vast.sells_twice = True

    def wrap(each: object, name: str) -> object:
        return BreaksItsWord(each, "made twice") if name == "vast" else BlindToNotes(world)

    post = world.post("one", CAPS, wrap)
    while not world.vast.contracts or not all(c.runs(world.now) for c in world.vast.open_contracts()):
        with suppress(FleetError):
            tick(post)
        world.advance(policy.tick_seconds)
        assert world.now < START + 3600
    labels = [c.label for c in world.vast.open_contracts()]
    assert len(labels) == len(set(labels)) and len(world.vast.contracts) > len(labels)


def test_a_contract_that_was_adopted_is_no_stray_any_more():
    """The scaler knows of the second of two contracts a moment after both are there; much later its end is no end."""
    world = World(17, POLICY, [], Market(17, MACHINES, soak_physics()))
    bounds = Bounds(world, POLICY, CAPS)
    for offer in world.vast.search_offers("", 20)[:2]:
        world.vast.create_instance(CreateRequest(offer.ask_id, "worker", 20, "twice", {}))
    first, second = sorted(world.vast.contracts)
    world.ledger.machines["twice"] = Machine("twice", MachineStatus.INTENT, intent_at=world.now)
    bounds.look()
    world.ledger.record_contract("twice", second)
    world.vast.destroy_instance(first)
    world.now += LONGEST_STRAY_SECONDS + 1
    bounds.look()
    assert bounds.problems.get("stray") is None and bounds.causes == {"made twice": 1}


def test_a_seed_replays_exactly():
    assert run_schedule(17) == run_schedule(17)


def test_the_bill_never_passes_a_daily_cap_that_work_presses_against():
    policy = replace(Policy(), tick_seconds=30.0, reserve_seconds=1200.0, reserve_margin_seconds=300.0)
    caps = Caps(machines=2, usd_per_hour=1.0, usd_per_day=0.15, credit_floor=5.0)
    world = World(5, policy, [Job(START, 2, "normal", START + 3600) for _ in range(100_000)])
    post = world.post("one", caps)
    while world.now < START + 5 * 3600:
        tick(post)
        assert world.ledger.usd_on(int(START // 86400)) <= caps.usd_per_day + 1e-9
        assert len(world.vast.open_contracts()) <= caps.machines
        world.advance(policy.tick_seconds)
    assert 0.05 < world.vast.dollars() <= caps.usd_per_day
    assert world.vast.open_contracts() == [], "at the cap machines are returned, though work waits"
