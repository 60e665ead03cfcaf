"""A short run of the soak (`make fleet-soak` is the long one) and what makes it worth something."""

import logging

import pytest

from scripts.bench.fleet_sim.soak import run_schedule


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


def test_a_seed_replays_exactly():
    assert run_schedule(17) == run_schedule(17)
