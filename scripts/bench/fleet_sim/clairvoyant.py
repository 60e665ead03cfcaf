"""What one who knows everything could do at best, in dollars and in time: the measure of every world (pure).

He knows each price, speed, line, failure and arrival beforehand. He is freed from more than that: nothing dies on him,
no call fails, no start is slower than the fastest; so he is a bound, and nobody can be below. What another customer was
faster to take he cannot have either, not even by asking first. Nothing here is the planner's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

from scripts.bench.fleet_sim.market import MONTH_HOURS, PRICE_STEP_SECONDS, START, Market, SimMachine
from scripts.bench.fleet_sim.physics import Physics
from scripts.bench.fleet_sim.work import Job

HOUR = 3600.0


@dataclass(frozen=True)
class Group:
    """Documents that arrive together: `work` in usual pages, `free_at` when the last one's were due."""

    at: float
    due: float
    documents: int
    pages: float
    work: float
    free_at: float


@dataclass(frozen=True)
class Terms:
    """One machine for one group: dollars to have it, dollars per unit of work, and the work it can do in time."""

    having: float
    per_work: float
    most: float


def lower_bound(market: Market, jobs: Sequence[Job], disk_gb: int) -> float:
    """Dollars below which nobody can do the work in time.

    Each group of documents is done on the machines best for it, each of which is rented at the moment best for it: at
    the price of that moment, and paid from then on; it does no more than the time from its boot until the work is due
    allows. Where it may have worked for an earlier group, its start and all time before are free.
    """
    return sum(_cheapest(market, group, disk_gb) for group in _groups(jobs))


def on_time_share(market: Market, jobs: Sequence[Job], most_machines: int) -> float:
    """Of all documents, the share that is on time where documents are known only once they are there.

    He still knows the machines, and has their boots at the least that they take; he waits where nothing can be rented.
    """
    groups = _groups(jobs)
    done = sum(group.documents * _share_in_time(market, group, most_machines) for group in groups)
    return done / sum(group.documents for group in groups)


def _groups(jobs: Sequence[Job]) -> list[Group]:
    groups: list[Group] = []
    free_at = -math.inf
    for at, arrived in groupby(sorted(jobs, key=lambda job: job.arrives_at), key=lambda job: job.arrives_at):
        same = list(arrived)
        due, pages = max(job.due_at for job in same), sum(job.pages for job in same)
        work = sum(job.pages * job.hardness for job in same)
        groups.append(Group(at, due, len(same), pages, work, free_at))
        free_at = max(free_at, due)
    return groups


def _cheapest(market: Market, group: Group, disk_gb: int) -> float:
    """Exact for one machine and for two; for more, no less than the larger of two relaxations."""
    having = [terms for machine in market.machines for terms in _terms(market, machine, group, disk_gb)]
    one = [each.having + group.work * each.per_work for each in having if each.most >= group.work]
    two = [_fill(group.work, a, b) for a, b in combinations(having, 2) if a.most + b.most >= group.work]
    return min([*one, *two, _many(group.work, having)])


def _fill(work: float, a: Terms, b: Terms) -> float:
    """The work on both of two machines, as much as can be on the cheaper."""
    first, second = (a, b) if a.per_work <= b.per_work else (b, a)
    share = min(work, first.most)
    return a.having + b.having + share * first.per_work + (work - share) * second.per_work


def _many(work: float, terms: Sequence[Terms]) -> float:
    """Three machines or more: each had in part, but at least three of the cheapest to have."""
    ordered = sorted(terms, key=lambda each: each.per_work + each.having / min(each.most, work))
    in_part, pages_only, left = 0.0, 0.0, work
    for each in ordered:
        share = min(left, each.most)
        in_part, left = in_part + share * (each.per_work + each.having / min(each.most, work)), left - share
    left = work
    for each in sorted(terms, key=lambda each: each.per_work):
        share = min(left, each.most)
        pages_only, left = pages_only + share * each.per_work, left - share
    return max(in_part, pages_only + sum(sorted(each.having for each in terms)[:3]))


def _terms(market: Market, machine: SimMachine, group: Group, disk_gb: int) -> list[Terms]:
    """The moments to rent it for this group, without those that are in no way better than another."""
    if machine.fail_chance >= 1:
        return []
    physics, rate = market.physics, machine.pages_per_second
    disk = disk_gb * machine.storage_usd_per_gb_month / MONTH_HOURS
    traffic = physics.megabytes_in_per_page * machine.down_usd_per_gb
    traffic += physics.megabytes_out_per_page * machine.up_usd_per_gb
    per_work = traffic / 1000 * group.pages / group.work
    moments = []
    for at in range(int(START), int(group.due), PRICE_STEP_SECONDS):
        if market.is_free(machine, at) and not market.is_lost(machine, at):
            second = (market.price(machine, at) + disk) / HOUR
            ready = at + least_boot(machine, physics)  # the price holds for a step, and may be taken at its end
            waits = max(0.0, group.at - max(ready + PRICE_STEP_SECONDS, group.free_at))
            start = physics.image_gb * machine.down_usd_per_gb + second * physics.start[0]
            having = second * waits + (start if at >= group.free_at else 0.0)
            moments.append(Terms(having, second / rate + per_work, (group.due - max(group.at, ready)) * rate))
    kept: list[Terms] = []
    for each in sorted(moments, key=lambda terms: (terms.per_work, terms.having, -terms.most)):
        if each.most > 0 and not any(one.having <= each.having and one.most >= each.most for one in kept):
            kept.append(each)
    return kept


def least_boot(machine: SimMachine, physics: Physics) -> float:
    """Less than any boot takes: the bytes over the whole line, and the fastest start."""
    return physics.image_gb * 8000 / machine.down_mbps + physics.start[0]


def _share_in_time(market: Market, group: Group, most_machines: int) -> float:
    """How much of a group the fastest machines do from its arrival on."""
    weather, physics = market.weather, market.physics
    opens = weather.away[1] if weather.is_away(group.at) else group.at
    free = [m for m in market.machines if m.fail_chance < 1 and market.is_free(m, opens)]
    able = [m.pages_per_second * max(0.0, group.due - opens - _true_boot(m, physics)) for m in free]
    return min(1.0, sum(sorted(able)[-most_machines:]) / group.work)


def _true_boot(machine: SimMachine, physics: Physics) -> float:
    """A boot of this machine and its start, as they may come."""
    return physics.boot(machine.down_mbps, machine.slowness, random.Random(machine.machine_id)) + physics.start[0]
