"""What a rented instance goes through, and what each second of it costs (pure).

actual_status:  None ─load─► loading ─boot─► running ─(PID 1 exits)─► running, restarted, or `exited` for good
                stopped: by the customer, by a higher bid, or for lack of credit; offline: the host is gone
Only `destroyed_at` ends the bill: GPU while running, disk always except offline, traffic for every byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from local_cloud.vast.market import STORAGE_HOURS_PER_MONTH

DAY_SECONDS = 86_400
KINDS = ("gpu", "disk", "bwd", "bwu")


@dataclass(frozen=True)
class Terms:
    """The prices a contract was made at, and how fast its traffic is modelled to flow."""

    gpu_dollars_per_hour: float
    storage_dollars_per_gb_month: float
    inet_down_dollars_per_gb: float
    inet_up_dollars_per_gb: float
    disk_gb: float
    down_gb_per_hour: float = 0.0  # while running
    up_gb_per_hour: float = 0.0

    @property
    def disk_dollars_per_hour(self) -> float:
        return self.disk_gb * self.storage_dollars_per_gb_month / STORAGE_HOURS_PER_MONTH


@dataclass(frozen=True)
class Contract:
    """One instance from its creation on; `due` holds the virtual times of what will happen to it by itself."""

    contract_id: int
    ask_id: int
    machine_id: int
    num_gpus: int
    terms: Terms
    created_at: float
    accrued_at: float  # the bill is complete up to here
    ends_at: float
    instance_key: str = field(repr=False)
    label: str | None = None
    image: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    args: tuple[str, ...] = ()
    runtype: str = "args"
    onstart: str | None = None
    is_bid: bool = False
    is_outbid: bool = False
    actual_status: str | None = None
    intended_status: str = "running"
    cur_state: str = "unloaded"
    next_state: str = "running"
    status_msg: str = ""
    running_since: float | None = None
    restarts: int = 0
    has_image: bool = False  # pulled once, at the first boot
    hidden_until: float = 0.0  # an injected fault: absent from every answer although it is billed
    destroyed_at: float | None = None
    due: Mapping[str, float] = field(default_factory=dict)
    fate: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # injected faults, by kind
    usage: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # day number → kind → dollars
    times_asked: int = 0  # for a higher price, by its host
    asked: Mapping[str, Any] | None = None  # what the host asks from `ends_at` on, until it is accepted or rejected
    agreed: Mapping[str, Any] | None = None  # what was accepted of that

    @property
    def is_open(self) -> bool:
        """Whether it still costs money."""
        return self.destroyed_at is None

    @property
    def runs_process(self) -> bool:
        """Whether the container's process should be alive now."""
        running = self.is_open and self.actual_status == "running"
        return running and "restart" not in self.due and "silent" not in self.fate

    @property
    def bills_gpu(self) -> bool:
        return self.is_open and self.actual_status in {"running", "exited", "unknown"}

    @property
    def bills_disk(self) -> bool:
        return self.is_open and self.actual_status != "offline"

    def dollars(self, kind: str | None = None) -> float:
        """What it has cost up to `accrued_at`, for one kind or all."""
        return sum(cost for day in self.usage.values() for name, cost in day.items() if kind in (None, name))

    def to_json(self) -> dict[str, Any]:
        """For the state file; `from_json` reads it back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return values | {"terms": {f.name: getattr(self.terms, f.name) for f in fields(self.terms)}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(**{**values, "terms": Terms(**values["terms"]), "args": tuple(values["args"])})


def accrue(contract: Contract, now: float) -> Contract:
    """The contract with its bill complete up to `now`, in whole seconds, split by UTC day."""
    if not contract.is_open:
        return contract
    usage = {day: dict(kinds) for day, kinds in contract.usage.items()}
    second, end = int(contract.accrued_at), int(now)
    while second < end:
        until = min(end, (second // DAY_SECONDS + 1) * DAY_SECONDS)
        _add(usage, second, _segment_dollars(contract, until - second))
        second = until
    return replace(contract, usage=usage, accrued_at=max(now, contract.accrued_at))


def add_traffic(contract: Contract, now: float, down_gb: float, up_gb: float) -> Contract:
    """Bill some gigabytes at this moment, in whatever state the contract is."""
    contract = accrue(contract, now)
    usage = {day: dict(kinds) for day, kinds in contract.usage.items()}
    _add(usage, int(now), {"bwd": down_gb * contract.terms.inet_down_dollars_per_gb,
                           "bwu": up_gb * contract.terms.inet_up_dollars_per_gb})  # fmt: skip
    return replace(contract, usage=usage)


def _segment_dollars(contract: Contract, seconds: int) -> dict[str, float]:
    terms, hours, dollars = contract.terms, seconds / 3600.0, {}
    if contract.bills_disk:
        dollars["disk"] = terms.disk_dollars_per_hour * hours
    if contract.bills_gpu:
        dollars["gpu"] = terms.gpu_dollars_per_hour * hours
        dollars["bwd"] = terms.down_gb_per_hour * hours * terms.inet_down_dollars_per_gb
        dollars["bwu"] = terms.up_gb_per_hour * hours * terms.inet_up_dollars_per_gb
    return dollars


def _add(usage: dict[str, dict[str, float]], second: int, dollars: Mapping[str, float]) -> None:
    day = usage.setdefault(str(second // DAY_SECONDS), {})
    for kind, cost in dollars.items():
        day[kind] = day.get(kind, 0.0) + cost
