"""What the fleet is measured against: the clairvoyant's lower bound, one machine always on, and a plain policy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from control_plane.settings.fleet_policy import Policy
from control_plane.vast.errors import OfferGone
from control_plane.vast.rows import CreateRequest
from scripts.bench.fleet_sim.market import MONTH_HOURS, PRICE_STEP_SECONDS, Market, SimMachine, cheapest_first
from scripts.bench.fleet_sim.vast import Contract
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import START, World

REMEMBERED_SECONDS = 3600.0  # so long the rivals remember that a machine did not boot


def lower_bound(market: Market, arrivals: Sequence[Job], policy: Policy) -> float:
    """Dollars below which nobody can do the work in time, knowing all prices, speeds, failures and arrivals.

    For each group that arrives together: its pages on the machine best for them, and for each machine it needs
    either a start or the gap since the last group's due time, whichever is cheaper. Relaxed in every other way:
    a rent may begin at any moment of the whole trace, at the lowest price the machine ever has while it is free.
    """
    end = max(job.due_at for job in arrivals)
    terms = [_terms(market, machine, end, policy) for machine in market.machines if machine.fail_chance < 1]
    terms = [each for each in terms if each is not None]
    fastest = max(rate for *_, rate in terms)
    dollars, free_at = 0.0, -math.inf
    for at, group in groupby(sorted(arrivals, key=lambda job: job.arrives_at), key=lambda job: job.arrives_at):
        jobs = list(group)
        pages, due = sum(job.pages for job in jobs), max(job.due_at for job in jobs)
        gap = max(0.0, at - free_at)
        machines = math.ceil(pages / (fastest * (due - at)))
        having = [min(start, keep * gap / 3600) for _, start, keep, _ in terms]
        dollars += min(pages * page + have for (page, *_), have in zip(terms, having, strict=True))
        dollars += (machines - 1) * min(having)
        free_at = due
    return dollars


def _terms(market: Market, machine: SimMachine, end: float, policy: Policy) -> tuple[float, float, float, float] | None:
    """Dollars per page, per start and per hour kept, and pages/s, at the machine's lowest price; None if never free."""
    steps = range(int(START), int(end), PRICE_STEP_SECONDS)
    prices = [market.price(machine, at) for at in steps if market.is_free(machine, at)]
    if not prices:
        return None
    hour = min(prices) + policy.disk_gb * machine.storage_usd_per_gb_month / MONTH_HOURS
    physics = market.physics
    traffic = physics.megabytes_in_per_page * machine.down_usd_per_gb
    traffic += physics.megabytes_out_per_page * machine.up_usd_per_gb
    start = physics.image_gb * machine.down_usd_per_gb + physics.start[0] * hour / 3600
    return hour / 3600 / machine.pages_per_second + traffic / 1000, start, hour, machine.pages_per_second


class Plain:
    """Cheapest `dph_total` first, `machines` of them while the queue is non-empty, none when it is empty."""

    def __init__(self, world: World, machines: int = 1, always: bool = False) -> None:
        self._world = world
        self._machines = machines
        self._always = always
        self._failed: dict[int, float] = {}

    def tick(self) -> None:
        """Hold the number of machines that the queue asks for."""
        world = self._world
        for contract in world.vast.open_contracts():
            if self._is_lost(contract):
                self._failed[contract.machine.machine_id] = world.now
                world.queue.requeue_machine_jobs(contract.label, True)
                world.vast.destroy_instance(contract.contract_id)
        world.queue.release_expired_jobs()
        wanted = self._machines if self._always or world.queue.holds_work() else 0
        held = world.vast.open_contracts()
        for contract in held[wanted:]:
            world.queue.requeue_machine_jobs(contract.label, False)
            world.vast.destroy_instance(contract.contract_id)
        for _ in range(wanted - len(held)):
            self._rent()

    def _is_lost(self, contract: Contract) -> bool:
        now = self._world.now
        worker = self._world.worker_of(contract)
        if worker is None or now < worker.ready_at:
            return now - contract.created_at > self._world.market.physics.rival_patience
        return not contract.runs(now)

    def _rent(self) -> None:
        world = self._world
        offers = cheapest_first(world.vast.search_offers("", world.policy.disk_gb, 1000))
        for offer in offers:
            if world.now - self._failed.get(offer.machine_id, -math.inf) < REMEMBERED_SECONDS:
                continue
            try:
                request = CreateRequest(offer.ask_id, "worker", world.policy.disk_gb, world.new_label(), {})
                world.vast.create_instance(request)
                return
            except OfferGone:
                continue


def lateness(jobs: Sequence[Job]) -> dict[str, float]:
    """How late documents were done, against what was promised."""
    late = [max(0.0, (job.done_at or math.inf) - job.due_at) for job in jobs]
    return {
        "late_share": sum(each > 0 for each in late) / len(late),
        "mean_late_seconds": sum(late) / len(late),
        "worst_late_seconds": max(late),
        "jobs": dict(Counter(job.status for job in jobs)),
    }
