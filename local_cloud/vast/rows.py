"""The JSON Vast.ai answers with: instance rows, charges, the account, errors (pure)."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.vast.contracts import DAY_SECONDS, KINDS, Contract

ITEM_WORDS = {"gpu": "GPU use", "disk": "Storage", "bwd": "Download", "bwu": "Upload"}
COPIED = ("gpu_name", "gpu_ram", "gpu_total_ram", "gpu_arch", "gpu_frac", "compute_cap", "cuda_max_good", "dlperf",
          "total_flops", "cpu_name", "cpu_cores", "cpu_cores_effective", "cpu_ram", "disk_bw", "driver_version",
          "inet_down", "inet_up", "inet_down_cost", "inet_up_cost", "storage_cost", "geolocation", "hosting_type",
          "verification", "reliability2", "host_id", "duration", "public_ipaddr", "direct_port_count", "static_ip",
          "external", "min_bid")  # fmt: skip


def instance_row(contract: Contract, offer: Mapping[str, Any], now: float) -> dict[str, Any]:
    """A contract as `show instances` gives it; without `--limit` the CLI wants a start, and pairs in `extra_env`."""
    terms = contract.terms
    total = terms.gpu_dollars_per_hour + terms.disk_dollars_per_hour
    row = {name: offer[name] for name in COPIED} | {
        "id": contract.contract_id, "machine_id": contract.machine_id, "num_gpus": contract.num_gpus,
        "label": contract.label, "image_uuid": contract.image, "image_args": list(contract.args),
        "image_runtype": contract.runtype, "onstart": contract.onstart, "template_id": None, "template_hash_id": None,
        "extra_env": [[name, value] for name, value in contract.env.items()], "logo": "", "webpage": None,
        "actual_status": contract.actual_status, "intended_status": contract.intended_status,
        "cur_state": contract.cur_state, "next_state": contract.next_state, "status_msg": contract.status_msg,
        "start_date": contract.created_at, "end_date": contract.ends_at, "time_remaining": "",
        "uptime_mins": (now - contract.running_since) / 60.0 if contract.running_since else None,
        "dph_base": terms.gpu_dollars_per_hour, "dph_total": total, "disk_space": terms.disk_gb, "disk_usage": 1.0,
        "disk_util": 0.05, "gpu_util": None, "gpu_temp": None, "is_bid": contract.is_bid, "rentable": False,
        "ssh_host": "ssh.example", "ssh_port": 10_000 + contract.contract_id % 10_000, "ports": {},
    }  # fmt: skip
    return row | ({"min_bid": terms.gpu_dollars_per_hour} if contract.is_bid else {})


def charge_rows(contracts: Iterable[Contract], first_day: float, last_day: float) -> list[dict[str, Any]]:
    """One row per contract and UTC day between two epoch times, oldest first; the bills must be accrued."""
    rows = [
        charge_row(contract, int(day), kinds)
        for contract in contracts
        for day, kinds in contract.usage.items()
        if first_day <= int(day) * DAY_SECONDS <= last_day and sum(kinds.values()) > 0
    ]
    return sorted(rows, key=lambda row: (row["start"], row["source"]))


def charge_row(contract: Contract, day: int, kinds: Mapping[str, float]) -> dict[str, Any]:
    """What one contract cost on one day, with one item per kind that cost anything."""
    start = max(day * DAY_SECONDS, int(contract.created_at))
    end = min((day + 1) * DAY_SECONDS, int(contract.destroyed_at or contract.accrued_at))
    when = {"start": start, "end": end}
    items = [
        {"type": kind, "source": None, "amount": kinds[kind], "description": ITEM_WORDS[kind], "items": [], **when}
        for kind in KINDS
        if kinds.get(kind)
    ]
    return {
        "type": "instance",
        "source": f"instance-{contract.contract_id}",
        "amount": sum(kinds.values()),
        "description": f"Instance {contract.contract_id} on machine {contract.machine_id}",
        "metadata": {"label": contract.label, "machine_id": contract.machine_id, "num_gpus": contract.num_gpus},
        "items": items,
        **when,
    }


def increase_row(contract: Contract, host_id: int) -> dict[str, Any]:
    """A price that a host asks for and nobody accepted; null is what it leaves as it was. Per second and GB·second."""
    terms, asked = contract.terms, contract.asked or {}
    month = 30 * DAY_SECONDS
    return {
        "contract_id": contract.contract_id, "host_id": host_id,
        "old_gpu_costpersec": terms.gpu_dollars_per_hour / 3600,
        "new_disk_ram_costpersec": None, "old_disk_ram_costpersec": terms.storage_dollars_per_gb_month / month,
        "new_bwu_cost": None, "old_bwu_cost": terms.inet_up_dollars_per_gb, "old_bwd_cost":
        terms.inet_down_dollars_per_gb, "new_platform_fee": None, "old_platform_fee": None,
        "contract_end_date": contract.ends_at, **asked,
    }  # fmt: skip


def user_row(credit_dollars: float) -> dict[str, Any]:
    """The account; `balance` is invoicing and stays 0, `credit` is the money."""
    return {
        "id": 4242,
        "username": "local",
        "email": "local@example.com",
        "credit": credit_dollars,
        "balance": 0,
        "host_agreement_accepted": None,
        "balance_threshold_enabled": False,
        "ssh_key": "",
    }


def page(rows: list[dict[str, Any]], limit: int, after_token: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """The rows after a token, at most `limit`, and the token of the next page; raises ValueError for a bad token."""
    start = json.loads(base64.urlsafe_b64decode(after_token))["offset"] if after_token else 0
    end = start + limit
    token = base64.urlsafe_b64encode(json.dumps({"offset": end}).encode()).decode() if end < len(rows) else None
    return rows[start:end], token


# Offers as nobody expects them: a price of null, of text, of nothing, below nothing; numbers that are missing.
_SOUND = {"id": 990_000, "machine_id": 7, "host_id": 7, "gpu_name": "RTX 3090", "num_gpus": 1, "dph_total": 0.01}
ODD_OFFERS: list[dict[str, Any]] = [
    _SOUND | odd
    for odd in (
        {"dph_total": None}, {"dph_total": "free"}, {"dph_total": 0}, {"dph_total": -1}, {"machine_id": None},
        {"gpu_ram": "a lot"}, {"num_gpus": []}, {"id": None},
    )
] + [{}]  # fmt: skip
ODD_CHARGES: list[dict[str, Any]] = [
    {"type": "instance", "source": "volume-3", "items": [{"type": "gpu", "amount": 1.0, "start": 1}]},
    {"type": "instance", "source": None, "items": None}, {"type": "instance", "source": "instance-7", "items": [None]},
]  # fmt: skip

ODD_INCREASES: list[dict[str, Any]] = [
    {"pending_price_increase_id": 5, "contract_id": None, "new_gpu_costpersec": 1.0},
    {"pending_price_increase_id": None, "contract_id": 7001},
    {"pending_price_increase_id": 6, "contract_id": 7001, "new_gpu_costpersec": "a lot"}, {},
]


def oddly(row: dict[str, Any]) -> dict[str, Any]:
    """The same contract with numbers as text or null, without its start, and with a status that nobody knows."""
    odd = {"machine_id": None, "host_id": "unknown", "num_gpus": None, "dph_total": None, "min_bid": "n/a"}
    odd |= {"actual_status": "hibernating", "disk_space": None, "geolocation": None, "extra_env": None}
    return {name: value for name, value in (row | odd).items() if name != "start_date"}


def error(name: str, message: str) -> dict[str, Any]:
    """The body of a refused call."""
    return {"success": False, "error": name, "msg": message}


def no_such_instance(contract_id: int) -> dict[str, Any]:
    """The body of a 404 for an instance that is not there, or not any more."""
    return error("no_such_instance", f"error 404/3603: no_such_instance Instance {contract_id} not found.")


def no_such_ask(ask_id: int, status: int) -> dict[str, Any]:
    """The body of a 404 (never was) or 410 (taken) for an offer."""
    code = {404: 3603, 410: 3907}[status]
    return error("no_such_ask", f"error {status}/{code}: no_such_ask Instance type by id {ask_id} is not available.")
