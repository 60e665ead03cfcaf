"""The rows Vast.ai answers with, as frozen values with units in their names (pure)."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self

Row = Mapping[str, Any]
SAFE_VALUE = re.compile(r"[A-Za-z0-9_./:=-]*")  # the CLI splits on spaces, and one apostrophe swallows what follows
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# What a host may raise: our name, Vast.ai's, and what makes its number ours.
INCREASES = {
    "gpu": ("gpu_costpersec", 3600.0),
    "disk": ("disk_ram_costpersec", 30 * 86400.0),
    "upload": ("bwu_cost", 1.0),
    "download": ("bwd_cost", 1.0),
    "fee": ("platform_fee", 1.0),
}


@dataclass(frozen=True)
class Offer:
    """A machine that can be rented now; `ask_id` is what `create_instance` takes."""

    ask_id: int
    machine_id: int
    host_id: int
    gpu_name: str
    num_gpus: int
    disk_space_gb: float
    total_usd_per_hour: float  # GPU + storage for the searched `storage_gb`; traffic comes on top
    gpu_usd_per_hour: float
    min_bid_usd_per_hour: float
    storage_usd_per_gb_month: float
    inet_down_usd_per_gb: float
    inet_up_usd_per_gb: float
    inet_down_mbps: float
    duration_seconds: float  # how long the host still offers the machine
    reliability: float  # 0–1
    verified: bool
    datacenter: bool
    geolocation: str
    is_bid: bool
    # What the machine has beside its card, 0 where the row does not say. Cores, memory and lines: our share.
    gpu_ram_gb: float = 0.0
    cpu_cores: float = 0.0
    ram_gb: float = 0.0
    our_down_mbps: float = 0.0
    our_up_mbps: float = 0.0

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read one row of `search offers --raw`; raises KeyError, TypeError or ValueError if it is not one."""
        return cls(
            ask_id=int(row["id"]),
            machine_id=int(row["machine_id"]),
            host_id=int(row.get("host_id") or 0),
            gpu_name=str(row["gpu_name"]),
            num_gpus=int(row["num_gpus"]),
            gpu_ram_gb=round(_number(row, "gpu_ram") / 1000, 1),
            cpu_cores=_number(row, "cpu_cores_effective"),
            ram_gb=round(_number(row, "cpu_ram") * _cpu_share(row) / 1000, 1),
            our_down_mbps=_number(row, "inet_down") * (_number(row, "gpu_frac") or 1.0),
            our_up_mbps=_number(row, "inet_up") * (_number(row, "gpu_frac") or 1.0),
            disk_space_gb=_number(row, "disk_space"),
            total_usd_per_hour=_price(row, "dph_total"),
            gpu_usd_per_hour=_number(row, "dph_base") or _price(row, "dph_total"),
            min_bid_usd_per_hour=_number(row, "min_bid"),
            storage_usd_per_gb_month=_number(row, "storage_cost"),
            inet_down_usd_per_gb=_number(row, "inet_down_cost"),
            inet_up_usd_per_gb=_number(row, "inet_up_cost"),
            inet_down_mbps=_number(row, "inet_down"),
            duration_seconds=_number(row, "duration"),
            reliability=_number(row, "reliability2") or _number(row, "reliability"),
            verified=row.get("verification") == "verified",
            datacenter=row.get("hosting_type") == 1 or row.get("datacenter") is True,
            geolocation=str(row.get("geolocation") or ""),
            is_bid=bool(row.get("is_bid")),
        )


@dataclass(frozen=True)
class VastInstance:
    """A contract we pay for, as Vast.ai sees it; its environment is never kept."""

    contract_id: int
    label: str
    machine_id: int
    host_id: int
    gpu_name: str
    num_gpus: int
    actual_status: str | None  # None, created, loading, running, exited, stopped, frozen, unknown, offline
    intended_status: str | None  # running, stopped, frozen
    status_msg: str
    total_usd_per_hour: float
    is_bid: bool
    bid_usd_per_hour: float
    started_at: float  # epoch seconds
    disk_space_gb: float
    image: str
    geolocation: str
    ends_at: float = 0.0  # epoch seconds: the host lets it run no longer; 0 when that is not said

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read one row of `show instances --raw`; raises KeyError, TypeError or ValueError if it is not one.

        It is billed whatever else its row says: everything but its number may be missing or of another type.
        """
        return cls(
            contract_id=int(row["id"]),
            label=str(row.get("label") or ""),
            machine_id=int(_told(row, "machine_id")),
            host_id=int(_told(row, "host_id")),
            gpu_name=str(row.get("gpu_name") or ""),
            num_gpus=int(_told(row, "num_gpus")),
            actual_status=_word(row, "actual_status"),
            intended_status=_word(row, "intended_status"),
            status_msg=str(row.get("status_msg") or ""),
            total_usd_per_hour=_told(row, "dph_total"),
            is_bid=bool(row.get("is_bid")),
            bid_usd_per_hour=_told(row, "min_bid"),
            started_at=_told(row, "start_date"),
            disk_space_gb=_told(row, "disk_space"),
            image=str(row.get("image_uuid") or ""),
            geolocation=str(row.get("geolocation") or ""),
            ends_at=_told(row, "end_date"),
        )


@dataclass(frozen=True)
class User:
    """The account: `credit_usd` is what is left to spend."""

    user_id: int
    credit_usd: float

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read `show user --raw`; `balance` is invoicing and normally 0, so only `credit` counts."""
        return cls(user_id=int(row["id"]), credit_usd=float(row["credit"]))


