"""The emulator's memory on disk: one JSON file, replaced as a whole (wire)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local_cloud.vast.clock import Clock
from local_cloud.vast.contracts import Contract
from local_cloud.vast.faults import Fault

FIRST_CONTRACT_ID = 7001


@dataclass
class State:
    """All that must outlive a crash of the emulator."""

    clock: Clock
    seed: int
    credit_dollars: float  # paid in so far; what is left is this minus all bills
    next_contract_id: int = FIRST_CONTRACT_ID
    contracts: dict[int, Contract] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return {
            "clock": self.clock.to_json(),
            "seed": self.seed,
            "credit_dollars": self.credit_dollars,
            "next_contract_id": self.next_contract_id,
            "contracts": [contract.to_json() for contract in self.contracts.values()],
            "faults": [asdict(fault) for fault in self.faults],
        }


class StateFile:
    """Where the state is kept; readable by its owner only, since it holds the instances' tokens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> State | None:
        """The state last saved, or None at the first start; raises ValueError for a file that is not ours."""
        if not self._path.exists():
            return None
        try:
            return _from_json(json.loads(self._path.read_text()))
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(f"{self._path} is not a state file of this emulator: move it away") from problem

    def save(self, state: State) -> None:
        """Replace the file at once, so that a crash leaves the old or the new state, never half of one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(state.to_json()))
        fresh.replace(self._path)


def _from_json(values: Mapping[str, Any]) -> State:
    contracts = [Contract.from_json(row) for row in values["contracts"]]
    return State(
        clock=Clock(**values["clock"]),
        seed=values["seed"],
        credit_dollars=values["credit_dollars"],
        next_contract_id=values["next_contract_id"],
        contracts={contract.contract_id: contract for contract in contracts},
        faults=[Fault(**row) for row in values["faults"]],
    )
