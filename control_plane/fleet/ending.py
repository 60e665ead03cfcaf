"""When a machine is no longer needed: idle, or dearer than the rest of the run would be elsewhere (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from control_plane.database.enums import MachineStatus, Placement
from control_plane.database.fleet_rows import Backlog, Ledger, Machine
from control_plane.fleet.actions import Action, End
from control_plane.fleet.capacity import due_at, pages_able
from control_plane.fleet.idling import IDLE, SHORTEST_SECONDS, keep_seconds
from control_plane.fleet.offers import rate_of
from control_plane.fleet.plan import is_there, may_serve
from control_plane.fleet.proof import bad_machine
from control_plane.settings.fleet_policy import Policy

# How far a speed measured over n pages is off, times √n: documents of 20 pages that differ by 0.4 of their mean make a
# tenth over 300 pages. A machine known for hours does not end for another's first lucky documents.
PAGE_LUCK = 1.8


def find_unneeded(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> list[Action]:
    """Idle machines, or else one that is dearer than the rest need."""
    return find_idle(backlog, ledger, policy) or find_dear(backlog, ledger, policy)


def find_idle(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> list[Action]:
    """Machines that hold no lease and cost more to keep than to rent again, or that leave waiting work alone."""
    ready = [m for m in ledger.live if m.status is MachineStatus.READY and not m.is_own]
    ends: list[Action] = []
    for machine in sorted(ready, key=lambda m: (-m.usd_per_hour, m.label)):
        idle, others = machine.idle_seconds(ledger.now), len(ready) - len(ends) - 1
        if any(each.queued and may_serve(machine.hosting, each.placement) for each in backlog):
            # Work is there for a moment before it is claimed, and a failed job waits a minute or so to be tried again.
            if idle >= policy.idle_seconds + policy.unwilling_seconds:
                ends.append(bad_machine(machine, f"took no work for {idle:.0f} s while some waited"))
        elif not machine.jobs_held and idle >= (SHORTEST_SECONDS if others else _keep_seconds(machine, ledger, policy)):
            ends.append(End(machine.label, f"{IDLE} {idle:.0f} s"))
    return ends


def find_dear(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> list[Action]:
    """The dearest of several proven machines, once the others can do its work in time for much less."""
    proven = [m for m in ledger.live if m.status is MachineStatus.READY and m.pages_done >= policy.review_pages]
    if len(proven) < 2 or all(m.is_own for m in proven):
        return []
    dearest = max(proven, key=lambda m: (usd_per_page(m, ledger), m.label))
    best = min(proven, key=lambda m: (usd_per_page(m, ledger), m.label))
    cheapest = usd_per_page(best, ledger)
    luck = PAGE_LUCK / math.sqrt(min(dearest.pages_done, best.pages_done))
    rest = replace(ledger, machines=tuple(m for m in ledger.machines if m.label != dearest.label))
    if usd_per_page(dearest, ledger) < cheapest * max(policy.dearer, 1 + luck) or _is_late(backlog, rest, policy):
        return []
    price = f"${usd_per_page(dearest, ledger):.6f} a page where others take ${cheapest:.6f}"
    return [End(dearest.label, f"dearer than the rest: {price}")]


def _is_late(backlog: Sequence[Backlog], ledger: Ledger, policy: Policy) -> bool:
    """Whether the machines left would miss a promise, or serve a placement no longer."""
    for placement in (Placement.DATACENTER_ONLY, Placement.ANY_HOST):
        ready = [m for m in ledger.live if m.status is MachineStatus.READY and is_there(m, ledger.now, policy)]
        machines = [m for m in ready if may_serve(m.hosting, placement)]
        pages = 0.0
        for each in sorted(backlog, key=lambda each: due_at(each, ledger.now, policy)):
            if each.pages_waiting and (placement == Placement.ANY_HOST or each.placement == placement):
                pages += each.pages_waiting
                left = policy.spare_slack * (due_at(each, ledger.now, policy) - ledger.now)
                if pages > pages_able(machines, left, ledger, policy):
                    return True
    return False


def usd_per_page(machine: Machine, ledger: Ledger) -> float:
    """What a page costs on a machine we have, traffic included."""
    return machine.usd_per_hour / 3600 / rate_of(machine, ledger) + machine.traffic_usd_per_page


def _keep_seconds(machine: Machine, ledger: Ledger, policy: Policy) -> float:
    again = machine.pull_usd + machine.usd_per_hour * policy.start_seconds / 3600
    return keep_seconds(again, machine.usd_per_hour, ledger, policy)
