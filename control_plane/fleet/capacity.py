"""What the machines we have can do, and by when; those on their way included (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Backlog, Ledger, Machine
from control_plane.fleet.boots import Boots, learn
from control_plane.fleet.failures import chance_of_failure
from control_plane.fleet.offers import rate_of
from control_plane.settings.fleet_policy import Policy

SET_BACK_SECONDS = 60.0  # a clock is corrected by less than that every day
HALF = 0.5  # a boot that takes longer than such boots do comes or does not, as likely


def due_at(work: Backlog, now: float, policy: Policy) -> float:
    """When the work is promised; what is late or nearly so gets a share of its promise anew."""
    promise = policy.promise_seconds(work.priority)
    return max(work.oldest_at + promise, now + promise * policy.catch_up)


def pages_able(machines: Sequence[Machine], seconds: float, ledger: Ledger, policy: Policy) -> float:
    """Pages that the machines can do within `seconds` from now."""
    boots = learn(ledger, policy)
    return sum(rate_of(m, ledger) * max(0.0, seconds - ready_in(m, ledger, boots)) for m in machines)


def drain_seconds(pages: float, machines: Sequence[Machine], ledger: Ledger, policy: Policy) -> float:
    """When the machines we have will have done `pages`."""
    boots = learn(ledger, policy)
    return _drain(pages, [(ready_in(m, ledger, boots), rate_of(m, ledger)) for m in machines])


def _drain(pages: float, ready: Sequence[tuple[float, float]]) -> float:
    """The same for machines that are each ready in some seconds, at so many pages/s from then on."""
    now, rate, left = 0.0, 0.0, pages
    for at, more in sorted(ready):
        if rate and left <= rate * (at - now):
            break
        left, now, rate = left - rate * (at - now), at, rate + more
    return now + left / max(rate, 1e-9)


def ready_in(machine: Machine, ledger: Ledger, boots: Boots) -> float:
    """Seconds until a machine works."""
    if machine.status is MachineStatus.READY:
        return 0.0
    start = boots.start_seconds()
    if machine.running_at is not None:
        return max(0.0, machine.running_at + start - ledger.now)
    return max(start, machine.intent_at + boots.expected_of(machine) + start - ledger.now)


def overdue(machines: Sequence[Machine], ledger: Ledger, policy: Policy) -> list[Machine]:
    """Machines on their way that nothing should be promised on any more: their boots take longer than boots do.

    They are not given up, but another is rented beside them. Each that is overdue doubles what the next is given, so
    that hosts that are all slow do not rent the market empty. One that was rented in the future is one, too: the
    database's clock was set back, and how long it has booted nobody knows.
    """
    boots, late = learn(ledger, policy), list[Machine]()
    for machine in sorted(machines, key=lambda each: each.intent_at):
        if machine.ready_at is not None or machine.is_own:
            continue
        if machine.intent_at > ledger.now + SET_BACK_SECONDS or boots.is_overdue(machine, ledger.now, len(late)):
            late.append(machine)
    return late


def risk_usd(pages: float, seconds: float, machines: Sequence[Machine], ledger: Ledger, policy: Policy) -> float:
    """What it is worth to have one machine more against the failure of one that is on its way.

    If that boot fails, it is found out when it is overdue, and only then another one begins to boot: where this would
    miss the promise and a machine rented now would not, the chance of it times what the lateness costs.
    """
    boots = learn(ledger, policy)
    awaited = [m for m in machines if m.ready_at is None and not m.is_own]
    typical = boots.typical_seconds()
    worst = 0.0
    for machine in awaited:
        rate = rate_of(machine, ledger)
        others = [(ready_in(m, ledger, boots), rate_of(m, ledger)) for m in machines if m is not machine]
        found_out = max(0.0, machine.intent_at + boots.usual_seconds(machine) - ledger.now)
        then = _drain(pages, [*others, (found_out + typical, rate)])
        now = _drain(pages, [*others, (typical, rate)])
        saved = max(0.0, then - max(now, seconds))
        waited = ledger.now - machine.intent_at > boots.expected_of(machine)
        ids = machine.machine_id or 0, machine.host_id or 0
        learned = chance_of_failure(*ids, machine.gpu_name, policy.image_gb, 1.0, ledger)
        chance = HALF if waited else learned
        worst = max(worst, chance * saved / 3600 * policy.late_dollars_per_hour)
    return worst
