"""The story: contracts are made, live on the virtual clock, run processes, and cost money until destroyed."""

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from local_cloud.vast import life_cycle, market, query
from local_cloud.vast.clock import Clock
from local_cloud.vast.contracts import Contract, accrue
from local_cloud.vast.faults import Call, Fault, take
from local_cloud.vast.life_cycle import Pace
from local_cloud.vast.processes import Processes
from local_cloud.vast.rental import Rental, Traffic, environment
from local_cloud.vast.state import State, StateFile

MAX_SEARCH_ROWS = 64  # the real server's cap
RESET_SECONDS = 10.0
CRASH = (sys.executable, "-c", "raise SystemExit(1)")


class Emulator:
    """All of Vast.ai that the control plane sees; safe to call from many threads.

    `run` must run in a thread that lives as long as the program, because the instances' processes die with it.
    """

    def __init__(
        self,
        state_file: StateFile,
        processes: Processes,
        worker_command: Sequence[str],
        pace: Pace,
        traffic: Traffic,
        seed: int,
        credit_dollars: float,
        real_now: Callable[[], float] = time.time,
    ) -> None:
        self._file = state_file
        self._processes = processes
        self._worker_command = tuple(worker_command)
        self._pace = pace
        self._traffic = traffic
        self._real_now = real_now
        self.lock = threading.RLock()
        self._wake = threading.Event()
        self._stopping = False
        fresh = State(Clock(real_now(), real_now()), seed, credit_dollars)
        self._state = state_file.load() or fresh
        self._machines = {m.machine_id: m for m in market.build_machines(self._state.seed)}
        self._asks = {ask.ask_id: (m, ask) for m in self._machines.values() for ask in m.asks}

    # Reading

    def now(self) -> float:
        """Virtual time, in epoch seconds."""
        return self._state.clock.now(self._real_now())

    def take_faults(self, call: Call) -> dict[str, Fault]:
        """The injected faults that meet a call, by kind; each counts its calls."""
        with self.lock:
            met, left = take(self._state.faults, call)
            if left != self._state.faults:
                self._state.faults = left
                self._save()
            return met

    def search(self, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Offers free now that match a query of the CLI; raises ValueError for a query that makes no sense."""
        now, seed, is_bid = self.now(), self._state.seed, wanted.get("type") == "bid"
        storage_gb = float(wanted.get("allocated_storage") or 5.0)
        rows = [market.offer_row(seed, machine, ask, now, storage_gb, is_bid) for machine, ask in self._free_asks()]
        found = query.ordered([row for row in rows if query.matches(row, wanted)], wanted.get("order") or [])
        return found[: min(int(wanted.get("limit") or MAX_SEARCH_ROWS), MAX_SEARCH_ROWS)]

    def contracts(self) -> list[Contract]:
        """Every contract there ever was, billed up to now."""
        with self.lock:
            now = self.now()
            self._state.contracts = {
                c.contract_id: life_cycle.advance(c, now, self._pace) for c in self._state.contracts.values()
            }
            return [accrue(c, now) for c in self._state.contracts.values()]

    def visible_contracts(self) -> list[Contract]:
        """Open contracts that an answer may show."""
        now = self.now()
        return [c for c in self.contracts() if c.is_open and c.hidden_until <= now]

    def visible(self, contract_id: int) -> Contract | None:
        """One open contract, or None."""
        return next((c for c in self.visible_contracts() if c.contract_id == contract_id), None)

    def offer_of(self, contract: Contract) -> dict[str, Any]:
        """The offer row a contract was made from, as it would read now."""
        machine, ask = self._asks[contract.ask_id]
        return market.offer_row(self._state.seed, machine, ask, self.now(), contract.terms.disk_gb, contract.is_bid)

    def machine_of_ask(self, ask_id: int) -> int | None:
        """The machine an ask belongs to, or None for an ask that never was."""
        return self._asks[ask_id][0].machine_id if ask_id in self._asks else None

    def is_free(self, ask_id: int) -> bool:
        """Whether an ask can be rented now."""
        return any(ask.ask_id == ask_id for _, ask in self._free_asks())

    def credit_dollars(self) -> float:
        """What the account has left."""
        return self._state.credit_dollars - sum(contract.dollars() for contract in self.contracts())

    def key_owner(self, key: str) -> int | None:
        """The contract whose own key this is, destroyed or not."""
        return next((c.contract_id for c in self.contracts() if c.instance_key == key), None)

    def log_text(self, contract_id: int, tail: int) -> str:
        """The last lines an instance wrote."""
        return self._processes.log_text(contract_id, tail)

    def pids(self) -> dict[int, int]:
        """Process id by contract, of the processes alive."""
        return self._processes.pids()

    def faults(self) -> list[Fault]:
        """Injected faults that can still meet a call."""
        return list(self._state.faults)

    # Renting and returning

    def rent(self, ask_id: int, order: Mapping[str, Any], faults: Mapping[str, Fault]) -> Contract:
        """Make a contract for an ask that exists; the caller holds `lock` and has checked that it may be rented."""
        machine, ask = self._asks[ask_id]
        contract_id, self._state.next_contract_id = self._state.next_contract_id, self._state.next_contract_id + 1
        rental = Rental(contract_id, machine, ask, order, faults, self._traffic, self._state.seed, self.now())
        return self._put(life_cycle.begin(rental.contract(), self._pace))

    def min_bid(self, ask_id: int) -> float:
        """The lowest bid in dollars per hour that would run now."""
        machine, ask = self._asks[ask_id]
        return market.min_bid_dollars_per_hour(self._state.seed, machine, len(ask.gpu_indexes), self.now())

    def change(self, contract_id: int, change: Callable[[Contract, float, Pace], Contract]) -> None:
        """Apply a change of the life cycle to an open contract, now."""
        with self.lock:
            now = self.now()
            contract = life_cycle.advance(self._state.contracts[contract_id], now, self._pace)
            if not contract.is_open:
                raise ValueError(f"contract {contract_id} has ended")
            self._put(change(contract, now, self._pace))

    # The administrator's hand

    def inject(self, faults: list[Fault]) -> None:
        """Add faults to those waiting."""
        with self.lock:
            self._state.faults = [*self._state.faults, *faults]
            self._save()

    def forget_faults(self) -> None:
        """Drop the injected faults that have not met their call yet."""
        with self.lock:
            self._state.faults = []
            self._save()

    def move_clock(self, advance_seconds: float, speed: float | None) -> None:
        """Let virtual time jump ahead, or run at another speed; raises ValueError for a step back."""
        with self.lock:
            clock = self._state.clock.advanced(self._real_now(), advance_seconds)
            self._state.clock = clock if speed is None else clock.at_speed(self._real_now(), speed)
            self._save()

    def set_credit(self, dollars: float) -> None:
        """Pay in or take out until this much is left."""
        with self.lock:
            self._state.credit_dollars += dollars - self.credit_dollars()
            self._save()

    def reset(self, credit_dollars: float) -> None:
        """Forget every contract, fault and move of the clock; returns when every process is killed.

        Contract numbers go on, so that nobody takes a new instance for an old one.
        """
        with self.lock:
            now, number = self._real_now(), self._state.next_contract_id
            self._state = State(Clock(now, now), self._state.seed, credit_dollars, number)
            self._save()
        deadline = time.monotonic() + RESET_SECONDS
        while self.pids() and time.monotonic() < deadline:
            self._wake.set()
            time.sleep(0.01)

    # Living

    def run(self) -> None:
        """Kill leftovers of a crash, then keep processes and contracts in step until `shut_down`."""
        self._processes.kill_leftovers()
        while not self._stopping:
            self.tick()
            self._wake.wait(0.1)
            self._wake.clear()
        self._processes.stop_all()

    def shut_down(self) -> None:
        """Make `run` kill all processes and return; open contracts stay open in the state file."""
        self._stopping = True
        self._wake.set()

    def tick(self) -> None:
        """One look at everything: what was due happens, dead processes are seen, due ones are started."""
        with self.lock:
            before = dict(self._state.contracts)
            self.contracts()
            for ended in self._processes.take_ended():
                self._see_end(ended.contract_id, ended.exit_code)
            if self.credit_dollars() <= 0:
                self._stop_all("your account has no credit")
            self._settle_bids()
            self._match_processes()
            if self._state.contracts != before:
                self._save()

    def _see_end(self, contract_id: int, exit_code: int) -> None:
        contract = self._state.contracts.get(contract_id)
        if contract is not None and contract.runs_process:
            self._state.contracts[contract_id] = life_cycle.process_ended(contract, self.now(), self._pace)

    def _stop_all(self, reason: str) -> None:
        for contract in self._state.contracts.values():
            if contract.is_open and contract.intended_status == "running":
                self._state.contracts[contract.contract_id] = life_cycle.stop(contract, self.now(), reason)

    def _settle_bids(self) -> None:
        """Whoever bids less than the machine's lowest bid is stopped without notice, and resumes when it falls."""
        now = self.now()
        for contract in list(self._state.contracts.values()):
            if not (contract.is_open and contract.is_bid):
                continue
            wins = contract.terms.gpu_dollars_per_hour >= self.min_bid(contract.ask_id)
            if contract.actual_status == "running" and not wins:
                contract = replace(life_cycle.stop(contract, now), is_outbid=True)
            elif contract.is_outbid and wins:
                contract = life_cycle.start(contract, now, self._pace)
            self._state.contracts[contract.contract_id] = contract

    def _match_processes(self) -> None:
        wanted = {c.contract_id: c for c in self._state.contracts.values() if c.runs_process}
        for contract_id in self._processes.pids().keys() - wanted.keys():
            self._processes.stop(contract_id)
        self._processes.wipe_all_but({c.contract_id for c in self._state.contracts.values() if c.is_open})
        for contract_id in wanted.keys() - self._processes.pids().keys():
            contract = wanted[contract_id]
            command = CRASH if "crash_loop" in contract.fate else (*self._worker_command, *contract.args)
            given = environment(contract, self.offer_of(contract)["public_ipaddr"])
            self._processes.start(contract_id, command, given)

    def _free_asks(self) -> list[tuple[market.Machine, market.Ask]]:
        held = [self._asks[c.ask_id] for c in self.contracts() if c.is_open and c.cur_state != "stopped"]
        return market.free_asks(self._state.seed, held, self.now())

    def _put(self, contract: Contract) -> Contract:
        self._state.contracts[contract.contract_id] = contract
        self._save()
        self._wake.set()
        return contract

    def _save(self) -> None:
        self._file.save(self._state)
