"""From an order to a contract, and from a contract to its container's environment (pure)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.vast.contracts import Contract, Terms
from local_cloud.vast.faults import INSTANCE_KINDS, Fault
from local_cloud.vast.market import Ask, Machine, gpu_dollars_per_hour

MIN_DISK_GB = 8.0
FIRST_PORT = 40_000


@dataclass(frozen=True)
class Traffic:
    """How much a running instance is modelled to move, in GB per hour."""

    down_gb_per_hour: float = 0.5
    up_gb_per_hour: float = 0.2


@dataclass(frozen=True)
class Rental:
    """Everything a new contract is made from."""

    contract_id: int
    machine: Machine
    ask: Ask
    order: Mapping[str, Any]  # the body of `PUT /asks/ID/`
    faults: Mapping[str, Fault]
    traffic: Traffic
    seed: int
    now: float

    def contract(self) -> Contract:
        """The contract, with a fresh key of its own; the registry's password is not kept."""
        order = self.order
        return Contract(
            contract_id=self.contract_id,
            ask_id=self.ask.ask_id,
            machine_id=self.machine.machine_id,
            num_gpus=len(self.ask.gpu_indexes),
            terms=self._terms(),
            created_at=self.now,
            accrued_at=self.now,
            ends_at=self.now + self.machine.offer_seconds,
            instance_key=secrets.token_hex(32),
            label=order.get("label"),
            image=order.get("image") or "",
            env=dict(order.get("env") or {}),
            args=tuple(order.get("args") or ()),
            runtype=order.get("runtype") or "args",
            onstart=order.get("onstart"),
            is_bid=order.get("price") is not None,
            fate={kind: _how(fault) for kind, fault in self.faults.items() if kind in INSTANCE_KINDS},
        )

    def _terms(self) -> Terms:
        price = self.order.get("price")
        if price is None:
            price = gpu_dollars_per_hour(self.seed, self.machine, len(self.ask.gpu_indexes), self.now)
        factor = self.faults["price_change"].factor if "price_change" in self.faults else 1.0
        return Terms(
            gpu_dollars_per_hour=float(price) * factor,
            storage_dollars_per_gb_month=self.machine.storage_dollars_per_gb_month,
            inet_down_dollars_per_gb=self.machine.inet_down_dollars_per_gb,
            inet_up_dollars_per_gb=self.machine.inet_up_dollars_per_gb,
            disk_gb=max(float(self.order.get("disk") or 10.0), MIN_DISK_GB),
            down_gb_per_hour=self.traffic.down_gb_per_hour,
            up_gb_per_hour=self.traffic.up_gb_per_hour,
        )


def environment(contract: Contract, public_ipaddr: str) -> dict[str, str]:
    """What Vast.ai puts into a container, plus what the customer passed with `--env`."""
    ports = [name.split()[1].split(":")[-1].split("/")[0] for name in contract.env if name.startswith("-p ")]
    given = {name: value for name, value in contract.env.items() if not name.startswith("-")}
    own = {
        "CONTAINER_ID": str(contract.contract_id),
        "CONTAINER_API_KEY": contract.instance_key,
        "VAST_CONTAINERLABEL": f"C.{contract.contract_id}",
        "PUBLIC_IPADDR": public_ipaddr,
        "GPU_COUNT": str(contract.num_gpus),
    } | {f"VAST_TCP_PORT_{port}": str(FIRST_PORT + i) for i, port in enumerate(ports)}
    if "no_container_key" in contract.fate:
        del own["CONTAINER_API_KEY"]
    # No machine here has a card. A worker that is told so reads on the CPU; one that is not finds its card missing.
    own |= {"CUDA_VISIBLE_DEVICES": ""} if "no_gpu" in contract.fate else {"EMULATED_MACHINE": "yes"}
    return given | own


def _how(fault: Fault) -> dict[str, Any]:
    return {"seconds": fault.seconds, "after_seconds": fault.after_seconds, "text": fault.text}
