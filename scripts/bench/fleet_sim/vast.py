"""Vast.ai on the virtual clock: the calls the scaler makes, the life of a contract, and the bill."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from control_plane.vast.errors import CreateUnknown, DestroyFailed, OfferGone, VastBlind
from control_plane.vast.rows import Created, CreateRequest, Offer, User, VastInstance
from scripts.bench.fleet_sim.market import GONE_SECONDS, MONTH_HOURS, Market, SimMachine

DAEMON_ERROR = "Error response from daemon: OCI runtime create failed"
LIST_LAG_SECONDS = 90.0
MANIFEST_ERROR = "Error response from daemon: manifest unknown"


@dataclass
class Contract:
    """One rented machine, billed from creation to destruction."""

    contract_id: int
    label: str
    machine: SimMachine
    is_bid: bool
    gpu_usd_per_hour: float
    disk_gb: float
    created_at: float
    runs_at: float | None  # None: never gets beyond `loading`
    fate: str | None  # stuck | daemon | silent, or lies: hoards | deaf
    dies_at: float
    message: str = ""
    destroyed_at: float | None = None
    stopped_at: float | None = None
    hidden_until: float = 0.0
    times_hidden: int = 0  # by destroys that were only said to be done
    gigabytes_down: float = 0.0
    gigabytes_up: float = 0.0

    def status(self, now: float) -> str | None:
        """`actual_status` as the list has it."""
        if self.stopped_at is not None:
            return "stopped"
        if now >= self.dies_at:
            return "offline"
        if self.runs_at is not None and now >= self.runs_at:
            return "running"
        return "loading" if now - self.created_at > 1 else None

    def runs(self, now: float) -> bool:
        """Whether its container runs."""
        return self.destroyed_at is None and self.status(now) == "running"

    def dollars(self, now: float, image_gb: float) -> float:
        """The bill so far: GPU while running, disk always, traffic."""
        end = min(now, self.destroyed_at if self.destroyed_at is not None else now)
        stop = min(end, self.stopped_at if self.stopped_at is not None else end)
        gpu = max(0.0, stop - self.runs_at) if self.runs_at is not None else 0.0
        disk = self.disk_gb * self.machine.storage_usd_per_gb_month / MONTH_HOURS * (end - self.created_at)
        pulled = image_gb if self.runs_at is not None and end >= self.runs_at else image_gb / 2
        down = (pulled + self.gigabytes_down) * self.machine.down_usd_per_gb
        up = self.gigabytes_up * self.machine.up_usd_per_gb
        return (gpu * self.gpu_usd_per_hour + disk) / 3600 + down + up


class SimVast:
    """The scaler's `Vast` over a market; every contract stays on record."""

    def __init__(self, market: Market, now: Callable[[], float], rng: random.Random) -> None:
        self.market = market
        self._now = now
        self._rng = rng
        self._physics = market.physics
        self.contracts: dict[int, Contract] = {}
        self.credit_usd = 1000.0
        self.image_is_broken = False
        self.liars = 0.0  # share of the machines that boot whose worker lies
        self.sells_twice = False  # asks of machines that are held by a contract of ours can be rented once more
        self.pass_time: Callable[[float], None] = lambda seconds: None  # what a call takes, the world goes on in
        self._luck = random.Random(f"vast-{market.machines[0].pages_per_second}")
        self._lost_at: dict[int, float] = {}  # when we last asked for it in vain: somebody else was faster

    # The calls

    def search_offers(self, query: str, storage_gb: int, limit: int = 64, interruptible: bool = False) -> list[Offer]:
        self._take_time(VastBlind)
        held = {c.machine.machine_id for c in self.open_contracts()}
        shown_at = self._now() - self._luck.uniform(0.0, self._physics.stale_seconds)
        free = [m for m in self.market.machines if m.machine_id not in held and self._is_shown(m, shown_at)]
        return [self.market.offer(m, shown_at, storage_gb, interruptible) for m in free][:limit]

    def _is_shown(self, machine: SimMachine, at: float) -> bool:
        """Searches are stale: a machine that somebody else took is still shown for a while."""
        lost_at = self._lost_at.get(machine.machine_id, -math.inf)
        is_gone = lost_at + self._physics.stale_seconds <= at < (lost_at // GONE_SECONDS + 1) * GONE_SECONDS
        return not is_gone and self.market.is_free(machine, at)

    def create_instance(self, request: CreateRequest) -> Created:
        self._take_time(CreateUnknown)
        now = self._now()
        machine = next(m for m in self.market.machines if m.machine_id == request.ask_id // 10)
        held = any(c.machine is machine for c in self.open_contracts())
        if (held and not self.sells_twice) or not self.market.is_free(machine, now):
            raise OfferGone("no_such_ask", 410)
        if self.market.is_lost(machine, now):
            self._lost_at[machine.machine_id] = now
            raise OfferGone("no_such_ask", 410)
        return Created(self._rent(machine, request, now).contract_id)

    def list_instances(self) -> list[VastInstance]:
        self._take_time(VastBlind)
        seen_at = self._now() - self._luck.uniform(0.0, min(self._physics.stale_seconds, LIST_LAG_SECONDS))
        listed = [c for c in self.open_contracts() if c.hidden_until <= self._now() and c.created_at <= seen_at]
        return [self._row(c, seen_at) for c in listed]

    def destroy_instance(self, contract_id: int, by_itself: bool = False) -> None:
        """A machine may end itself, from inside, whatever the API is like for us."""
        if not by_itself:
            self._take_time(DestroyFailed)
        contract = self.contracts.get(contract_id)
        if contract is not None and contract.destroyed_at is None:
            contract.destroyed_at = self._now()

    def logs(self, contract_id: int, tail: int = 200) -> str:
        """Simulated workers write nothing."""
        self._take_time(VastBlind)
        return ""

    def hide(self, contract_id: int, seconds: float) -> None:
        """A destroy that was only said to be done."""
        if contract_id in self.contracts:
            self.contracts[contract_id].hidden_until = self._now() + seconds
            self.contracts[contract_id].times_hidden += 1

    def get_user(self) -> User:
        self._take_time(VastBlind)
        return User(1, self.credit_usd - self.dollars())

    def _take_time(self, failure: type[VastBlind | CreateUnknown | DestroyFailed]) -> None:
        """A call takes its time, and has no answer while Vast.ai is away."""
        shortest, longest = self._physics.call_seconds
        if longest:
            self.pass_time(self._luck.uniform(shortest, longest))
        if self.market.weather.is_away(self._now()):
            raise failure("no answer")

    # What happens by itself

    def step(self) -> None:
        """Stop whoever bids less than the machine's lowest bid."""
        now = self._now()
        for contract in self.open_contracts():
            lowest = self.market.lowest_bid(contract.machine, now)
            if contract.is_bid and contract.stopped_at is None and contract.gpu_usd_per_hour < lowest:
                contract.stopped_at = now

    # For the world

    def open_contracts(self) -> list[Contract]:
        return [c for c in self.contracts.values() if c.destroyed_at is None]

    def dollars(self) -> float:
        return sum(c.dollars(self._now(), self._physics.image_gb) for c in self.contracts.values())

    def _rent(self, machine: SimMachine, request: CreateRequest, now: float) -> Contract:
        rng, is_bid = self._rng, request.bid_usd_per_hour is not None
        fate = None
        if rng.random() < machine.fail_chance:
            fate = rng.choice(("stuck", "daemon", "silent"))
        elif self.liars and rng.random() < self.liars:
            fate = rng.choice(("hoards", "deaf"))
        boot_seconds = self._physics.boot(machine.down_mbps, machine.slowness, rng)
        runs_at = None if fate in ("stuck", "daemon") or self.image_is_broken else now + boot_seconds
        contract = Contract(
            contract_id=7001 + len(self.contracts),
            label=request.label,
            machine=machine,
            is_bid=is_bid,
            gpu_usd_per_hour=request.bid_usd_per_hour if is_bid else self.market.price(machine, now),
            disk_gb=request.disk_gb,
            created_at=now,
            runs_at=runs_at,
            fate=fate,
            dies_at=min(
                now + rng.expovariate(self._physics.deaths_per_hour / 3600),
                self.market.weather.outage(machine.family, now),
            ),
            message=MANIFEST_ERROR if self.image_is_broken else DAEMON_ERROR if fate == "daemon" else "",
        )
        self.contracts[contract.contract_id] = contract
        return contract

    def _row(self, contract: Contract, now: float) -> VastInstance:
        disk = contract.disk_gb * contract.machine.storage_usd_per_gb_month / MONTH_HOURS
        stopped = contract.stopped_at is not None
        return VastInstance(
            contract_id=contract.contract_id, label=contract.label, machine_id=contract.machine.machine_id,
            host_id=contract.machine.host_id, gpu_name=contract.machine.gpu_name, num_gpus=1,
            actual_status=contract.status(now), intended_status="stopped" if stopped else "running",
            status_msg=contract.message,
            total_usd_per_hour=contract.gpu_usd_per_hour + disk, is_bid=contract.is_bid,
            bid_usd_per_hour=contract.gpu_usd_per_hour, started_at=contract.created_at + self.market.weather.vast_ahead,
            disk_space_gb=contract.disk_gb, image="worker", geolocation="Texas, US",
        )  # fmt: skip
