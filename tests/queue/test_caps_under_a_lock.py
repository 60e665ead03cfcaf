"""No two callers share what is left below a cap: who comes second waits until the first has committed, then counts it.

Two open transactions show it every time; calls at once only show it when they happen to meet.
"""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.queue.queue_calls import new_file
from tests.queue.transactions import call_while_open

FLEET_CAPS = {"machines": 1, "usd_per_hour": 100, "usd_per_day": 100, "credit": None, "credit_floor": 0}
INTENT = {
    "deployment": "test", "host_id": 31, "hosting": "community", "gpu_name": "RTX 3090", "geolocation": "Texas, US",
    "is_bid": False, "batch_id": None, "reason": "work waits", "by_hand": False, "usd_per_hour": 0.2,
    "traffic_usd_per_hour": 0.1, "pull_usd": 0.05, "reserve_seconds": 3600, "boot_seconds": 300,
}  # fmt: skip


def test_claude_s_day_cap_counts_a_reservation_that_is_not_committed_yet(queue):
    queue.service("announce_claude", has_key=True, caps={"day": 1, "batch": 1, "document": 1})
    queue.enqueue(new_file(), new_file())
    machines = [queue.machine(), queue.machine()]
    jobs = [machine.claim_one() for machine in machines]

    def reserve(number: int) -> Callable[[psycopg.Connection], Any]:
        return lambda connection: queue.as_role(
            "service_role", "reserve_claude", connection=connection, machine=machines[number].label,
            requests=[{"job_id": str(jobs[number]["job_id"]), "lease_token": str(jobs[number]["lease_token"]),
                       "kind": "quick", "model": "some-model", "worst_usd": 0.6}],
            caps={"day": 1, "batch": 1, "document": 1}, hold_seconds=60, in_batch=False,
        )  # fmt: skip

    (late,) = call_while_open(queue, reserve(0), reserve(1))
    assert (late["call_id"], late["code"], late["scope"]) == (None, "claude_busy", "day")
    assert queue.row("select sum(reserved_usd)::float as held from claude_calls") == {"held": 0.6}


def test_the_machine_cap_counts_an_intent_that_is_not_committed_yet(queue):
    queue.service("take_leadership", name="scaler", holder="one", seconds=60)

    def rent(number: int) -> Callable[[psycopg.Connection], Any]:
        ids = {"label": f"aseagi-test-{number:08d}", "ask_id": 10 + number, "machine_id": 20 + number}
        return lambda connection: queue.as_role(
            "service_role", "create_intent", connection=connection, holder="one", intent=INTENT | ids, caps=FLEET_CAPS
        )

    with pytest.raises(psycopg.Error) as refusal:
        call_while_open(queue, rent(1), rent(2))
    assert refusal.value.sqlstate == "AS005"
    assert queue.row("select count(*) as n from machines") == {"n": 1}
