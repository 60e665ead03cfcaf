"""Documents and the workers that read them, on the virtual clock; by the queue's rules of leases and attempts."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from control_plane.database.fleet_rows import Backlog
from scripts.bench.fleet_sim.ledger import MemoryLedger
from scripts.bench.fleet_sim.vast import Contract, SimVast

PRIORITIES = ("high", "normal", "low")
LEASE_SECONDS = 120.0
HEARTBEAT_SECONDS = 10.0
CLAIMED_AT_ONCE = 16
MOST_ATTEMPTS = 3


@dataclass
class Job:
    """One document; `due_at` is what the policy promises."""

    arrives_at: float
    pages: int
    priority: str
    due_at: float
    estimate: int = 0  # pages, as the queue was told; 0 for the truth
    hardness: float = 1.0  # how long its pages take, against a usual page
    created_at: float = 0.0  # by the database's clock
    status: str = "queued"
    holder: int | None = None  # contract
    claimed_at: float = 0.0
    lease_until: float = 0.0
    attempts: int = 0  # used up by its workers' deaths
    suspected: bool = False
    done_at: float | None = None

    @property
    def thought(self) -> int:
        """Pages, as the queue knows them."""
        return self.estimate or self.pages


class SimQueue:
    """Claims, leases and totals. Its clock, the database's, is `ahead` of the true one."""

    def __init__(self, now: Callable[[], float], ahead: Callable[[], float] = lambda: 0.0) -> None:
        self._now = now
        self._ahead = ahead
        self.jobs: list[Job] = []
        self._waiting: dict[str, deque[Job]] = {name: deque() for name in PRIORITIES}
        self._waiting_pages = dict.fromkeys(PRIORITIES, 0)
        self._held: dict[int, list[Job]] = {}
        self._labels: dict[str, set[int]] = {}
        self._facts: dict[str, dict[str, Any]] = defaultdict(dict)
        self.admits: Callable[[str], bool] = lambda label: True  # whether a machine's token is good

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            job.created_at = job.arrives_at + self._ahead()
            self.jobs.append(job)
            self._wait(job)

    def _wait(self, job: Job, first: bool = False) -> None:
        job.status, job.holder = "queued", None
        waiting = self._waiting[job.priority]
        waiting.appendleft(job) if first else waiting.append(job)
        self._waiting_pages[job.priority] += job.thought

    def claim(self, contract: Contract, most: int) -> list[Job]:
        taken: list[Job] = []
        if not self.admits(contract.label):
            return taken
        for name in PRIORITIES:
            while self._waiting[name] and len(taken) < most:
                job = self._waiting[name].popleft()
                self._waiting_pages[name] -= job.thought
                job.status, job.holder = "processing", contract.contract_id
                job.claimed_at, job.lease_until = self._now(), self._now() + LEASE_SECONDS
                taken.append(job)
        self._held.setdefault(contract.contract_id, []).extend(taken)
        self._labels.setdefault(contract.label, set()).add(contract.contract_id)
        return taken

    def extend(self, contract: Contract) -> None:
        for job in self._held.get(contract.contract_id, ()):
            job.lease_until = self._now() + LEASE_SECONDS

    def complete(self, contract: Contract, job: Job, at: float) -> None:
        """A worker whose lease is lost changes nothing."""
        if job.status == "processing" and job.holder == contract.contract_id:
            job.status, job.done_at = "completed", at
            self._held[contract.contract_id].remove(job)
            facts = self._facts[contract.label]
            stamp = at + self._ahead()
            facts |= {"left_at": stamp, "result_at": stamp, "pages_done": facts.get("pages_done", 0) + job.pages}

    def facts(self, label: str) -> dict[str, Any]:
        """What the queue knows of a machine, as fields of `Machine`; nothing before its first claim."""
        if label not in self._labels:
            return {}
        held = self._held_by(label)
        since = min((job.claimed_at for job in held), default=None)
        now = {"jobs_held": len(held), "pages_held": sum(job.thought for job in held), "held_since": since}
        return self._facts[label] | now

    def pages_done(self, label: str) -> int:
        """Pages of the jobs that a machine completed."""
        return self._facts[label].get("pages_done", 0) if label in self._facts else 0

    def _held_by(self, label: str) -> list[Job]:
        return [job for contract_id in self._labels.get(label, ()) for job in self._held.get(contract_id, ())]

    def holds_work(self) -> bool:
        return any(self._waiting.values()) or any(self._held.values())

    def read_backlog(self) -> list[Backlog]:
        rows = []
        for name in PRIORITIES:
            held = [job for jobs in self._held.values() for job in jobs if job.priority == name]
            waiting = self._waiting[name]
            if held or waiting:
                pages = self._waiting_pages[name] + sum(job.thought for job in held)
                oldest = min(job.created_at for job in (*held, *([waiting[0]] if waiting else [])))
                rows.append(Backlog(name, "any_host", None, len(waiting), len(held), pages, oldest))
        return rows

    def release_expired_jobs(self) -> int:
        now = self._now()
        expired = [job for jobs in self._held.values() for job in jobs if job.lease_until <= now]
        company = {holder: len(jobs) > 1 for holder, jobs in self._held.items()}
        for job in expired:
            self._bury(job, company[job.holder])
        return len(expired)

    def requeue_machine_jobs(self, label: str, worker_died: bool) -> int:
        jobs = self._held_by(label)
        for job in jobs:
            if worker_died:
                self._bury(job, len(jobs) > 1)
            else:
                self._held[job.holder].remove(job)
                self._wait(job, first=True)
        if jobs and not worker_died:
            self._facts[label]["left_at"] = self._now()
        return len(jobs)

    def _bury(self, job: Job, in_company: bool) -> None:
        """A first death among several jobs in hand makes a suspect and costs no attempt."""
        self._held[job.holder].remove(job)
        job.attempts += job.suspected or not in_company
        job.suspected = True
        if job.attempts >= MOST_ATTEMPTS:
            job.status, job.done_at = "failed", self._now()
        else:
            self._wait(job, first=True)