@dataclass(frozen=True)
class Charge:
    """One line of the bill: what a contract cost for one kind of use, over one period."""

    contract_id: int
    label: str
    kind: str  # gpu, disk, bwd (bytes down), bwu (bytes up)
    usd: float
    started_at: float

    @classmethod
    def list_from_row(cls, row: Row) -> list[Self]:
        """Read one result of `show invoices-v1 --charges --raw`: one value per kind."""
        contract_id = int(str(row["source"]).removeprefix("instance-"))
        label = str((row.get("metadata") or {}).get("label") or "")
        return [
            cls(
                contract_id=contract_id,
                label=label,
                kind=str(item["type"]),
                usd=float(item["amount"]),
                started_at=float(item.get("start") or row["start"]),
            )
            for item in row["items"]
        ]


@dataclass(frozen=True)
class PriceIncrease:
    """What a host asks for a machine we have, from `applies_at` on (epoch seconds), the end of our contract.

    Prices as (old, new): dollars per GPU·hour, per GB and month, per GB sent and received, and Vast.ai's fee as a
    share; None where nothing changes. Old is None where it was not said.
    """

    pending_id: int
    contract_id: int
    applies_at: float | None
    changes: Mapping[str, tuple[float | None, float]]

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read one row of `show pending-price-increases --raw`; raises KeyError, TypeError or ValueError."""
        return cls(
            pending_id=int(row["pending_price_increase_id"]),
            contract_id=int(row["contract_id"]),
            applies_at=_number(row, "contract_end_date") or None,
            changes={
                what: (_number(row, f"old_{name}") * scale if row.get(f"old_{name}") is not None else None,
                       _number(row, f"new_{name}") * scale)
                for what, (name, scale) in INCREASES.items()
                if row.get(f"new_{name}") is not None
            },
        )  # fmt: skip


@dataclass(frozen=True)
class CreateRequest:
    """What to rent and what to run on it; `env` and `image_login` are secrets and stay out of `repr`."""

    ask_id: int
    image: str
    disk_gb: int  # the same number as the search's `storage_gb`, or the price differs
    label: str
    env: Mapping[str, str] = field(repr=False)
    image_login: str = field(default="", repr=False)  # docker login arguments: `-u USER -p TOKEN ghcr.io`
    bid_usd_per_hour: float | None = None  # None rents on demand

    def __post_init__(self) -> None:
        """Refuse with ValueError what the CLI would garble; a value's text is never repeated."""
        wrong = [name for name, value in self.env.items() if not _is_safe(name, value)]
        if wrong:
            raise ValueError(f"env values may only hold A-Z a-z 0-9 _ . / : = - (check {', '.join(sorted(wrong))})")
        if not SAFE_NAME.fullmatch(self.label):
            raise ValueError("a label is made of letters, digits, dots, dashes and underscores")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat: the machine's token and keys, and the registry's password."""
        keys = (value for name, value in self.env.items() if name.endswith(("TOKEN", "KEY")))
        login = self.image_login.split()
        passwords = (word for flag, word in pairwise(login) if flag in ("-p", "--password"))
        return (*keys, *passwords)


@dataclass(frozen=True)
class Created:
    """A rented machine; the instance's own key is left with the instance."""

    contract_id: int


def _is_safe(name: str, value: str) -> bool:
    return bool(SAFE_NAME.fullmatch(name) and SAFE_VALUE.fullmatch(value))


def _cpu_share(row: Row) -> float:
    """The part of the host's cores, and so of its memory, that an offer has: rows tell the whole host's."""
    cores, ours = _number(row, "cpu_cores"), _number(row, "cpu_cores_effective")
    return ours / cores if cores else 1.0


def _number(row: Row, name: str) -> float:
    """A number that is missing or null is 0. Raises ValueError or TypeError for what is none, infinite or negative."""
    value = row.get(name)
    number = float(value) if value is not None else 0.0
    if not 0 <= number < math.inf:
        raise ValueError(name)
    return number


def _price(row: Row, name: str) -> float:
    """Nothing is rented for nothing: a price of 0 is none."""
    if not (price := _number({name: row[name]}, name)):
        raise ValueError(name)
    return price


def _told(row: Row, name: str) -> float:
    """A number about a contract, or 0."""
    try:
        return _number(row, name)
    except (ValueError, TypeError):
        return 0.0


def _word(row: Row, name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) else None
