"""What the fleet is measured against besides the clairvoyant: a plain policy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from control_plane.vast.errors import OfferGone, VastError
from control_plane.vast.rows import CreateRequest
from scripts.bench.fleet_sim.market import cheapest_first
from scripts.bench.fleet_sim.vast import Contract
from scripts.bench.fleet_sim.work import Job
from scripts.bench.fleet_sim.world import World

REMEMBERED_SECONDS = 3600.0  # so long the rivals remember that a machine did not boot


class Plain:
    """The cheapest machine by `dph_total` while the queue is non-empty, none when it is empty."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._failed: dict[int, float] = {}

    def tick(self) -> None:
        """Hold what the queue asks for; what Vast.ai does not answer is tried again."""
        with suppress(VastError):
            self._hold()

    def _hold(self) -> None:
        world = self._world
        for contract in world.vast.open_contracts():
            if self._is_lost(contract):
                self._failed[contract.machine.machine_id] = world.now
                world.vast.destroy_instance(contract.contract_id)
                world.queue.requeue_machine_jobs(contract.label, True)
        world.queue.release_expired_jobs()
        wanted = int(world.queue.holds_work())
        held = world.vast.open_contracts()
        for contract in held[wanted:]:
            world.vast.destroy_instance(contract.contract_id)
            world.queue.requeue_machine_jobs(contract.label, False)
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