@dataclass
class Worker:
    """The process on one contract, from its models loaded to its end.

    By its contract's fate it may lie: it reports as if it worked, and `hoards` what it claims, or is `deaf` to work.
    """

    contract: Contract
    ready_at: float
    idle_seconds: float
    can_leave: bool = True  # False: the machine was given no key of its own, so only the controller can end it
    beat_at: float = 0.0
    idle_since: float | None = None
    pages_done: int = 0
    busy_seconds: float = 0.0
    cursor: float = 0.0  # how far into time its work has gone
    jobs: list[Job] = field(default_factory=list)

    def step(self, now: float, queue: SimQueue, ledger: MemoryLedger | None, vast: SimVast) -> None:
        """Live up to `now`: beat, work, and leave when idle or unwanted."""
        if now < self.ready_at:
            return
        if self.idle_since is None:
            self.idle_since = self.cursor = self.ready_at
        if now >= self.beat_at and not self._beat(now, queue, ledger, vast):
            return
        if self.contract.fate is not None:
            if self.contract.fate == "hoards":
                self.jobs += queue.claim(self.contract, CLAIMED_AT_ONCE - len(self.jobs))
            return
        self._work(now, queue)
        if ledger is not None and not self.jobs and now - self.idle_since >= self.idle_seconds:
            self._leave(vast)

    def _beat(self, now: float, queue: SimQueue, ledger: MemoryLedger | None, vast: SimVast) -> bool:
        self.beat_at = now + HEARTBEAT_SECONDS
        speed = self.pages_done / self.busy_seconds if self.busy_seconds else 0.0
        if ledger is not None and not ledger.heartbeat(self.contract.label, speed):
            if self.contract.fate is None:
                self._leave(vast)
            return False
        queue.extend(self.contract)
        return True

    def _leave(self, vast: SimVast) -> None:
        if self.can_leave:
            vast.destroy_instance(self.contract.contract_id, by_itself=True)

    def _work(self, now: float, queue: SimQueue) -> None:
        rate = self.contract.machine.pages_per_second
        while self.cursor < now:
            if not self.jobs:
                self.jobs = queue.claim(self.contract, CLAIMED_AT_ONCE)
                if not self.jobs:
                    self.cursor = now
                    return
                self.cursor = max(self.cursor, self.jobs[0].arrives_at)
            job = self.jobs[0]
            if job.holder != self.contract.contract_id or job.status != "processing":
                self.jobs.pop(0)
                continue
            end = self.cursor + job.pages * job.hardness / rate
            if end > now:
                return
            self._finish(job, end, queue)

    def _finish(self, job: Job, end: float, queue: SimQueue) -> None:
        self.jobs.pop(0)
        queue.complete(self.contract, job, end)
        self.pages_done += job.pages
        self.busy_seconds += end - self.cursor
        self.cursor = self.idle_since = end
