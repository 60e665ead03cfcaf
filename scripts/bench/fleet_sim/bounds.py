"""What must hold at every moment of a schedule, faults or not: the machines' cap, the bill, and a machine's life.

A contract can be open beyond the cap only when Vast.ai made or kept it against its own word. Such a *stray* is no
ledger's doing: the second contract of one create call that was done twice; one that was made and refused; one that was
called destroyed and missing from two good lists, and was billed all along; one that was made, or first listed, when the
time of doubt was over.
"""

from __future__ import annotations

from collections import Counter

from control_plane.database.enums import MachineStatus
from control_plane.database.fleet_rows import Caps, Machine
from control_plane.settings.fleet_policy import Policy
from scripts.bench.fleet_sim.vast import Contract
from scripts.bench.fleet_sim.world import START, World

DAY_SECONDS = 86400.0
LONGEST_STRAY_SECONDS = 900.0  # a destroy that was only said hides it for 400 s; then a list must see it
FAULTS_SECONDS = 900.0  # how much longer faults can keep a machine whose end is decided


class Bounds:
    """Looks at a world after each of its steps; `problems` says what was ever not so."""

    def __init__(self, world: World, policy: Policy, caps: Caps) -> None:
        self._world = world
        self._policy = policy
        self._caps = caps
        self._stray_since: dict[int, float] = {}
        self.problems: dict[str, str] = {}
        self.causes: Counter[str] = Counter()  # of strays, each once
        self.most_over = 0  # contracts open beyond the cap, at one moment

    def look(self) -> None:
        """Check this moment."""
        world, caps = self._world, self._caps
        live = world.vast.open_contracts()
        for contract in live:
            if self._is_stray(contract):
                self._stray_since.setdefault(contract.contract_id, world.now)
            elif (row := self._row(contract)) is not None and row.is_live:
                self._stray_since.pop(contract.contract_id, None)  # it was adopted, and is a machine like any other
        strays = [c for c in live if c.contract_id in self._stray_since]  # a row opened anew ends it: until it is gone
        for contract in strays:
            self._judge_stray(contract)
        self.most_over = max(self.most_over, len(live) - caps.machines)
        if len(live) - len(strays) > caps.machines:
            self._say("machines", f"{len(live)} contracts open, of them {len(strays)} strays")
        self._check_bill()
        oldest = max((world.now - c.created_at for c in live), default=0.0)
        if oldest > longest_life_seconds(self._policy):
            self._say("life", f"a contract was open for {oldest:.0f} s")

    def _check_bill(self) -> None:
        """What the ledger holds for the day covers the bill of every contract that is no stray."""
        world = self._world
        contracts = [c for c in world.vast.contracts.values() if not self._is_stray(c)]
        bill = sum(c.dollars(world.now, world.market.physics.image_gb) for c in contracts)
        held = world.ledger.usd_on(int(START // DAY_SECONDS))
        if world.now < START + DAY_SECONDS and bill > held + 1e-9:
            self._say("bill", f"${bill:.6f} billed, ${held:.6f} held")

    def _judge_stray(self, contract: Contract) -> None:
        now = self._world.now
        since = self._stray_since[contract.contract_id]
        if since == now:
            self.causes[self._cause(contract)] += 1
        if now - since > LONGEST_STRAY_SECONDS * max(1, contract.times_hidden):
            self._say("stray", f"contract {contract.contract_id} was a stray for {now - since:.0f} s")

    def _cause(self, contract: Contract) -> str:
        row = self._row(contract)
        if row is not None and self._is_second(contract, row):
            return "made twice"
        if contract.hidden_until > 0:
            return "said to be destroyed"
        if row is not None and row.refused:
            return "made and refused"
        if row is not None and contract.created_at - row.intent_at > self._policy.doubt_seconds:
            return "made late"
        if row is not None and row.contract_id is None:
            return "not listed in time"
        self._say("cause", f"contract {contract.contract_id} is a stray for no known cause")
        return "unknown"

    def _is_stray(self, contract: Contract) -> bool:
        row = self._row(contract)
        if row is None or self._is_second(contract, row):
            return True
        if row.status is MachineStatus.DESTROYED and row.contract_id is None and row.ready_at is None:
            return True  # to the ledger it never was
        ends_at = contract.destroyed_at if contract.destroyed_at is not None else self._world.now
        return row.status is MachineStatus.DESTROYED and ends_at > (row.destroyed_at or 0.0)

    def _is_second(self, contract: Contract, row: Machine) -> bool:
        if row.contract_id is not None:
            return row.contract_id != contract.contract_id
        labelled = [c.contract_id for c in self._world.vast.contracts.values() if c.label == contract.label]
        return contract.contract_id != min(labelled)

    def _row(self, contract: Contract) -> Machine | None:
        return self._world.ledger.machines.get(contract.label)

    def _say(self, kind: str, sentence: str) -> None:
        self.problems.setdefault(kind, f"{sentence} at {self._world.now - START:.0f} s")


def longest_life_seconds(policy: Policy) -> float:
    """How long a contract can be open: its hours, the longest document it may still end, and the faults' delay."""
    return policy.max_machine_hours * 3600 + policy.longest_job_seconds + FAULTS_SECONDS
