"""The clock, and everything that moves with it; the scaler's real code is called from outside."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Caps
from control_plane.fleet.post import Post
from control_plane.settings.fleet_policy import Policy
from scripts.bench.fleet_sim.ledger import MemoryLedger
from scripts.bench.fleet_sim.market import START, Market
from scripts.bench.fleet_sim.sql import SqlLedger, SqlQueue
from scripts.bench.fleet_sim.vast import Contract, SimVast
from scripts.bench.fleet_sim.work import Job, SimQueue, Worker

STEP_SECONDS = 5.0


class World:
    """One seed's market, queue, ledger and workers."""

    def __init__(
        self,
        seed: int,
        policy: Policy,
        arrivals: Sequence[Job],
        market: Market | None = None,
        has_ledger: bool = True,
        connection: psycopg.Connection | None = None,
    ) -> None:
        self.now = START
        self.policy = policy
        self.rng = random.Random(f"fleet-world-{seed}")
        self.market = market or Market(seed)
        self._has_ledger = has_ledger  # without one no token dies and no worker leaves by itself
        self.queue, self.ledger = self._store(connection)
        self.vast = SimVast(self.market, self.clock, self.rng)
        self.vast.pass_time = self.advance
        self._arrivals = sorted(arrivals, key=lambda job: job.arrives_at)
        self._arrived = 0
        self._workers: dict[int, Worker] = {}
        self._labels = 0
        self.workers_can_leave = True
        self.most_open = 0
        self.busy_seconds = 0.0
        self.after_step: Callable[[], None] = lambda: None

    def _store(self, connection: psycopg.Connection | None) -> tuple[Any, Any]:
        """Queue and ledger in memory, or the real ones of a database on our clock."""
        if connection is None:
            queue = SimQueue(self.database_clock, self._ahead)
            ledger = MemoryLedger(self.database_clock, queue)
            if self._has_ledger:
                queue.admits = ledger.admits
            return queue, ledger
        real = SqlQueue(connection, self.database_clock, self._ahead)
        return real, SqlLedger(connection, self.database_clock, real)

    def _ahead(self) -> float:
        return self.market.weather.ahead(self.now)

    def clock(self) -> float:
        return self.now

    def database_clock(self) -> float:
        """What the ledger and the queue think it is."""
        return self.now + self._ahead()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + STEP_SECONDS)
            self._step()
            self.after_step()

    def _step(self) -> None:
        while self._arrived < len(self._arrivals) and self._arrivals[self._arrived].arrives_at <= self.now:
            self.queue.add([self._arrivals[self._arrived]])
            self._arrived += 1
        self.vast.step()
        live = self.vast.open_contracts()
        self.most_open = max(self.most_open, len(live))
        for contract in live:
            if not contract.runs(self.now) or contract.fate == "silent":
                self._workers.pop(contract.contract_id, None)
                continue
            worker = self._workers.get(contract.contract_id)
            if worker is None:
                ready_at = self.now + self.rng.uniform(*self.market.physics.start)
                worker = Worker(contract, ready_at, self.policy.idle_seconds, self.workers_can_leave)
                self._workers[contract.contract_id] = worker
            before, busy = worker.pages_done, worker.busy_seconds
            worker.step(self.now, self.queue, self.ledger if self._has_ledger else None, self.vast)
            done = worker.pages_done - before
            self.busy_seconds += worker.busy_seconds - busy
            contract.gigabytes_down += done * self.market.physics.megabytes_in_per_page / 1000
            contract.gigabytes_up += done * self.market.physics.megabytes_out_per_page / 1000

    def worker_of(self, contract: Contract) -> Worker | None:
        """The process on a contract, if one runs."""
        return self._workers.get(contract.contract_id)

    def sleep(self) -> None:
        """With nothing to do, nothing rented and no row open, the next arrival is the next that can happen."""
        rows_open = any(m.status is not MachineStatus.DESTROYED for m in self.ledger.machines.values())
        if self.work_is_done() or self.queue.holds_work() or self.vast.open_contracts() or rows_open:
            return
        self.now = max(self.now, self._arrivals[self._arrived].arrives_at - 2 * self.policy.tick_seconds)

    def work_is_done(self) -> bool:
        return self._arrived == len(self._arrivals) and not self.queue.holds_work()

    def new_label(self) -> str:
        self._labels += 1
        return f"aseagi-sim-{self._labels:08x}"

    def post(self, holder: str, caps: Caps, wrap: Callable[[object, str], object] = lambda each, name: each) -> Post:
        """A scaler in this world; `wrap` may put faults around its ledger and its Vast.ai."""
        return Post(
            holder=holder,
            deployment="sim",
            ledger=wrap(self.ledger, "ledger"),
            vast=wrap(self.vast, "vast"),
            policy=self.policy,
            caps=replace(caps),
            image="worker",
            image_login="",
            worker_env=lambda label: {},
            new_label=self.new_label,
        )
