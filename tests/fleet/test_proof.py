"""What a machine must prove: told by the queue's own rows, in pure form and on the real ledger with lying workers."""

from dataclasses import replace

import psycopg
import pytest

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Caps, Ledger, Machine, Renting
from control_plane.fleet import plan
from control_plane.fleet.proof import FRUITLESS, find_default
from control_plane.fleet.scaler import tick
from control_plane.settings.fleet_policy import Policy
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import START, World

NOW = 1_800_000_000.0
POLICY = Policy()
HOUR = 3600.0
READY = Machine(
    "aseagi-test-00000001", MachineStatus.READY, contract_id=7001, machine_id=21, host_id=31, intent_at=NOW - 2 * HOUR,
    ready_at=NOW - 1.9 * HOUR, last_heartbeat_at=NOW - 5, result_at=NOW - 60, left_at=NOW - 60,
)  # fmt: skip
WORKS = replace(READY, jobs_held=3, pages_held=6, held_since=NOW - 50)


def test_a_machine_that_hands_work_back_is_left_alone():
    assert find_default(WORKS, NOW, POLICY) is None
    assert find_default(READY, NOW, POLICY) is None  # holds nothing: `find_idle` judges it


@pytest.mark.parametrize("result_at", [NOW - 2200, None])
def test_a_machine_that_hoards_small_documents_ends_with_a_reason(result_at):
    end = find_default(replace(WORKS, result_at=result_at), NOW, POLICY)
    assert end.reason.startswith(FRUITLESS) and "3 jobs" in end.reason
    assert (end.blame, end.worker_died) == ("machine", True)


def test_a_document_of_2000_pages_at_the_slowest_plausible_speed_is_read_to_its_end():
    began = NOW - 2000 / POLICY.slowest_pages_per_second
    long_read = replace(WORKS, jobs_held=1, pages_held=2000, held_since=began, result_at=None, ready_at=began - 200)
    assert find_default(long_read, NOW, POLICY) is None


def test_no_claim_of_endless_pages_holds_a_document_longer_than_the_bound():
    claims = replace(WORKS, jobs_held=1, pages_held=100_000, held_since=NOW - POLICY.longest_job_seconds - 1)
    assert "held one document" in find_default(claims, NOW, POLICY).reason  # though others came back a minute ago
    patience = POLICY.idle_seconds + POLICY.longest_job_seconds
    fruitless = replace(WORKS, pages_held=100_000, ready_at=NOW - patience - 1, result_at=None)
    assert find_default(fruitless, NOW, POLICY).reason.startswith(FRUITLESS)


def test_an_old_machine_ends_once_what_it_held_at_its_age_is_done():
    retires_at = READY.intent_at + POLICY.max_machine_hours * HOUR
    later = replace(WORKS, result_at=retires_at, held_since=retires_at + 1)
    end = find_default(later, retires_at + 2, POLICY)
    assert "12 hours" in end.reason and (end.blame, end.worker_died) == (None, False)
    assert find_default(replace(later, held_since=retires_at - 1), retires_at + 2, POLICY) is None
    assert find_default(later, retires_at - 1, POLICY) is None
    assert find_default(replace(READY, result_at=retires_at), retires_at + 2, POLICY) is not None


def fruitless(number: int, **changes) -> Machine:
    ended = {"status": MachineStatus.DESTROYED, "destroying_at": NOW - 60, "destroy_reason": f"{FRUITLESS} for 2101 s"}
    label = f"aseagi-test-{number:08d}"
    return replace(READY, **({"label": label, "host_id": number, "result_at": None} | ended | changes))


def test_when_machines_of_different_hosts_hand_back_nothing_the_fault_is_ours():
    def pause(*machines: Machine, since: float = 0.0):
        return plan.pause_for_failures(Ledger(now=NOW, renting=Renting(since=since), machines=machines), POLICY)

    assert "handed back nothing" in pause(fruitless(1), fruitless(2)).reason
    assert pause(fruitless(1), fruitless(2, host_id=1)) is None
    assert pause(fruitless(1), fruitless(2), replace(READY, result_at=NOW - 1)) is None, "others work"
    assert pause(fruitless(1), fruitless(2), since=NOW - 1) is None, "a person resumed renting"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_market_full_of_liars_costs_a_few_machines_and_then_a_person_is_asked(seed):
    world = World(seed, POLICY, [Job(START, 2, "normal", START + HOUR) for _ in range(100)])
    world.vast.liars = 1.0
    post = world.post("one", Caps(machines=4, usd_per_hour=2.0, usd_per_day=20.0, credit_floor=5.0))
    while world.now < START + 6 * HOUR:
        tick(post)
        world.advance(POLICY.tick_seconds)
    assert world.vast.open_contracts() == [] and not world.ledger.renting.is_on
    patience = POLICY.idle_seconds + POLICY.result_seconds + 200 / POLICY.slowest_pages_per_second
    lives = [c.destroyed_at - c.created_at for c in world.vast.contracts.values()]
    assert len(lives) <= 6 and max(lives) < patience + 1000


# The real ledger, the real command line, real processes


def test_the_queue_writes_down_what_a_machine_holds_and_hands_back(fleet):
    endless, *_ = fleet.enqueue(1, name="endless.pdf", pages_estimate=40)
    fleet.tick_until(lambda: fleet.statuses() == ["processing"])
    (machine,) = fleet.machines()
    assert (machine.jobs_held, machine.pages_held, machine.result_at, machine.left_at) == (1, 40, None, None)
    assert 0 <= fleet.post.ledger.get_fleet().now - machine.held_since < 180
    fleet.database.cancel_job(endless)
    (machine,) = fleet.machines()
    assert (machine.jobs_held, machine.held_since, machine.result_at) == (0, None, None)
    assert machine.left_at is not None
    fleet.wind_down()


def test_a_worker_that_reports_and_finishes_nothing_is_ended_and_after_two_hosts_a_person_is_asked(fleet):
    fleet = fleet.with_policy(idle_seconds=1.0, result_seconds=2.0, slowest_pages_per_second=1.0)
    fleet.enqueue(1, name="endless.pdf")
    fleet.tick_until(lambda: not fleet.post.ledger.get_fleet().renting.is_on)
    fleet.tick_until(lambda: {m.status for m in fleet.machines()} == {"destroyed"})
    machines = fleet.machines()
    assert len(machines) == 2 and all(FRUITLESS in m.destroy_reason for m in machines)
    blocks = fleet.post.ledger.get_fleet().blocks
    assert {block.id for block in blocks if block.kind == "machine"} == {m.machine_id for m in machines}
    assert "renting_paused" in fleet.alarms()
    (job,) = fleet.rows("processing_jobs")
    assert (job["status"], job["deaths"]) == ("queued", 2)


def test_a_worker_that_takes_no_work_is_ended_though_work_waits(fleet, clean_cloud):
    fleet.enqueue(1)
    fleet.tick_until(lambda: fleet.statuses() == ["completed"])
    with psycopg.connect(clean_cloud.postgres_url, autocommit=True) as owner:
        owner.execute("update public.machines set jobs_released = 1000")  # such a machine is given nothing any more
    fleet.enqueue(1)
    impatient = fleet.with_policy(idle_seconds=1.0, unwilling_seconds=2.0)
    impatient.tick_until(lambda: len(fleet.machines()) == 2)
    assert "took no work" in fleet.machines()[0].destroy_reason
    assert fleet.machines()[0].result_at is not None
    fleet.tick_until(lambda: fleet.statuses() == ["completed"] * 2)
    fleet.wind_down()
